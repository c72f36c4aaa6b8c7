/* SPDX-License-Identifier: MIT */
/* What holds for every input of the readers of heads and bodies; aborts with a message where it does not. Each returns
 * whether the input was taken as complete. */
#ifndef NLBC_TEST_HEADS_H
#define NLBC_TEST_HEADS_H

#include "base/base.h"

/* Read at once, byte by byte and cut once here and there: the same head, or the same refusal at the same byte. What is
 * taken has the fields that a plain splitter of lines finds, holds no CR, LF or NUL in a word, and is written anew so
 * that it reads again to the same request with what we add. */
bool heads_request(struct str bytes);
bool heads_answer(struct str bytes);
/* The same data, end and error however the body is cut, read or compacted; written as chunks it reads to the same data. */
bool heads_chunked(struct str bytes);
/* The same head or error however it is cut; known addresses are written to a head that reads to the same. */
bool heads_proxy(struct str bytes);

#endif

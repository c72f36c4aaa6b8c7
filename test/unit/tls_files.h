/* SPDX-License-Identifier: MIT */
/* Certificates made on the spot, in a folder that goes with the test, for tests of TLS. */
#ifndef NLBC_TEST_UNIT_TLS_FILES_H
#define NLBC_TEST_UNIT_TLS_FILES_H

#include "base/base.h"

/* The folder, and its end. */
void tls_files_begin(void);
void tls_files_end(void);
/* FOLDER/NAME: where it would stand. In static memory of a few calls. */
const char *tls_file(const char *name);
/* NAME.pem and NAME.key: a certificate of `san` ("DNS:a.example,IP:127.0.0.1"), valid from now - 1 day to now + days.
 * Signed by the one made before as `issuer`; NULL: by itself. */
void tls_files_make(const char *name, const char *san, int days, const char *issuer);

#endif

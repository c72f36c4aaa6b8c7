/* SPDX-License-Identifier: MIT */
/* Changes for people and for scripts: what diff, apply --dry-run and flush --dry-run print. */
#ifndef NLBC_CLI_SHOW_H
#define NLBC_CLI_SHOW_H

#include "apply/road.h"
#include "base/out.h"

/* One line a change (sign, stage, key, body), then the count. */
void show_changes(const struct road *r, bool colour, struct text *out);
/* {"add":1,"change":1,"remove":0,"changes":[...],"warnings":[...]}; d without errors. */
json_t *changes_json(const struct road *r, struct diags *d);
/* {"file":...,"line":...,"column":...}, or a pointer; null where there is no place. */
json_t *place_json(const struct place *p);

#endif

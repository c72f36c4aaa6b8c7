/* SPDX-License-Identifier: MIT */
/* Reading either spelling into a tree. What section 4 of profile.md says of every statement (times, required, given
 * twice, unexpected, options) is checked here; what statements mean to each other is not. */
#ifndef NLBC_PROFILE_PARSE_H
#define NLBC_PROFILE_PARSE_H

#include "base/base.h"

struct arena;
struct diags;
struct files;
struct source;
struct tree;

/* Either spelling: JSON if the first byte that is not blank is '{'. `files` answers includes (NULL: includes are errors).
 * Where `role` is not NULL, the blocks of other roles are left out: only their bytes and braces are looked at. The tree is
 * there even after errors (d says which), as far as reading came; never NULL. Limits are those of section 10. */
struct tree *tree_read_role(const struct source *source, const struct files *files, const char *role, struct arena *a,
			    struct diags *d);
struct tree *tree_read(const struct source *source, const struct files *files, struct arena *a, struct diags *d);

/* Only one of the two, into a new tree whose role is set; for tree_read_role. */
void parse_blocks(struct tree *t, const struct source *source, const struct files *files, struct arena *a,
		  struct diags *d);
void parse_json(struct tree *t, const struct source *source, struct arena *a, struct diags *d);

/* The checks of section 4 that need a whole block or the whole tree; both readers end with it. */
void tree_check(struct tree *t, struct arena *a, struct diags *d);

#endif

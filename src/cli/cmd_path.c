/* SPDX-License-Identifier: MIT */
/* nlbc path: steer one path by hand, at once and without touching the other paths' traffic. */
#include "base/base.h"

#include <errno.h>

#include "cli/steer.h"

/* A weight may be of one balance only; a state is of the path. */
static int read_hand(struct invocation *v, struct steering *s, struct hand *h)
{
	const char *slash = strchr(v->args[0], '/');

	if (steer_read(v, "nlbc path NAME up/down/drain, or nlbc path [BALANCE/]NAME weight N/default", s) != 0)
		return -EINVAL;
	if (slash && s->kind == HAND_STATE) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'%s' does not fit one balance: a path is %s in all",
			  v->args[1], member_state_name(s->state)), "nlbc path %s %s", slash + 1, v->args[1]);
		return -EINVAL;
	}
	*h = (struct hand){ .kind = s->kind, .state = s->state, .weight = s->weight, .path = v->args[0] };
	if (slash) {
		h->balance = arena_copy(v->arena, v->args[0], (size_t)(slash - v->args[0]));
		h->path = slash + 1;
	}
	return 0;
}

static int run_path(struct invocation *v)
{
	struct apply_result r;
	struct steering steering;
	const char *from, *to;
	struct session s;
	struct hand h;

	if (read_hand(v, &steering, &h) != 0 || cli_open_settled(v, &s) != 0)
		return 0;
	if (apply_hand(&s, &h, &r, &from, &to, &v->diags) == 0) {
		steer_say(v, &steering, &(struct steered){ .name = h.path, .from = from, .to = to, .changed = r.changed });
	} else {
		v->rolled_back = r.rolled_back;
		v->generation = r.generation;
	}
	session_close(&s);
	return 0;
}

const struct command command_path = {
	.name = "path", .arguments = "[BALANCE/]NAME up/down/drain/weight N/default", .changes = true, .min_args = 2, .max_args = 3,
	.help = "Steer one path by hand, at once and without touching other paths' traffic. down: also running connections "
		"move. drain: running connections stay, new ones go elsewhere. up: back to what probes say. weight (0 to 1000) "
		"holds in one balance or in all. Both last until up, default, apply --reset or flush.",
	.run = run_path,
};

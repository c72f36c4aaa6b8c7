/* SPDX-License-Identifier: MIT */
/* nlbc server: steer one server of a proxy by hand, by an order on the proxy's own control socket. */
#include "base/base.h"

#include <errno.h>

#include "base/json.h"
#include "cli/proxies.h"
#include "cli/status_show.h"
#include "cli/steer.h"

static const char usage[] = "nlbc server PROXY/NAME up/down/drain, or nlbc server PROXY/NAME weight N/default";

/* Where the proxy is; -1: explained. */
static ptrdiff_t find_proxy(struct invocation *v, const struct proxies *p, const char *proxy)
{
	ptrdiff_t found = -1;

	for (size_t i = 0; i < p->at.n; i++) {
		if (!json_object_get(p->answers[i].proxies, proxy))
			continue;
		if (found >= 0) {
			diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "a proxy '%s' runs at '%s' and at '%s'", proxy,
				  p->at.paths[found], p->at.paths[i]), "say which with --socket");
			return -1;
		}
		found = (ptrdiff_t)i;
	}
	return found;
}

static void write_order(struct control *c, const struct invocation *v, const struct steering *s, struct text *order)
{
	const char *slash = strchr(v->args[0], '/');

	control_order(c, "server", order);
	line_word_str(order, "proxy", (struct str){ v->args[0], (size_t)(slash - v->args[0]) });
	line_word(order, "name", slash + 1);
	if (s->kind == HAND_STATE)
		line_word(order, "state", v->args[1]);
	else
		line_word(order, "weight", v->args[2]);
	line_end(order);
}

static void tell_refused(struct invocation *v, const struct control *c, const char *path, int err)
{
	const char *code = err == -EREMOTEIO && c->code[0] ? failure_of(c->code)->code : err == -EACCES ? "permission" : "unreachable";
	const char *text = err == -EREMOTEIO ? arena_strdup(v->arena, c->text) : strerror(-err);
	struct diag *g = diag_error(&v->diags, NULL, code, "%s: the proxy at '%s' %s: %s", v->args[0], path,
				    strcmp(code, "unreachable") == 0 ? "does not answer" : "refuses", text);

	if (strcmp(code, "permission") == 0)
		diag_hint(&v->diags, g, "run as root, or join group nlbc");
}

/* What is told of before and after: the state, or the weight. The text lives in the arena. */
static const char *look_of(struct invocation *v, const struct steering *s, json_t *server)
{
	if (s->kind == HAND_STATE)
		return arena_strdup(v->arena, member_text(server, "state"));
	return arena_printf(v->arena, "%" JSON_INTEGER_FORMAT, member_number(server, "weight"));
}

/* Orders and looks what came of it. NULL: explained. */
static json_t *order(struct invocation *v, const struct proxies *p, size_t at, const struct steering *s)
{
	auto_text struct text line = { 0 };
	json_t *all = json_own(json_object());
	struct control c;
	int err = proxies_open(v, &p->at, at, &c);

	if (!err) {
		write_order(&c, v, s, &line);
		err = control_send(&c, &line);
		if (!err)
			err = control_answer(&c, NULL, NULL);
		if (!err)
			err = proxies_report(&c, all);
		control_close(&c);
	}
	if (!err)
		return all;
	tell_refused(v, &c, p->at.paths[at], err);
	json_decref(all);
	return NULL;
}

static void steer(struct invocation *v, const struct proxies *p, const struct steering *s)
{
	const char *name = strchr(v->args[0], '/') + 1;
	const char *proxy = arena_copy(v->arena, v->args[0], (size_t)(name - v->args[0]) - 1);
	json_t *before = proxies_server(v, p->all, v->args[0]);
	const ptrdiff_t at = before ? find_proxy(v, p, proxy) : -1;
	json_t *all = at >= 0 ? order(v, p, (size_t)at, s) : NULL;
	json_t *after = all ? proxies_server(v, all, v->args[0]) : NULL;

	if (after) {
		const bool same = strcmp(look_of(v, s, before), look_of(v, s, after)) == 0 &&
				  json_equal(json_object_get(before, "held"), json_object_get(after, "held"));
		const struct steered done = {
			.name = name, .from = look_of(v, s, before), .to = look_of(v, s, after), .changed = !same,
			.more = json_own(json_pack("{s:s}", "proxy", proxy)),
		};

		steer_say(v, s, &done);
	}
	json_decref(all);
}

static int run_server(struct invocation *v)
{
	struct steering s;
	struct proxies p;

	if (!proxies_is_server(v, v->args[0]) || steer_read(v, usage, &s) != 0)
		return 0;
	if (proxies_ask(v, v->arena, &p) < 0)
		return failure_of("interrupted")->exit;
	if (json_object_size(p.all) == 0)
		proxies_tell_none(v, &p, v->args[0]);
	else
		steer(v, &p, &s);
	proxies_release(&p);
	return 0;
}

const struct command command_server = {
	.name = "server", .arguments = "PROXY/NAME up/down/drain/weight N/default", .min_args = 2, .max_args = 3,
	.help = "Steer one server of a proxy by hand, at once. drain: no new requests, running ones finish. down: the same, and TCP "
		"connections and tunnels to it are reset. up: back to what health says. weight (0 to 1000) overrides the "
		"profile's. They last until up or default, also over the proxy's reload.",
	.run = run_server,
};

/* SPDX-License-Identifier: MIT */
/* Finding control sockets, asking each for a round of reports, and what that makes of the status. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/proxies.h"
#include "cli/status_show.h"
#include "daemon/report.h"
#include "target/kernel.h"

enum { MOST_SOCKETS = 256 };

/* ---- finding ------------------------------------------------------------------------------------------------------ */

static bool is_proxy_socket(const char *name)
{
	static const char before[] = "proxy-", after[] = ".sock";
	const size_t n = strlen(name), least = sizeof(before) - 1 + sizeof(after) - 1;

	return n > least && strncmp(name, before, sizeof(before) - 1) == 0 && strcmp(name + n - (sizeof(after) - 1), after) == 0;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void find_in(const char *folder, struct arena *a, struct proxy_places *at)
{
	DIR *d = opendir(folder);

	at->where = arena_printf(a, "%s/proxy-*.sock", folder);
	at->is_closed = !d && errno == EACCES;
	if (!d)
		return;
	for (struct dirent *e = readdir(d); e && at->n < MOST_SOCKETS; e = readdir(d))
		if (is_proxy_socket(e->d_name))
			at->paths[at->n++] = arena_printf(a, "%s/%s", folder, e->d_name);
	(void)closedir(d);
	if (at->n > 1)
		qsort(at->paths, at->n, sizeof(*at->paths), compare_paths);
}

void proxies_find(struct invocation *v, struct arena *a, struct proxy_places *at)
{
	const char *given = option_value(v, "socket"), *from_environment = getenv("NLBC_SOCKET");
	struct stat st;

	if (!given && from_environment && *from_environment)
		given = from_environment;
	*at = (struct proxy_places){ .paths = arena_array(a, const char *, MOST_SOCKETS), .where = given };
	const bool is_there = given && stat(given, &st) == 0;

	if (!given || (is_there && S_ISDIR(st.st_mode))) {
		find_in(given ? given : "/run/nlbc", a, at);
		return;
	}
	at->is_named = true;
	at->is_closed = !is_there && errno == EACCES;
	at->paths[0] = given;
	at->n = is_there;
}

int proxies_open(struct invocation *v, const struct proxy_places *at, size_t i, struct control *c)
{
	uint64_t cookie = 0;
	char ours[17];
	const int err = control_open(c, at->paths[i], v->command->lasts ? v->interrupted : NULL);

	if (err || at->is_named || c->netns[0] == 0 || kernel_netns_cookie(&cookie) != 0)
		return err;
	(void)snprintf(ours, sizeof(ours), "%016" PRIx64, cookie);
	if (strcmp(ours, c->netns) == 0)
		return 0;
	control_close(c);
	return -ENOENT;
}

/* ---- asking ------------------------------------------------------------------------------------------------------- */

static void add_line(void *to, const struct line *l)
{
	report_add(to, l);
}

int proxies_report(struct control *c, json_t *all)
{
	auto_text struct text order = { 0 };

	control_order(c, "report", &order);
	line_end(&order);
	const int err = control_send(c, &order);

	return err ? err : control_answer(c, add_line, all);
}

static int ask(struct invocation *v, const struct proxy_places *at, size_t i, json_t *proxies)
{
	struct control c;
	int err = proxies_open(v, at, i, &c);

	if (err)
		return err;
	err = proxies_report(&c, proxies);
	if (err == -EREMOTEIO)
		err = strcmp(c.code, "permission") == 0 ? -EACCES : -EPROTO;
	control_close(&c);
	return err;
}

int proxies_ask(struct invocation *v, struct arena *a, struct proxies *p)
{
	*p = (struct proxies){ .all = json_own(json_object()), .unreachable = json_own(json_array()) };
	proxies_find(v, a, &p->at);
	p->answers = arena_array(a, struct proxy_answer, p->at.n);
	for (size_t i = 0; i < p->at.n; i++) {
		struct proxy_answer *answer = &p->answers[i];

		answer->proxies = json_own(json_object());
		answer->err = ask(v, &p->at, i, answer->proxies);
		if (answer->err == -EINTR) {
			proxies_release(p);
			return -EINTR;
		}
		if (answer->err && answer->err != -EACCES && answer->err != -ENOENT)
			json_push(p->unreachable, json_string(p->at.paths[i]));
		if (json_object_update_missing(p->all, answer->proxies) < 0)
			out_of_memory();
	}
	return 0;
}

void proxies_release(struct proxies *p)
{
	for (size_t i = 0; i < p->at.n; i++)
		json_decref(p->answers[i].proxies);
	json_decref(p->all);
	json_decref(p->unreachable);
	*p = (struct proxies){ .all = NULL };
}

/* ---- telling ------------------------------------------------------------------------------------------------------ */

void proxies_warn(struct invocation *v, const struct proxies *p)
{
	for (size_t i = 0; i < p->at.n; i++) {
		const int err = p->answers[i].err;
		const char *path = p->at.paths[i];

		if (err == -EACCES)
			diag_hint(&v->diags, diag_warning(&v->diags, NULL, "permission", "not allowed to ask the proxy at '%s'", path),
				  "run as root, or join group nlbc");
		else if (err && err != -ENOENT)
			diag_warning(&v->diags, NULL, "unreachable", "no proxy answers at '%s': %s", path, strerror(-err));
	}
}

/* Which one; the place where they may be, if that is closed; NULL: none. */
static const char *refusing(const struct proxies *p)
{
	for (size_t i = 0; i < p->at.n; i++)
		if (p->answers[i].err == -EACCES)
			return p->at.paths[i];
	return p->at.is_closed ? p->at.where : NULL;
}

bool proxies_refuse(const struct proxies *p)
{
	return json_object_size(p->all) == 0 && refusing(p);
}

void proxies_tell_none(struct invocation *v, const struct proxies *p, const char *what)
{
	const char *refused = refusing(p);

	if (refused) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "permission", "%s: not allowed to ask the proxy at '%s'", what, refused),
			  "run as root, or join group nlbc");
		return;
	}
	diag_hint(&v->diags, diag_error(&v->diags, NULL, "unreachable", "%s: no proxy answers at '%s'", what, p->at.where),
		  "nlbc-proxy FILE starts one; --socket names its control socket");
}

static const char *server_part(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash && slash != name && slash[1] && !strchr(slash + 1, '/') ? slash + 1 : NULL;
}

bool proxies_is_server(struct invocation *v, const char *name)
{
	if (server_part(name))
		return true;
	diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'%s' does not name a server", name), "PROXY/NAME, for example web/a");
	return false;
}

/* Names that outlive the object. */
static struct diag *no_such(struct invocation *v, json_t *in, const char *name, struct diag *g)
{
	const char **names = arena_array(v->arena, const char *, json_object_size(in) + 1);
	size_t n = 0;
	const char *key;
	json_t *value;

	json_object_foreach(in, key, value)
		names[n++] = arena_strdup(v->arena, key);
	(void)diag_nearest(&v->diags, g, str_of(name), names, n);
	return g;
}

json_t *proxies_server(struct invocation *v, json_t *all, const char *name)
{
	const char *server = server_part(name);
	const char *proxy = arena_copy(v->arena, name, (size_t)(server - name) - 1);
	json_t *servers = json_object_get(json_object_get(all, proxy), "servers");
	json_t *found = json_object_get(servers, server);

	if (!servers)
		no_such(v, all, proxy, diag_error(&v->diags, NULL, "usage", "no proxy '%s' runs here", proxy));
	else if (!found)
		no_such(v, servers, server, diag_error(&v->diags, NULL, "usage", "no server '%s' in proxy '%s'", server, proxy));
	return found;
}

/* ---- the status --------------------------------------------------------------------------------------------------- */

static bool has_down(json_t *proxies)
{
	const char *proxy, *server;
	json_t *p, *s;

	json_object_foreach(proxies, proxy, p)
		json_object_foreach(json_object_get(p, "servers"), server, s)
			if (strcmp(member_text(s, "state"), "down") == 0)
				return true;
	return false;
}

/* A status without a packet part is what its proxies are. */
static const char *state_with(const char *state, const struct proxies *p)
{
	const bool is_none = strcmp(state, "none") == 0;

	if (!is_none && strcmp(state, "in-sync") != 0)
		return state;
	if (has_down(p->all) || json_array_size(p->unreachable) > 0)
		return "degraded";
	return is_none && json_object_size(p->all) > 0 ? "in-sync" : state;
}

void proxies_join(json_t *status, const struct proxies *p)
{
	json_put(status, "state", json_string(state_with(member_text(status, "state"), p)));
	json_put(status, "proxies", json_incref(p->all));
	json_put(status, "unreachable", json_incref(p->unreachable));
}

json_t *proxies_alone(const struct proxies *p)
{
	static const char *const unknown[] = {
		"profile", "description", "role", "target", "digest", "generation", "applied_at", "applied_by", "confirm_until",
	};
	static const char *const empty[] = { "paths", "balances", "shapers", "onions" };
	json_t *status = json_own(json_pack("{s:s,s:b,s:b,s:i,s:[]}", "state", "none", "daemon", 0, "saved", 0, "differences", 0,
					    "pending"));

	for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
		json_put(status, unknown[i], json_null());
	for (size_t i = 0; i < ARRAY_LEN(empty); i++)
		json_put(status, empty[i], json_object());
	proxies_join(status, p);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* Opening what a command works with, and the profiles of generations as files. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>

#include <jansson.h>

#include "apply/session.h"
#include "plan/facts.h"
#include "target/kernel.h"

/* Without a journal our things are looked for where a profile without `kernel` block puts them, in the widest block
 * that the language allows (packet.md section 10). */
static const struct kernel_conf default_kernel = {
	.target = TARGET_NFT, .mark_mask = 0x7f000000, .rule_base = 9000, .table_base = 71000, .route_protocol = 110,
};
enum { WIDEST_RULE_BLOCK = 4094 + 68 };

static const char *user_name(struct arena *a)
{
	uid_t uid = getuid();
	const struct passwd *pw = getpwuid(uid);

	return pw ? arena_strdup(a, pw->pw_name) : arena_printf(a, "%u", (unsigned)uid);
}

static void own_from_journal(struct session *s)
{
	const struct journal *j = &s->journal;
	bool known = j->now.number || j->in_force.number;
	const struct generation *g = j->now.number ? &j->now : &j->in_force;

	s->own = (struct own){
		.arena = s->arena,
		.kernel = known ? g->kernel : default_kernel,
		.rule_size = known ? g->rule_size : WIDEST_RULE_BLOCK,
		.nft_generation = j->nft_generation,
	};
	for (size_t i = 0; i < j->n_displaced; i++) {
		const struct displaced *was = &j->displaced[i];

		if (was->former)
			own_displace(&s->own, was->key, was->value, was->former);
		own_displace(&s->own, was->key, was->former ? was->former : was->value, was->ours);
	}
	own_sort(&s->own);
}

static int identify(struct session *s, struct diags *d)
{
	uint64_t cookie = 0;
	int err = kernel_netns_cookie(&cookie);

	if (!err)
		err = kernel_boot_id(s->boot);
	if (err)
		diag_error(d, NULL, "kernel", "cannot tell this network namespace: %s", strerror(-err));
	(void)snprintf(s->netns, sizeof(s->netns), "%016" PRIx64, cookie);
	return err;
}

const char *session_dir(const char *state_dir)
{
	return state_dir ? state_dir : "/var/lib/nlbc";
}

int session_open(struct session *s, const struct session_conf *c, bool change, struct arena *a, struct diags *d)
{
	*s = (struct session){ .arena = a, .interrupted = c->interrupted };
	if (!kernel_may_write()) {
		diag_hint(d, diag_error(d, NULL, "permission", "not allowed to look at this machine's network configuration"),
			  "run as root, or join group nlbc");
		return -EPERM;
	}
	s->by = user_name(a);
	s->state_dir = session_dir(c->state_dir);
	const struct journal_place place = {
		.state_dir = s->state_dir, .netns = s->netns, .boot = s->boot,
		.interrupted = c->interrupted,
	};
	int err = identify(s, d);

	if (!err)
		err = journal_open(&s->journal, &place, change, a, d);
	if (err)
		return err;
	own_from_journal(s);
	s->kernel = kernel_open(d);
	if (s->kernel)
		return 0;
	session_close(s);
	return -EIO;
}

void session_close(struct session *s)
{
	kernel_close(s->kernel);
	s->kernel = NULL;
	journal_close(&s->journal);
}

int session_save(struct session *s, uint64_t generation, const struct profile *p, const struct machine *m,
		 const struct facts *f)
{
	auto_text struct text bytes = { 0 };

	text_printf(&bytes, "{\"generation\":%" PRIu64 ",\"role\":", generation);
	text_printf(&bytes, m->role ? "\"%s\"" : "null", m->role);
	text_printf(&bytes, ",\"target\":\"%s\"", target_name(m->kernel.target));
	text_puts(&bytes, ",\"devices\":{");
	for (size_t i = 0; i < f->n_interfaces; i++) {
		json_t *name = json_string_nocheck(f->interfaces[i].device);
		auto_free char *quoted = name ? json_dumps(name, JSON_ENCODE_ANY) : NULL;

		text_printf(&bytes, "%s\"%s\":%s", i ? "," : "", f->interfaces[i].name, quoted ? quoted : "\"\"");
		json_decref(name);
	}
	text_puts(&bytes, "},\"profile\":");
	profile_print_json(p, 0, &bytes);
	text_puts(&bytes, "}\n");
	return journal_save_generation(&s->journal, generation, &bytes);
}

static int no_generation(struct diags *d, uint64_t generation, const char *why)
{
	diag_hint(d, diag_error(d, NULL, "kernel", "cannot read generation %" PRIu64 ": %s", generation, why),
		  "nlbc flush removes all that is ours");
	return -ENOENT;
}

/* A profile that was applied once reads without error; its twin is read like any other. */
static int read_profile(const char *name, json_t *root, struct arena *a, struct kept_profile *out, struct diags *d)
{
	auto_free char *twin = json_dumps(json_object_get(root, "profile"), JSON_COMPACT | JSON_SORT_KEYS);
	const char *role = json_string_value(json_object_get(root, "role"));
	const char *target = json_string_value(json_object_get(root, "target"));

	if (!twin)
		return -EINVAL;
	char *text = arena_strdup(a, twin);

	out->profile = profile_read_twin(name, str_of(text), target ? arena_strdup(a, target) : NULL, a, d);
	if (!out->profile)
		return -EINVAL;
	out->machine = role ? profile_machine(out->profile, role) : &out->profile->machines[0];
	return out->machine ? 0 : -EINVAL;
}

static void read_devices(json_t *devices, struct kept_profile *out, struct arena *a)
{
	const char *interface;
	json_t *device;

	out->devices = arena_array(a, struct kept_device, json_object_size(devices));
	out->n_devices = 0;
	json_object_foreach(devices, interface, device)
		out->devices[out->n_devices++] = (struct kept_device){
			arena_strdup(a, interface), arena_strdup(a, json_string_value(device)) };
}

const char *kept_read(const char *name, struct str bytes, struct arena *a, struct kept_profile *out)
{
	json_error_t error;
	json_t *root = json_loadb(bytes.p, bytes.n, 0, &error);
	struct diags quiet;

	if (!root)
		return arena_strdup(a, error.text);
	diags_init(&quiet, a);
	int err = read_profile(name, root, a, out, &quiet);

	read_devices(json_object_get(root, "devices"), out, a);
	json_decref(root);
	return !err ? NULL : quiet.n ? quiet.list[0]->text : "it holds no profile";
}

int session_load(struct session *s, uint64_t generation, struct kept_profile *out, struct diags *d)
{
	auto_free char *bytes = NULL;
	size_t n = 0;
	int err = journal_load_generation(&s->journal, generation, &bytes, &n);

	if (err)
		return no_generation(d, generation, strerror(-err));
	const char *name = arena_printf(s->arena, "generation %" PRIu64, generation);
	const char *wrong = kept_read(name, (struct str){ bytes, n }, s->arena, out);

	return wrong ? no_generation(d, generation, wrong) : 0;
}

struct facts *kept_facts(const struct kept_profile *k, struct arena *a)
{
	struct facts *f = facts_ask(k->machine, a);

	f->kept = true;
	for (size_t i = 0; i < k->n_devices; i++) {
		struct fact_interface *fi = facts_interface(f, k->devices[i].interface);

		if (fi && k->devices[i].device) {
			fi->by = FACT_DEVICE;
			fi->device = k->devices[i].device;
		}
	}
	return f;
}

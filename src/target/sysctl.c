/* SPDX-License-Identifier: MIT */
/* Settings (sysctl). Nothing in the kernel says whose a value is: ours are those the journal remembers with the value
 * they displaced, and they are put back only while our value still stands. */
#include "base/base.h"

#include <errno.h>

#include "target/forwarding.h"
#include "target/kernel.h"
#include "target/proc.h"
#include "target/target.h"

static const char prefix[] = "setting/";

static const char *name_of(const char *key)
{
	return key + sizeof(prefix) - 1;
}

static bool is_setting(const char *key)
{
	return strncmp(key, prefix, sizeof(prefix) - 1) == 0;
}

static int sysctl_lower(const struct plan *p, enum lower_what what, struct items *out, struct diags *d UNUSED)
{
	auto_text struct text value = {0};
	for (size_t i = 0; what != LOWER_STEERING && i < p->n_settings; i++) {
		const struct setting *s = &p->settings[i];
		setting_normalise(str_of(s->value), &value);
		items_add(out, arena_printf(out->arena, "%s%s", prefix, s->name),
			  arena_strdup(out->arena, text_get(&value)), &s->origin, s);
	}
	return 0;
}

/* The value as it stands now becomes an item; a setting that is gone (with its device) is none. */
static int read_one(const char *key, const char *only, struct items *live, struct diags *d)
{
	auto_text struct text value = {0};
	int err = setting_read(name_of(key), &value);
	if (err == -ENOENT || (!err && only && strcmp(only, text_get(&value)) != 0))
		return 0;
	if (err < 0) {
		diag_error(d, NULL, "kernel", "cannot read setting '%s': %s", name_of(key), errno_words(-err));
		return err;
	}
	items_add(live, arena_strdup(live->arena, key), arena_strdup(live->arena, text_get(&value)),
		  &(struct origin){0}, NULL);
	return 0;
}

static int sysctl_read(struct kernel *k UNUSED, const struct own *own, const struct items *wanted, struct items *live,
		       struct diags *d)
{
	for (size_t i = 0; i < own->n_displaced; i++) {
		const char *key = own->displaced[i].key;
		int err = is_setting(key) ? read_one(key, NULL, live, d) : 0;
		if (err < 0)
			return err;
	}
	for (size_t i = 0; i < wanted->n; i++) {
		const struct item *item = &wanted->list[i];
		int err = own_displaced(own, item->key) ? 0 : read_one(item->key, item->body, live, d);
		if (err < 0)
			return err;
	}
	return 0;
}

static int survey_one(const struct change *c, struct own *own, struct diags *d)
{
	auto_text struct text value = {0};
	int err = setting_read(name_of(c->to->key), &value);
	if (err == -ENOENT || err == -EINVAL) {
		diag_error(d, &c->to->origin.place, "machine", "no setting '%s' on this machine", name_of(c->to->key));
		return 0;
	}
	if (err < 0) {
		diag_error(d, &c->to->origin.place, "kernel", "cannot read setting '%s': %s", name_of(c->to->key),
			   errno_words(-err));
		return err;
	}
	if (is_forwarding(name_of(c->to->key)))
		forwarding_remember(name_of(c->to->key), &value);
	own_displace(own, c->to->key, text_get(&value), c->to->body);
	return 0;
}

static int sysctl_survey(struct kernel *k UNUSED, const struct plan *p UNUSED, const struct changes *c, struct own *own,
			 struct diags *d)
{
	for (size_t i = 0; i < c->n; i++) {
		int err = c->list[i].to ? survey_one(&c->list[i], own, d) : 0;
		if (err < 0)
			return err;
	}
	return 0;
}

static int put_value_back(const char *name, const char *value)
{
	auto_text struct text old = {0};
	if (!is_forwarding(name))
		return setting_write(name, value);
	const struct str alone = forwarding_value(value);
	text_add(&old, alone.p, alone.n);
	int err = setting_write(name, text_get(&old));
	return err ? err : forwarding_restore(value);
}

/* Back to the displaced value, but only while our value still stands. A device that is gone took the setting along. */
static int put_back(const struct change *c, struct own *own)
{
	const char *name = name_of(c->from->key);
	const struct displaced *was = own_displaced(own, c->from->key);
	auto_text struct text now = {0};
	int err = setting_read(name, &now);
	if (err == -ENOENT)
		err = 0;
	else if (!err && was && displaced_is_ours(was, text_get(&now)))
		err = put_value_back(name, was->value);
	if (!err)
		own_forget(own, c->from->key);
	return err;
}

/* A switch of forwarding has overwritten what was as the plan wants it, and so is no change. */
static int write_again(const struct plan *p)
{
	auto_text struct text wanted = {0};
	auto_text struct text now = {0};
	int err = 0;
	for (size_t i = 0; err == 0 && i < p->n_settings; i++) {
		const struct setting *s = &p->settings[i];
		setting_normalise(str_of(s->value), &wanted);
		err = setting_read(s->name, &now);
		if (!err && strcmp(text_get(&wanted), text_get(&now)) != 0)
			err = setting_write(s->name, text_get(&wanted));
	}
	return err;
}

static int write_one(const struct change *c, const struct plan *p, struct own *own, struct diags *d)
{
	int err = c->to ? setting_write(name_of(c->to->key), c->to->body) : put_back(c, own);
	if (!err && c->to && is_forwarding(name_of(c->to->key)))
		err = write_again(p);
	if (err < 0) {
		struct refusal r = { .change = c, .error = -err };
		refusals_report(&(struct refusals){ .list = &r, .n = 1, .place = refusals_place(p) }, d);
	}
	return err;
}

/* Switches of forwarding overwrite other settings: they go first, and come back last. */
static int sysctl_write(struct kernel *k UNUSED, const struct plan *p, const struct changes *c, enum stage stage,
			struct own *own, bool dry_run, struct diags *d)
{
	int err = 0;
	if (dry_run)
		return 0;   /* that they exist was surveyed; a value is only checked by writing it */
	for (int pass = 0; pass < 2; pass++) {
		const bool switches = (pass == 0) == (stage == STAGE_PREPARE);
		for (size_t i = 0; err == 0 && i < c->n; i++) {
			const struct change *change = &c->list[i];
			const char *key = change->to ? change->to->key : change->from->key;
			if (change->stage != stage || is_forwarding(name_of(key)) != switches)
				continue;
			err = write_one(change, p, own, d);
		}
	}
	return err;
}

static const char *const parts[] = { "setting", NULL };
static const char *const formats[] = { "sysctl", NULL };

static void sysctl_print(const struct plan *p, const char *format UNUSED, struct text *out)
{
	auto_text struct text value = {0};
	for (size_t i = 0; i < p->n_settings; i++) {
		setting_normalise(str_of(p->settings[i].value), &value);
		text_printf(out, "%s = %s\n", p->settings[i].name, text_get(&value));
	}
}

const struct target target_sysctl = {
	.name = "sysctl", .parts = parts,
	.lower = sysctl_lower, .read = sysctl_read, .stage = stage_by_op, .survey = sysctl_survey,
	.write = sysctl_write,
	.formats = formats, .print = sysctl_print,
};

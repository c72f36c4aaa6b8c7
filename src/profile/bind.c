/* SPDX-License-Identifier: MIT */
/* Gathers what each machine is made of, top level before role, finds names, and reads values with their defaults from
 * the keyword table. What an object of each kind becomes is in bind_packet.c and bind_service.c. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/bind.h"
#include "profile/check.h"
#include "profile/keywords.h"
#include "profile/limits.h"

enum {
	PROPOSALS = 100,        /* dangling names that get a hint; no more are ever shown */
	NAMES_IN_HINT = 20,
};

static const char *const kind_words[OBJECT_KINDS] = {
	[OBJECT_INTERFACE] = "interface", [OBJECT_SHAPER] = "shaper", [OBJECT_PATH] = "path",
	[OBJECT_BALANCE] = "balance", [OBJECT_PROXY] = "proxy", [OBJECT_ONION] = "onion",
};

/* ---- values ---------------------------------------------------------------------------------------------------- */

static bool value_is_good(const struct value *v)
{
	return v && v->type != VALUE_WRONG && !v->out_of_range;
}

static const struct arg *first_arg(const struct keyword *k)
{
	return k->n_args > 0 ? &k->args[0] : NULL;
}

/* Of several rows of one name, that which fits the first value; the first one where none does. */
static const struct arg *find_arg(const struct keyword *k, const struct stmt *s, const char *name)
{
	const char *first = s && s->n_fields > 0 && s->fields[0].n > 0 ? s->fields[0].values[0].text : NULL;
	const struct arg *found = NULL;

	for (size_t i = 0; i < k->n_args; i++) {
		if (strcmp(arg_name(&k->args[i]), name) != 0)
			continue;
		if (arg_fits(&k->args[i], first))
			return &k->args[i];
		found = found ? found : &k->args[i];
	}
	if (!found)
		BUG("'%s' has no argument '%s'", k->word, name);
	return found;
}

static uint64_t choice_number(const struct arg *arg, const char *word)
{
	for (uint64_t i = 0; arg->choices && arg->choices[i]; i++)
		if (strcmp(arg->choices[i], word) == 0)
			return i;
	BUG("default '%s' of '%s' is not one of its choices", word, arg_name(arg));
}

static uint64_t default_number(const struct arg *arg, const char *def)
{
	struct value v = { .type = VALUE_WRONG };

	if (!def)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(arg->types) && arg->types[i].type != VALUE_WRONG; i++) {
		const enum value_type type = arg->types[i].type;

		if (type == VALUE_CHOICE)
			return choice_number(arg, def);
		if (value_parse(type, str_of(def), &v) == 0)
			return v.number;
	}
	BUG("default '%s' of '%s' is none of its types", def, arg_name(arg));
}

const struct value *field_typed(const struct stmt *s, const char *arg, enum value_type type)
{
	const struct value *v = s ? stmt_value(s, arg) : NULL;

	return value_is_good(v) && v->type == type ? v : NULL;
}

/* The first value of a keyword's statement in a block; NULL: left out, or without a value. */
static const struct value *block_value(const struct stmt *block, const char *keyword)
{
	const struct stmt *s = block ? stmt_child(block, keyword) : NULL;

	if (!s || s->n_fields == 0 || s->fields[0].n == 0)
		return NULL;
	return s->fields[0].arg == first_arg(s->keyword) ? &s->fields[0].values[0] : NULL;
}

const struct value *block_typed(const struct stmt *block, const char *keyword, enum value_type type)
{
	const struct value *v = block_value(block, keyword);

	return value_is_good(v) && v->type == type ? v : NULL;
}

/* A wrong value counts as 0: no default stands where something is written. */
static uint64_t number_or_default(const struct value *v, const struct arg *arg, const char *def)
{
	if (v)
		return value_is_good(v) ? v->number : 0;
	return default_number(arg, def);
}

uint64_t stmt_number(const struct stmt *s, const char *arg)
{
	const struct arg *row = find_arg(s->keyword, s, arg);

	return number_or_default(stmt_value(s, arg), row, row->def);
}

uint64_t block_number(const struct stmt *block, enum block_kind kind, const char *keyword)
{
	const struct keyword *k = keyword_find(kind, str_of(keyword));
	const struct stmt *s = block ? stmt_child(block, keyword) : NULL;

	return number_or_default(block_value(block, keyword), first_arg(k), s ? NULL : k->def);
}

uint64_t block_option(const struct stmt *block, enum block_kind kind, const char *keyword, const char *arg)
{
	const struct stmt *s = block ? stmt_child(block, keyword) : NULL;
	const struct arg *row = find_arg(keyword_find(kind, str_of(keyword)), s, arg);

	return number_or_default(s ? stmt_value(s, arg) : NULL, row, row->def);
}

struct opt_u64 block_given(const struct stmt *block, const char *keyword)
{
	const struct value *v = block_value(block, keyword);

	return value_is_good(v) ? (struct opt_u64){ .value = v->number, .set = true, .place = v->place }
				: (struct opt_u64){ .set = false };
}

/* All values of a keyword that may stand more than once and takes several each time. */
size_t count_values(const struct stmt *block, const char *keyword)
{
	size_t n = 0;

	for (const struct stmt *c = stmt_child(block, keyword); c; c = stmt_after(c))
		for (size_t i = 0; i < c->n_fields; i++)
			n += c->fields[i].n;
	return n;
}

const struct prefix_value *bind_prefixes(struct binding *b, const struct stmt *s, const char *keyword, size_t *n)
{
	struct prefix_value *list = arena_array(b->arena, struct prefix_value, count_values(s, keyword));

	*n = 0;
	for (const struct stmt *c = stmt_child(s, keyword); c; c = stmt_after(c)) {
		const struct field *f = stmt_field(c, "value");

		for (size_t i = 0; f && i < f->n; i++) {
			const struct value *v = &f->values[i];

			if (v->type == VALUE_PREFIX)
				list[(*n)++] = (struct prefix_value){
					.prefix = v->prefix.prefix, .raw = v->prefix.raw,
					.has_length = v->prefix.has_length, .text = v->text, .place = v->place,
				};
		}
	}
	return list;
}

bool stmt_is_sound(const struct stmt *s)
{
	if (s->broken || s->has_unknown || (s->name && !value_is_good(s->name)))
		return false;
	for (size_t i = 0; i < s->n_fields; i++)
		for (size_t j = 0; j < s->fields[i].n; j++)
			if (!value_is_good(&s->fields[i].values[j]))
				return false;
	for (const struct stmt *c = s->first; c; c = c->next)
		if (!stmt_is_sound(c))
			return false;
	return true;
}

/* ---- names ----------------------------------------------------------------------------------------------------- */

static int compare_objects(const void *a, const void *b)
{
	const struct object *x = *(const struct object *const *)a, *y = *(const struct object *const *)b;
	const int order = strcmp(x->name, y->name);

	return order != 0 ? order : (x < y ? -1 : x > y);
}

static const struct object *find_object(const struct objects *o, const char *name)
{
	size_t low = 0, high = o->n;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int order = strcmp(o->by_name[middle]->name, name);

		if (order == 0)
			return o->by_name[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* `paths here: p1, p2`, in the order written. */
static const char *names_here(struct binding *b, struct objects *o, enum object_kind kind)
{
	auto_text struct text t = { 0 };

	if (o->here || o->n == 0)
		return o->here;
	text_printf(&t, "%ss here: ", kind_words[kind]);
	for (size_t i = 0; i < o->n && i < NAMES_IN_HINT; i++)
		text_printf(&t, "%s%s", i ? ", " : "", o->list[i].name);
	if (o->n > NAMES_IN_HINT)
		text_printf(&t, " and %zu more", o->n - NAMES_IN_HINT);
	o->here = arena_strdup(b->arena, text_get(&t));
	return o->here;
}

static bool is_in_role(const struct stmt *s)
{
	while (s && !stmt_is(s, "role"))
		s = s->parent;
	return s != NULL;
}

/* What stands at top level is of every role, and may be wrong in one of them only. */
static void tell_dangling(struct binding *b, struct bound *m, enum object_kind kind, const struct stmt *from,
			  const struct value *name)
{
	struct objects *o = &m->objects[kind];
	struct diag *g = diag_error(b->diags, &name->place, "dangling", "no %s '%s'", kind_words[kind], name->text);

	if (m->role && !is_in_role(from))
		diag_note(b->diags, g, &m->role->name->place, "in role '%s'", m->machine->role);
	if (b->n_dangling++ >= PROPOSALS)
		return;
	const char **words = arena_array(b->arena, const char *, o->n);

	for (size_t i = 0; i < o->n; i++)
		words[i] = o->list[i].name;
	if (!diag_nearest(b->diags, g, str_of(name->text), words, o->n))
		g->hint = names_here(b, o, kind);
}

ptrdiff_t bind_find(struct binding *b, struct bound *m, enum object_kind kind, const struct stmt *from,
		    const struct value *name)
{
	const unsigned machine = (unsigned)(m - b->machines) + 1;

	if (!value_is_good(name))
		return -1;
	const struct object *o = find_object(&m->objects[kind], name->text);

	if (o) {
		b->used[o->stmt->order] = true;
		return o - m->objects[kind].list;
	}
	if (b->dangling_in[from->order] == 0 || b->dangling_in[from->order] == machine) {
		b->dangling_in[from->order] = machine;
		if (b->tree->complete)
			tell_dangling(b, m, kind, from, name);
	}
	return -1;
}

/* ---- machines -------------------------------------------------------------------------------------------------- */

/* One block's statements by kind: that of the top level is made once for all roles. */
struct parts {
	struct object *objects[OBJECT_KINDS];
	size_t n[OBJECT_KINDS];
	const struct stmt **sysctls;
	size_t n_sysctls;
	const struct stmt *kernel, *web;
};

static bool is_kind(const struct stmt *s, enum object_kind *kind)
{
	for (*kind = 0; *kind < OBJECT_KINDS; (*kind)++)
		if (stmt_is(s, kind_words[*kind]))
			return s->name && s->name->type != VALUE_WRONG;
	return false;
}

static void count_parts(const struct stmt *block, size_t n[OBJECT_KINDS], size_t *n_sysctls)
{
	enum object_kind kind;

	for (const struct stmt *c = block->first; c; c = c->next) {
		if (is_kind(c, &kind))
			n[kind]++;
		else if (stmt_is(c, "sysctl"))
			(*n_sysctls)++;
	}
}

static struct parts parts_of(struct binding *b, const struct stmt *block)
{
	struct parts p = { 0 };
	size_t n[OBJECT_KINDS] = { 0 }, n_sysctls = 0;
	enum object_kind kind;

	if (!block)
		return p;
	count_parts(block, n, &n_sysctls);
	for (kind = 0; kind < OBJECT_KINDS; kind++)
		p.objects[kind] = arena_array(b->arena, struct object, n[kind]);
	p.sysctls = arena_array(b->arena, const struct stmt *, n_sysctls);
	for (const struct stmt *c = block->first; c; c = c->next) {
		if (is_kind(c, &kind))
			p.objects[kind][p.n[kind]++] = (struct object){ c->name->text, c, stmt_is_sound(c) };
		else if (stmt_is(c, "sysctl") && stmt_is_sound(c))
			p.sysctls[p.n_sysctls++] = c;
		else if (stmt_is(c, "kernel") && !p.kernel)
			p.kernel = c;
		else if (stmt_is(c, "web") && !p.web)
			p.web = c;
	}
	return p;
}

/* Two of one name are told by the reader, also one at top level and one in the role; the first one stays. */
static void drop_repeated(struct objects *o)
{
	size_t kept = 0, n = 0;

	for (size_t i = 0; i < o->n; i++) {
		if (kept > 0 && strcmp(o->by_name[kept - 1]->name, o->by_name[i]->name) == 0)
			o->list[o->by_name[i] - o->list].name = NULL;
		else
			o->by_name[kept++] = o->by_name[i];
	}
	for (size_t i = 0; kept < o->n && i < o->n; i++)
		if (o->list[i].name)
			o->list[n++] = o->list[i];
	o->n = kept;
}

static void sort_names(struct objects *o)
{
	for (size_t i = 0; i < o->n; i++)
		o->by_name[i] = &o->list[i];
	qsort(o->by_name, o->n, sizeof(struct object *), compare_objects);
}

static void merge_objects(struct binding *b, struct objects *o, enum object_kind kind, const struct parts *top,
			  const struct parts *own)
{
	const size_t room = top->n[kind] + own->n[kind];

	o->list = arena_array(b->arena, struct object, room);
	o->by_name = arena_array(b->arena, const struct object *, room);
	for (size_t i = 0; i < top->n[kind]; i++)
		o->list[o->n++] = top->objects[kind][i];
	for (size_t i = 0; i < own->n[kind]; i++)
		o->list[o->n++] = own->objects[kind][i];
	sort_names(o);
	drop_repeated(o);
	sort_names(o);
	if (kind == OBJECT_BALANCE) {   /* the only order that both spellings keep */
		struct object *sorted = arena_array(b->arena, struct object, o->n);

		for (size_t i = 0; i < o->n; i++)
			sorted[i] = *o->by_name[i];
		o->list = sorted;
		sort_names(o);
	}
}

static void merge_sysctls(struct binding *b, struct bound *m, const struct parts *top, const struct parts *own)
{
	m->sysctls = arena_array(b->arena, const struct stmt *, top->n_sysctls + own->n_sysctls);
	for (size_t i = 0; i < top->n_sysctls; i++)
		m->sysctls[m->n_sysctls++] = top->sysctls[i];
	for (size_t i = 0; i < own->n_sysctls; i++)
		m->sysctls[m->n_sysctls++] = own->sysctls[i];
}

static const char *text_or_null(const struct stmt *block, const char *keyword)
{
	const struct value *v = block_value(block, keyword);

	return v ? v->text : NULL;
}

static void bind_machine(struct binding *b, struct bound *m, const struct stmt *role, const struct parts *top)
{
	const struct stmt *root = b->tree->root;
	const struct parts own = parts_of(b, role);
	const struct value *label = block_value(root, "profile");

	m->machine = arena_one(b->arena, struct machine);
	m->role = role;
	m->machine->profile = label ? label->text : "";
	m->machine->description = text_or_null(root, "description");
	m->machine->role = role ? role->name->text : NULL;
	if (role)
		m->machine->place = role->name->place;
	else if (label)
		m->machine->place = label->place;
	for (enum object_kind kind = 0; kind < OBJECT_KINDS; kind++)
		merge_objects(b, &m->objects[kind], kind, top, &own);
	m->kernel = top->kernel ? top->kernel : own.kernel;
	m->web = top->web ? top->web : own.web;
	merge_sysctls(b, m, top, &own);
	bind_kernel(m->kernel, &m->machine->kernel);
	if (b->tree->target)
		m->machine->kernel.target = target_of_name(b->tree->target);
	bind_packet(b, m);
	bind_services(b, m);
}

static void bind_machines(struct binding *b)
{
	const struct stmt *root = b->tree->root;
	const struct parts top = parts_of(b, root);
	size_t roles = 0;

	for (const struct stmt *c = stmt_child(root, "role"); c; c = stmt_after(c))
		roles++;
	b->machines = arena_array(b->arena, struct bound, roles ? roles : 1);
	for (const struct stmt *c = stmt_child(root, "role"); c; c = stmt_after(c))
		if (c->name && c->name->type != VALUE_WRONG && !c->left_out)
			bind_machine(b, &b->machines[b->n_machines++], c, &top);
	if (b->n_machines == 0)
		bind_machine(b, &b->machines[b->n_machines++], NULL, &top);
}

static size_t count_words(const struct stmt *s)
{
	size_t n = 1;

	for (size_t i = 0; i < s->n_fields; i++)
		n += 1 + s->fields[i].n;
	for (const struct stmt *c = s->first; c; c = c->next)
		n += count_words(c);
	return n;
}

/* A machine is as large as the top level and its role, so many roles make much of little text. */
static bool is_too_large(struct binding *b)
{
	const struct stmt *root = b->tree->root, *last = NULL;
	size_t n_roles = 0, own = 0;

	for (const struct stmt *c = stmt_child(root, "role"); c; c = stmt_after(c)) {
		own += count_words(c);
		n_roles++;
		last = c;
	}
	if (n_roles < 2)
		return false;
	if ((count_words(root) - own) * n_roles + own <= LIMIT_ROLE_WORDS)
		return false;
	struct diag *g = diag_error(b->diags, stmt_place(last), "limit", "roles have more than %d words together",
				    LIMIT_ROLE_WORDS);

	diag_hint(b->diags, g, "what stands at top level belongs to every role");
	return true;
}

static unsigned last_order(const struct stmt *s)
{
	unsigned last = s->order;

	for (const struct stmt *c = s->first; c; c = c->next)
		last = MAX(last, last_order(c));
	return last;
}

static bool has_packet_part(const struct machine *m)
{
	for (size_t i = 0; i < m->n_interfaces; i++)
		if (m->interfaces[i].shaper)
			return true;
	return m->n_balances > 0 || m->n_sysctls > 0;
}

const struct profile *profile_from_tree(const char *file, const struct tree *t, struct arena *a, struct diags *d)
{
	const size_t orders = (size_t)last_order(t->root) + 1;
	struct binding b = { .arena = a, .diags = d, .tree = t };

	if (is_too_large(&b))
		return NULL;
	b.used = arena_array(a, bool, orders);
	b.dangling_in = arena_array(a, unsigned, orders);
	bind_machines(&b);
	check_profile(&b);
	if (d->n_errors > 0)
		return NULL;

	struct profile *p = arena_one(a, struct profile);
	struct machine *machines = arena_array(a, struct machine, b.n_machines);

	*p = (struct profile){ .file = file, .tree = t->root, .machines = machines, .n_machines = b.n_machines };
	for (size_t i = 0; i < b.n_machines; i++) {
		machines[i] = *b.machines[i].machine;
		p->has_packet_part |= has_packet_part(&machines[i]);
	}
	return p;
}

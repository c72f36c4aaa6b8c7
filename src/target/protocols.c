/* SPDX-License-Identifier: MIT */
/* Names of route protocols, as ip-route(8) shows them: who calls our number by another name may use it. */
#include "base/base.h"

#include "target/host.h"
#include "target/uses.h"

struct protocol_name {
	uint8_t number;
	struct text name;           /* found; empty: none */
};

/* `110 name`, also 0x6e; a comment begins with #. */
static bool read_name(const struct host_line *l, void *data)
{
	struct protocol_name *p = data;
	uint64_t number;
	size_t n = 0, start;
	while (n < l->text.n && l->text.p[n] != ' ' && l->text.p[n] != '\t')
		n++;
	if (parse_uint((struct str){ l->text.p, n }, &number) < 0 || number != p->number)
		return false;
	while (n < l->text.n && (l->text.p[n] == ' ' || l->text.p[n] == '\t'))
		n++;
	for (start = n; n < l->text.n && l->text.p[n] != ' ' && l->text.p[n] != '\t' && l->text.p[n] != '#';)
		n++;
	text_add_printable(&p->name, (struct str){ l->text.p + start, n - start });
	return p->name.n > 0;
}

void warn_of_protocol(const char *root, uint8_t number, const struct place *place, struct diags *d)
{
	static const char *const files[] = {
		"/etc/iproute2/rt_protos", "/etc/iproute2/rt_protos.d/*.conf", "/usr/share/iproute2/rt_protos",
		"/usr/share/iproute2/rt_protos.d/*.conf", "/usr/lib/iproute2/rt_protos", "/usr/lib/iproute2/rt_protos.d/*.conf",
	};
	struct protocol_name p = { .number = number };
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		if (!host_files(root, files[i], read_name, &p))
			continue;
		if (strcmp(p.name.p, "nlbc") != 0)
			diag_hint(d, diag_warning(d, place, "machine", "route protocol %u is that of '%s' (%s)", number,
						  p.name.p, files[i]),
				  "set 'route-protocol' to a number that nobody uses");
		break;
	}
	text_release(&p.name);
}

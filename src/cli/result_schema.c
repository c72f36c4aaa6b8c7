/* SPDX-License-Identifier: MIT */
/* One row per member of every JSON result; the schemas are built from the rows. They are strict (no member that is not
 * here, none left out), so that the tests find a member that appears, disappears or changes its type. Readers of the
 * results ignore what they do not know, as within a schema number members are only added. */
#include "base/base.h"

#include <errno.h>
#include "base/json.h"
#include "base/out.h"
#include "cli/result_schema.h"

/* `path`: the member's place, its parts joined by dots; `*` stands for any name, `[]` for the elements of an array. The
 * first part is the result, or where results of one name differ, the words of its verb.
 * `type`: text, whole, number, share (0 to 1), flag, time, name, failure (an error code), value (whatever stands in
 * status), wide (a whole number that may pass 2^53, as text), a list of words joined by `|`, the one word after `=`, or the
 * name of another group of rows after `@`; `?` at the end: or null. */
struct member_row {
	const char *path;
	const char *type;
	const char *help;
};

#define STATE "up|probing|draining|down"
#define MEMBER(p, reasons) \
	{ p ".state", STATE, "" }, \
	{ p ".reason", reasons "?", "why it is in this state" }, \
	{ p ".held", "flag", "set by hand" }

#define WEIGHTS(verb) { "weights " verb ".command", "=" verb, "" }

#define PROBLEM(verb) \
	{ "weights " verb ".position", "guard|exit", "" }, \
	{ "weights " verb ".locations", "whole", "" }, \
	{ "weights " verb ".rows", "whole", "locations that differ" }, \
	{ "weights " verb ".relays", "whole", "that take part" }, \
	{ "weights " verb ".groups", "whole", "relays that differ" }, \
	{ "weights " verb ".unit", "whole", "parts of a consensus weight" }, \
	{ "weights " verb ".scale", "number", "penalties are parts of it" }, \
	{ "weights " verb ".theta", "number", "" }, \
	{ "weights " verb ".wgg", "whole", "in parts of unit" }, \
	{ "weights " verb ".quantised", "flag", "clients are counted in other parts than those read" }, \
	{ "weights " verb ".supply", "wide", "S, in units" }, \
	{ "weights " verb ".clients", "wide", "W" }, \
	{ "weights " verb ".files[]", "text", "written" }, \
	{ "weights " verb ".warnings[]", "@diag", "" }

#define APPLIED(verb) \
	{ verb ".changed", "flag", "" }, \
	{ verb ".generation", "whole", "the one in force now; 0: none" }, \
	{ verb ".previous", "whole?", "" }, \
	{ verb ".profile", "text", "" }, \
	{ verb ".role", "text?", "" }, \
	{ verb ".target", "nft|iptables", "" }, \
	{ verb ".add", "whole", "" }, \
	{ verb ".change", "whole", "" }, \
	{ verb ".remove", "whole", "" }, \
	{ verb ".seconds", "number", "how long it took" }, \
	{ verb ".confirm_until", "time?", "until when confirm is awaited" }, \
	{ verb ".warnings[]", "@diag", "" }

static const struct member_row rows[] = {
	{ "nlbc.schema", "1", "number of this schema" },
	{ "nlbc.version", "text", "version of nlbc" },
	{ "nlbc.host", "text", "host name" },
	{ "nlbc.time", "time", "when this was written" },

	{ "place.file", "text", "as the user named it" },
	{ "place.line", "whole?", "from 1; null: see pointer" },
	{ "place.column", "whole?", "in characters, from 1" },
	{ "place.pointer", "text?", "JSON pointer, for the JSON twin" },

	{ "diag.file", "text?", "null: about no file" },
	{ "diag.line", "whole?", "null: see pointer" },
	{ "diag.column", "whole?", "" },
	{ "diag.length", "whole?", "in characters" },
	{ "diag.pointer", "text?", "JSON pointer, for the JSON twin" },
	{ "diag.severity", "error|warning", "" },
	{ "diag.code", "name", "what kind of mistake" },
	{ "diag.text", "text", "" },
	{ "diag.hint", "text?", "" },
	{ "diag.note", "@note?", "a second place" },

	{ "note.file", "text?", "" },
	{ "note.line", "whole?", "" },
	{ "note.column", "whole?", "" },
	{ "note.length", "whole?", "" },
	{ "note.pointer", "text?", "" },
	{ "note.text", "text", "" },

	{ "check[]", "@diag", "" },

	{ "compile.items[].stage", "prepare|switch|retire", "" },
	{ "compile.items[].key", "text", "what cannot be changed in place" },
	{ "compile.items[].body", "text", "all the rest, defaults spelled out" },
	{ "compile.items[].place", "@place?", "the profile's words it comes from" },

	{ "diff.add", "whole", "" },
	{ "diff.change", "whole", "" },
	{ "diff.remove", "whole", "" },
	{ "diff.changes[].op", "add|change|remove", "" },
	{ "diff.changes[].stage", "prepare|switch|retire", "" },
	{ "diff.changes[].key", "text", "" },
	{ "diff.changes[].from", "text?", "as the kernel has it" },
	{ "diff.changes[].to", "text?", "as the profile wants it" },
	{ "diff.changes[].place", "@place?", "" },
	{ "diff.warnings[]", "@diag", "" },

	{ "doctor.findings[].level", "ok|warn|fail", "" },
	{ "doctor.findings[].check", "name", "what was looked at" },
	{ "doctor.findings[].text", "text", "" },
	{ "doctor.findings[].hint", "text?", "what to type or write" },
	{ "doctor.findings[].place", "@place?", "in the profile" },

	APPLIED("apply"),
	APPLIED("rollback"),

	{ "confirm.generation", "whole", "" },
	{ "confirm.saved", "flag", "it is the start-up profile now" },

	{ "history[].generation", "whole", "" },
	{ "history[].applied_at", "time", "" },
	{ "history[].applied_by", "text", "user name" },
	{ "history[].verb", "name", "that made it" },
	{ "history[].profile", "text", "" },
	{ "history[].role", "text?", "" },
	{ "history[].digest", "text", "first 12 digits of the profile's" },
	{ "history[].outcome", "applied|unconfirmed|rolled-back|unfinished", "" },
	{ "history[].reason", "name?", "why it was rolled back: an error code" },
	{ "history[].in_force", "flag", "" },
	{ "history[].kept", "flag", "rollback can apply it again" },

	{ "wait.condition", "text", "that holds now" },
	{ "wait.seconds", "number", "how long it took" },

	{ "export.files[]", "text", "written, with the directory" },

	{ "flush.changed", "flag", "" },
	{ "flush.removed", "whole", "" },
	{ "flush.restored", "whole", "queues and settings put back" },

	{ "get.*", "value", "" },

	{ "path.name", "text", "" },
	{ "path.from", STATE "|default|whole", "state or weight before" },
	{ "path.to", STATE "|default|whole", "state or weight now" },
	{ "path.changed", "flag", "" },

	{ "server.proxy", "text", "" },
	{ "server.name", "text", "" },
	{ "server.from", STATE "|whole", "state or weight before" },
	{ "server.to", STATE "|whole", "state or weight now" },
	{ "server.changed", "flag", "" },

	{ "trace.profile", "text", "in force" },
	{ "trace.generation", "whole", "" },
	{ "trace.source", "text", "" },
	{ "trace.destination", "text", "" },
	{ "trace.protocol", "name", "a number where it has no name" },
	{ "trace.source_port", "whole?", "null: it has none" },
	{ "trace.destination_port", "whole?", "" },
	{ "trace.local", "flag", "sent by this machine" },
	{ "trace.in", "text?", "device by which it arrives; null: sent by this machine" },
	{ "trace.in_found", "flag", "not given: that device leads back to the source" },
	{ "trace.connection", "new|known|unknown?", "null: no rule looks at connections" },
	{ "trace.balance", "text?", "that takes it, or leaves it; null: none" },
	{ "trace.how", "none|left|arrival|remembered|hash-slot|in-turn|at-random|next-hop-group", "what decides its path" },
	{ "trace.reason", "text", "the same for people" },
	{ "trace.slot", "whole?", "the entry its hash leads to" },
	{ "trace.slots", "whole?", "of so many" },
	{ "trace.path", "text?", "its path, with arrival the one it came in by; null: none, or one of several" },
	{ "trace.ways[].path", "text?", "" },
	{ "trace.ways[].share", "share", "of packets like this one" },
	{ "trace.ways[].fate", "sent|local|broadcast|multicast|refused|not-forwarded|invalid-source|unreachable",
	  "what routing makes of it" },
	{ "trace.ways[].mark", "whole", "its packet mark then" },
	{ "trace.ways[].table", "whole?", "routing table that decides; 254 is main" },
	{ "trace.ways[].device", "text?", "by which it leaves" },
	{ "trace.ways[].via", "text?", "next hop; null: the destination is on the link" },
	{ "trace.walk[].chain", "text", "" },
	{ "trace.walk[].rule", "text", "in the words of `compile --format plan`" },
	{ "trace.walk[].matched", "flag", "" },
	{ "trace.warnings[]", "@diag", "the kernel differs, or does not tell" },

	WEIGHTS("bandwidth"),
	{ "weights bandwidth.flavour", "ns|microdesc", "of the consensus" },
	{ "weights bandwidth.valid_after", "time", "" },
	{ "weights bandwidth.method", "whole", "consensus method" },
	{ "weights bandwidth.relays", "whole", "" },
	{ "weights bandwidth.scale", "whole", "bwweightscale: the weights are parts of it" },
	{ "weights bandwidth.sums.G", "whole", "consensus weight of relays that are guards only" },
	{ "weights bandwidth.sums.M", "whole", "neither guard nor exit" },
	{ "weights bandwidth.sums.E", "whole", "exits only" },
	{ "weights bandwidth.sums.D", "whole", "guard and exit" },
	{ "weights bandwidth.sums.T", "whole", "all" },
	{ "weights bandwidth.case", "1|2a-E|2a-G|2b1|2b2|2b3|3a-G|3a-E|3b-G|3b-E?", "null: not computable" },
	{ "weights bandwidth.weights", "@bandwidth-weights?", "computed" },
	{ "weights bandwidth.published", "@bandwidth-weights?", "null: the consensus has none" },
	{ "weights bandwidth.same", "flag?", "null: nothing to compare" },
	{ "weights bandwidth.reason", "text?", "why they are not computable" },

	WEIGHTS("clients"),
	{ "weights clients.users", "number", "of all countries" },
	{ "weights clients.users_placed", "number", "of those with addresses" },
	{ "weights clients.countries", "whole", "with users" },
	{ "weights clients.countries_empty", "whole", "of these without addresses" },
	{ "weights clients.users_empty", "number", "in those" },
	{ "weights clients.addresses", "whole", "that count" },
	{ "weights clients.pairs", "whole", "of country and AS, with addresses" },
	{ "weights clients.ases", "whole", "with addresses" },
	{ "weights clients.locations", "whole", "printed" },
	{ "weights clients.total", "whole", "what their weights add up to" },
	{ "weights clients.share_10", "share", "of the 10 heaviest" },
	{ "weights clients.share_100", "share", "" },
	{ "weights clients.share_1000", "share", "" },
	{ "weights clients.files[]", "text", "written" },
	{ "weights clients.warnings[]", "@diag", "" },

	WEIGHTS("penalty"),
	{ "weights penalty.locations", "whole", "rows of the matrix" },
	{ "weights penalty.columns", "whole", "ASes of guards" },
	{ "weights penalty.scale", "whole", "penalties are parts of it" },
	{ "weights penalty.relations", "whole", "between ASes" },
	{ "weights penalty.ases", "whole", "in the relations" },
	{ "weights penalty.relays_without_as", "whole", "guards left out" },
	{ "weights penalty.pairs_without_route", "whole", "" },
	{ "weights penalty.files[]", "text", "written" },
	{ "weights penalty.warnings[]", "@diag", "" },

	WEIGHTS("solve"),
	PROBLEM("solve"),
	{ "weights solve.objective", "total|max|max-only", "" },
	{ "weights solve.load_max", "number", "of the fullest relay, in parts of its capacity, for the clients as read" },
	{ "weights solve.value", "wide", "total penalty" },
	{ "weights solve.bound", "wide?", "proved lower bound of it; null: none is asked for" },
	{ "weights solve.gap", "wide?", "" },
	{ "weights solve.max", "wide?", "T, with objective max" },
	{ "weights solve.penalty", "number?", "expected; null: no penalties are given" },
	{ "weights solve.vanilla_penalty", "number?", "expected with Tor's own weights" },
	{ "weights solve.full_groups", "whole", "groups of relays that carry all they can" },
	{ "weights solve.worse_locations", "whole", "with a larger penalty than in vanilla" },
	{ "weights solve.worst_ratio", "number?", "largest penalty of a location, in parts of vanilla's" },
	{ "weights solve.pivots", "whole", "" },
	{ "weights solve.warm", "flag", "begun from an earlier result" },
	{ "weights solve.threads", "whole", "" },
	{ "weights solve.cpu_seconds", "number", "from problem in memory to solution in memory" },
	{ "weights solve.seconds", "number", "the same by the clock" },
	{ "weights solve.peak_bytes", "whole", "memory of the process" },

	WEIGHTS("mps"),
	PROBLEM("mps"),
	{ "weights mps.objective", "total|max|max-relay|max-location|max-client", "" },

	WEIGHTS("certify"),
	{ "weights certify.feasible", "flag", "nothing is broken" },
	{ "weights certify.broken[].condition", "a|b|c|d|load|value|middle|form", "" },
	{ "weights certify.broken[].where", "text", "" },
	{ "weights certify.broken[].by", "wide?", "how much above what is right or allowed; null: words" },
	{ "weights certify.value", "wide?", "total penalty; null: the result does not fit the inputs at all" },
	{ "weights certify.bound", "wide?", "lower bound of it; null: none is asked for" },
	{ "weights certify.gap", "wide?", "" },
	{ "weights certify.max", "wide?", "T, with objective max: the least there is" },
	{ "weights certify.ratio", "number?", "value to bound" },
	{ "weights certify.warnings[]", "@diag", "" },

	WEIGHTS("export"),
	{ "weights export.results", "whole", "read" },
	{ "weights export.locations", "whole", "of the first" },
	{ "weights export.relays", "whole", "of the first" },
	{ "weights export.files[]", "text", "written" },

	{ "bandwidth-weights.*", "integer", "Wgg and the other 18" },

	{ "progress.stage", "name", "what goes on" },
	{ "progress.seconds", "number", "since it began" },
	{ "progress.steps", "whole", "pivots, or what is done of steps_all" },
	{ "progress.steps_all", "whole?", "" },
	{ "progress.overload", "share", "of the load, above capacities" },
	{ "progress.bound", "number", "lower bound of the expected penalty" },

	{ "version.nlbc", "text", "" },
	{ "version.language", "whole", "of profiles" },
	{ "version.schema", "whole", "of results" },
	{ "version.targets[]", "name", "" },
	{ "version.libraries.*", "text", "" },
	{ "version.kernel", "text", "" },

	{ "error.code", "failure", "" },
	{ "error.exit", "whole", "the exit code" },
	{ "error.message", "text", "" },
	{ "error.hint", "text?", "" },
	{ "error.diags[]", "@diag", "" },

	{ "tick.state", "none|in-sync|degraded|drift|unfinished", "as in status" },
	{ "tick.profile", "text?", "" },
	{ "tick.generation", "whole?", "" },
	{ "tick.seconds", "number", "since the counters were read before" },
	{ "tick.paths.*.state", STATE, "" },
	{ "tick.paths.*.packets_per_second", "number?", "null: not counted, or not there before" },
	{ "tick.paths.*.rate_bps", "whole?", "of IP packets" },
	{ "tick.balances.*.paths.*.share", "share", "of new traffic now" },
	{ "tick.balances.*.paths.*.packets_per_second", "number?", "" },
	{ "tick.balances.*.paths.*.rate_bps", "whole?", "" },
	{ "tick.shapers.*.packets_per_second", "number?", "sent" },
	{ "tick.shapers.*.rate_bps", "whole?", "sent" },
	{ "tick.shapers.*.dropped_per_second", "number?", "packets" },
	{ "tick.shapers.*.backlog_bytes", "whole?", "waiting now" },
	{ "tick.shapers.*.backlog_packets", "whole?", "" },

	{ "tick.proxies.*.connections", "whole?", "open now" },
	{ "tick.proxies.*.queued", "whole?", "" },
	{ "tick.proxies.*.requests_per_second", "number?", "finished" },
	{ "tick.proxies.*.errors_per_second", "number?", "" },
	{ "tick.proxies.*.in_bps", "whole?", "from clients" },
	{ "tick.proxies.*.out_bps", "whole?", "to clients" },
	{ "tick.proxies.*.servers.*.state", STATE, "" },
	{ "tick.proxies.*.servers.*.in_flight", "whole?", "" },
	{ "tick.proxies.*.servers.*.requests_per_second", "number?", "" },
	{ "tick.proxies.*.servers.*.failures_per_second", "number?", "" },

	{ "event.time", "time", "" },
	{ "event.kind", "name", "what it is about: path, server, replica, link, worker, ..." },
	{ "event.name", "text?", "whom it is about; a server as PROXY/NAME" },
	{ "event.from", "text?", "" },
	{ "event.to", "text?", "" },
	{ "event.reason", "text?", "" },

	{ "status.state", "none|in-sync|degraded|drift|unfinished", "" },
	{ "status.profile", "text?", "of the applied profile" },
	{ "status.description", "text?", "" },
	{ "status.role", "text?", "" },
	{ "status.target", "nft|iptables?", "" },
	{ "status.digest", "text?", "SHA-256 of the profile's JSON twin on one line" },
	{ "status.generation", "whole?", "which application this is" },
	{ "status.applied_at", "time?", "" },
	{ "status.applied_by", "text?", "user name" },
	{ "status.confirm_until", "time?", "until when confirm is awaited" },
	{ "status.daemon", "flag", "nlbcd answers" },
	{ "status.saved", "flag", "this profile is the start-up profile" },
	{ "status.differences", "whole", "items that differ from the plan" },
	{ "status.pending[]", "text", "interfaces of the profile that do not exist" },
	{ "status.unreachable[]", "text", "control sockets at which no proxy answers" },

	MEMBER("status.paths.*", "hand|probe|link|route"),
	{ "status.paths.*.interface", "text", "" },
	{ "status.paths.*.device", "text?", "null: does not exist" },
	{ "status.paths.*.via[]", "text", "" },
	{ "status.paths.*.mark", "whole", "" },
	{ "status.paths.*.table", "whole", "254 is main" },
	{ "status.paths.*.weight", "whole", "in effect where a balance gives none" },
	{ "status.paths.*.packets", "whole?", "steered to this path since then; null: not counted" },
	{ "status.paths.*.bytes", "whole?", "of IP packets" },
	{ "status.paths.*.new_flows", "whole?", "null: no per-flow balance uses it" },
	{ "status.paths.*.since", "time?", "when the counters began" },
	{ "status.paths.*.probes[].kind", "ping|tcp|http", "" },
	{ "status.paths.*.probes[].target", "text", "" },
	{ "status.paths.*.probes[].state", STATE, "" },
	{ "status.paths.*.probes[].latency_seconds", "number?", "" },
	{ "status.paths.*.probes[].lost", "share?", "of the last 20" },

	{ "status.balances.*.method", "name", "" },
	{ "status.balances.*.scope", "forwarded|local|all", "" },
	{ "status.balances.*.paths.*.weight", "whole", "in effect" },
	{ "status.balances.*.paths.*.share", "share", "of new traffic now" },
	{ "status.balances.*.paths.*.backup", "flag", "" },
	{ "status.balances.*.paths.*.packets", "whole?", "" },
	{ "status.balances.*.paths.*.bytes", "whole?", "" },
	{ "status.balances.*.paths.*.new_flows", "whole?", "" },

	{ "status.shapers.*.shaper", "text?", "null: written in place" },
	{ "status.shapers.*.device", "text?", "" },
	{ "status.shapers.*.kind", "htb|tbf|netem|bfifo|pfifo|fq_codel?", "the root" },
	{ "status.shapers.*.rate_bps", "whole?", "" },
	{ "status.shapers.*.queue_bytes", "whole?", "" },
	{ "status.shapers.*.queue_packets", "whole?", "" },
	{ "status.shapers.*.queue_seconds", "number?", "" },
	{ "status.shapers.*.delay_seconds", "number?", "" },
	{ "status.shapers.*.backlog_bytes", "whole?", "waiting now" },
	{ "status.shapers.*.backlog_packets", "whole?", "" },
	{ "status.shapers.*.sent_bytes", "whole?", "since it was installed" },
	{ "status.shapers.*.sent_packets", "whole?", "" },
	{ "status.shapers.*.dropped_packets", "whole?", "" },
	{ "status.shapers.*.overlimits", "whole?", "" },

	{ "status.proxies.*.mode", "http|tcp", "" },
	{ "status.proxies.*.method", "name", "" },
	{ "status.proxies.*.listen[]", "text", "" },
	{ "status.proxies.*.pid", "whole?", "" },
	{ "status.proxies.*.workers", "whole?", "processes" },
	{ "status.proxies.*.connections", "whole?", "open now" },
	{ "status.proxies.*.queued", "whole?", "requests that wait for a server" },
	{ "status.proxies.*.requests", "whole?", "finished; in mode tcp connections" },
	{ "status.proxies.*.errors", "whole?", "failed" },
	{ "status.proxies.*.retries", "whole?", "tries on another server" },
	{ "status.proxies.*.responses.1xx", "whole?", "" },
	{ "status.proxies.*.responses.2xx", "whole?", "" },
	{ "status.proxies.*.responses.3xx", "whole?", "" },
	{ "status.proxies.*.responses.4xx", "whole?", "" },
	{ "status.proxies.*.responses.5xx", "whole?", "" },
	{ "status.proxies.*.bytes_in", "whole?", "from clients" },
	{ "status.proxies.*.bytes_out", "whole?", "to clients" },
	{ "status.proxies.*.cpu_seconds", "number?", "user and system time of all its processes" },
	{ "status.proxies.*.requests_per_second", "number?", "of the last 10 s" },
	{ "status.proxies.*.latency_seconds.mean", "number?", "of the last 10 s" },
	{ "status.proxies.*.latency_seconds.p50", "number?", "" },
	{ "status.proxies.*.latency_seconds.p95", "number?", "" },
	{ "status.proxies.*.latency_seconds.p99", "number?", "" },
	MEMBER("status.proxies.*.servers.*", "hand|health|ejected|certificate"),
	{ "status.proxies.*.servers.*.address", "text?", "" },
	{ "status.proxies.*.servers.*.weight", "whole?", "in effect" },
	{ "status.proxies.*.servers.*.backup", "flag", "" },
	{ "status.proxies.*.servers.*.in_flight", "whole?", "exchanges that run, in mode tcp connections" },
	{ "status.proxies.*.servers.*.pooled", "whole?", "idle connections kept" },
	{ "status.proxies.*.servers.*.requests", "whole?", "finished" },
	{ "status.proxies.*.servers.*.failures", "whole?", "failed tries" },
	{ "status.proxies.*.servers.*.estimate_seconds", "number?", "what the method compares" },
	{ "status.proxies.*.servers.*.latency_seconds.mean", "number?", "to the last byte of its answer, of the last 10 s" },
	{ "status.proxies.*.servers.*.latency_seconds.p50", "number?", "" },
	{ "status.proxies.*.servers.*.latency_seconds.p95", "number?", "" },
	{ "status.proxies.*.servers.*.latency_seconds.p99", "number?", "" },

	{ "status.onions.*.address", "text?", "onion name" },
	{ "status.onions.*.clients", "whole", "now" },
	{ "status.onions.*.published", "whole", "replicas published" },
	MEMBER("status.onions.*.replicas.*", "hand|silent|start-failed"),
	{ "status.onions.*.replicas.*.phase", "off|starting|published|draining|failed", "" },
	{ "status.onions.*.replicas.*.designated", "flag", "gets new clients" },
	{ "status.onions.*.replicas.*.clients", "whole", "now" },
	{ "status.onions.*.replicas.*.address", "text?", "peer" },
	{ "status.onions.*.replicas.*.reported_seconds", "number?", "since its last report" },
};

static const char *const results[] = {
	"check", "compile", "diff", "apply", "flush", "status", "get", "path", "server",
	"confirm", "doctor", "history", "rollback", "trace",
	"export", "wait", "version", "error", "event", "weights", "progress",
};

/* Lines of two kinds or more under one schema: the group of rows of each, and the member that it stands in. */
static const struct kind {
	const char *result, *member, *group;
} kinds[] = {
	{ "event", "tick", "tick" },
	{ "event", "event", "event" },
	{ "weights", "weights", "weights bandwidth" },
	{ "weights", "weights", "weights clients" },
	{ "weights", "weights", "weights penalty" },
	{ "weights", "weights", "weights solve" },
	{ "weights", "weights", "weights mps" },
	{ "weights", "weights", "weights certify" },
	{ "weights", "weights", "weights export" },
};

static const struct {
	const char *name;
	const char *schema;
} types[] = {
	{ "text", "{\"type\":\"string\"}" },
	{ "name", "{\"type\":\"string\",\"pattern\":\"^[a-z0-9][a-z0-9-]*$\"}" },
	{ "time", "{\"type\":\"string\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$\"}" },
	{ "whole", "{\"type\":\"integer\",\"minimum\":0}" },
	{ "integer", "{\"type\":\"integer\"}" },
	{ "wide", "{\"type\":\"string\",\"pattern\":\"^-?[0-9]+$\"}" },
	{ "1", "{\"const\":1}" },
	{ "number", "{\"type\":\"number\",\"minimum\":0}" },
	{ "share", "{\"type\":\"number\",\"minimum\":0,\"maximum\":1}" },
	{ "flag", "{\"type\":\"boolean\"}" },
	{ "value", "{}" },
};

static json_t *group_schema(const char *group);

static json_t *failure_schema(void)
{
	json_t *list = json_own(json_array());

	for (const struct failure *f = failures; f->code; f++)
		json_push(list, json_string(f->code));
	return json_own(json_pack("{s:o}", "enum", list));
}

static json_t *named_type(struct str name)
{
	if (str_is(name, "failure"))
		return failure_schema();
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (str_is(name, types[i].name))
			return json_own(json_loads(types[i].schema, 0, NULL));
	return NULL;
}

/* Words joined by `|`; one of them may be a named type. */
static json_t *words_schema(struct str words, bool or_null)
{
	json_t *list = json_own(json_array());
	json_t *type = NULL;

	while (words.n > 0) {
		const char *bar = memchr(words.p, '|', words.n);
		const struct str word = { words.p, bar ? (size_t)(bar - words.p) : words.n };
		json_t *named = named_type(word);

		if (named)
			type = named;
		else
			json_push(list, json_stringn(word.p, word.n));
		words.p += word.n + (bar ? 1 : 0);
		words.n -= word.n + (bar ? 1 : 0);
	}
	if (or_null)
		json_push(list, json_null());
	return type ? json_own(json_pack("{s:[{s:o},o]}", "anyOf", "enum", list, type))
		    : json_own(json_pack("{s:o}", "enum", list));
}

static json_t *type_schema(const char *type)
{
	struct str s = str_of(type);
	const bool or_null = s.p[s.n - 1] == '?';

	if (or_null)
		s.n--;
	if (s.p[0] == '@') {
		auto_free char *group = strndup(s.p + 1, s.n - 1);

		if (!group)
			out_of_memory();
		json_t *of = group_schema(group);

		return or_null ? json_own(json_pack("{s:[o,{s:s}]}", "anyOf", of, "type", "null")) : of;
	}
	if (s.p[0] == '=')
		return json_own(json_pack("{s:s#}", "const", s.p + 1, (int)s.n - 1));
	if (memchr(s.p, '|', s.n))
		return words_schema(s, or_null);

	json_t *of = named_type(s);

	if (!of)
		BUG("no type '%s'", type);
	if (or_null)
		json_put(of, "type", json_pack("[O,s]", json_object_get(of, "type"), "null"));
	return of;
}

/* The schema's node for one more part of a path, made if it is not there. */
static json_t *descend(json_t *node, struct str part)
{
	if (!json_object_get(node, "type"))
		json_put(node, "type", json_string("object"));
	if (str_is(part, "*")) {
		if (!json_object_get(node, "additionalProperties"))
			json_put(node, "additionalProperties", json_object());
		return json_object_get(node, "additionalProperties");
	}
	if (!json_object_get(node, "properties")) {
		json_put(node, "additionalProperties", json_false());
		json_put(node, "properties", json_object());
		json_put(node, "required", json_array());
	}
	json_t *properties = json_object_get(node, "properties");

	if (!json_object_getn(properties, part.p, part.n)) {
		if (json_object_setn_new(properties, part.p, part.n, json_own(json_object())) < 0)
			out_of_memory();
		json_push(json_object_get(node, "required"), json_stringn(part.p, part.n));
	}
	return json_object_getn(properties, part.p, part.n);
}

static json_t *descend_array(json_t *node)
{
	if (!json_object_get(node, "items")) {
		json_put(node, "type", json_string("array"));
		json_put(node, "items", json_object());
	}
	return json_object_get(node, "items");
}

static void add_row(json_t *root, const struct member_row *row)
{
	json_t *node = root;
	const char *p = row->path;

	while (*p) {
		struct str part = { p, strcspn(p, ".") };
		const bool array = part.n > 2 && memcmp(part.p + part.n - 2, "[]", 2) == 0;

		p += part.n + (p[part.n] == '.');
		if (array)
			part.n -= 2;
		node = descend(node, part);
		if (array)
			node = descend_array(node);
	}
	if (json_object_update_new(node, type_schema(row->type)) < 0)
		out_of_memory();
	if (row->help[0])
		json_put(node, "description", json_string(row->help));
}

/* The schema of what stands under the group's name: of THIS in {"diff": THIS}. */
static json_t *group_schema(const char *group)
{
	const size_t n = strlen(group);
	json_t *root = json_own(json_object());

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strncmp(rows[i].path, group, n) == 0 && (rows[i].path[n] == '.' || rows[i].path[n] == '['))
			add_row(root, &rows[i]);
	json_t *node = json_incref(json_object_get(json_object_get(root, "properties"), group));

	json_decref(root);
	if (!node)
		BUG("no rows for '%s'", group);
	return node;
}

static void put_type(struct text *out, const char *type)
{
	const bool or_null = type[strlen(type) - 1] == '?';
	const bool is_marked = type[0] == '@' || type[0] == '=';
	struct str words = { type + is_marked, strlen(type) - or_null - is_marked };

	text_puts(out, " Pq ");
	for (size_t i = 0; i < words.n; i++) {
		if (words.p[i] == '|')
			text_puts(out, ", ");
		else
			text_putc(out, words.p[i]);
	}
	text_puts(out, or_null ? ", or null\n" : "\n");
}

/* One list item for each member, under a heading for each result. */
void result_manual_print(struct text *out)
{
	struct str last = { "", 0 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *path = rows[i].path;
		const struct str group = { path, strcspn(path, ".[") };

		if (!str_eq(group, last)) {
			if (last.n)
				text_puts(out, ".El\n");
			text_printf(out, ".Ss %.*s\n.Bl -tag -width Ds -compact\n", (int)group.n, path);
			last = group;
		}
		text_printf(out, ".It Li %s", path + group.n + (path[group.n] == '.'));
		put_type(out, rows[i].type);
		if (*rows[i].help)
			text_printf(out, "%s\n", rows[i].help);
	}
	text_puts(out, ".El\n");
}

const char *result_schema_name(size_t i)
{
	return i < ARRAY_LEN(results) ? results[i] : NULL;
}

static json_t *line_schema(const char *name, const char *group)
{
	json_t *schema = json_own(json_object());

	json_put(schema, "type", json_string("object"));
	json_put(schema, "additionalProperties", json_false());
	json_put(schema, "properties", json_pack("{s:o,s:o}", "nlbc", group_schema("nlbc"), name, group_schema(group)));
	json_put(schema, "required", json_pack("[s,s]", "nlbc", name));
	return schema;
}

/* Of each kind of line that the schema is about; empty: there is but one. */
static json_t *kind_schemas(const char *name)
{
	json_t *list = json_own(json_array());

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].result, name) == 0)
			json_push(list, line_schema(kinds[i].member, kinds[i].group));
	return list;
}

int result_schema_print(const char *name, struct text *out)
{
	size_t i = 0;

	while (i < ARRAY_LEN(results) && strcmp(results[i], name) != 0)
		i++;
	if (i == ARRAY_LEN(results))
		return -ENOENT;

	json_t *schema = json_own(json_object());

	json_put(schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
	if (strcmp(name, "event") == 0)
		json_put(schema, "title", json_string("a line of nlbc watch, schema 1"));
	else
		json_put(schema, "title", json_sprintf("nlbc result '%s', schema 1", name));
	json_t *each = kind_schemas(name);

	if (json_array_size(each)) {
		json_put(schema, "oneOf", json_incref(each));
	} else {
		json_t *line = line_schema(name, name);

		if (json_object_update(schema, line) < 0)
			out_of_memory();
		json_decref(line);
	}
	json_decref(each);
	json_print(schema, JSON_INDENT(2), out);
	text_putc(out, '\n');
	json_decref(schema);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Section 5 of profile.md as data. Rows stand in its order; the columns `def`, `range` and `help` are the manual's. */
#include "base/base.h"

#include "base/text.h"
#include "profile/keywords.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define ARGS(...) .args = (const struct arg[]){ __VA_ARGS__ }, \
	.n_args = sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg)

/* Arguments without a range are written by their type alone. */
#define TYPE(t) { { VALUE_##t, NULL, NULL, NULL, RULE_NONE } }
#define RANGE(t, min, max) { { VALUE_##t, min, max, NULL, RULE_NONE } }
#define VALUE(...) { .kind = ARG_VALUE, __VA_ARGS__ }
#define OPTIONAL(n, ...) { .kind = ARG_OPTIONAL, .name = n, __VA_ARGS__ }
#define OPTION(n, ...) { .kind = ARG_OPTION, .name = n, __VA_ARGS__ }
#define FLAG(n, ...) { .kind = ARG_FLAG, .name = n, __VA_ARGS__ }
#define NAME VALUE(.name = "name", .types = TYPE(NAME))

/* Options that several rows share. */
#define CORRELATION OPTION("correlation", .types = RANGE(PERCENT, "0%", "100%"), .def = "0%", \
			   .help = "how much the last packet's fate weighs")
#define ON_WHAT(w) OPTION("on", .types = TYPE(CHOICE), .when = w, .def = "flow", \
			  .choices = WORDS("flow", "addresses", "source", "destination"), \
			  .help = "what is hashed; flow: addresses, protocol and ports")
#define SEED(w) OPTION("seed", .types = RANGE(INT, "0", "4294967295"), .when = w, \
		       .help = "of the hash; by default from the profile's and the balance's name")
#define COMPAT(w) OPTION("compat", .types = TYPE(CHOICE), .choices = WORDS("seed"), .when = w, \
			 .help = "choose exactly as the seed system does")
#define URL(w) OPTIONAL("url", .types = TYPE(URL), .when = w, .def = "/", .help = "what to GET")
#define STATUS(w) OPTION("status", .types = TYPE(CODES), .when = w, .def = "200-399", .help = "answers that are good")
#define INTERVAL(d) OPTION("interval", .types = RANGE(TIME, "100ms", "1h"), .def = d, .help = "from one try to the next")
#define TIMEOUT OPTION("timeout", .types = RANGE(TIME, "10ms", "1min"), .def = "1s", \
		       .help = "a try without an answer for so long has failed")
#define RISE OPTION("rise", .types = RANGE(INT, "1", "100"), .def = "2", .help = "good tries in a row until up")
#define FALL OPTION("fall", .types = RANGE(INT, "1", "100"), .def = "3", .help = "failed tries in a row until down")
#define REFRESH(w) OPTION("refresh", .types = RANGE(TIME, "100ms", "10min"), .when = w, .def = "5s", \
			  .help = "a server without a sample for so long gets one request, whose time replaces what was remembered")
#define ALPHA(w, d, h) OPTION("alpha", .types = RANGE(NUMBER, "0.001", "1"), .when = w, .def = d, .help = h)
#define DECAY(w, d, h) OPTION("decay", .types = RANGE(TIME, "100ms", "10min"), .when = w, .def = d, .help = h)
#define LIMIT_TIME(n, d, h) OPTION(n, .types = RANGE(TIME, "1ms", "24h"), .def = d, .help = h)

const struct keyword keywords[] = {
	/* 5.1 */
	{ BLOCK_TOP, "nlbc", ARGS(VALUE(.types = { { VALUE_INT, "1", "1", NULL, RULE_VERSION } })), .times = TIMES_ONE,
	  .range = "1",
	  .help = "language version, first statement" },
	{ BLOCK_TOP, "profile", ARGS(VALUE(.types = TYPE(LABEL))), .times = TIMES_ONE,
	  .help = "name in status, metrics and history" },
	{ BLOCK_TOP, "description", ARGS(VALUE(.types = TYPE(TEXT))), .times = TIMES_AT_MOST_ONE, .def = "none",
	  .help = "shown by `status`" },
	{ BLOCK_TOP, "role", ARGS(NAME), .times = TIMES_ANY, .named = true, .inner = BLOCK_ROLE, .most = 64,
	  .range = "≤ 64", .help = "what one kind of machine does" },
	{ BLOCK_TOP, "kernel", .times = TIMES_AT_MOST_ONE, .in_role = true, .inner = BLOCK_KERNEL, .def = "5.2",
	  .help = "how nlbc uses the kernel" },
	{ BLOCK_TOP, "interface", ARGS(NAME), .times = TIMES_ANY, .named = true, .in_role = true,
	  .inner = BLOCK_INTERFACE, .most = 1024, .range = "section 10", .help = "a network device, however it is found" },
	{ BLOCK_TOP, "shaper", ARGS(NAME), .times = TIMES_ANY, .named = true, .in_role = true,
	  .inner = BLOCK_SHAPER, .most = 1024, .range = "section 10", .help = "rate, emulation and queue of what leaves" },
	{ BLOCK_TOP, "path", ARGS(NAME), .times = TIMES_ANY, .named = true, .in_role = true,
	  .inner = BLOCK_PATH, .ordered = true, .most = 4094, .range = "section 10", .help = "a way out: interface and next hop" },
	{ BLOCK_TOP, "balance", ARGS(NAME), .times = TIMES_ANY, .named = true, .in_role = true,
	  .inner = BLOCK_BALANCE, .most = 64, .range = "≤ 64", .help = "gives packets to paths" },
	{ BLOCK_TOP, "proxy", ARGS(NAME), .times = TIMES_ANY, .named = true, .in_role = true,
	  .inner = BLOCK_PROXY, .most = 64, .range = "≤ 64", .help = "gives requests or connections to servers" },
	{ BLOCK_TOP, "onion", ARGS(NAME), .times = TIMES_ANY, .named = true, .in_role = true,
	  .inner = BLOCK_ONION, .most = 64, .range = "≤ 64", .help = "a Tor onion service on several replicas" },
	{ BLOCK_TOP, "web", .times = TIMES_AT_MOST_ONE, .in_role = true, .inner = BLOCK_WEB, .def = "off",
	  .help = "page, metrics and API of nlbcd" },
	{ BLOCK_TOP, "sysctl", ARGS(VALUE(.name = "name", .types = TYPE(TEXT)), VALUE(.name = "value", .types = TYPE(TEXT))),
	  .times = TIMES_ANY, .in_role = true, .range = "name under `net.`",
	  .help = "as in sysctl(8), `/` stands for a dot in a device's name; set at apply; the old value comes back at "
		  "flush if ours is still there" },

	/* 5.2 */
	{ BLOCK_KERNEL, "target", ARGS(VALUE(.types = TYPE(CHOICE), .choices = WORDS("nft", "iptables"))),
	  .times = TIMES_AT_MOST_ONE, .def = "nft", .help = "mechanism for steering; `--target` wins" },
	{ BLOCK_KERNEL, "mark-mask",
	  ARGS(VALUE(.types = { { VALUE_INT, "0x3", "0xffffffff", "2 to 32 adjacent bits", RULE_ADJACENT_BITS } })),
	  .times = TIMES_AT_MOST_ONE, .def = "0x7f000000", .range = "2 to 32 adjacent bits",
	  .help = "the only bits of packet and connection marks nlbc reads or writes" },
	{ BLOCK_KERNEL, "rule-base", ARGS(VALUE(.types = RANGE(INT, "1", "28000"))), .times = TIMES_AT_MOST_ONE,
	  .def = "9000", .range = "1–28000",
	  .help = "first preference of our rule block; it has 200 preferences, more if the paths need it" },
	{ BLOCK_KERNEL, "table-base", ARGS(VALUE(.types = RANGE(INT, "1000", "2000000000"))), .times = TIMES_AT_MOST_ONE,
	  .def = "71000", .range = "1000–2000000000", .help = "path number n uses routing table base + n" },
	{ BLOCK_KERNEL, "route-protocol", ARGS(VALUE(.types = RANGE(INT, "5", "255"))), .times = TIMES_AT_MOST_ONE,
	  .def = "110", .range = "5–255",
	  .help = "protocol number on our routes and rules, by which they are found again" },

	/* 5.3 */
	{ BLOCK_INTERFACE, "device", ARGS(VALUE(.types = TYPE(DEVICE))), .times = TIMES_AT_MOST_ONE,
	  .help = "the device's name" },
	{ BLOCK_INTERFACE, "address", ARGS(VALUE(.types = TYPE(ADDRESS))), .times = TIMES_AT_MOST_ONE,
	  .help = "the device that owns this address" },
	{ BLOCK_INTERFACE, "toward", ARGS(VALUE(.types = TYPE(ADDRESS))), .times = TIMES_AT_MOST_ONE,
	  .help = "the device by which the main table reaches this address, our own routes left out" },
	{ BLOCK_INTERFACE, "shaper", ARGS(VALUE(.types = TYPE(NAME))), .times = TIMES_AT_MOST_ONE,
	  .inner = BLOCK_SHAPER, .inner_or_value = true, .def = "none",
	  .help = "a named shaper, or one written in place; shapes what leaves" },
	{ BLOCK_INTERFACE, "replace-qdisc", .times = TIMES_AT_MOST_ONE, .def = "off",
	  .help = "allow displacing a root queue that is neither ours nor the kernel's default; flush puts it back" },

	/* 5.4 */
	{ BLOCK_SHAPER, "rate", ARGS(VALUE(.types = RANGE(RATE, "8kbit", "1tbit"))), .times = TIMES_AT_MOST_ONE,
	  .def = "no class", .range = "8kbit–1tbit", .help = "the long-term rate" },
	{ BLOCK_SHAPER, "engine", ARGS(VALUE(.types = TYPE(CHOICE), .choices = WORDS("htb", "tbf"))),
	  .times = TIMES_AT_MOST_ONE, .def = "htb",
	  .help = "htb: one class; tbf: token bucket, needs `queue` as a size or time, takes no `ceil`, `cburst`, "
		  "`quantum`" },
	{ BLOCK_SHAPER, "ceil", ARGS(VALUE(.types = RANGE(RATE, "rate", "1tbit"))), .times = TIMES_AT_MOST_ONE,
	  .def = "rate", .range = "rate–1tbit", .help = "htb's upper rate" },
	{ BLOCK_SHAPER, "burst", ARGS(VALUE(.types = RANGE(SIZE, "1600b", "1gb"))), .times = TIMES_AT_MOST_ONE,
	  .def = "4 ms of rate + 1600b", .range = "1600b–1gb", .help = "bucket at `rate`" },
	{ BLOCK_SHAPER, "cburst", ARGS(VALUE(.types = RANGE(SIZE, "1600b", "1gb"))), .times = TIMES_AT_MOST_ONE,
	  .def = "1600b", .range = "1600b–1gb", .help = "htb's bucket at `ceil`" },
	{ BLOCK_SHAPER, "quantum", ARGS(VALUE(.types = RANGE(BYTES, "1000", "200000"))), .times = TIMES_AT_MOST_ONE,
	  .def = "1514", .range = "1000–200000", .help = "htb's turn; always set, so that the kernel does not warn" },
	{ BLOCK_SHAPER, "queue",
	  ARGS(VALUE(.name = "what", .choices = WORDS("fq_codel"),
		     .types = { { VALUE_SIZE, "256b", "1gb", NULL, RULE_NONE },
				{ VALUE_PACKETS, "1p", "1000000p", NULL, RULE_NONE },
				{ VALUE_TIME, "1ms", "10s", NULL, RULE_NONE },
				{ VALUE_CHOICE, NULL, NULL, NULL, RULE_NONE } }),
	       OPTION("limit", .types = RANGE(INT, "1", "1000000"), .when = "fq_codel", .def = "10240",
		      .help = "packets held at most"),
	       OPTION("flows", .types = RANGE(INT, "1", "65536"), .when = "fq_codel", .def = "1024",
		      .help = "queues that flows are spread over"),
	       OPTION("target", .types = RANGE(TIME, "1us", "1s"), .when = "fq_codel", .def = "5ms",
		      .help = "acceptable standing delay"),
	       OPTION("interval", .types = RANGE(TIME, "1ms", "10s"), .when = "fq_codel", .def = "100ms",
		      .help = "time over which the delay must be met"),
	       OPTION("quantum", .types = RANGE(INT, "256", "65535"), .when = "fq_codel", .def = "1514",
		      .help = "bytes a flow may send in its turn"),
	       OPTION("memory", .types = RANGE(SIZE, "64kb", "1gb"), .when = "fq_codel", .def = "32mb",
		      .help = "bytes held at most"),
	       OPTION("ecn", .types = TYPE(SWITCH), .when = "fq_codel", .def = "on",
		      .help = "mark packets instead of dropping them where both ends agree")),
	  .times = TIMES_AT_MOST_ONE, .def = "1000p under htb", .range = "sizes 256b–1gb, packets 1–1000000, times 1ms–10s",
	  .help = "size: bfifo; packets: pfifo; time: bfifo of rate × time; the options are fq_codel's" },
	{ BLOCK_SHAPER, "delay",
	  ARGS(VALUE(.name = "time", .types = RANGE(TIME, "1us", "60s")),
	       OPTION("jitter", .types = RANGE(TIME, "0us", "60s"), .def = "0us", .help = "how far the delay varies"),
	       CORRELATION),
	  .times = TIMES_AT_MOST_ONE, .def = "none", .range = "1us–60s",
	  .help = "netem delay; jitter and correlation 0 unless given" },
	{ BLOCK_SHAPER, "loss", ARGS(VALUE(.name = "part", .types = RANGE(PERCENT, "0%", "100%")), CORRELATION),
	  .times = TIMES_AT_MOST_ONE, .def = "none", .help = "netem loses this part of the packets" },
	{ BLOCK_SHAPER, "duplicate", ARGS(VALUE(.name = "part", .types = RANGE(PERCENT, "0%", "100%")), CORRELATION),
	  .times = TIMES_AT_MOST_ONE, .def = "none", .help = "netem duplicates this part of the packets" },
	{ BLOCK_SHAPER, "corrupt", ARGS(VALUE(.name = "part", .types = RANGE(PERCENT, "0%", "100%")), CORRELATION),
	  .times = TIMES_AT_MOST_ONE, .def = "none", .help = "netem damages this part of the packets" },
	{ BLOCK_SHAPER, "reorder",
	  ARGS(VALUE(.name = "part", .types = RANGE(PERCENT, "0%", "100%")), CORRELATION,
	       OPTION("gap", .types = RANGE(INT, "1", "4294967295"), .help = "only every so many packets are reordered")),
	  .times = TIMES_AT_MOST_ONE, .def = "none", .help = "netem sends this part at once; needs `delay`" },
	{ BLOCK_SHAPER, "limit", ARGS(VALUE(.types = RANGE(PACKETS, "1p", "1000000p"))), .times = TIMES_AT_MOST_ONE,
	  .def = "1000p", .range = "1–1000000", .help = "packets netem holds at most; needs a netem part" },

	/* 5.5 */
	{ BLOCK_PATH, "interface", ARGS(VALUE(.types = TYPE(NAME))), .times = TIMES_ONE, .help = "where it leaves" },
	{ BLOCK_PATH, "via",
	  ARGS(VALUE(.many = true, .choices = WORDS("auto"),
		     .types = { { VALUE_ADDRESS, NULL, NULL, NULL, RULE_NONE }, { VALUE_CHOICE, NULL, NULL, NULL, RULE_NONE } })),
	  .times = TIMES_AT_MOST_ONE, .def = "point to point", .range = "one IPv4, one IPv6",
	  .help = "next hop; `auto`: that of the default route the system has on this device" },
	{ BLOCK_PATH, "weight", ARGS(VALUE(.types = RANGE(INT, "0", "1000"))), .times = TIMES_AT_MOST_ONE, .def = "1",
	  .range = "0–1000", .help = "weight in every balance that gives none; 0: no new traffic" },
	{ BLOCK_PATH, "table",
	  ARGS(VALUE(.choices = WORDS("main"),
		     .types = { { VALUE_INT, "1", "4294967295", "1 to 4294967295, not 253 to 255", RULE_NOT_RESERVED_TABLE },
				{ VALUE_CHOICE, NULL, NULL, NULL, RULE_NONE } })),
	  .times = TIMES_AT_MOST_ONE, .def = "table-base + number", .range = "1–4294967295, not 253–255",
	  .help = "routing table; `main`: packets that no balance matches take this path too" },
	{ BLOCK_PATH, "mark",
	  ARGS(VALUE(.types = { { VALUE_INT, "1", "0xffffffff", "in the mask, not 0, not all ones", RULE_NONE } })),
	  .times = TIMES_AT_MOST_ONE, .def = "number, shifted into the mask", .range = "in the mask, not 0, not all ones",
	  .help = "packet mark" },
	{ BLOCK_PATH, "probe",
	  ARGS(VALUE(.name = "kind", .types = TYPE(CHOICE), .choices = WORDS("ping", "tcp", "http")),
	       VALUE(.name = "target", .types = TYPE(ADDRESS), .when = "ping"),
	       VALUE(.name = "target", .types = TYPE(ENDPOINT), .when = "tcp http"),
	       URL("http"), INTERVAL("1s"), TIMEOUT, RISE, FALL, STATUS("http")),
	  .times = TIMES_ANY, .most = 8, .def = "none",
	  .range = "≤ 8; interval 100ms–1h (1s), timeout 10ms–1min (1s), rise, fall 1–100 (2, 3), status (200-399)",
	  .help = "ping an address; connect to, or GET from, an endpoint; url default `/`" },
	{ BLOCK_PATH, "quorum", ARGS(VALUE(.types = RANGE(INT, "1", "probes"))), .times = TIMES_AT_MOST_ONE, .def = "1",
	  .range = "1–probes", .help = "probes that must succeed for `up`" },

	/* 5.6 */
	{ BLOCK_BALANCE, "in", ARGS(VALUE(.types = TYPE(NAME), .many = true)), .times = TIMES_ANY, .def = "any",
	  .help = "interfaces it came in by" },
	{ BLOCK_BALANCE, "from", ARGS(VALUE(.types = TYPE(PREFIX), .many = true)), .times = TIMES_ANY, .def = "any",
	  .help = "source" },
	{ BLOCK_BALANCE, "to", ARGS(VALUE(.types = TYPE(PREFIX), .many = true)), .times = TIMES_ANY, .def = "any",
	  .help = "destination" },
	{ BLOCK_BALANCE, "protocol",
	  ARGS(VALUE(.choices = WORDS("tcp", "udp", "sctp", "icmp"),
		     .types = { { VALUE_CHOICE, NULL, NULL, NULL, RULE_NONE }, { VALUE_INT, "0", "255", NULL, RULE_NONE } })),
	  .times = TIMES_AT_MOST_ONE, .def = "any", .range = "0–255",
	  .help = "transport protocol; icmp stands for both families" },
	{ BLOCK_BALANCE, "scope", ARGS(VALUE(.types = TYPE(CHOICE), .choices = WORDS("forwarded", "local", "all"))),
	  .times = TIMES_AT_MOST_ONE, .def = "forwarded",
	  .help = "packets passing through, made on this machine, or both" },
	{ BLOCK_BALANCE, "method",
	  ARGS(VALUE(.types = TYPE(METHOD), .choices = WORDS("per-packet", "per-flow", "hash", "random")),
	       OPTION("pick", .types = TYPE(CHOICE), .choices = WORDS("hash", "turn", "random"), .when = "per-flow",
		      .def = "hash", .help = "how a connection's path is chosen"),
	       ON_WHAT("per-flow hash"), SEED("per-flow hash"),
	       OPTION("engine", .types = TYPE(CHOICE), .choices = WORDS("slots", "nexthop"), .when = "hash", .def = "slots",
		      .help = "nexthop: the kernel's resilient next-hop group"),
	       COMPAT("per-packet per-flow")),
	  .times = TIMES_AT_MOST_ONE, .def = "per-flow", .help = "how a path is chosen" },
	{ BLOCK_BALANCE, "path",
	  ARGS(NAME, OPTION("weight", .types = RANGE(INT, "0", "1000"), .help = "here, instead of the path's own"),
	       FLAG("backup", .help = "used only while no other member is up")),
	  .times = TIMES_SOME, .range = "weight 0–1000",
	  .help = "a member; a backup gets traffic only while no other member is up" },
	{ BLOCK_BALANCE, "slots",
	  ARGS(VALUE(.types = { { VALUE_INT, "16", "4096", "16, 32, … 4096", RULE_POWER_OF_TWO } })),
	  .times = TIMES_AT_MOST_ONE, .def = "256", .range = "16, 32, … 4096",
	  .help = "steps in which weights are kept, for hash and random choice" },
	{ BLOCK_BALANCE, "when-down", ARGS(VALUE(.types = TYPE(CHOICE), .choices = WORDS("redistribute", "drop"))),
	  .times = TIMES_AT_MOST_ONE, .def = "redistribute",
	  .help = "traffic of a path that is down: to the others, or refused as unreachable" },
	{ BLOCK_BALANCE, "when-all-down", ARGS(VALUE(.types = TYPE(CHOICE), .choices = WORDS("main", "keep", "drop"))),
	  .times = TIMES_AT_MOST_ONE, .def = "main",
	  .help = "no member is up: leave it to the main table; go on as before; refuse" },
	{ BLOCK_BALANCE, "inbound", ARGS(VALUE(.types = TYPE(CHOICE), .choices = WORDS("same-path", "ignore"))),
	  .times = TIMES_AT_MOST_ONE, .def = "same-path",
	  .help = "per-flow only: answers to connections that came in by a path leave by it (not where paths share the "
		  "interface)" },

	/* 5.7, 5.8; proxy.md section 14 */
	{ BLOCK_PROXY, "mode", ARGS(VALUE(.types = TYPE(CHOICE), .choices = WORDS("http", "tcp"))),
	  .times = TIMES_AT_MOST_ONE, .def = "http", .help = "HTTP/1.1 requests, or byte streams" },
	{ BLOCK_PROXY, "listen", ARGS(VALUE(.types = TYPE(ENDPOINT), .many = true)), .times = TIMES_SOME, .most = 16,
	  .range = "≤ 16", .help = "where clients connect" },
	{ BLOCK_PROXY, "connections", ARGS(VALUE(.types = TYPE(CHOICE), .choices = WORDS("persistent", "per-request"))),
	  .times = TIMES_AT_MOST_ONE, .def = "persistent",
	  .help = "http only: keep connections on both sides, or one request on each" },
	{ BLOCK_PROXY, "method",
	  ARGS(VALUE(.types = TYPE(METHOD),
		     .choices = WORDS("round-robin", "least-connections", "source-hash", "random-two", "sma", "ewma",
				      "peak-ewma", "adaptive")),
	       OPTION("window", .types = RANGE(INT, "1", "1000"), .when = "sma", .def = "3",
		      .help = "response times in the mean"),
	       ALPHA("ewma", "0.2", "weight of the newest response time"),
	       ALPHA("adaptive", "0.05", "least weight of the newest response time"),
	       REFRESH("sma ewma"),
	       DECAY("peak-ewma", "10s", "time over which the estimate falls"),
	       DECAY("adaptive", "5s", "time over which the history fades and an idle server's estimate falls"),
	       COMPAT("least-connections source-hash sma ewma")),
	  .times = TIMES_AT_MOST_ONE, .def = "round-robin", .range = "5.8", .help = "how a server is chosen" },
	{ BLOCK_PROXY, "server", ARGS(NAME), .times = TIMES_SOME, .named = true, .inner = BLOCK_SERVER,
	  .ordered = true, .most = 1024, .range = "≤ 1024", .help = "a member" },
	{ BLOCK_PROXY, "health",
	  ARGS(VALUE(.name = "kind", .types = TYPE(CHOICE), .choices = WORDS("http", "tcp")), URL("http"), STATUS("http"),
	       INTERVAL("2s"), TIMEOUT, RISE, FALL),
	  .times = TIMES_AT_MOST_ONE, .def = "none",
	  .range = "interval 100ms–1h (2s), timeout 10ms–1min (1s), rise, fall 1–100 (2, 3)",
	  .help = "active check; url default `/`, status 200-399" },
	{ BLOCK_PROXY, "eject",
	  ARGS(OPTION("errors", .types = RANGE(INT, "0", "1000"), .def = "5", .help = "failures in a row; 0: never"),
	       OPTION("for", .types = RANGE(TIME, "1s", "1h"), .def = "30s", .help = "how long the server is out")),
	  .times = TIMES_AT_MOST_ONE, .def = "errors 5 for 30s", .range = "errors 0–1000, for 1s–1h",
	  .help = "failures in a row that put a server out for a while; 0: never" },
	{ BLOCK_PROXY, "timeout",
	  ARGS(LIMIT_TIME("connect", "1s", "connecting to the server"), LIMIT_TIME("request", "10s", "the whole request head"),
	       LIMIT_TIME("response", "10s", "the first response byte"),
	       LIMIT_TIME("idle", "60s", "silence on an open connection"),
	       LIMIT_TIME("queue", "5s", "a request's waiting for a server (then 503)"),
	       LIMIT_TIME("pool", "4s", "an idle connection to a server"),
	       LIMIT_TIME("drain", "30s", "what still runs after a reload or stop; then it is cut")),
	  .times = TIMES_AT_MOST_ONE, .def = "1s, 10s, 10s, 60s, 5s, 4s, 30s", .range = "1ms–24h",
	  .help = "connecting; whole request head; first response byte (then 504); silence on an open connection; waiting "
		  "for a server (then 503); an idle server connection; what still runs after a reload or stop" },
	{ BLOCK_PROXY, "retries", ARGS(VALUE(.types = RANGE(INT, "0", "10"))), .times = TIMES_AT_MOST_ONE, .def = "1",
	  .range = "0–10",
	  .help = "other servers tried before the first response byte; once sent, only for methods that may be repeated "
		  "safely" },
	{ BLOCK_PROXY, "max-connections", ARGS(VALUE(.types = RANGE(INT, "1", "1000000"))), .times = TIMES_AT_MOST_ONE,
	  .def = "10000", .range = "1–1000000", .help = "clients at a time" },
	{ BLOCK_PROXY, "workers", ARGS(VALUE(.types = RANGE(INT, "1", "64"))), .times = TIMES_AT_MOST_ONE, .def = "1",
	  .range = "1–64", .help = "processes; the method's turns and counts are per worker" },
	{ BLOCK_PROXY, "log",
	  ARGS(VALUE(.name = "kind", .types = TYPE(CHOICE), .choices = WORDS("csv")), VALUE(.name = "file", .types = TYPE(FILE)),
	       OPTION("columns", .types = TYPE(CHOICE), .choices = WORDS("full", "seed"), .def = "full",
		      .help = "seed: timestamp, backend_url, latency_ms, status_code, routing_mode")),
	  .times = TIMES_AT_MOST_ONE, .def = "none",
	  .help = "a line per request or connection; seed: timestamp, backend_url, latency_ms, status_code, routing_mode" },
	{ BLOCK_PROXY, "queue", ARGS(VALUE(.types = RANGE(INT, "0", "100000"))), .times = TIMES_AT_MOST_ONE, .def = "1024",
	  .range = "0–100000", .help = "requests that may wait for a server, per worker" },
	{ BLOCK_PROXY, "limit",
	  ARGS(OPTION("head", .types = RANGE(SIZE, "4kb", "256kb"), .def = "32kb", .help = "of a request's or an answer's head"),
	       OPTION("body", .types = TYPE(SIZE), .help = "of a request's body; by default without limit")),
	  .times = TIMES_AT_MOST_ONE, .def = "32kb, none", .range = "head 4kb–256kb", .help = "larger ones are refused" },
	{ BLOCK_PROXY, "forwarded",
	  ARGS(VALUE(.types = TYPE(CHOICE), .choices = WORDS("x-forwarded", "rfc7239", "both", "none"))),
	  .times = TIMES_AT_MOST_ONE, .def = "x-forwarded", .help = "how servers learn the client's address" },
	{ BLOCK_PROXY, "trust", ARGS(VALUE(.types = TYPE(PREFIX), .many = true)), .times = TIMES_ANY, .most = 64,
	  .def = "none", .range = "≤ 64", .help = "peers whose forwarding fields and PROXY heads are believed" },
	{ BLOCK_PROXY, "slow-start", ARGS(VALUE(.types = RANGE(TIME, "0s", "1h"))), .times = TIMES_AT_MOST_ONE, .def = "0s",
	  .range = "0s–1h", .help = "a server that came up gets its weight step by step over this time" },
	{ BLOCK_PROXY, "proxy-protocol", ARGS(VALUE(.types = TYPE(CHOICE), .choices = WORDS("accept"))),
	  .times = TIMES_AT_MOST_ONE, .def = "off",
	  .help = "every connection begins with a PROXY head, which names the client; needs `trust`" },
	{ BLOCK_PROXY, "tls",
	  ARGS(VALUE(.name = "certificate", .types = TYPE(FILE)), VALUE(.name = "key", .types = TYPE(FILE))),
	  .times = TIMES_ANY, .most = 64, .def = "off", .range = "≤ 64",
	  .help = "listeners speak TLS with this certificate, PEM, its chain included; of several, the one that fits the "
		  "client's server name, else the first" },
	{ BLOCK_PROXY, "sticky", ARGS(VALUE(.name = "cookie", .types = TYPE(LABEL))), .times = TIMES_AT_MOST_ONE, .def = "off",
	  .range = "http", .help = "a client stays with its server, by a cookie of this name" },

	{ BLOCK_SERVER, "address", ARGS(VALUE(.types = TYPE(ENDPOINT))), .times = TIMES_ONE,
	  .help = "where the server listens" },
	{ BLOCK_SERVER, "weight", ARGS(VALUE(.types = RANGE(INT, "0", "1000"))), .times = TIMES_AT_MOST_ONE, .def = "1",
	  .range = "0–1000", .help = "share; 0: no new traffic" },
	{ BLOCK_SERVER, "backup", .times = TIMES_AT_MOST_ONE, .def = "off",
	  .help = "used only while no other server is up" },
	{ BLOCK_SERVER, "max-connections", ARGS(VALUE(.types = RANGE(INT, "1", "1000000"))), .times = TIMES_AT_MOST_ONE,
	  .def = "no limit", .range = "1–1000000", .help = "connections to this server at a time" },
	{ BLOCK_SERVER, "proxy-protocol", ARGS(VALUE(.types = TYPE(CHOICE), .choices = WORDS("send"))),
	  .times = TIMES_AT_MOST_ONE, .def = "off",
	  .help = "each connection to it begins with a PROXY head, version 2; needs mode tcp or `connections per-request`" },
	{ BLOCK_SERVER, "tls",
	  ARGS(OPTION("name", .types = TYPE(TEXT), .help = "server name asked for, and checked against its certificate"),
	       OPTION("verify", .def = "system", .choices = WORDS("system", "off"),
		      .types = { { VALUE_FILE, NULL, NULL, NULL, RULE_NONE }, { VALUE_CHOICE, NULL, NULL, NULL, RULE_NONE } },
		      .help = "a file of certificates to trust; the system's; off: whoever answers is believed")),
	  .times = TIMES_AT_MOST_ONE, .def = "off; system",
	  .help = "connections to it speak TLS; needs `name` or `verify off`" },

	/* 5.9 */
	{ BLOCK_ONION, "listen", ARGS(VALUE(.types = TYPE(ENDPOINT), .many = true)), .times = TIMES_AT_MOST_ONE, .most = 4,
	  .def = "127.0.0.1:12345", .range = "≤ 4", .help = "where replicas report" },
	{ BLOCK_ONION, "coordinator", ARGS(VALUE(.types = TYPE(ENDPOINT))), .times = TIMES_AT_MOST_ONE,
	  .def = "first `listen`",
	  .help = "where replicas find the coordinator; required if `listen` is a wildcard address" },
	{ BLOCK_ONION, "auth", ARGS(VALUE(.types = TYPE(FILE))), .times = TIMES_AT_MOST_ONE, .def = "none",
	  .help = "shared secret of coordinator and replicas, mode 0600; both sides prove it and sign every line" },
	{ BLOCK_ONION, "identity", ARGS(VALUE(.types = TYPE(FILE))), .times = TIMES_ONE,
	  .help = "directory with hs_ed25519_secret_key on each replica, mode 0700; never sent over the network" },
	{ BLOCK_ONION, "service",
	  ARGS(VALUE(.name = "port", .types = RANGE(INT, "1", "65535")), VALUE(.name = "target", .types = TYPE(ENDPOINT))),
	  .times = TIMES_AT_MOST_ONE, .def = "80 127.0.0.1:80", .range = "port 1–65535",
	  .help = "onion port and the local server behind it" },
	{ BLOCK_ONION, "tor", ARGS(VALUE(.types = TYPE(FILE))), .times = TIMES_AT_MOST_ONE, .def = "/usr/bin/tor",
	  .help = "program started on replicas" },
	{ BLOCK_ONION, "replicas", ARGS(VALUE(.types = RANGE(INT, "1", "64"))), .times = TIMES_AT_MOST_ONE, .def = "4",
	  .range = "1–64", .help = "replicas expected" },
	{ BLOCK_ONION, "clients-per-replica", ARGS(VALUE(.types = RANGE(INT, "1", "100000"))), .times = TIMES_AT_MOST_ONE,
	  .def = "2", .range = "1–100000", .help = "a published replica with so many clients is full" },
	{ BLOCK_ONION, "wait-for",
	  ARGS(VALUE(.choices = WORDS("all"),
		     .types = { { VALUE_INT, "1", "replicas", NULL, RULE_NONE }, { VALUE_CHOICE, NULL, NULL, NULL, RULE_NONE } })),
	  .times = TIMES_AT_MOST_ONE, .def = "1", .range = "1–replicas",
	  .help = "replicas that must have reported before the first order" },
	{ BLOCK_ONION, "scale", .times = TIMES_AT_MOST_ONE, .inner = BLOCK_SCALE, .def = "below",
	  .help = "when to start and stop; one more replica is started when all published ones are full" },

	{ BLOCK_SCALE, "minimum", ARGS(VALUE(.types = RANGE(INT, "0", "replicas"))), .times = TIMES_AT_MOST_ONE, .def = "1",
	  .range = "0–replicas", .help = "replicas kept published" },
	{ BLOCK_SCALE, "maximum", ARGS(VALUE(.types = RANGE(INT, "minimum", "replicas"))), .times = TIMES_AT_MOST_ONE,
	  .def = "replicas", .range = "minimum–replicas", .help = "replicas published at most" },
	{ BLOCK_SCALE, "choose", ARGS(VALUE(.types = TYPE(CHOICE), .choices = WORDS("first", "random", "least-loaded"))),
	  .times = TIMES_AT_MOST_ONE, .def = "first", .help = "which replica gets new clients next" },
	{ BLOCK_SCALE, "idle", ARGS(VALUE(.types = RANGE(TIME, "1s", "24h"))), .times = TIMES_AT_MOST_ONE, .def = "60s",
	  .range = "1s–24h",
	  .help = "a replica without clients for so long is stopped, unless new clients are led to it" },
	{ BLOCK_SCALE, "cooldown", ARGS(VALUE(.types = RANGE(TIME, "0s", "1h"))), .times = TIMES_AT_MOST_ONE, .def = "10s",
	  .range = "0s–1h", .help = "shortest time between two starts or stops" },
	{ BLOCK_SCALE, "start-timeout", ARGS(VALUE(.types = RANGE(TIME, "5s", "30min"))), .times = TIMES_AT_MOST_ONE,
	  .def = "90s", .range = "5s–30min", .help = "from start to published; then it has failed" },
	{ BLOCK_SCALE, "dead-after", ARGS(VALUE(.types = RANGE(TIME, "2s", "10min"))), .times = TIMES_AT_MOST_ONE,
	  .def = "5s", .range = "2s–10min",
	  .help = "silence after which a replica is down; replicas report every second" },

	/* 5.10 */
	{ BLOCK_WEB, "listen", ARGS(VALUE(.types = TYPE(ENDPOINT), .many = true)), .times = TIMES_SOME, .most = 4,
	  .range = "≤ 4", .help = "where nlbcd serves page, metrics and API" },
	{ BLOCK_WEB, "host", ARGS(VALUE(.types = TYPE(TEXT), .many = true)), .times = TIMES_ANY, .most = 16,
	  .def = "listen addresses, localhost", .range = "≤ 16", .help = "accepted Host headers" },
	{ BLOCK_WEB, "token", ARGS(VALUE(.types = TYPE(FILE))), .times = TIMES_AT_MOST_ONE, .def = "none",
	  .help = "bearer token, mode 0640; required if any `listen` is not loopback" },
	{ BLOCK_WEB, "metrics", ARGS(VALUE(.types = TYPE(SWITCH))), .times = TIMES_AT_MOST_ONE, .def = "on",
	  .help = "serve `/metrics`" },
	{ BLOCK_WEB, "dashboard", ARGS(VALUE(.types = TYPE(SWITCH))), .times = TIMES_AT_MOST_ONE, .def = "on",
	  .help = "serve the page" },
	{ BLOCK_WEB, "changes", ARGS(VALUE(.types = TYPE(SWITCH))), .times = TIMES_AT_MOST_ONE, .def = "off",
	  .help = "allow changes through the API; needs `token`" },

	/* Section 2: the reader's own words. */
	{ BLOCK_TOP, "define", ARGS(VALUE(.name = "name", .types = TYPE(NAME)), VALUE(.types = TYPE(TEXT), .many = true)),
	  .times = TIMES_ANY, .grammar = true, .help = "`define NAME = WORD…`: from here on `$NAME` stands for the words" },
	{ BLOCK_TOP, "include", ARGS(VALUE(.name = "file", .types = TYPE(TEXT))), .times = TIMES_ANY, .grammar = true,
	  .help = "insert another file's statements; `*` and `?` in the last part make it a pattern" },
};
const size_t n_keywords = ARRAY_LEN(keywords);

static bool stands_in(const struct keyword *k, enum block_kind block)
{
	if (block == BLOCK_ROLE)
		return k->block == BLOCK_TOP && k->in_role;
	return k->block == block;
}

const struct keyword *keyword_find(enum block_kind block, struct str word)
{
	for (size_t i = 0; i < n_keywords && word.n > 0; i++)
		if (keywords[i].word[0] == word.p[0] && stands_in(&keywords[i], block) && str_is(word, keywords[i].word))
			return &keywords[i];
	return NULL;
}

const struct keyword *keyword_next(enum block_kind block, const struct keyword *k)
{
	for (k = k ? k + 1 : keywords; k < keywords + n_keywords; k++)
		if (stands_in(k, block) && !k->grammar)
			return k;
	return NULL;
}

const char *block_name(enum block_kind block)
{
	static const char *const names[BLOCK_KINDS] = {
		[BLOCK_NONE] = "",           [BLOCK_TOP] = "top level", [BLOCK_ROLE] = "role",
		[BLOCK_KERNEL] = "kernel",   [BLOCK_INTERFACE] = "interface", [BLOCK_SHAPER] = "shaper",
		[BLOCK_PATH] = "path",       [BLOCK_BALANCE] = "balance", [BLOCK_PROXY] = "proxy",
		[BLOCK_SERVER] = "server",   [BLOCK_ONION] = "onion", [BLOCK_SCALE] = "scale",
		[BLOCK_WEB] = "web",
	};
	return names[block];
}

/* Is word one of the blank-separated words of list? */
static bool word_in(const char *list, const char *word)
{
	const size_t n = strlen(word);

	for (const char *p = list; *p; p += strcspn(p, " "), p += strspn(p, " "))
		if (strcspn(p, " ") == n && memcmp(p, word, n) == 0)
			return true;
	return false;
}

bool arg_fits(const struct arg *arg, const char *first)
{
	return !arg->when || (first && word_in(arg->when, first));
}

void arg_print_when(const struct arg *arg, struct text *out)
{
	for (const char *p = arg->when; *p; p++) {
		if (*p == ' ')
			text_putc(out, ',');
		text_putc(out, *p);
	}
}

const struct value_spec *arg_spec(const struct arg *arg, enum value_type type)
{
	for (size_t i = 0; i < ARRAY_LEN(arg->types) && arg->types[i].type != VALUE_WRONG; i++)
		if (arg->types[i].type == type)
			return &arg->types[i];
	return NULL;
}

/* SPDX-License-Identifier: MIT */
/* From text to the typed model: defaults, references, the order of paths and balances, machines of roles. */
#include "base/base.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "profile/profile.h"
#include "unit.h"

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(arena);
}

static const struct profile *read_all(const char *statements)
{
	struct diags d;
	auto_text struct text said = { 0 };
	const char *text = arena_printf(arena, "nlbc 1\nprofile x\n%s", statements);
	const struct profile *p;

	diags_init(&d, arena);
	p = profile_read_text("x", str_of(text), NULL, arena, &d);
	diags_print(&d, DIAG_GCC, "x", false, &said);
	ck_assert_msg(p != NULL, "%s", text_get(&said));
	return p;
}

static const struct machine *read_one(const char *statements)
{
	const struct profile *p = read_all(statements);

	ck_assert_uint_eq(p->n_machines, 1);
	return &p->machines[0];
}

static const struct shaper *read_shaper(const char *parts)
{
	const struct machine *m = read_one(arena_printf(arena, "shaper s { %s }\ninterface i { device d; shaper s }", parts));

	ck_assert_ptr_eq(m->interfaces[0].shaper, &m->shapers[0]);
	return &m->shapers[0];
}

START_TEST(an_empty_profile_is_one_machine_with_the_kernel_s_defaults)
{
	const struct machine *m = read_one("");

	ck_assert_str_eq(m->profile, "x");
	ck_assert_ptr_null(m->role);
	ck_assert_ptr_null(m->description);
	ck_assert_ptr_null(m->web);
	ck_assert_int_eq(m->kernel.target, TARGET_NFT);
	ck_assert_uint_eq(m->kernel.mark_mask, 0x7f000000);
	ck_assert_uint_eq(m->kernel.rule_base, 9000);
	ck_assert_uint_eq(m->kernel.table_base, 71000);
	ck_assert_uint_eq(m->kernel.route_protocol, 110);
	ck_assert(!read_all("")->has_packet_part);
}
END_TEST

START_TEST(a_class_has_defaults_that_follow_its_rate)
{
	const struct shaper *s = read_shaper("rate 50mbit");

	ck_assert_int_eq(s->engine, ENGINE_HTB);
	ck_assert_uint_eq(s->rate_bps.value, 50000000);
	ck_assert_uint_eq(s->ceil_bps.value, 50000000);
	ck_assert(!s->ceil_bps.set);
	ck_assert_uint_eq(s->burst_bytes.value, 25000 + 1600);
	ck_assert_uint_eq(s->cburst_bytes.value, 1600);
	ck_assert_uint_eq(s->quantum_bytes.value, 1514);
	ck_assert_int_eq(s->queue, QUEUE_PACKETS);
	ck_assert_uint_eq(s->queue_packets, 1000);
	ck_assert(!s->has_netem);
}
END_TEST

START_TEST(queues_are_bytes_packets_time_or_fq_codel)
{
	const struct shaper *bytes = read_shaper("rate 50mbit; queue 2.6mbit");
	const struct shaper *time = read_shaper("queue 10ms; rate 20mbit; engine tbf");
	const struct shaper *codel = read_shaper("queue fq_codel target 10ms ecn off");

	ck_assert_int_eq(bytes->queue, QUEUE_BYTES);
	ck_assert_uint_eq(bytes->queue_bytes, 340787);
	ck_assert_int_eq(time->queue, QUEUE_TIME);
	ck_assert_uint_eq(time->queue_us, 10000);
	ck_assert_uint_eq(time->queue_bytes, 25000);
	ck_assert_int_eq(codel->queue, QUEUE_FQ_CODEL);
	ck_assert_uint_eq(codel->fq_codel.limit, 10240);
	ck_assert_uint_eq(codel->fq_codel.flows, 1024);
	ck_assert_uint_eq(codel->fq_codel.quantum, 1514);
	ck_assert_uint_eq(codel->fq_codel.target_us, 10000);
	ck_assert_uint_eq(codel->fq_codel.interval_us, 100000);
	ck_assert_uint_eq(codel->fq_codel.memory_bytes, 32 << 20);
	ck_assert(!codel->fq_codel.ecn);
	ck_assert(!codel->rate_bps.set);
}
END_TEST

START_TEST(only_htb_has_a_queue_of_its_own)
{
	const struct shaper *s = read_shaper("delay 5ms; loss 0.1% correlation 25%");

	ck_assert_int_eq(s->queue, QUEUE_NONE);
	ck_assert(s->has_netem && s->has_delay);
	ck_assert_uint_eq(s->delay_us, 5000);
	ck_assert_uint_eq(s->jitter_us, 0);
	ck_assert_uint_eq(s->loss.part_ppm, 1000);
	ck_assert_uint_eq(s->loss.correlation_ppm, 250000);
	ck_assert(!s->duplicate.set);
	ck_assert(!s->limit_packets.set);
	ck_assert_uint_eq(s->limit_packets.value, 1000);
}
END_TEST

START_TEST(interfaces_are_found_in_three_ways)
{
	const struct machine *m = read_one("interface a { device eth0; replace-qdisc }\ninterface b { address 192.0.2.1 }\n"
					   "interface c { toward 2001:db8::1; shaper { delay 1ms } }");

	ck_assert_int_eq(m->interfaces[0].by, BY_DEVICE);
	ck_assert_str_eq(m->interfaces[0].device, "eth0");
	ck_assert(m->interfaces[0].replace_qdisc);
	ck_assert_int_eq(m->interfaces[1].by, BY_ADDRESS);
	ck_assert_uint_eq(m->interfaces[1].by_place.column, 23);
	ck_assert_int_eq(m->interfaces[2].by, BY_TOWARD);
	ck_assert_int_eq(m->interfaces[2].address.family, AF_INET6);
	ck_assert_ptr_nonnull(m->interfaces[2].shaper);
	ck_assert_ptr_null(m->interfaces[2].shaper->name);
	ck_assert_uint_eq(m->n_shapers, 0);
}
END_TEST

START_TEST(paths_have_defaults_and_probes)
{
	const struct machine *m = read_one(
		"interface i { device d }\npath a { interface i }\npath b { interface i; via 192.0.2.1 2001:db8::1; weight 0\n"
		"table 100; mark 0x01000000; probe http [::1]:80 /x status 204 fall 9; quorum 1 }\n"
		"path c { interface i; via auto; table main; probe ping 192.0.2.2 }\nbalance o { in i; path a; path b; path c }");
	const struct path *a = &m->paths[0], *b = &m->paths[1], *c = &m->paths[2];

	ck_assert(a->point_to_point && !a->via_auto && !a->table_main && !a->table.set && !a->mark.set);
	ck_assert_uint_eq(a->weight, 1);
	ck_assert_uint_eq(a->quorum, 1);
	ck_assert_ptr_eq(a->interface, &m->interfaces[0]);
	ck_assert_int_eq(b->via4.family, AF_INET);
	ck_assert_int_eq(b->via6.family, AF_INET6);
	ck_assert_uint_eq(b->weight, 0);
	ck_assert_uint_eq(b->table.value, 100);
	ck_assert_uint_eq(b->mark.value, 0x01000000);
	ck_assert_uint_eq(b->n_probes, 1);
	ck_assert_int_eq(b->probes[0].kind, PROBE_HTTP);
	ck_assert_str_eq(b->probes[0].url, "/x");
	ck_assert_uint_eq(b->probes[0].status_min, 204);
	ck_assert_uint_eq(b->probes[0].status_max, 204);
	ck_assert_uint_eq(b->probes[0].interval_us, 1000000);
	ck_assert_uint_eq(b->probes[0].rise, 2);
	ck_assert_uint_eq(b->probes[0].fall, 9);
	ck_assert(c->via_auto && c->table_main && !c->table.set && !c->point_to_point);
	ck_assert_uint_eq(c->probes[0].target.port, 0);
	ck_assert_uint_eq(c->probes[0].status_max, 399);
}
END_TEST

START_TEST(a_balance_is_per_flow_by_hash_unless_it_says_otherwise)
{
	const struct machine *m = read_one("interface i { device d }\npath p { interface i; weight 7 }\n"
					   "path q { interface i }\nbalance o { in i; path p; path q weight 3 }");
	const struct balance *b = &m->balances[0];

	ck_assert_int_eq(b->method->kind, POLICY_PER_FLOW);
	ck_assert_int_eq(b->pick, HOW_HASH);
	ck_assert_int_eq(b->on, ON_FLOW);
	ck_assert(!b->seed.set && !b->engine_nexthop && !b->compat_seed && !b->has_protocol);
	ck_assert_uint_eq(b->slots, 256);
	ck_assert_int_eq(b->scope, SCOPE_FORWARDED);
	ck_assert_int_eq(b->when_down, DOWN_REDISTRIBUTE);
	ck_assert_int_eq(b->when_all_down, ALL_DOWN_MAIN);
	ck_assert(b->inbound_same_path);
	ck_assert_uint_eq(b->members[0].weight, 7);
	ck_assert(!b->members[0].weight_set);
	ck_assert_uint_eq(b->members[1].weight, 3);
	ck_assert(b->members[1].weight_set && !b->members[1].backup);
	ck_assert_ptr_eq(b->members[1].path, &m->paths[1]);
}
END_TEST

START_TEST(conditions_of_several_statements_add_up)
{
	const struct machine *m = read_one(
		"interface i { device d }\ninterface j { device e }\npath p { interface i }\n"
		"balance o { in i; in j; from 10.1.2.3/8 fd00::/8; from 192.0.2.1; to 10.0.0.0/8; protocol icmp; path p backup\n"
		"path q; method hash on source seed 5 }\npath q { interface j }\n");
	const struct balance *b = &m->balances[0];
	char text[PREFIX_TEXT];

	ck_assert_uint_eq(b->n_in, 2);
	ck_assert_str_eq(b->in[1]->name, "j");
	ck_assert_uint_eq(b->n_from, 3);
	ck_assert_str_eq(prefix_print(&b->from[0].prefix, text), "10.0.0.0/8");
	ck_assert_str_eq(b->from[0].text, "10.1.2.3/8");
	ck_assert(b->from[0].has_length && !b->from[2].has_length);
	ck_assert_uint_eq(b->from[2].prefix.len, 32);
	ck_assert(b->has_protocol && b->protocol_icmp);
	ck_assert(b->members[0].backup);
	ck_assert(b->seed.set && b->seed.value == 5);
	ck_assert_int_eq(b->on, ON_SOURCE);
	ck_assert(!b->inbound_same_path);
}
END_TEST

START_TEST(a_machine_is_the_top_level_and_then_its_role)
{
	const struct profile *p = read_all(
		"role b { path a { interface i }; balance n { to 10.1.0.0/16; path a; path z }; sysctl net.b 1 }\n"
		"path z { interface i }\nsysctl net.a 1\nbalance o { to 10.2.0.0/16; path z }\n"
		"role a { kernel { table-base 1000 }; interface j { device e } }\n"
		"interface i { device d }\n");
	const struct machine *b = profile_machine(p, "b"), *a = profile_machine(p, "a");

	ck_assert_uint_eq(p->n_machines, 2);
	ck_assert(p->has_packet_part);
	ck_assert_ptr_eq(b, &p->machines[0]);
	ck_assert_uint_eq(b->place.line, 3);
	ck_assert_uint_eq(b->n_paths, 2);
	ck_assert_str_eq(b->paths[0].name, "z");
	ck_assert_str_eq(b->paths[1].name, "a");
	ck_assert_uint_eq(b->n_balances, 2);
	ck_assert_str_eq(b->balances[0].name, "n");
	ck_assert_ptr_eq(b->balances[0].members[1].path, &b->paths[0]);
	ck_assert_ptr_eq(b->paths[1].interface, &b->interfaces[0]);
	ck_assert_uint_eq(b->n_sysctls, 2);
	ck_assert_str_eq(b->sysctls[0].name, "net.a");
	ck_assert_uint_eq(b->kernel.table_base, 71000);
	ck_assert_uint_eq(a->n_paths, 1);
	ck_assert_uint_eq(a->n_interfaces, 2);
	ck_assert_uint_eq(a->kernel.table_base, 1000);
	ck_assert_ptr_eq(a->balances[0].members[0].path, &a->paths[0]);
	ck_assert_ptr_null(profile_machine(p, "c"));
}
END_TEST

START_TEST(names_at_top_level_are_found_in_each_role)
{
	const struct profile *p = read_all("path p { interface up }\nbalance o { in up; path p }\n"
					   "role a { interface up { device eth1 } }\nrole b { interface up { device eth2 } }\n");

	ck_assert_str_eq(p->machines[0].paths[0].interface->device, "eth1");
	ck_assert_str_eq(p->machines[1].paths[0].interface->device, "eth2");
	ck_assert_str_eq(p->machines[1].balances[0].in[0]->device, "eth2");
}
END_TEST

START_TEST(a_proxy_has_the_defaults_of_the_table)
{
	const struct machine *m = read_one("proxy p { listen 127.0.0.1:80; server b { address 127.0.0.1:81 }\n"
					   "server a { address 127.0.0.1:82; weight 5; backup; max-connections 9 } }");
	const struct proxy_conf *p = &m->proxies[0];

	ck_assert(!p->tcp && !p->per_request && !p->has_health && !p->compat_seed && !p->log_file && !p->log_seed);
	ck_assert_int_eq(p->method->kind, POLICY_ROUND_ROBIN);
	ck_assert_uint_eq(p->window, 3);
	ck_assert_uint_eq(p->alpha_ppm, 200000);
	ck_assert_uint_eq(p->refresh_us, 5000000);
	ck_assert_uint_eq(p->decay_us, 10000000);
	ck_assert_uint_eq(p->eject_errors, 5);
	ck_assert_uint_eq(p->eject_us, 30000000);
	ck_assert_uint_eq(p->connect_us, 1000000);
	ck_assert_uint_eq(p->request_us, 10000000);
	ck_assert_uint_eq(p->response_us, 10000000);
	ck_assert_uint_eq(p->idle_us, 60000000);
	ck_assert_uint_eq(p->queue_us, 5000000);
	ck_assert_uint_eq(p->pool_us, 4000000);
	ck_assert_uint_eq(p->drain_us, 30000000);
	ck_assert_uint_eq(p->queue, 1024);
	ck_assert_uint_eq(p->limit_head_bytes, 32768);
	ck_assert_uint_eq(p->limit_body_bytes, UINT64_MAX);
	ck_assert_uint_eq(p->slow_start_us, 0);
	ck_assert_int_eq(p->forwarded, FORWARDED_X);
	ck_assert(p->n_trust == 0 && !p->proxy_protocol && p->n_tls == 0 && !p->sticky);
	ck_assert(!p->servers[0].tls && !p->servers[0].proxy_protocol && !p->log_place.source);
	ck_assert_uint_eq(p->retries, 1);
	ck_assert_uint_eq(p->max_connections, 10000);
	ck_assert_uint_eq(p->workers, 1);
	ck_assert_uint_eq(p->health_interval_us, 2000000);
	ck_assert_str_eq(p->servers[0].name, "b");
	ck_assert_uint_eq(p->servers[0].weight, 1);
	ck_assert_uint_eq(p->servers[0].max_connections, 0);
	ck_assert_uint_eq(p->servers[1].max_connections, 9);
	ck_assert(p->servers[1].backup && p->servers[1].weight == 5);
}
END_TEST

START_TEST(a_proxy_has_what_is_written)
{
	const struct machine *m = read_one(
		"proxy p { listen 127.0.0.1:80; connections per-request; queue 0; limit body 0b head 4kb\n"
		"forwarded none; trust 10.0.0.0/8 2001:db8::/32; trust 192.0.2.1; slow-start 1h\n"
		"proxy-protocol accept; tls /a.pem /a.key; tls /b.pem /b.key; sticky CLIENT\n"
		"timeout queue 1ms pool 2ms drain 24h; log csv /log\n"
		"server a { address 127.0.0.1:81; proxy-protocol send; tls name a.example }\n"
		"server b { address 127.0.0.1:82; tls verify off }\n"
		"server c { address 127.0.0.1:83; tls verify /ca.pem name c.example } }");
	const struct proxy_conf *p = &m->proxies[0];
	const struct server_conf *s = p->servers;

	ck_assert(p->queue == 0 && p->limit_head_bytes == 4096 && p->limit_body_bytes == 0);
	ck_assert(p->forwarded == FORWARDED_NONE && p->slow_start_us == 3600000000 && p->proxy_protocol);
	ck_assert(p->queue_us == 1000 && p->pool_us == 2000 && p->drain_us == 86400000000);
	ck_assert_uint_eq(p->n_trust, 3);
	ck_assert(p->trust[2].prefix.len == 32 && p->trust[1].prefix.addr.family == AF_INET6);
	ck_assert_uint_eq(p->n_tls, 2);
	ck_assert_str_eq(p->tls[1].certificate, "/b.pem");
	ck_assert_str_eq(p->tls[1].key, "/b.key");
	ck_assert(p->tls[0].place.line == p->tls[0].key_place.line && p->log_place.source);
	ck_assert_str_eq(p->sticky, "CLIENT");
	ck_assert(s[0].proxy_protocol && s[0].tls && s[0].tls_verify == VERIFY_SYSTEM && !s[0].tls_store);
	ck_assert_str_eq(s[0].tls_name, "a.example");
	ck_assert(!s[1].proxy_protocol && s[1].tls && s[1].tls_verify == VERIFY_OFF && !s[1].tls_name);
	ck_assert(s[2].tls_verify == VERIFY_FILE && s[2].tls_place.source);
	ck_assert_str_eq(s[2].tls_store, "/ca.pem");
}
END_TEST

START_TEST(an_option_of_several_methods_has_the_default_of_each)
{
	const struct machine *m = read_one(
		"proxy a { listen 127.0.0.1:80; server a { address 127.0.0.1:90 }; method adaptive }\n"
		"proxy b { listen 127.0.0.1:81; server a { address 127.0.0.1:90 }; method ewma }\n"
		"proxy c { listen 127.0.0.1:82; server a { address 127.0.0.1:90 }; method peak-ewma }\n"
		"proxy d { listen 127.0.0.1:83; server a { address 127.0.0.1:90 }; method adaptive alpha 0.5 decay 1s }");
	const struct proxy_conf *p = m->proxies;

	ck_assert_int_eq(p[0].method->kind, POLICY_ADAPTIVE);
	ck_assert_uint_eq(p[0].alpha_ppm, 50000);
	ck_assert_uint_eq(p[0].decay_us, 5000000);
	ck_assert_uint_eq(p[1].alpha_ppm, 200000);
	ck_assert_uint_eq(p[2].decay_us, 10000000);
	ck_assert_uint_eq(p[3].alpha_ppm, 500000);
	ck_assert_uint_eq(p[3].decay_us, 1000000);
}
END_TEST

START_TEST(an_onion_service_has_the_defaults_of_the_table)
{
	const struct machine *m = read_one("onion o { identity /i; replicas 6; wait-for all }\n"
					   "onion p { identity /i; listen 127.0.0.1:1 127.0.0.1:2; scale { maximum 2; choose random } }");
	const struct onion_conf *o = &m->onions[0], *p = &m->onions[1];
	char text[ENDPOINT_TEXT];

	ck_assert_uint_eq(o->n_listen, 1);
	ck_assert_str_eq(endpoint_print(&o->listen[0].endpoint, text), "127.0.0.1:12345");
	ck_assert_ptr_null(o->listen[0].place.source);
	ck_assert_str_eq(endpoint_print(&o->coordinator.endpoint, text), "127.0.0.1:12345");
	ck_assert_uint_eq(o->service_port, 80);
	ck_assert_str_eq(endpoint_print(&o->service_target.endpoint, text), "127.0.0.1:80");
	ck_assert_str_eq(o->tor, "/usr/bin/tor");
	ck_assert_ptr_null(o->auth);
	ck_assert_uint_eq(o->wait_for, 6);
	ck_assert_uint_eq(o->minimum, 1);
	ck_assert_uint_eq(o->maximum, 6);
	ck_assert_uint_eq(o->idle_us, 60000000);
	ck_assert_uint_eq(o->cooldown_us, 10000000);
	ck_assert_uint_eq(o->start_timeout_us, 90000000);
	ck_assert_uint_eq(o->dead_after_us, 5000000);
	ck_assert_uint_eq(p->wait_for, 1);
	ck_assert_uint_eq(p->replicas, 4);
	ck_assert_uint_eq(p->maximum, 2);
	ck_assert_int_eq(p->choose, CHOOSE_RANDOM);
	ck_assert_str_eq(endpoint_print(&p->coordinator.endpoint, text), "127.0.0.1:1");
}
END_TEST

START_TEST(the_web_page_shows_all_and_changes_nothing_unless_told)
{
	const struct machine *m = read_one("web { listen 127.0.0.1:80; listen [::1]:80; host a b; host c; dashboard off }");

	ck_assert_uint_eq(m->web->n_listen, 2);
	ck_assert_uint_eq(m->web->n_hosts, 3);
	ck_assert_str_eq(m->web->hosts[2], "c");
	ck_assert(m->web->metrics && !m->web->dashboard && !m->web->changes);
	ck_assert_ptr_null(m->web->token);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, an_empty_profile_is_one_machine_with_the_kernel_s_defaults);
	tcase_add_test(tc, a_class_has_defaults_that_follow_its_rate);
	tcase_add_test(tc, queues_are_bytes_packets_time_or_fq_codel);
	tcase_add_test(tc, only_htb_has_a_queue_of_its_own);
	tcase_add_test(tc, interfaces_are_found_in_three_ways);
	tcase_add_test(tc, paths_have_defaults_and_probes);
	tcase_add_test(tc, a_balance_is_per_flow_by_hash_unless_it_says_otherwise);
	tcase_add_test(tc, conditions_of_several_statements_add_up);
	tcase_add_test(tc, a_machine_is_the_top_level_and_then_its_role);
	tcase_add_test(tc, names_at_top_level_are_found_in_each_role);
	tcase_add_test(tc, a_proxy_has_the_defaults_of_the_table);
	tcase_add_test(tc, a_proxy_has_what_is_written);
	tcase_add_test(tc, an_option_of_several_methods_has_the_default_of_each);
	tcase_add_test(tc, an_onion_service_has_the_defaults_of_the_table);
	tcase_add_test(tc, the_web_page_shows_all_and_changes_nothing_unless_told);
}

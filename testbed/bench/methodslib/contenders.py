# SPDX-License-Identifier: MIT
"""Who chooses: our methods, and every policy of HAProxy and nginx that spreads the requests of one client. (By hash of
address, path or header all of them would go to one server.)"""

import os
import subprocess

from proxylib import peers


BLIND = ("round-robin", "roundrobin", "static-rr", "round_robin", "random")


class Contender:
    """`policy` is what the program's configuration calls it. A blind one does not see what is open: where servers are unequal
    it may drown one, and had better not be beside others meanwhile."""

    def __init__(self, program, policy, judged=True):
        self.program, self.policy, self.judged = program, policy, judged
        self.blind = policy in BLIND and (program, policy) != ("haproxy", "random")
        self.name = "%s %s" % (program, policy)
        self.file = self.name.replace(" ", "-")


OURS = Contender("nlbc", "adaptive")
SIBLINGS = [Contender("nlbc", p, False) for p in ("least-connections", "random-two", "peak-ewma", "sma", "ewma", "round-robin")]
# `first` fills the servers in the order written: how good it is says how well they were ordered.
PEERS = [Contender("haproxy", p) for p in ("leastconn", "random", "roundrobin", "static-rr")] + [
    Contender("haproxy", "first", False)] + [
    Contender("nginx", p) for p in ("least_conn", "random two least_conn", "random", "round_robin")]
LEAST_TIME = Contender("nginx", "least_time header")


def has_least_time(stage):
    """Later releases of nginx have it."""
    with open(os.path.join(stage.scratch, "asked.conf"), "w", encoding="ascii") as f:
        f.write(nginx(LEAST_TIME, 20000, [20001], 1, stage.scratch))
    return subprocess.run(["nginx", "-t", "-q", "-e", "/dev/null", "-p", stage.scratch, "-c", f.name],
                          capture_output=True, check=False).returncode == 0


def nlbc(who, port, servers, _slots, _at):
    return """nlbc 1
profile methods
proxy methods {
	listen 127.0.0.1:%d
	method %s
	max-connections 4000
	%s
}
""" % (port, who.policy, "\n\t".join("server s%d { address 127.0.0.1:%d }" % (i, p) for i, p in enumerate(servers)))


def haproxy(who, port, servers, slots, _at):
    full = " maxconn %d" % slots if who.policy == "first" else ""
    return """global
	nbthread 1
	maxconn 4000
	tune.pool-low-fd-ratio 80
	tune.pool-high-fd-ratio 90
defaults
	timeout connect 1s
	timeout client 60s
	timeout server 10s
	mode http
	http-reuse always
	option forwardfor
listen methods
	bind 127.0.0.1:%d backlog 4096
	balance %s
	%s
""" % (port, who.policy, "\n\t".join("server s%d 127.0.0.1:%d%s" % (i, p, full) for i, p in enumerate(servers)))


def nginx(who, port, servers, _slots, at):
    temporary = "".join("%s_temp_path %s/nginx.t;\n\t" % (x, at) for x in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return """daemon off;
worker_processes 1;
pid %s/%s.pid;
error_log %s/nginx.err crit;
events { worker_connections 8000; }
http {
	access_log off;
	keepalive_requests 1000000000;
	%sproxy_max_temp_file_size 0;
	upstream servers {
		%s
		%s
		keepalive 2000;
		keepalive_requests 1000000000;
	}
	server {
		listen 127.0.0.1:%d backlog=4096;
		location / {
			proxy_pass http://servers;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_connect_timeout 1s;
			proxy_read_timeout 10s;
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
		}
	}
}
""" % (at, who.file, at, temporary, "" if who.policy == "round_robin" else who.policy + ";",
       "\n\t\t".join("server 127.0.0.1:%d;" % p for p in servers), port)


def command(who, port, servers, slots, stage):
    """The words that start it in the foreground, and its file."""
    at, text = stage.scratch, {"nlbc": nlbc, "haproxy": haproxy, "nginx": nginx}[who.program]
    file = peers.write("%s/%s" % (at, who.file), text(who, port, servers, slots, at))
    if who.program == "nlbc":
        os.rename(file, file + ".prof")
        return [os.path.join(stage.build, "nlbc-proxy"), file + ".prof", "-q", "--socket", file + ".sock"]
    if who.program == "nginx":
        return ["nginx", "-e", at + "/nginx.err", "-p", at, "-c", file]
    return ["haproxy", "-db", "-f", file]

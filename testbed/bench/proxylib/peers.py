# SPDX-License-Identifier: MIT
"""The three programs, each with one worker, set up alike: proxy.md section 10 says how the peers are tuned."""

import os

PORTS = {"nlbc": 20001, "haproxy": 20002, "haproxy-splice": 20003, "nginx": 20004}
ORIGIN = 20010
SYSLOG = 20011       # HAProxy logs to a syslog daemon: what it sends there is left to the kernel to throw away


def nlbc(work, at):
    tls = "tls %s/cert.pem %s/key.pem" % (at, at) if work.tls else ""
    mode = "mode tcp" if work.mode == "tcp" else ""
    return """nlbc 1
profile bench
proxy bench {
	%s
	listen 127.0.0.1:%d
	method least-connections
	max-connections 20000
	%s
	log csv %s/nlbc.csv
	server origin { address 127.0.0.1:%d }
}
""" % (mode, PORTS["nlbc"], tls, at, ORIGIN)


def haproxy(work, at, files, splice=False):
    options = ["mode " + work.mode]
    if work.mode == "http":
        options += ["http-reuse always", "option forwardfor"]
    if splice:
        options += ["option splice-response"] + (["option splice-request"] if work.mode == "tcp" else [])
    if work.log:
        options += ["log global", "option httplog"]
    tls = ("ssl crt %s/both.pem ssl-min-ver TLSv1.3 ciphersuites TLS_AES_128_GCM_SHA256 curves P-256" % at
           if work.tls else "")
    return """global
	nbthread 1
	maxconn %d
	log 127.0.0.1:%d len 4096 local0
	tune.pool-low-fd-ratio 80
	tune.pool-high-fd-ratio 90
defaults
	timeout connect 5s
	timeout client 60s
	timeout server 60s
	%s
listen bench
	bind 127.0.0.1:%d backlog 4096 %s
	server origin 127.0.0.1:%d
""" % (files // 3, SYSLOG, "\n\t".join(options), PORTS["haproxy-splice" if splice else "haproxy"], tls, ORIGIN)


def nginx(work, at):
    tls, buffers = "", ""
    if work.size >= 1 << 16:
        buffers = "proxy_buffer_size 64k; " + ("proxy_buffers 8 64k; proxy_busy_buffers_size 128k;" if work.mode == "http" else "")
    if work.tls:
        tls = ("ssl_certificate %s/cert.pem; ssl_certificate_key %s/key.pem; ssl_protocols TLSv1.3; "
               "ssl_ecdh_curve prime256v1; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;" % (at, at))
    listen = "listen 127.0.0.1:%d backlog=4096 %s" % (PORTS["nginx"], "ssl;" if work.tls else ";")
    head = """load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
worker_processes 1;
pid %s/nginx.pid;
error_log %s/nginx.err crit;
events { worker_connections 30000; }
""" % (at, at)
    if work.mode == "tcp":
        return head + """stream {
	upstream origin { server 127.0.0.1:%d; }
	server { %s %s proxy_pass origin; }
}
""" % (ORIGIN, listen, buffers)
    return head + """http {
	access_log %s;
	keepalive_requests 1000000000;
	keepalive_timeout 60s;
	client_body_temp_path %s/nginx.body;
	proxy_temp_path %s/nginx.proxy;
	fastcgi_temp_path %s/nginx.f;
	uwsgi_temp_path %s/nginx.u;
	scgi_temp_path %s/nginx.s;
	proxy_max_temp_file_size 0;
	upstream origin { server 127.0.0.1:%d; keepalive 2000; keepalive_requests 1000000000; }
	server {
		%s
		%s
		%s
		location / {
			proxy_pass http://origin;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
		}
	}
}
""" % ("%s/nginx.log" % at if work.log else "off", at, at, at, at, at, ORIGIN, listen, tls, buffers)


def write(path, text):
    """A new file: what an earlier work left under this name is thrown away."""
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    return path


def command(name, work, stage):
    """The words that start a program in the foreground, and its files."""
    at = stage.scratch
    for log in ("nlbc.csv", "nginx.log"):
        write("%s/%s" % (at, log), "")
    if name == "nlbc":
        return [os.path.join(stage.build, "nlbc-proxy"), write(at + "/nlbc.prof", nlbc(work, at)), "-q", "--socket",
                at + "/nlbc.sock"]
    if name == "nginx":
        return ["nginx", "-e", at + "/nginx.err", "-p", at, "-c", write(at + "/nginx.conf", nginx(work, at))]
    splice = name == "haproxy-splice"
    return ["haproxy", "-db", "-f", write("%s/%s.cfg" % (at, name), haproxy(work, at, stage.files, splice))]


def port(name):
    return PORTS[name]

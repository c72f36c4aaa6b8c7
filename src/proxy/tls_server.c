/* SPDX-License-Identifier: MIT */
/* How servers are spoken to in TLS: which name they must have, whom we believe it, and the session to go on with. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/addr.h"
#include "profile/profile.h"
#include "proxy/stream_tls.h"
#include "proxy/tls.h"
#include "proxy/tls_wire.h"

struct tls_server {
	const struct server_conf *conf;
	bool is_address;                /* its name is an address: checked, but not sent */
	SSL_CTX *ctx;
	SSL_SESSION *session;           /* the newest; NULL: none */
	struct tls_wire wire;
};

/* OpenSSL looks into its folder of certificates only when one is asked for; a worker opens no file. */
static void load_folder(X509_STORE *store, const char *folder)
{
	DIR *dir = opendir(folder);

	if (!dir)
		return;
	for (const struct dirent *e; (e = readdir(dir));) {
		char path[4096];
		/* HHHHHHHH.N is what it would look for. */
		if (strspn(e->d_name, "0123456789abcdef") != 8 || e->d_name[8] != '.' ||
		    snprintf(path, sizeof(path), "%s/%s", folder, e->d_name) >= (int)sizeof(path))
			continue;
		(void)X509_STORE_load_file(store, path);        /* one that cannot be read is one less to believe */
	}
	(void)closedir(dir);
}

/* OpenSSL's default file and folders, or those its environment variables name. */
static X509_STORE *system_store(void)
{
	X509_STORE *store = X509_STORE_new();
	const char *file = secure_getenv(X509_get_default_cert_file_env());
	const char *folders = secure_getenv(X509_get_default_cert_dir_env());

	if (!store)
		out_of_memory();
	(void)X509_STORE_load_file(store, file ? file : X509_get_default_cert_file());
	auto_free char *list = strdup(folders ? folders : X509_get_default_cert_dir());
	if (!list)
		out_of_memory();
	char *rest = list;
	for (const char *folder; (folder = strsep(&rest, ":"));)
		load_folder(store, folder);
	ERR_clear_error();
	return store;
}

static X509_STORE *file_store(const struct server_conf *c, struct diags *d)
{
	X509_STORE *store = X509_STORE_new();

	if (!store)
		out_of_memory();
	if (access(c->tls_store, R_OK) != 0)
		(void)diag_error(d, &c->tls_place, "permission", "cannot read '%s': %s", c->tls_store, strerror(errno));
	else if (X509_STORE_load_file(store, c->tls_store) != 1)
		(void)diag_error(d, &c->tls_place, "machine", "'%s' holds no certificate", c->tls_store);
	else
		return store;
	ERR_clear_error();
	X509_STORE_free(store);
	return NULL;
}

/* The newest session is kept. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct tls_server *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	SSL_SESSION_free(t->session);
	t->session = session;
	return 1;
}

static struct tls_server *new_server(const struct server_conf *c, bool http)
{
	static const unsigned char protocols[] = "\10http/1.1";
	struct tls_server *t = calloc(1, sizeof(*t));
	struct addr a;

	if (!t)
		out_of_memory();
	t->conf = c;
	t->is_address = c->tls_name && addr_parse(str_of(c->tls_name), &a) == 0;
	tls_wire_init(&t->wire);
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (tls_wire_setup(&t->wire, t->ctx) != 0 ||
	    (http && SSL_CTX_set_alpn_protos(t->ctx, protocols, sizeof(protocols) - 1) != 0))
		out_of_memory();
	(void)SSL_CTX_set_app_data(t->ctx, t);
	(void)SSL_CTX_set_session_cache_mode(t->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(t->ctx, keep_session);
	return t;
}

static void free_server(struct tls_server *t)
{
	SSL_SESSION_free(t->session);
	SSL_CTX_free(t->ctx);
	tls_wire_release(&t->wire);
	free(t);
}

/* Whom t believes. *all is the system's store, read when it is first needed. */
static void set_store(struct tls_server *t, X509_STORE **all, struct diags *d)
{
	const struct server_conf *c = t->conf;
	X509_STORE *store = NULL;

	switch (c->tls_verify) {
	case VERIFY_OFF:
		return;
	case VERIFY_SYSTEM:
		if (!*all)
			*all = system_store();
		store = *all;
		(void)X509_STORE_up_ref(store);
		break;
	case VERIFY_FILE:
		store = file_store(c, d);
		if (!store)
			return;
		break;
	}
	SSL_CTX_set_cert_store(t->ctx, store);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
}

struct tls_server **tls_servers_new(const struct proxy_conf *c, struct diags *d)
{
	struct tls_server **servers = calloc(c->n_servers, sizeof(struct tls_server *));
	const size_t errors = d->n_errors;
	X509_STORE *all = NULL;

	if (!servers)
		out_of_memory();
	for (size_t i = 0; i < c->n_servers; i++) {
		if (!c->servers[i].tls)
			continue;
		servers[i] = new_server(&c->servers[i], !c->tcp);
		set_store(servers[i], &all, d);
	}
	X509_STORE_free(all);
	if (d->n_errors == errors)
		return servers;
	tls_servers_free(servers, c->n_servers);
	return NULL;
}

void tls_servers_free(struct tls_server **servers, size_t n)
{
	for (size_t i = 0; servers && i < n; i++)
		if (servers[i])
			free_server(servers[i]);
	free(servers);
}

/* OpenSSL lets a session of TLS 1.3 be used once, so that clients cannot be followed; a copy of it counts anew. */
static bool resume(const struct tls_server *t, SSL *ssl)
{
	SSL_SESSION *copy = t->session ? SSL_SESSION_dup(t->session) : NULL;
	const bool done = !t->session || (copy && SSL_set_session(ssl, copy) == 1);

	SSL_SESSION_free(copy);
	return done;
}

static bool ask_for_name(const struct tls_server *t, SSL *ssl)
{
	const char *name = t->conf->tls_name;
	const bool checked = t->conf->tls_verify != VERIFY_OFF;

	if (!name)
		return true;
	if (t->is_address)
		return !checked || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return (!checked || SSL_set1_host(ssl, name) == 1) && SSL_set_tlsext_host_name(ssl, name) == 1;
}

int tls_connect(struct tls_server *t, struct stream *s)
{
	if (tls_wire_open(&t->wire, t->ctx, s, false) != 0)
		return -ENOMEM;
	if (ask_for_name(t, s->tls->ssl) && resume(t, s->tls->ssl))
		return 0;
	stream_tls_end(s, false);
	return -ENOMEM;
}

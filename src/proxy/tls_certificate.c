/* SPDX-License-Identifier: MIT */
/* Certificates and keys in PEM files (proxy.md 15.1, its table of bad ones). */
#include "base/base.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <time.h>

#include "base/diag.h"
#include "base/text.h"
#include "profile/profile.h"
#include "proxy/tls_certificate.h"
#include "proxy/tls_names.h"

enum { PEM_BYTES = 1 << 20 };

/* What OpenSSL has to say about what it refused. */
static const char *openssl_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return reason ? reason : "no reason given";
}

static int refuse(const struct place *at, const char *what, const char *file, struct diags *d)
{
	(void)diag_error(d, at, "machine", "%s '%s' cannot be used: %s", what, file, openssl_reason());
	return -1;
}

/* The file in memory: NULL, d says why. */
static BIO *open_file(const char *file, const struct place *at, struct diags *d)
{
	char *bytes = NULL;
	size_t n = 0;
	const int e = read_file(file, PEM_BYTES, &bytes, &n);

	if (e != 0) {
		(void)diag_error(d, at, "permission", "cannot read '%s': %s", file, strerror(-e));
		return NULL;
	}
	BIO *b = BIO_new(BIO_s_mem());
	if (!b || (n > 0 && BIO_write(b, bytes, (int)n) != (int)n))
		out_of_memory();
	OPENSSL_cleanse(bytes, n);
	free(bytes);
	return b;
}

/* Nobody is asked for a passphrase. */
static int no_passphrase(char *buf, int size, int writing, void *asked)
{
	(void)buf, (void)size, (void)writing;
	*(bool *)asked = true;
	return -1;
}

static int64_t end_of(const X509 *x)
{
	struct tm tm;

	return ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm) == 1 ? (int64_t)timegm(&tm) : INT64_MAX;
}

static void add_names(X509 *x, struct tls_names *names, size_t number)
{
	GENERAL_NAMES *list = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(list); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(list, i);
		if (g->type != GEN_DNS)
			continue;
		const struct str name = {
			(const char *)ASN1_STRING_get0_data(g->d.dNSName), (size_t)ASN1_STRING_length(g->d.dNSName),
		};
		tls_names_add(names, name, number);
	}
	GENERAL_NAMES_free(list);
}

/* The rest of the file: the chain. */
static int use_chain(BIO *b, const struct tls_conf *c, SSL_CTX *ctx, struct diags *d)
{
	bool asked = false;

	for (;;) {
		X509 *x = PEM_read_bio_X509(b, NULL, no_passphrase, &asked);
		if (!x)
			break;
		if (SSL_CTX_add0_chain_cert(ctx, x) != 1) {
			X509_free(x);
			return refuse(&c->certificate_place, "certificate", c->certificate, d);
		}
	}
	ERR_clear_error();
	return 0;
}

static int use_certificate(const struct tls_conf *c, SSL_CTX *ctx, X509 **x, struct diags *d)
{
	BIO *b = open_file(c->certificate, &c->certificate_place, d);
	bool asked = false;
	int result = -1;

	if (!b)
		return -1;
	*x = PEM_read_bio_X509_AUX(b, NULL, no_passphrase, &asked);
	if (!*x) {
		ERR_clear_error();
		(void)diag_error(d, &c->certificate_place, "machine", "'%s' holds no certificate", c->certificate);
	} else if (SSL_CTX_use_certificate(ctx, *x) != 1) {
		(void)refuse(&c->certificate_place, "certificate", c->certificate, d);
	} else {
		result = use_chain(b, c, ctx, d);
	}
	BIO_free(b);
	return result;
}

static int use_key(const struct tls_conf *c, SSL_CTX *ctx, X509 *x, struct diags *d)
{
	BIO *b = open_file(c->key, &c->key_place, d);
	struct stat st;
	bool asked = false;
	int result = -1;

	if (!b)
		return -1;
	EVP_PKEY *key = PEM_read_bio_PrivateKey(b, NULL, no_passphrase, &asked);
	BIO_free(b);
	if (!key) {
		ERR_clear_error();
		struct diag *g = diag_error(d, &c->key_place, "machine", "'%s' holds no key", c->key);
		if (asked)
			diag_hint(d, g, "a key with a passphrase cannot be used; openssl pkey takes it off");
	} else if (stat(c->key, &st) == 0 && st.st_mode & S_IROTH) {
		struct diag *g = diag_error(d, &c->key_place, "permission", "key '%s' can be read by everybody", c->key);
		diag_hint(d, g, "chmod o= %s", c->key);
	} else if (X509_check_private_key(x, key) != 1) {
		ERR_clear_error();
		(void)diag_error(d, &c->key_place, "machine", "key '%s' does not fit certificate '%s'", c->key,
				 c->certificate);
	} else if (SSL_CTX_use_PrivateKey(ctx, key) != 1) {
		(void)refuse(&c->key_place, "key", c->key, d);
	} else {
		result = 0;
	}
	EVP_PKEY_free(key);
	return result;
}

void tls_certificate_use(const struct tls_conf *c, SSL_CTX *ctx, struct tls_names *names, size_t number, int64_t *end_s,
			 struct diags *d)
{
	X509 *x = NULL;

	if (use_certificate(c, ctx, &x, d) == 0 && use_key(c, ctx, x, d) == 0) {
		add_names(x, names, number);
		*end_s = end_of(x);
	}
	X509_free(x);
}

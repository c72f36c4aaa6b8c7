/* SPDX-License-Identifier: MIT */
/* Certificates with P-256 keys in PEM files of a folder of their own. */
#include "base/base.h"

#include <check.h>
#include <dirent.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "tls_files.h"

static char folder[] = "/tmp/nlbc-tls-XXXXXX";

void tls_files_begin(void)
{
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

void tls_files_end(void)
{
	DIR *d = opendir(folder);

	ck_assert_ptr_nonnull(d);
	for (const struct dirent *e; (e = readdir(d));)
		(void)unlink(tls_file(e->d_name));
	(void)closedir(d);
	(void)rmdir(folder);
}

const char *tls_file(const char *name)
{
	static char paths[8][300];
	static size_t next;
	char *path = paths[next++ % 8];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static FILE *open_new(const char *name, const char *suffix, const char *mode)
{
	char file[80];

	(void)snprintf(file, sizeof(file), "%s%s", name, suffix);
	FILE *f = fopen(tls_file(file), mode);
	ck_assert_ptr_nonnull(f);
	return f;
}

static void extend(X509 *x, int nid, const char *value)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

void tls_files_make(const char *name, const char *san, int days, const char *issuer)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *by = key;
	X509 *x = X509_new(), *from = x;

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), (long)(name[0] * 256 + name[1]));
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	if (issuer) {
		FILE *f = open_new(issuer, ".pem", "re");
		from = PEM_read_X509(f, NULL, NULL, NULL);
		(void)fclose(f);
		f = open_new(issuer, ".key", "re");
		by = PEM_read_PrivateKey(f, NULL, NULL, NULL);
		(void)fclose(f);
	}
	X509_set_issuer_name(x, X509_get_subject_name(from));
	X509_gmtime_adj(X509_getm_notBefore(x), -86400);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400L * days);
	X509_set_pubkey(x, key);
	if (san)
		extend(x, NID_subject_alt_name, san);
	extend(x, NID_basic_constraints, "CA:TRUE");
	ck_assert_int_gt(X509_sign(x, by, EVP_sha256()), 0);
	FILE *f = open_new(name, ".pem", "we");
	PEM_write_X509(f, x);
	(void)fclose(f);
	f = open_new(name, ".key", "we");
	(void)fchmod(fileno(f), 0600);
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	(void)fclose(f);
	if (issuer) {
		X509_free(from);
		EVP_PKEY_free(by);
	}
	X509_free(x);
	EVP_PKEY_free(key);
}

/* SPDX-License-Identifier: MIT */
/* Tickets as OpenSSL makes them by itself, AES-256-CBC and HMAC-SHA256, but for two keys. */
#include "base/base.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "proxy/tls_tickets.h"

static void new_key(struct tls_ticket_key *k)
{
	/* Without chance there is no TLS at all; OpenSSL asks the kernel. */
	if (RAND_bytes((unsigned char *)k, sizeof(*k)) != 1)
		BUG("no random bytes for tickets");
}

void tls_tickets_init(struct tls_tickets *t)
{
	new_key(&t->keys[0]);
	new_key(&t->keys[1]);
	t->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	if (!t->cipher)
		out_of_memory();
}

void tls_tickets_release(struct tls_tickets *t)
{
	OPENSSL_cleanse(t->keys, sizeof(t->keys));
	EVP_CIPHER_free(t->cipher);
}

void tls_tickets_turn(struct tls_tickets *t)
{
	t->keys[1] = t->keys[0];
	new_key(&t->keys[0]);
}

static bool sign_by(EVP_MAC_CTX *mac, const struct tls_ticket_key *k)
{
	char digest[] = "SHA256";
	struct tls_ticket_key copy = *k;
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, copy.sign, sizeof(copy.sign)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	const bool done = EVP_MAC_CTX_set_params(mac, params) == 1;

	OPENSSL_cleanse(&copy, sizeof(copy));
	return done;
}

int tls_tickets_seal(const struct tls_tickets *t, uint8_t *name, uint8_t *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	const struct tls_ticket_key *k = &t->keys[0];

	if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(t->cipher)) != 1 ||
	    EVP_EncryptInit_ex(cipher, t->cipher, NULL, k->seal, iv) != 1 || !sign_by(mac, k))
		return -1;
	memcpy(name, k->name, sizeof(k->name));
	return 1;
}

int tls_tickets_open(const struct tls_tickets *t, bool once, const uint8_t *name, const uint8_t *iv,
		     EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	for (int i = 0; i < 2; i++) {
		const struct tls_ticket_key *k = &t->keys[i];
		if (memcmp(name, k->name, sizeof(k->name)) != 0)
			continue;
		if (EVP_DecryptInit_ex(cipher, t->cipher, NULL, k->seal, iv) != 1 || !sign_by(mac, k))
			return -1;
		return i == 0 && !once ? 1 : 2;         /* 2: taken, and a new one is given */
	}
	return 0;
}

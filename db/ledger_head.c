#include "ledger_head.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calendar.h"
#include "crypto.h"
#include "text.h"
#include "view.h"

#define RAW 32 /* bytes of either key */

struct ledger_key {
	EVP_PKEY *pkey;
	EVP_MD_CTX *context;
};

/* ---- Keys in files: 64 hexadecimal digits and a line feed ---- */

/* Writes a file that is whole or absent, under a name that is free. */
static int write_file(const char *path, int mode, const char *text, size_t size)
{
	char part[PATH_MAX];
	int fd, rc = 0;

	if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part) {
		return ERR_TOOLONG;
	}
	unlink(part);
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0) {
		return ERR_IO;
	}
	if (write(fd, text, size) != (ssize_t)size || fsync(fd) != 0) {
		rc = ERR_IO;
	}
	if (close(fd) != 0 || (rc == 0 && rename(part, path) != 0)) {
		rc = ERR_IO;
	}
	return rc;
}

static int sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd >= 0 && fsync(fd) == 0 ? 0 : ERR_IO;

	if (fd >= 0) {
		close(fd);
	}
	return rc;
}

static int write_key(const char *path, int mode, const unsigned char raw[RAW])
{
	char text[CHAIN_HEX + 1];

	chain_hex(raw, text);
	text[CHAIN_HEX - 1] = '\n';
	return write_file(path, mode, text, CHAIN_HEX);
}

static int read_key(const char *path, unsigned char raw[RAW])
{
	char text[CHAIN_HEX + 1] = "";
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	}
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? strcspn(text, "\r\n") : 0] = '\0';
	return chain_from_hex(text, raw) == 0 ? 0 : ERR_CORRUPT;
}

static int key_of(EVP_PKEY *pkey, struct ledger_key **out)
{
	struct ledger_key *key = calloc(1, sizeof *key);

	if (key != NULL) {
		key->pkey = pkey;
		key->context = EVP_MD_CTX_new();
	}
	if (key == NULL || pkey == NULL || key->context == NULL) {
		if (key == NULL) {
			EVP_PKEY_free(pkey);
		}
		ledger_key_close(key);
		return ERR_NOMEM;
	}
	*out = key;
	return 0;
}

static int make_key(const char *path)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	unsigned char raw[RAW];
	size_t size = sizeof raw;
	int rc = ERR_NOMEM;

	if (pkey != NULL && EVP_PKEY_get_raw_private_key(pkey, raw, &size) == 1 && size == RAW) {
		rc = write_key(path, 0600, raw);
	}
	memset(raw, 0, sizeof raw);
	EVP_PKEY_free(pkey);
	return rc;
}

/* The public half, beside it, where it is not there or another's. */
static int publish(const struct ledger_key *key, const char *path)
{
	unsigned char raw[RAW], known[RAW];
	size_t size = sizeof raw;

	if (EVP_PKEY_get_raw_public_key(key->pkey, raw, &size) != 1 || size != RAW) {
		return ERR_NOMEM;
	}
	return read_key(path, known) == 0 && memcmp(known, raw, RAW) == 0
		       ? 0
		       : write_key(path, 0644, raw);
}

int ledger_key_open(const char *folder, struct ledger_key **out)
{
	char path[PATH_MAX], pub[PATH_MAX];
	unsigned char raw[RAW];
	int rc;

	if (snprintf(path, sizeof path, "%s/" LEDGER_KEY_FILE, folder) >= (int)sizeof path ||
		snprintf(pub, sizeof pub, "%s/" LEDGER_PUB_FILE, folder) >= (int)sizeof pub) {
		return ERR_TOOLONG;
	}
	rc = read_key(path, raw);
	if (rc == ERR_NOTFOUND) {
		rc = make_key(path);
		rc = rc != 0 ? rc : read_key(path, raw);
	}
	rc = rc != 0 ? rc
		     : key_of(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw, RAW), out);
	memset(raw, 0, sizeof raw);
	if (rc == 0) {
		rc = publish(*out, pub);
		rc = rc != 0 ? rc : sync_folder(folder);
		if (rc != 0) {
			ledger_key_close(*out);
			*out = NULL;
		}
	}
	return rc;
}

int ledger_key_public(const char *path, struct ledger_key **out)
{
	unsigned char raw[RAW];
	int rc = read_key(path, raw);

	return rc != 0 ? rc
		       : key_of(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, RAW), out);
}

void ledger_key_close(struct ledger_key *key)
{
	if (key != NULL) {
		EVP_MD_CTX_free(key->context);
		EVP_PKEY_free(key->pkey);
		free(key);
	}
}

/* ---- Heads ---- */

int ledger_head_text(const struct ledger_head *h, char *dst, size_t size)
{
	char hash[CHAIN_HEX], log[CHAIN_HEX];
	size_t used = 0;

	chain_hex(h->hash, hash);
	chain_hex(h->log_hash, log);
	return text_append(dst, size, &used,
		       "piled-ledger-head 1\nday %s\nbefore %s\nat %" PRId64 "\ntx %" PRId64
		       " %s\nlog %" PRId64 " %s\n",
		       h->day, h->before, h->at, h->tx, hash, h->log, log) == 0
		       ? (int)used
		       : ERR_TOOLONG;
}

int ledger_head_sign(struct ledger_key *key, struct ledger_head *head)
{
	char text[LEDGER_HEAD_TEXT];
	size_t size = LEDGER_SIGN;
	int n = ledger_head_text(head, text, sizeof text);

	if (n < 0) {
		return n;
	}
	EVP_MD_CTX_reset(key->context);
	if (EVP_DigestSignInit(key->context, NULL, NULL, NULL, key->pkey) != 1 ||
		EVP_DigestSign(key->context, head->signature, &size, (unsigned char *)text,
			(size_t)n) != 1 ||
		size != LEDGER_SIGN) {
		return ERR_NOMEM;
	}
	return 0;
}

int ledger_head_check(struct ledger_key *key, const struct ledger_head *head)
{
	char text[LEDGER_HEAD_TEXT];
	int n = ledger_head_text(head, text, sizeof text);

	if (n < 0) {
		return n;
	}
	EVP_MD_CTX_reset(key->context);
	if (EVP_DigestVerifyInit(key->context, NULL, NULL, NULL, key->pkey) != 1) {
		return ERR_NOMEM;
	}
	return EVP_DigestVerify(key->context, head->signature, LEDGER_SIGN, (unsigned char *)text,
		       (size_t)n) == 1
		       ? 0
		       : ERR_BROKEN;
}

void ledger_day(int64_t ms, int64_t utc_offset_s, char day[LEDGER_DAY])
{
	int64_t s = ms / MS_PER_S + utc_offset_s;
	int32_t year, month, mday;

	cal_date(s / S_PER_DAY, &year, &month, &mday);
	snprintf(day, LEDGER_DAY, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
		(unsigned)mday % 100);
}

static int take_blob(sqlite3_stmt *stmt, int column, unsigned char *dst, int size)
{
	if (sqlite3_column_bytes(stmt, column) != size) {
		return ERR_BROKEN;
	}
	memcpy(dst, sqlite3_column_blob(stmt, column), (size_t)size);
	return 0;
}

int ledger_heads(sqlite3 *db, const char *from,
	int (*each)(void *arg, const struct ledger_head *head), void *arg)
{
	struct ledger_head h = {.before = ""};
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(db,
		"SELECT day, at, tx, hash, log, log_hash, signature FROM ledger_head ORDER BY day",
		&stmt);

	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		view_set_text(h.day, sizeof h.day, sql_text(stmt, 0));
		h.at = sql_int(stmt, 1);
		h.tx = sql_int(stmt, 2);
		h.log = sql_int(stmt, 4);
		rc = take_blob(stmt, 3, h.hash, CHAIN_SIZE);
		rc = rc != 0 ? rc : take_blob(stmt, 5, h.log_hash, CHAIN_SIZE);
		rc = rc != 0 ? rc : take_blob(stmt, 6, h.signature, LEDGER_SIGN);
		if (rc == 0 && strcmp(h.day, from) >= 0) {
			rc = each(arg, &h);
		}
		memcpy(h.before, h.day, sizeof h.before);
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* ---- The end of a day ---- */

/* The last row before a time: number and hash. It stands near the end: `at` is not looked for in an
 * index, which would sort all that came before. */
static int newest(
	sqlite3 *db, const char *query, int64_t end_ms, int64_t *id, unsigned char hash[CHAIN_SIZE])
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(db, query, &stmt);

	*id = 0;
	memset(hash, 0, CHAIN_SIZE);
	if (rc == 0) {
		sql_bind_int(stmt, ":end", end_ms);
	}
	rc = rc != 0 ? rc : sql_step(stmt);
	if (rc == 1) {
		*id = sql_int(stmt, 0);
		rc = take_blob(stmt, 1, hash, CHAIN_SIZE);
	}
	sqlite3_finalize(stmt);
	return rc;
}

static int insert(sqlite3 *db, const struct ledger_head *h)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(db,
		"INSERT INTO ledger_head VALUES (:day, :at, :tx, :hash, :log, :log_hash, :sign)",
		&stmt);

	if (rc == 0) {
		sql_bind_text(stmt, ":day", h->day);
		sql_bind_int(stmt, ":at", h->at);
		sql_bind_int(stmt, ":tx", h->tx);
		sql_bind_blob(stmt, ":hash", h->hash, CHAIN_SIZE);
		sql_bind_int(stmt, ":log", h->log);
		sql_bind_blob(stmt, ":log_hash", h->log_hash, CHAIN_SIZE);
		sql_bind_blob(stmt, ":sign", h->signature, LEDGER_SIGN);
		rc = sql_run(stmt);
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* The newest head's day; "" where there is none. */
static int last_day(sqlite3 *db, char day[LEDGER_DAY])
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(db, "SELECT max(day) FROM ledger_head", &stmt);

	rc = rc != 0 ? rc : sql_step(stmt);
	if (rc == 1) {
		view_set_text(day, LEDGER_DAY, sql_text(stmt, 0));
		rc = 0;
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* The begin of the day, in the site's time. */
static int64_t midnight_ms(int64_t ms, int64_t utc_offset_s)
{
	const int64_t day_ms = S_PER_DAY * MS_PER_S;

	return (ms + utc_offset_s * MS_PER_S) / day_ms * day_ms - utc_offset_s * MS_PER_S;
}

int ledger_head_close(sqlite3 *db, struct ledger_key *key, int64_t now_ms, int64_t utc_offset_s)
{
	struct ledger_head h = {.at = now_ms};
	int64_t end_ms;
	int rc = last_day(db, h.before);

	ledger_day(now_ms - S_PER_DAY * MS_PER_S, utc_offset_s, h.day);
	if (rc != 0 || strcmp(h.before, h.day) >= 0) {
		return rc;
	}
	end_ms = midnight_ms(now_ms, utc_offset_s);
	rc = newest(db, "SELECT id, hash FROM ledger_tx WHERE +at < :end ORDER BY id DESC LIMIT 1",
		end_ms, &h.tx, h.hash);
	rc = rc != 0 ? rc
		     : newest(db,
			       "SELECT id, hash FROM ledger_log WHERE +at < :end ORDER BY id DESC "
			       "LIMIT 1",
			       end_ms, &h.log, h.log_hash);
	if (rc == 0 && h.tx == 0 && h.log == 0) {
		return 0; /* nothing to sign yet */
	}
	rc = rc != 0 ? rc : ledger_head_sign(key, &h);
	rc = rc != 0 ? rc : insert(db, &h);
	return rc != 0 ? rc : 1;
}

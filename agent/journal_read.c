/* Reading a journal back, chunk by chunk; what is torn or foreign ends it with a message. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "equip.h"
#include "journal.h"
#include "journal_event.h"
#include "journal_file.h"

#define IN_SIZE (64 * 1024)

struct journal_reader {
	FILE *file;
	char *path;
	char error[512];
	ZSTD_DCtx *zstd;
	uint8_t in[IN_SIZE];
	ZSTD_inBuffer buffer;
	int64_t offset; /* in the file, of what is in the buffer's beginning */
	bool ended;     /* of the file */
	uint8_t *chunk;
	size_t chunk_size, chunk_cap, chunk_at;
	int chunk_kind; /* 0 = none */
	struct je_codec *codec;
	struct site_cfg *cfg;
};

static int fail(struct journal_reader *r, int err, const char *what)
{
	snprintf(r->error, sizeof r->error, "%s: offset %lld: %s", r->path,
		(long long)(r->offset + (int64_t)r->buffer.pos), what);
	return err;
}

const char *journal_reader_error(const struct journal_reader *r)
{
	return r->error;
}

static int refill(struct journal_reader *r)
{
	r->offset += (int64_t)r->buffer.size;
	r->buffer = (ZSTD_inBuffer){r->in, fread(r->in, 1, IN_SIZE, r->file), 0};
	if (r->buffer.size == 0) {
		if (ferror(r->file)) {
			return fail(r, ERR_IO, strerror(errno));
		}
		r->ended = true;
	}
	return 0;
}

/* Takes exactly n bytes of the content. Returns 1; 0 where it ends before the first of them;
 * ERR_CORRUPT where it ends inside. */
static int take(struct journal_reader *r, void *bytes, size_t n)
{
	ZSTD_outBuffer out = {bytes, n, 0};

	while (out.pos < n) {
		size_t before = out.pos, at = r->buffer.pos, hint;

		hint = ZSTD_decompressStream(r->zstd, &out, &r->buffer);
		if (ZSTD_isError(hint)) {
			return fail(r, ERR_CORRUPT, ZSTD_getErrorName(hint));
		}
		if (out.pos > before || r->buffer.pos > at || r->buffer.pos < r->buffer.size) {
			continue;
		}
		if (r->ended) {
			break;
		}
		if (refill(r) != 0) {
			return ERR_IO;
		}
	}
	if (out.pos == n) {
		return 1;
	}
	if (out.pos == 0) {
		return 0;
	}
	return fail(r, ERR_CORRUPT, "the file ends inside a chunk");
}

static int next_chunk(struct journal_reader *r)
{
	uint8_t head[JOURNAL_HEAD_SIZE];
	uint64_t hash = 0;
	size_t n = 0;
	int rc = take(r, head, sizeof head);

	r->chunk_kind = 0;
	if (rc <= 0) {
		return rc;
	}
	for (int k = 0; k < 4; k++) {
		n |= (size_t)head[1 + k] << (8 * k);
	}
	for (int k = 0; k < 8; k++) {
		hash |= (uint64_t)head[5 + k] << (8 * k);
	}
	if (n > JOURNAL_CHUNK_MAX || (head[0] == JOURNAL_E && n > JOURNAL_EVENTS_MAX)) {
		return fail(r, ERR_CORRUPT, "a chunk is too long");
	}
	if (n > r->chunk_cap) {
		uint8_t *more = realloc(r->chunk, n);

		if (more == NULL) {
			return fail(r, ERR_NOMEM, "out of memory");
		}
		r->chunk = more;
		r->chunk_cap = n;
	}
	rc = n == 0 ? 1 : take(r, r->chunk, n);
	if (rc == 0) {
		return fail(r, ERR_CORRUPT, "the file ends inside a chunk");
	}
	if (rc < 0) {
		return rc;
	}
	if (pack_hash(r->chunk, n) != hash) {
		return fail(r, ERR_CORRUPT, "a chunk is damaged");
	}
	r->chunk_kind = head[0];
	r->chunk_size = n;
	r->chunk_at = 0;
	return 1;
}

static int give_header(struct journal_reader *r, struct journal_item *item)
{
	struct pack p = pack_reader(r->chunk, r->chunk_size);

	if (r->cfg != NULL) {
		return fail(r, ERR_CORRUPT, "a second header");
	}
	item->kind = JOURNAL_HEADER;
	pack_u32(&p, &item->core_version);
	if (p.bad || equip_from_bytes(r->chunk + p.len, r->chunk_size - p.len, &r->cfg) != 0) {
		return fail(r, ERR_CORRUPT, "the equipment cannot be read");
	}
	item->cfg = r->cfg;
	r->chunk_kind = 0;
	return 1;
}

static int give_event(struct journal_reader *r, struct journal_item *item)
{
	struct pack p = pack_reader(r->chunk + r->chunk_at, r->chunk_size - r->chunk_at);

	item->kind = JOURNAL_EVENT;
	if (je_read(r->codec, &p, &item->event) != 0) {
		return fail(r, ERR_CORRUPT, "an event cannot be read");
	}
	r->chunk_at += p.len;
	if (r->chunk_at >= r->chunk_size) {
		r->chunk_kind = 0;
	}
	return 1;
}

int journal_next(struct journal_reader *r, struct journal_item *item)
{
	if (r->error[0] != '\0') {
		return ERR_CORRUPT;
	}
	memset(item, 0, sizeof *item);
	while (r->chunk_kind == 0 || r->chunk_size == 0) {
		int rc = next_chunk(r);

		if (rc <= 0) {
			return rc;
		}
	}
	if (r->chunk_kind != JOURNAL_H && r->cfg == NULL) {
		return fail(r, ERR_CORRUPT, "the header is missing");
	}
	switch (r->chunk_kind) {
	case JOURNAL_H:
		return give_header(r, item);
	case JOURNAL_S:
		je_reset(r->codec);
		item->kind = JOURNAL_SNAPSHOT;
		item->bytes = r->chunk;
		item->size = r->chunk_size;
		r->chunk_kind = 0;
		return 1;
	case JOURNAL_E:
		return give_event(r, item);
	default:
		return fail(r, ERR_CORRUPT, "a chunk of unknown kind");
	}
}

int journal_reader_open(const char *path, struct journal_reader **out)
{
	struct journal_reader *r = calloc(1, sizeof *r);
	uint8_t magic[JOURNAL_MAGIC_SIZE];
	int rc = ERR_NOMEM;

	if (r == NULL) {
		return rc;
	}
	r->path = strdup(path);
	r->zstd = ZSTD_createDCtx();
	if (r->path == NULL || r->zstd == NULL || je_new(&r->codec) != 0) {
		goto fail;
	}
	r->file = fopen(path, "rbe");
	if (r->file == NULL) {
		rc = errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
		goto fail;
	}
	if (fread(magic, 1, sizeof magic, r->file) != sizeof magic ||
		memcmp(magic, JOURNAL_MAGIC, sizeof magic) != 0) {
		rc = ERR_CORRUPT;
		goto fail;
	}
	r->offset = JOURNAL_MAGIC_SIZE;
	*out = r;
	return 0;
fail:
	journal_reader_close(r);
	return rc;
}

void journal_reader_close(struct journal_reader *r)
{
	if (r == NULL) {
		return;
	}
	if (r->file != NULL) {
		fclose(r->file);
	}
	ZSTD_freeDCtx(r->zstd);
	je_free(r->codec);
	free(r->cfg);
	free(r->chunk);
	free(r->path);
	free(r);
}

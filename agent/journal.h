#ifndef PILED_JOURNAL_H
#define PILED_JOURNAL_H
/*
 * The journal: every event in the order in which the core took it, with snapshots of the whole
 * state, so that `piled replay FILE` gets the same decisions from the same input.
 *
 * A file is the magic "PILEDJ1\n" and zstd frames. Inside is a row of chunks: kind (1 byte), length
 * (4), FNV-1a of the bytes (8, both little-endian), bytes. Kinds:
 *   H  once, first: CORE_VERSION and the equipment (equip.h), packed (shared/pack.h)
 *   S  a snapshot, the bytes of site_snapshot(): before the first event, and each hour. It begins
 *      a frame, and what events are coded against begins anew, so that replay can start there
 *   E  events, packed as journal_event.h says
 * What was written is on its way to the disk within flush_us of event time; a file that ends
 * anywhere is good up to its last whole chunk.
 *
 * All calls come from one thread. Nothing here can fail the caller: on an I/O error the journal
 * stops, says so once through its return value, and begins a new file a minute later.
 */
#include "site.h"

struct journal;

struct journal_cfg {
	const char *folder;          /* exists; files are called journal-<wall ms>.pj */
	int64_t file_bytes;          /* a new file after this; 0 = 32 MiB */
	int64_t total_bytes;         /* the oldest files go beyond this; 0 = 512 MiB */
	int64_t flush_us;            /* 0 = 3 s */
	int64_t snapshot_us;         /* 0 = 1 hour */
	const struct site_cfg *site; /* of which the site was made; borrowed for the call */
};

/* ERR_NOMEM, ERR_INVAL. The first file is made by the first event. */
int journal_open(const struct journal_cfg *cfg, struct journal **out);

/* Records an event. Call it just before site_apply() of the same event: where a snapshot is due,
 * the state before the event is taken. 0; ERR_IO once when writing failed (errno is set). */
int journal_event(struct journal *journal, const struct site *site, const struct event *event);

/* Takes a snapshot of a site now; it begins a segment at which replay can start. */
int journal_snapshot(struct journal *journal, const struct site *site);

/* Writes what is pending and closes. */
void journal_close(struct journal *journal);

/* The present file; "" where none is open. Bytes written to all files since opening. */
const char *journal_path(const struct journal *journal);
int64_t journal_written(const struct journal *journal);

/* ---- Reading ---- */
struct journal_reader;

enum journal_item_kind { JOURNAL_HEADER, JOURNAL_SNAPSHOT, JOURNAL_EVENT };

/* One item; what it points to is the reader's until the next call. */
struct journal_item {
	enum journal_item_kind kind;
	uint32_t core_version;      /* header */
	const struct site_cfg *cfg; /* header; stays until the reader is closed */
	const void *bytes;          /* snapshot */
	size_t size;
	struct event event;
};

/* ERR_NOTFOUND, ERR_IO, ERR_NOMEM; ERR_CORRUPT where it is no journal. */
int journal_reader_open(const char *path, struct journal_reader **out);
void journal_reader_close(struct journal_reader *reader);

/* 1 with an item; 0 at the end; ERR_CORRUPT, ERR_VERSION, ERR_IO or ERR_NOMEM: see
 * journal_reader_error(). Everything that was whole before has been given. */
int journal_next(struct journal_reader *reader, struct journal_item *item);

/* What went wrong, "FILE: offset N: ...". */
const char *journal_reader_error(const struct journal_reader *reader);

#endif

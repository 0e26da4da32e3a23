#include "evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pauses.h"
#include "record.h"
#include "tariff_book.h"
#include "text.h"

enum statement { S_SESSION, S_ORDER, S_VISIT_SESSION, S_VISIT, S_MARKS, S_COUNT };

struct evidence {
	sqlite3 *db;
	sqlite3_stmt *stmt[S_COUNT];
	struct bill_point points[EVIDENCE_POINTS];
	size_t point_count;       /* marks, from points[1] on */
	struct tariff_book *book; /* NULL: to be read */
};

static int prepare_view(sqlite3 *db, enum view_kind kind, const char *where, sqlite3_stmt **out)
{
	struct sql_text t = {.length = 0};

	sql_add(&t, "SELECT ");
	record_columns(kind, &t);
	sql_add(&t, " FROM \"%s\" WHERE %s", view_info(kind)->name, where);
	return sql_prepare_text(db, &t, out);
}

int evidence_open(sqlite3 *db, struct evidence **out)
{
	struct evidence *e = calloc(1, sizeof *e);
	int rc;

	if (e == NULL) {
		return ERR_NOMEM;
	}
	e->db = db;
	rc = prepare_view(db, VIEW_session, "id = :id", &e->stmt[S_SESSION]);
	rc = rc != 0 ? rc : prepare_view(db, VIEW_order, "id = :id", &e->stmt[S_ORDER]);
	rc = rc != 0 ? rc
		     : prepare_view(db, VIEW_session,
			       "visit = :id AND \"order\" IS NOT NULL AND \"end\" IS NOT NULL"
			       " ORDER BY \"end\" DESC, rowid DESC LIMIT 1",
			       &e->stmt[S_VISIT_SESSION]);
	rc = rc != 0 ? rc : prepare_view(db, VIEW_visit, "id = :id", &e->stmt[S_VISIT]);
	rc = rc != 0 ? rc
		     : sql_prepare(db,
			       "SELECT at, read_at, wh, quality FROM mark WHERE session = :id"
			       " ORDER BY at",
			       &e->stmt[S_MARKS]);
	if (rc != 0) {
		evidence_close(e);
		return rc;
	}
	*out = e;
	return 0;
}

void evidence_forget(struct evidence *e)
{
	tariff_book_free(e->book);
	e->book = NULL;
}

void evidence_close(struct evidence *e)
{
	if (e == NULL) {
		return;
	}
	evidence_forget(e);
	sql_finalize(e->stmt, S_COUNT);
	free(e);
}

/* ---- Rows ---- */

static int read_view(
	struct evidence *e, enum statement s, enum view_kind kind, const char *id, void *out)
{
	sqlite3_stmt *stmt = e->stmt[s];
	int rc;

	sql_bind_text(stmt, ":id", id);
	rc = sql_step(stmt);
	if (rc != 1) {
		return rc == 0 ? ERR_NOTFOUND : rc;
	}
	record_read(kind, stmt, out);
	sqlite3_reset(stmt);
	return 0;
}

int evidence_session(struct evidence *e, const char *id, struct view_session *out)
{
	return read_view(e, S_SESSION, VIEW_session, id, out);
}

int evidence_order(struct evidence *e, const char *id, struct view_order *out)
{
	return read_view(e, S_ORDER, VIEW_order, id, out);
}

int evidence_visit_session(struct evidence *e, const char *visit, struct view_session *out)
{
	return read_view(e, S_VISIT_SESSION, VIEW_session, visit, out);
}

int evidence_visit(struct evidence *e, const char *id, struct view_visit *out)
{
	return read_view(e, S_VISIT, VIEW_visit, id, out);
}

/* ---- What a bill stands on ---- */

static void hash_session(struct chain *chain, const struct view_session *s)
{
	chain_text(chain, s->id);
	chain_text(chain, s->visit);
	chain_text(chain, s->gun);
	chain_text(chain, s->state);
	chain_int(chain, s->start);
	chain_int(chain, s->end);
	chain_int(chain, s->duration_s);
	chain_int(chain, s->start_wh);
	chain_text(chain, s->start_quality);
	chain_int(chain, s->start_at);
	chain_int(chain, s->end_wh);
	chain_text(chain, s->end_quality);
	chain_int(chain, s->end_at);
	chain_int(chain, s->energy_wh);
	chain_int(chain, s->stop_reason);
	chain_text(chain, s->started_by);
	chain_text(chain, s->flags);
	chain_int(chain, s->device_no);
	chain_int(chain, s->counter_wh);
	chain_int(chain, s->boot_us);
	chain_text(chain, s->boot_id);
	chain_text(chain, s->order);
}

/* What of an order does not change after it was given. */
static void hash_order(struct chain *chain, const struct view_order *o)
{
	chain_text(chain, o->id);
	chain_text(chain, o->gun);
	chain_text(chain, o->account);
	chain_text(chain, o->card);
	chain_text(chain, o->class);
	chain_text(chain, o->kind);
	chain_text(chain, o->limit);
	chain_int(chain, o->limit_value);
	chain_int(chain, o->hold_fen);
	chain_text(chain, o->tariff);
	chain_text(chain, o->by);
	chain_text(chain, o->origin);
	chain_text(chain, o->reason);
	chain_int(chain, o->asked);
}

static int take_marks(struct evidence *e, const struct view_session *s, struct chain *chain)
{
	sqlite3_stmt *stmt = e->stmt[S_MARKS];
	int rc;

	e->point_count = 0;
	sql_bind_text(stmt, ":id", s->id);
	while ((rc = sql_step(stmt)) == 1) {
		struct bill_point p = {{sql_int(stmt, 0)}, sql_int(stmt, 2),
			strcmp(sql_text(stmt, 3), quality_token(Q_GOOD)) == 0 ? Q_GOOD
									      : Q_SUBSTITUTE};

		chain_int(chain, p.at.ms);
		chain_int(chain, sql_int(stmt, 1));
		chain_int(chain, p.wh);
		chain_text(chain, sql_text(stmt, 3));
		if (p.at.ms <= s->start || p.at.ms >= s->end) {
			continue;
		}
		if (e->point_count + 2 >= EVIDENCE_POINTS) {
			sqlite3_reset(stmt);
			return ERR_FULL;
		}
		e->points[++e->point_count] = p;
	}
	return rc;
}

int evidence_take(struct evidence *e, const struct view_session *session,
	const struct view_order *order, struct chain *chain, unsigned char hash[CHAIN_SIZE])
{
	int rc;

	chain_begin(chain, NULL);
	hash_session(chain, session);
	hash_order(chain, order);
	rc = take_marks(e, session, chain);
	return rc != 0 ? rc : chain_end(chain, hash);
}

int evidence_take_visit(struct evidence *e, const struct view_visit *visit,
	const struct view_session *session, const struct view_order *order, struct chain *chain,
	unsigned char hash[CHAIN_SIZE])
{
	(void)e;
	chain_begin(chain, NULL);
	chain_text(chain, visit->id);
	chain_text(chain, visit->gun);
	chain_int(chain, visit->plugged);
	chain_int(chain, visit->unplugged);
	chain_text(chain, visit->flags);
	if (visit->pauses[0] != '\0') { /* bills from before there were any stay what they are */
		chain_text(chain, visit->pauses);
	}
	hash_session(chain, session);
	hash_order(chain, order);
	return chain_end(chain, hash);
}

/* ---- The bill ---- */

/* The versions of the order's tariff. ERR_NOTFOUND where there is none. */
static int versions_of(struct evidence *e, const struct view_order *o, struct bill_input *in)
{
	int rc = e->book != NULL ? 0 : tariff_book_load(e->db, &e->book);

	if (rc != 0) {
		return rc == ERR_CORRUPT ? ERR_BROKEN : rc; /* a row, not the file */
	}
	in->versions = tariff_book_of(e->book, o->tariff, &in->version_count);
	return in->version_count == 0 ? ERR_NOTFOUND : 0;
}

const struct tariff *evidence_tariff(struct evidence *e, const char *id, int64_t version)
{
	size_t count = 0;
	const struct tariff *const *all = e->book != NULL || tariff_book_load(e->db, &e->book) == 0
						  ? tariff_book_of(e->book, id, &count)
						  : NULL;

	for (size_t i = 0; i < count; i++) {
		if (all[i]->version == version) {
			return all[i];
		}
	}
	return NULL;
}

static enum quality good_or_not(const char *token)
{
	return strcmp(token, quality_token(Q_GOOD)) == 0 ? Q_GOOD : Q_SUBSTITUTE;
}

static void fill_bill(
	struct bill *b, const struct view_session *s, const struct view_order *o, const char *kind)
{
	memset(b, 0, sizeof *b);
	VIEW_SET(b, kind, kind);
	VIEW_SET(b, session, s->id);
	VIEW_SET(b, visit, s->visit);
	VIEW_SET(b, gun, s->gun);
	VIEW_SET(b, order, o->id);
	VIEW_SET(b, account, o->account);
	VIEW_SET(b, class, o->class[0] != '\0' ? o->class : class_token(CLASS_ORDINARY));
	VIEW_SET(b, tariff, o->tariff);
}

static uint32_t class_of(const struct bill *b)
{
	enum account_class class;

	return class_find(b->class, &class) == 0 ? (uint32_t) class : CLASS_ORDINARY;
}

int evidence_price(
	struct evidence *e, const struct view_order *o, struct wall at, int64_t *price_e5)
{
	struct bill_input in;
	struct tariff_slot slot;
	enum account_class class;
	int version, rc = versions_of(e, o, &in);

	if (rc != 0) {
		return rc;
	}
	version = tariff_in_force(in.versions, in.version_count, at);
	if (version < 0) {
		return ERR_NOTFOUND;
	}
	tariff_at(in.versions[version], at,
		class_find(o->class, &class) == 0 ? (unsigned)class : CLASS_ORDINARY, &slot);
	*price_e5 = price_total_e5(slot.price);
	return 0;
}

int evidence_bill(struct evidence *e, const struct view_session *s, const struct view_order *o,
	struct bill_all *out)
{
	struct bill_input in = {.points = e->points};
	int rc = versions_of(e, o, &in);

	if (rc != 0) {
		return rc;
	}
	if (s->start == VALUE_NONE || s->end == VALUE_NONE || s->start_wh == VALUE_NONE ||
		s->energy_wh == VALUE_NONE || s->end < s->start) {
		return ERR_INVAL;
	}
	fill_bill(&out->bill, s, o, "session");
	out->bill.start =
		(struct bill_point){{s->start}, s->start_wh, good_or_not(s->start_quality)};
	out->bill.end = (struct bill_point){
		{s->end}, s->start_wh + s->energy_wh, good_or_not(s->end_quality)};
	if (s->end == s->start) {
		/* no time for energy to flow in: it counts by its end */
		out->bill.start.at.ms = s->start - 1;
	}
	e->points[0] = out->bill.start;
	e->points[e->point_count + 1] = out->bill.end;
	in.point_count = e->point_count + 2;
	in.class = class_of(&out->bill);
	rc = bill_compute(&in, out->lines, BILL_LINES_MAX, &out->bill.sum);
	if (rc < 0) {
		return rc;
	}
	out->line_count = (size_t)rc;
	out->parking_count = 0;
	out->bill.total_fen = out->bill.sum.elec_fen + out->bill.sum.service_fen;
	return 0;
}

int evidence_parking(struct evidence *e, const struct view_visit *visit,
	const struct view_session *s, const struct view_order *o, struct bill_all *out)
{
	struct parking_pause pauses[PAUSES_MAX + 1];
	struct bill_input in;
	int64_t open_ms;
	int version, paused, rc = versions_of(e, o, &in);

	if (rc != 0) {
		return rc;
	}
	if (s->end == VALUE_NONE || visit->unplugged == VALUE_NONE) {
		return ERR_INVAL;
	}
	fill_bill(&out->bill, s, o, "parking");
	out->bill.start = (struct bill_point){{s->end}, 0, Q_GOOD};
	out->bill.end = (struct bill_point){{visit->unplugged}, 0, Q_GOOD};
	version = tariff_in_force(in.versions, in.version_count, out->bill.start.at);
	if (version < 0) {
		return ERR_NOTFOUND;
	}
	paused = pauses_read(visit->pauses, pauses, &open_ms);
	if (paused < 0) {
		return paused;
	}
	if (open_ms != 0) {
		pauses[paused++] = (struct parking_pause){{open_ms}, out->bill.end.at};
	}
	rc = parking_compute(in.versions[version], class_of(&out->bill), out->bill.start.at,
		out->bill.end.at, pauses, (size_t)paused, out->parking, &out->bill.parking_fen);
	if (rc < 0) {
		return rc;
	}
	out->line_count = 0;
	out->parking_count = (size_t)rc;
	out->bill.total_fen = out->bill.parking_fen;
	return 0;
}

int evidence_text(const struct bill_all *all, char *dst, size_t size)
{
	char hex[CHAIN_HEX];
	size_t used;
	int n = bill_text(&all->bill, all->lines, all->line_count, all->parking, all->parking_count,
		dst, size);

	if (n < 0) {
		return n;
	}
	used = (size_t)n;
	chain_hex(all->evidence, hex);
	return text_append(dst, size, &used, "evidence %s\n", hex) == 0 ? (int)used : ERR_TOOLONG;
}

int evidence_seal(struct chain *chain, const struct bill_all *all, unsigned char hash[CHAIN_SIZE])
{
	size_t room = BILL_TEXT_MAX(all->line_count + all->parking_count) + 128;
	char small[4096], *text = room <= sizeof small ? small : malloc(room);
	int n, rc;

	if (text == NULL) {
		return ERR_NOMEM;
	}
	n = evidence_text(all, text, room);
	rc = n < 0 ? n : chain_plain(chain, text, (size_t)n, hash);
	if (text != small) {
		free(text);
	}
	return rc;
}

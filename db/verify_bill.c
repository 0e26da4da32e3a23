/* Bills, each computed anew from its session, registers and tariff. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sales.h"
#include "tariff.h"
#include "verify_int.h"

struct pass {
	struct verify *v;
	struct evidence *evidence;
	sqlite3_stmt *bills, *lines;
	int line; /* what the last step to a line gave: they are read beside the bills */
	struct bill_all *stored, *computed;
	unsigned char hash[CHAIN_SIZE];
	bool free; /* nobody pays by the order */
	bool odd;  /* a column that must be empty is not, or a token is none */
};

#define LINE_BILL 17 /* its column */

static enum quality quality_from(struct pass *p, const char *token)
{
	bool good = strcmp(token, quality_token(Q_GOOD)) == 0;

	p->odd |= !good && strcmp(token, quality_token(Q_SUBSTITUTE)) != 0;
	return good ? Q_GOOD : Q_SUBSTITUTE;
}

static int take_blob(sqlite3_stmt *stmt, int column, unsigned char *dst)
{
	if (sqlite3_column_bytes(stmt, column) != CHAIN_SIZE) {
		return 1;
	}
	memcpy(dst, sqlite3_column_blob(stmt, column), CHAIN_SIZE);
	return 0;
}

static void read_bill(struct pass *p)
{
	sqlite3_stmt *q = p->bills;
	struct bill *b = &p->stored->bill;

	memset(b, 0, sizeof *b);
	VIEW_SET(b, id, sql_text(q, 0));
	VIEW_SET(b, kind, sql_text(q, 1));
	VIEW_SET(b, session, sql_text(q, 2));
	VIEW_SET(b, visit, sql_text(q, 3));
	VIEW_SET(b, gun, sql_text(q, 4));
	VIEW_SET(b, order, sql_text(q, 5));
	VIEW_SET(b, account, sql_text(q, 6));
	VIEW_SET(b, class, sql_text(q, 7));
	VIEW_SET(b, tariff, sql_text(q, 8));
	b->start = (struct bill_point){
		{sql_int(q, 9)}, sql_int(q, 10), quality_from(p, sql_text(q, 11))};
	b->end = (struct bill_point){
		{sql_int(q, 12)}, sql_int(q, 13), quality_from(p, sql_text(q, 14))};
	b->sum = (struct bill_sum){sql_int(q, 15), sql_int(q, 16), sql_int(q, 17)};
	b->parking_fen = sql_int(q, 18);
	b->total_fen = sql_int(q, 19);
	b->sealed_ms = sql_int(q, 20);
	p->odd |= take_blob(q, 21, p->stored->evidence) || take_blob(q, 22, p->hash);
}

/* Columns first..last are empty. */
static bool empty(sqlite3_stmt *q, int first, int last)
{
	for (int i = first; i <= last; i++) {
		if (sqlite3_column_type(q, i) != SQLITE_NULL) {
			return false;
		}
	}
	return true;
}

static void read_energy_line(struct pass *p, struct bill_line *line)
{
	sqlite3_stmt *q = p->lines;
	enum period period = PERIOD_FLAT;

	p->odd |= period_find(sql_text(q, 7), &period) != 0 || !empty(q, 13, 16);
	*line = (struct bill_line){{sql_int(q, 1)}, {sql_int(q, 2)}, sql_int(q, 3), sql_int(q, 4),
		sql_int(q, 5), sql_int(q, 10), sql_int(q, 11),
		{(int32_t)sql_int(q, 8), (int32_t)sql_int(q, 9)}, (uint32_t)sql_int(q, 6),
		(uint32_t)period, quality_from(p, sql_text(q, 12)) != Q_GOOD, 0};
}

static void read_parking_line(struct pass *p, struct parking_line *line)
{
	sqlite3_stmt *q = p->lines;

	p->odd |= !empty(q, 1, 12);
	*line = (struct parking_line){
		(uint32_t)sql_int(q, 13), (uint32_t)sql_int(q, 14), sql_int(q, 15), sql_int(q, 16)};
}

/* A line of a bill that is not there. */
static int stray_line(struct verify *v, sqlite3_stmt *line, int bill, int n)
{
	return verify_wrong(v, N_("it belongs to no bill"), "bill_line %" PRId64 "/%" PRId64,
		sql_int(line, bill), sql_int(line, n));
}

/* The lines of the bill in hand, and the next bill's first is read. */
static int read_lines(struct pass *p, int64_t bill, int64_t *odd_line)
{
	struct bill_all *s = p->stored;
	int64_t n = 0;

	s->line_count = s->parking_count = 0;
	if (p->line == 1 && sql_int(p->lines, LINE_BILL) < bill) {
		return stray_line(p->v, p->lines, LINE_BILL, 0);
	}
	while (p->line == 1 && sql_int(p->lines, LINE_BILL) == bill) {
		bool before = p->odd, energy = sqlite3_column_type(p->lines, 7) != SQLITE_NULL;

		if (sql_int(p->lines, 0) != ++n || s->line_count == BILL_LINES_MAX ||
			s->parking_count == TARIFF_WINDOWS || (energy && s->parking_count > 0)) {
			p->odd = true;
		} else if (energy) {
			read_energy_line(p, &s->lines[s->line_count++]);
		} else {
			read_parking_line(p, &s->parking[s->parking_count++]);
		}
		if (p->odd && !before) {
			*odd_line = n;
		}
		if (p->odd) {
			return 0;
		}
		p->line = sql_step(p->lines);
	}
	return p->line < 0 ? p->line : 0;
}

/* ---- Anew ---- */

/* Reads the evidence and computes the bill from it. ERR_NOTFOUND: some of it is not there. */
static int compute(struct pass *p)
{
	const struct bill *b = &p->stored->bill;
	struct bill_all *c = p->computed;
	struct view_session s;
	struct view_order o;
	struct view_visit visit;
	bool parking = strcmp(b->kind, "parking") == 0;
	int rc = evidence_session(p->evidence, b->session, &s);

	rc = rc != 0 ? rc : evidence_order(p->evidence, b->order, &o);
	p->free = rc == 0 && strcmp(o.kind, "free") == 0;
	if (!parking) {
		rc = rc != 0 ? rc : evidence_take(p->evidence, &s, &o, p->v->chain, c->evidence);
		return rc != 0 ? rc : evidence_bill(p->evidence, &s, &o, c);
	}
	rc = rc != 0 ? rc : evidence_visit(p->evidence, b->visit, &visit);
	rc = rc != 0 ? rc
		     : evidence_take_visit(p->evidence, &visit, &s, &o, p->v->chain, c->evidence);
	return rc != 0 ? rc : evidence_parking(p->evidence, &visit, &s, &o, c);
}

/* The first line that differs, from 1; 0 where none does. */
static int64_t differing_line(const struct bill_all *a, const struct bill_all *b)
{
	for (size_t i = 0; i < a->line_count || i < b->line_count; i++) {
		if (i >= a->line_count || i >= b->line_count ||
			memcmp(&a->lines[i], &b->lines[i], sizeof a->lines[i]) != 0) {
			return (int64_t)i + 1;
		}
	}
	for (size_t i = 0; i < a->parking_count || i < b->parking_count; i++) {
		if (i >= a->parking_count || i >= b->parking_count ||
			memcmp(&a->parking[i], &b->parking[i], sizeof a->parking[i]) != 0) {
			return (int64_t)(a->line_count + i) + 1;
		}
	}
	return 0;
}

/* Equal to the last byte, as nearly all are: then the hash need not be computed again. Where only
 * what stands between the members differs, the hash decides. */
static bool same(const struct bill_all *a, const struct bill_all *b)
{
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
	return memcmp(&a->bill, &b->bill, sizeof a->bill) == 0 && differing_line(a, b) == 0;
}

static int wrong_bill(struct pass *p, int64_t line, const char *what)
{
	return line > 0
		       ? verify_wrong(p->v, what, "bill_line %s/%" PRId64, p->stored->bill.id, line)
		       : verify_wrong(p->v, what, "bill %s", p->stored->bill.id);
}

/* ---- Sums by day ---- */

/* The columns of sale_day, after its key. */
enum { SALE_N, SALE_WH, SALE_S, SALE_ELEC, SALE_SERVICE, SALE_PARKING, SALE_FLAT, SALE_COUNT };

/* Of its gun, and of all. */
static int add_sale(struct pass *p, const char *item, const int64_t values[SALE_COUNT])
{
	struct day_sums *sales = p->v->sales;
	const struct bill *b = &p->stored->bill;
	int64_t day = day_sums_day(sales, b->sealed_ms);
	int rc =
		day_sums_add(sales, day, day_sums_name(sales, b->gun, item), values, SALE_COUNT, 1);

	return rc != 0 ? rc
		       : day_sums_add(
				 sales, day, day_sums_name(sales, "", item), values, SALE_COUNT, 1);
}

static int take_sums(struct pass *p)
{
	const struct bill *b = &p->stored->bill;
	bool parking = strcmp(b->kind, "parking") == 0;
	int64_t all[SALE_COUNT] = {1, b->sum.wh, (b->end.at.ms - b->start.at.ms) / MS_PER_S,
		b->sum.elec_fen, b->sum.service_fen, b->parking_fen, 0};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->stored->line_count; i++) {
		const struct bill_line *l = &p->stored->lines[i];
		const struct tariff *t = evidence_tariff(p->evidence, b->tariff, l->version);
		int64_t flat_fen =
			t == NULL ? l->elec_fen : sales_flat_fen(t, b->class, l->from, l->wh);
		const int64_t line[SALE_COUNT] = {
			1, l->wh, 0, l->elec_fen, l->service_fen, 0, flat_fen};

		all[SALE_FLAT] += flat_fen;
		rc = add_sale(p, period_info((enum period)l->period)->token, line);
	}
	return rc != 0 ? rc : add_sale(p, parking ? "parking" : "session", all);
}

/* It is right. */
static int count_bill(struct pass *p)
{
	p->v->out->bills++;
	return p->v->sales == NULL ? 0 : take_sums(p);
}

static int check_bill(struct pass *p)
{
	struct bill_all *s = p->stored, *c = p->computed;
	unsigned char hash[CHAIN_SIZE], as_computed[CHAIN_SIZE];
	int64_t odd_line = 0;
	bool known, sealed;
	int rc;

	p->odd = false;
	read_bill(p);
	rc = p->odd ? 0 : read_lines(p, sql_int(p->bills, 0), &odd_line);
	if (rc != 0 || p->odd) {
		return rc != 0 ? rc : wrong_bill(p, odd_line, N_("it is not as it was written"));
	}
	rc = evidence_seal(p->v->chain, s, hash);
	if (rc != 0) {
		return rc;
	}
	sealed = memcmp(hash, p->hash, CHAIN_SIZE) == 0;
	rc = compute(p);
	if (ledger_fatal(rc)) {
		return rc;
	}
	known = rc == 0;
	if (!sealed) {
		return wrong_bill(p, known ? differing_line(s, c) : 0,
			N_("it and its lines do not give its hash"));
	}
	if (rc == ERR_NOTFOUND || memcmp(c->evidence, s->evidence, CHAIN_SIZE) != 0) {
		return verify_wrong(p->v,
			N_("session, order, visit or half-hour registers are not those of the "
			   "bill"),
			"session %s", s->bill.session);
	}
	if (p->free && s->bill.account[0] == '\0') {
		/* older ones named no account where it paid nothing */
		memset(c->bill.account, 0, sizeof c->bill.account);
	}
	memcpy(c->bill.id, s->bill.id, sizeof c->bill.id);
	c->bill.sealed_ms = s->bill.sealed_ms;
	if (known && same(s, c)) {
		return count_bill(p);
	}
	rc = known ? evidence_seal(p->v->chain, c, as_computed) : 0;
	if (rc == 0 && (!known || memcmp(as_computed, hash, CHAIN_SIZE) != 0)) {
		return wrong_bill(p, known ? differing_line(s, c) : 0,
			N_("registers and tariff give another bill"));
	}
	return rc != 0 ? rc : count_bill(p);
}

static int prepare(struct pass *p, int64_t from, int64_t to)
{
	int rc = sql_prepare(p->v->db,
		"SELECT id, kind, session, visit, gun, \"order\", account, class, tariff, start,"
		" start_wh, start_quality, \"end\", end_wh, end_quality, energy_wh, elec_fen,"
		" service_fen, parking_fen, total_fen, sealed, evidence, hash FROM bill"
		" WHERE id BETWEEN :from AND :to ORDER BY id",
		&p->bills);

	rc = rc != 0 ? rc
		     : sql_prepare(p->v->db,
			       "SELECT n, \"from\", \"to\", from_wh, to_wh, energy_wh, version,"
			       " period, elec_e5, service_e5, elec_fen, service_fen, quality,"
			       " \"window\", minutes, per_min_e5, parking_fen, bill FROM bill_line"
			       " WHERE bill BETWEEN :from AND :to ORDER BY bill, n",
			       &p->lines);
	rc = rc != 0 ? rc : evidence_open(p->v->db, &p->evidence);
	if (rc == 0) {
		sql_bind_int(p->bills, ":from", from);
		sql_bind_int(p->bills, ":to", to);
		sql_bind_int(p->lines, ":from", from);
		sql_bind_int(p->lines, ":to", to);
		p->line = sql_step(p->lines);
	}
	return rc != 0 || p->line > 0 ? rc : p->line;
}

static int make(struct pass *p, int64_t from, int64_t to)
{
	p->stored = calloc(1, sizeof *p->stored);
	p->computed = calloc(1, sizeof *p->computed);
	return p->stored == NULL || p->computed == NULL ? ERR_NOMEM : prepare(p, from, to);
}

static void release(struct pass *p)
{
	evidence_close(p->evidence);
	sqlite3_finalize(p->bills);
	sqlite3_finalize(p->lines);
	free(p->stored);
	free(p->computed);
}

int verify_bills(struct verify *v, int64_t from, int64_t to)
{
	struct pass p = {.v = v};
	int rc = make(&p, from, to);

	while (rc == 0 && (rc = sql_step(p.bills)) == 1) {
		rc = check_bill(&p);
	}
	if (rc == 0 && p.line == 1) {
		rc = stray_line(v, p.lines, LINE_BILL, 0);
	}
	release(&p);
	return rc;
}

int verify_stray_lines(struct verify *v)
{
	sqlite3_stmt *q = NULL;
	int rc = sql_prepare(v->db,
		"SELECT bill, n FROM bill_line WHERE bill < 1 UNION ALL"
		" SELECT bill, n FROM bill_line"
		" WHERE bill > (SELECT coalesce(max(id), 0) FROM bill) LIMIT 1",
		&q);

	rc = rc != 0 ? rc : sql_step(q);
	if (rc == 1) {
		rc = stray_line(v, q, 0, 1);
	}
	sqlite3_finalize(q);
	return rc;
}

int ledger_bill_text(sqlite3 *db, int64_t bill, char **text)
{
	struct verify v = {.db = db};
	struct pass p = {.v = &v};
	int64_t line;
	char *made = NULL;
	int rc = make(&p, bill, bill);

	rc = rc != 0 ? rc : sql_step(p.bills);
	if (rc == 1) {
		read_bill(&p);
		rc = read_lines(&p, bill, &line);
		rc = rc == 0 && p.odd ? ERR_BROKEN : rc;
		made = rc == 0 ? malloc(EVIDENCE_TEXT_MAX) : NULL;
		rc = rc == 0 && made == NULL ? ERR_NOMEM : rc;
	} else if (rc == 0) {
		rc = ERR_NOTFOUND;
	}
	if (rc == 0) {
		rc = evidence_text(p.stored, made, EVIDENCE_TEXT_MAX);
	}
	release(&p);
	if (rc < 0) {
		free(made);
		return rc;
	}
	*text = made;
	return 0;
}

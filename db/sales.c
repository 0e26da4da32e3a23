#include "sales.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "money.h"
#include "tariff_book.h"
#include "text.h"

#define KEY_BILL "sales_bill"
#define KEY_TX   "sales_tx"
#define KEY_ZONE "sales_zone"

/* "FROM OFFSET;" a rule, both up to 20 digits. */
#define ZONE_TEXT (ZONE_RULES_MAX * 44)

struct sales {
	sqlite3 *db;
	struct zone_rules zone;
	struct tariff_book *book; /* loaded again for a version that it does not have, */
	bool fresh;               /* but once a time that something is taken in */
	bool broken;              /* what came does not fit: left until the next opening */
	sqlite3_stmt *newest, *done, *set_done, *bills, *lines, *sale, *cash, *moved;
};

/* ---- The zone ---- */

static void zone_text(const struct zone_rules *zone, char *dst, size_t size)
{
	size_t used = 0;

	snprintf(dst, size, "%s", zone->count == 0 ? "0 0;" : "");
	for (int64_t i = 0; i < zone->count; i++) {
		text_append(dst, size, &used, "%" PRId64 " %" PRId64 ";", zone->rule[i].from_ms,
			zone->rule[i].offset_s);
	}
}

static int zone_parse(const char *text, struct zone_rules *out)
{
	memset(out, 0, sizeof *out);
	while (*text != '\0') {
		struct zone_rule *rule = &out->rule[out->count];
		char *end;

		if (out->count == ZONE_RULES_MAX) {
			return ERR_CORRUPT;
		}
		rule->from_ms = strtoll(text, &end, 10);
		if (end == text || *end != ' ') {
			return ERR_CORRUPT;
		}
		text = end + 1;
		rule->offset_s = strtoll(text, &end, 10);
		if (end == text || *end != ';') {
			return ERR_CORRUPT;
		}
		text = end + 1;
		out->count++;
	}
	return zone_rules_good(out) ? 0 : ERR_CORRUPT;
}

/* The value of a key of meta, "" where there is none. */
static int meta_get(sqlite3 *db, const char *key, char *dst, size_t size)
{
	sqlite3_stmt *stmt;
	int rc = sql_prepare(db, "SELECT value FROM meta WHERE key = :key", &stmt);

	if (rc != 0) {
		return rc;
	}
	dst[0] = '\0';
	sql_bind_text(stmt, ":key", key);
	rc = sql_step(stmt);
	if (rc == 1) {
		rc = snprintf(dst, size, "%s", sql_text(stmt, 0)) < (int)size ? 0 : ERR_TOOLONG;
	}
	sqlite3_finalize(stmt);
	return rc;
}

static int meta_set(sqlite3 *db, const char *key, const char *value)
{
	sqlite3_stmt *stmt;
	int rc = sql_prepare(
		db, "INSERT OR REPLACE INTO meta (key, value) VALUES (:key, :value)", &stmt);

	if (rc != 0) {
		return rc;
	}
	sql_bind_text(stmt, ":key", key);
	sql_bind_text(stmt, ":value", value);
	rc = sql_run(stmt);
	sqlite3_finalize(stmt);
	return rc;
}

int sales_zone(sqlite3 *db, struct zone_rules *out)
{
	char text[ZONE_TEXT];
	int rc = meta_get(db, KEY_ZONE, text, sizeof text);

	return rc != 0 ? rc : zone_parse(text, out);
}

/* ---- Taking in ---- */

static int prepare(struct sales *s)
{
	const struct {
		sqlite3_stmt **stmt;
		const char *text;
	} all[] = {
		{&s->newest, "SELECT (SELECT coalesce(max(id), 0) FROM bill),"
			     " (SELECT coalesce(max(id), 0) FROM ledger_tx)"},
		{&s->done, "SELECT coalesce((SELECT CAST(value AS INTEGER) FROM meta"
			   " WHERE key = '" KEY_BILL "'), 0),"
			   " coalesce((SELECT CAST(value AS INTEGER) FROM meta"
			   " WHERE key = '" KEY_TX "'), 0)"},
		{&s->set_done, "INSERT OR REPLACE INTO meta (key, value) VALUES"
			       " ('" KEY_BILL "', CAST(:bill AS TEXT)),"
			       " ('" KEY_TX "', CAST(:tx AS TEXT))"},
		{&s->bills, "SELECT id, kind, gun, class, tariff, start, \"end\", energy_wh,"
			    " elec_fen, service_fen, parking_fen, sealed FROM bill"
			    " WHERE id > :after ORDER BY id"},
		{&s->lines, "SELECT period, version, \"from\", energy_wh, elec_fen, service_fen"
			    " FROM bill_line WHERE bill = :bill AND period IS NOT NULL ORDER BY n"},
		{&s->sale, "INSERT INTO sale_day VALUES (:gun, :day, :item, 1, :wh, :s, :elec,"
			   " :service, :parking, :flat) ON CONFLICT DO UPDATE SET n = n + 1,"
			   " energy_wh = energy_wh + excluded.energy_wh,"
			   " duration_s = duration_s + excluded.duration_s,"
			   " elec_fen = elec_fen + excluded.elec_fen,"
			   " service_fen = service_fen + excluded.service_fen,"
			   " parking_fen = parking_fen + excluded.parking_fen,"
			   " flat_fen = flat_fen + excluded.flat_fen"},
		{&s->moved, "SELECT t.id, t.at, t.kind, a.kind, sum(e.fen) FROM ledger_tx t"
			    " JOIN ledger_entry e ON e.tx = t.id"
			    " JOIN ledger_account a ON a.id = e.account"
			    " WHERE t.id > :after GROUP BY t.id, a.kind ORDER BY t.id"},
		{&s->cash, "INSERT INTO cash_day VALUES (:day, :kind, :ledger, 1, :fen)"
			   " ON CONFLICT DO UPDATE SET n = n + 1, fen = fen + excluded.fen"},
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		int rc = sql_prepare(s->db, all[i].text, all[i].stmt);

		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}

static const struct tariff *in_book(const struct sales *s, const char *id, int64_t version)
{
	size_t count = 0;
	const struct tariff *const *all = tariff_book_of(s->book, id, &count);

	for (size_t i = 0; i < count; i++) {
		if (all[i]->version == version) {
			return all[i];
		}
	}
	return NULL;
}

/* The version of a line; NULL where the file has none that this program can read. */
static const struct tariff *tariff_of(struct sales *s, const char *id, int64_t version)
{
	const struct tariff *t = s->book == NULL ? NULL : in_book(s, id, version);

	if (t == NULL && !s->fresh) {
		s->fresh = true;
		tariff_book_free(s->book);
		s->book = NULL;
		if (tariff_book_load(s->db, &s->book) == 0) {
			t = in_book(s, id, version);
		}
	}
	return t;
}

int64_t sales_flat_fen(const struct tariff *t, const char *class, struct wall from, int64_t wh)
{
	enum account_class c = CLASS_ORDINARY;
	uint8_t set = t->set_of[cal_at(&t->zone, from).month - 1];

	class_find(class, &c);
	return money_of(wh, t->price[set][c][PERIOD_FLAT].elec_e5);
}

struct sale {
	int64_t day;
	const char *gun, *item;
	int64_t wh, s, elec, service, parking, flat;
};

/* To a gun, or to all (""). */
static int add_to(struct sales *s, const struct sale *sale, const char *gun)
{
	sqlite3_bind_text(s->sale, sqlite3_bind_parameter_index(s->sale, ":gun"), gun, -1, NULL);
	sql_bind_int(s->sale, ":day", sale->day);
	sql_bind_text(s->sale, ":item", sale->item);
	sql_bind_int(s->sale, ":wh", sale->wh);
	sql_bind_int(s->sale, ":s", sale->s);
	sql_bind_int(s->sale, ":elec", sale->elec);
	sql_bind_int(s->sale, ":service", sale->service);
	sql_bind_int(s->sale, ":parking", sale->parking);
	sql_bind_int(s->sale, ":flat", sale->flat);
	return sql_run(s->sale);
}

static int add_sale(struct sales *s, const struct sale *sale)
{
	int rc = add_to(s, sale, sale->gun);

	return rc != 0 ? rc : add_to(s, sale, "");
}

/* The lines of the present bill; *flat gets the sum of their flat cost. */
static int take_lines(struct sales *s, int64_t day, int64_t *flat)
{
	const char *gun = sql_text(s->bills, 2), *class = sql_text(s->bills, 3);
	const char *tariff = sql_text(s->bills, 4);
	int rc;

	*flat = 0;
	sql_bind_int(s->lines, ":bill", sql_int(s->bills, 0));
	while ((rc = sql_step(s->lines)) == 1) {
		struct sale sale = {.day = day,
			.gun = gun,
			.item = sql_text(s->lines, 0),
			.wh = sql_int(s->lines, 3),
			.elec = sql_int(s->lines, 4),
			.service = sql_int(s->lines, 5)};
		const struct tariff *t = tariff_of(s, tariff, sql_int(s->lines, 1));

		sale.flat = t == NULL ? sale.elec
				      : sales_flat_fen(t, class,
						(struct wall){sql_int(s->lines, 2)}, sale.wh);
		*flat += sale.flat;
		rc = add_sale(s, &sale);
		if (rc != 0) {
			sqlite3_reset(s->lines);
			return rc;
		}
	}
	return rc;
}

static int64_t day_of(const struct sales *s, int64_t ms)
{
	return cal_at(&s->zone, (struct wall){ms}).day;
}

static int take_bill(struct sales *s)
{
	bool parking = strcmp(sql_text(s->bills, 1), "parking") == 0;
	struct sale sale = {.day = day_of(s, sql_int(s->bills, 11)),
		.gun = sql_text(s->bills, 2),
		.item = parking ? "parking" : "session",
		.wh = sql_int(s->bills, 7),
		.s = (sql_int(s->bills, 6) - sql_int(s->bills, 5)) / MS_PER_S,
		.elec = sql_int(s->bills, 8),
		.service = sql_int(s->bills, 9),
		.parking = sql_int(s->bills, 10)};
	int rc = take_lines(s, sale.day, &sale.flat);

	return rc != 0 ? rc : add_sale(s, &sale);
}

static int take_bills(struct sales *s, int64_t after)
{
	int rc;

	sql_bind_int(s->bills, ":after", after);
	while ((rc = sql_step(s->bills)) == 1) {
		rc = take_bill(s);
		if (rc != 0) {
			sqlite3_reset(s->bills);
			return rc;
		}
	}
	return rc;
}

static int take_cash(struct sales *s, int64_t after)
{
	int rc;

	sql_bind_int(s->moved, ":after", after);
	while ((rc = sql_step(s->moved)) == 1) {
		sql_bind_int(s->cash, ":day", day_of(s, sql_int(s->moved, 1)));
		sql_bind_text(s->cash, ":kind", sql_text(s->moved, 2));
		sql_bind_text(s->cash, ":ledger", sql_text(s->moved, 3));
		sql_bind_int(s->cash, ":fen", sql_int(s->moved, 4));
		rc = sql_run(s->cash);
		if (rc != 0) {
			sqlite3_reset(s->moved);
			return rc;
		}
	}
	return rc;
}

static int two_ints(sqlite3_stmt *stmt, int64_t *a, int64_t *b)
{
	int rc = sql_step(stmt);

	if (rc != 1) {
		return rc == 0 ? ERR_CORRUPT : rc;
	}
	*a = sql_int(stmt, 0);
	*b = sql_int(stmt, 1);
	sqlite3_reset(stmt);
	return 0;
}

static int take_new(struct sales *s, int64_t bill_done, int64_t tx_done, int64_t bill, int64_t tx)
{
	int rc;

	s->fresh = false;
	rc = take_bills(s, bill_done);
	rc = rc != 0 ? rc : take_cash(s, tx_done);
	if (rc == 0) {
		sql_bind_int(s->set_done, ":bill", bill);
		sql_bind_int(s->set_done, ":tx", tx);
		rc = sql_run(s->set_done);
	}
	return rc;
}

int sales_catch_up(struct sales *s)
{
	int64_t bill, tx, bill_done, tx_done;
	int rc = two_ints(s->newest, &bill, &tx);

	rc = rc != 0 ? rc : two_ints(s->done, &bill_done, &tx_done);
	if (rc != 0 || s->broken || (bill == bill_done && tx == tx_done)) {
		return rc;
	}
	rc = sql_exec(s->db, "SAVEPOINT sales");
	if (rc != 0) {
		return rc;
	}
	rc = take_new(s, bill_done, tx_done, bill, tx);
	if (rc == 0 || rc == ERR_IO || rc == ERR_FULL || rc == ERR_NOMEM) {
		return rc != 0 ? rc : sql_exec(s->db, "RELEASE sales");
	}
	s->broken = true;
	return sql_exec(s->db, "ROLLBACK TO sales; RELEASE sales");
}

int sales_whole(sqlite3 *db)
{
	sqlite3_stmt *stmt;
	int rc = sql_prepare(db,
		"SELECT (SELECT coalesce(max(id), 0) FROM bill)"
		" = coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = '" KEY_BILL
		"'), 0) AND (SELECT coalesce(max(id), 0) FROM ledger_tx)"
		" = coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = '" KEY_TX
		"'), 0)",
		&stmt);

	if (rc != 0) {
		return rc;
	}
	rc = sql_step(stmt);
	rc = rc == 1 ? sql_int(stmt, 0) == 1 ? 0 : ERR_CORRUPT : rc;
	sqlite3_finalize(stmt);
	return rc;
}

/* ---- Opening ---- */

static int begin(struct sales *s, bool anew)
{
	char wanted[ZONE_TEXT], had[ZONE_TEXT];
	int rc = meta_get(s->db, KEY_ZONE, had, sizeof had);

	zone_text(&s->zone, wanted, sizeof wanted);
	if (rc == 0 && (anew || strcmp(wanted, had) != 0)) {
		rc = sql_exec(s->db,
			"DELETE FROM sale_day; DELETE FROM cash_day;"
			" DELETE FROM meta WHERE key IN ('" KEY_BILL "', '" KEY_TX "')");
		rc = rc != 0 ? rc : meta_set(s->db, KEY_ZONE, wanted);
	}
	return rc != 0 ? rc : sales_catch_up(s);
}

int sales_open(sqlite3 *db, const struct zone_rules *zone, bool anew, struct sales **out)
{
	struct sales *s = calloc(1, sizeof *s);
	int rc;

	if (s == NULL) {
		return ERR_NOMEM;
	}
	s->db = db;
	s->zone = *zone;
	rc = prepare(s);
	rc = rc != 0 ? rc : sql_exec(db, "BEGIN IMMEDIATE");
	rc = rc != 0 ? rc : sql_end(db, begin(s, anew));
	if (rc != 0) {
		sales_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

void sales_close(struct sales *s)
{
	if (s == NULL) {
		return;
	}
	sqlite3_stmt *const all[] = {
		s->newest, s->done, s->set_done, s->bills, s->lines, s->sale, s->cash, s->moved};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		sqlite3_finalize(all[i]);
	}
	tariff_book_free(s->book);
	free(s);
}

/* Roll-ups of money, and the reports made of them, against the bills and transactions themselves.
 */
#include "store_fixture.h"

#include "calendar.h"
#include "migrate.h"
#include "money_report.h"
#include "random.h"
#include "reader.h"
#include "sales.h"
#include "tariff_file.h"
#include "tariff_pack.h"

#define HOUR_MS  (3600 * MS_PER_S)
#define DAYS     400
#define SHANGHAI (8 * 3600)

static const struct zone_rules zone = {1, {{0, SHANGHAI}}};
static struct store_reader reader;
static int64_t first_ms; /* 2025-01-01 of the site */

static int open_db(void **state)
{
	(void)state;
	first_ms = cal_day_begin(&zone, cal_day(2025, 1, 1)).ms;
	memset(&reader, 0, sizeof reader);
	reader.utc_offset_s = SHANGHAI;
	assert_int_equal(sqlite3_open(":memory:", &reader.site), SQLITE_OK);
	assert_int_equal(sqlite3_open(":memory:", &reader.history), SQLITE_OK);
	assert_int_equal(migrate_run(reader.history, "history", ""), 0);
	return migrate_run(reader.site, "site", "");
}

static int close_db(void **state)
{
	(void)state;
	sqlite3_close(reader.site);
	sqlite3_close(reader.history);
	return 0;
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (sql_exec(reader.site, text) != 0) {
		print_message("# %s: %s\n", sqlite3_errmsg(reader.site), text);
		fail();
	}
}

static int64_t one(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int64_t one(const char *format, ...)
{
	char text[1024];
	int64_t value = VALUE_NONE;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	assert_int_equal(sql_one_int(reader.site, text, &value), 0);
	return value == VALUE_NONE ? 0 : value;
}

static int64_t made; /* transactions */
static int64_t billed;

static void start(void)
{
	static const char *const kinds[] = {
		"cash", "wallet", "held", "revenue_elec", "revenue_service", "revenue_parking"};

	made = billed = 0;
	for (int i = 0; i < 6; i++) {
		run("INSERT INTO ledger_account VALUES (%d, '%s', '');"
		    "INSERT INTO ledger_balance VALUES (%d, 0)",
			i + 1, kinds[i], i + 1);
	}
}

/* Moves an amount from an account to up to two; credits are negative. */
static void post(const char *kind, int64_t at, int from, int to, int64_t fen, int to2, int64_t fen2)
{
	int64_t tx = ++made;

	run("INSERT INTO ledger_entry VALUES (%lld, 1, %d, %lld), (%lld, 2, %d, %lld)",
		(long long)tx, from, (long long)(fen + fen2), (long long)tx, to, (long long)-fen);
	if (to2 != 0) {
		run("INSERT INTO ledger_entry VALUES (%lld, 3, %d, %lld)", (long long)tx, to2,
			(long long)-fen2);
	}
	run("INSERT INTO ledger_tx (id, key, at, kind, fen, hash) VALUES (%lld, 'k%lld', %lld,"
	    " '%s', %lld, x'00');"
	    "UPDATE ledger_balance SET fen = (SELECT coalesce(sum(fen), 0) FROM ledger_entry e"
	    " WHERE e.account = ledger_balance.account)",
		(long long)tx, (long long)tx, (long long)at, kind, (long long)(fen + fen2));
}

static void bill(const char *gun, int64_t at, int64_t wh, int64_t elec, int64_t service)
{
	int64_t id = ++billed;

	post("settle", at, 2, 4, elec, 5, service);
	run("INSERT INTO bill_line (bill, n, \"from\", \"to\", energy_wh, version, period,"
	    " elec_fen, service_fen) VALUES"
	    " (%lld, 1, %lld, %lld, %lld, 1, 'peak', %lld, %lld)",
		(long long)id, (long long)(at - HOUR_MS), (long long)at, (long long)wh,
		(long long)elec, (long long)service);
	run("INSERT INTO bill (id, tx, kind, session, gun, class, tariff, start, start_wh,"
	    " start_quality, \"end\", end_wh, end_quality, energy_wh, elec_fen, service_fen,"
	    " parking_fen, total_fen, sealed, evidence, hash) VALUES (%lld, %lld, 'session',"
	    " 's%lld', '%s', 'ordinary', 'std', %lld, 0, 'good', %lld, %lld, 'good', %lld,"
	    " %lld, %lld, 0, %lld, %lld, x'00', x'00')",
		(long long)id, (long long)made, (long long)id, gun, (long long)(at - HOUR_MS),
		(long long)at, (long long)wh, (long long)wh, (long long)elec, (long long)service,
		(long long)(elec + service), (long long)at);
}

static void park(const char *gun, int64_t at, int64_t fen)
{
	int64_t id = ++billed;

	post("parking", at, 2, 6, fen, 0, 0);
	run("INSERT INTO bill (id, tx, kind, visit, gun, class, tariff, start, start_wh,"
	    " start_quality, \"end\", end_wh, end_quality, energy_wh, elec_fen, service_fen,"
	    " parking_fen, total_fen, sealed, evidence, hash) VALUES (%lld, %lld, 'parking',"
	    " 'v%lld', '%s', 'ordinary', 'std', %lld, 0, 'good', %lld, 0, 'good', 0, 0, 0,"
	    " %lld, %lld, %lld, x'00', x'00')",
		(long long)id, (long long)made, (long long)id, gun, (long long)(at - HOUR_MS),
		(long long)at, (long long)fen, (long long)fen, (long long)at);
}

static void rate(int64_t number, int stars, int64_t at)
{
	run("INSERT INTO rating (at, bill, stars) VALUES (%lld, %lld, %d)", (long long)at,
		(long long)number, stars);
}

/* A tariff whose flat price is 1 yuan. */
static void insert_tariff(void)
{
	static const char text[] = "tariff: std\nfrom: 2024-01-01\n"
				   "prices: {electricity: {flat: 1, peak: 2}, service: 0.5}\n"
				   "days: [{periods: {peak: 08:00-12:00, flat: rest}}]\n";
	unsigned char bytes[TARIFF_PACKED_MAX];
	struct pack p = pack_writer(bytes, sizeof bytes);
	struct yaml_errors errors = {0};
	sqlite3_stmt *stmt = NULL;
	struct tariff t;

	assert_int_equal(tariff_parse("t", text, strlen(text), &zone, &errors, &t), 0);
	t.version = 1;
	tariff_pack(&p, &t);
	assert_int_equal(
		sql_prepare(reader.site,
			"INSERT INTO tariff (id, version, \"from\", text, compiled, hash, at)"
			" VALUES ('std', 1, :from, :text, :compiled, x'00', 5)",
			&stmt),
		0);
	sql_bind_int(stmt, ":from", t.from_ms);
	sql_bind_text(stmt, ":text", text);
	sql_bind_blob(stmt, ":compiled", bytes, p.len);
	assert_int_equal(sql_run(stmt), 0);
	sqlite3_finalize(stmt);
}

/* Something that happens at a time: a top-up, a charge, parking, a refund. */
static void happen(uint64_t *seed, int64_t at)
{
	static const char *const guns[] = {"A1.1", "A1.2", "B1.1"};
	const char *gun = guns[random_below(seed, 3)];

	switch (random_below(seed, 6)) {
	case 0:
		post("topup", at, 1, 2, 1 + random_below(seed, 90000), 0, 0);
		break;
	case 1:
		post("hold", at, 2, 3, 1 + random_below(seed, 5000), 0, 0);
		break;
	case 2:
		park(gun, at, 1 + random_below(seed, 900));
		break;
	case 3:
		post("refund", at, 4, 2, 1 + random_below(seed, 300), 0, 0);
		break;
	default:
		bill(gun, at, random_below(seed, 60000), random_below(seed, 9000),
			random_below(seed, 3000));
	}
}

static struct sales *open_sales(bool anew)
{
	struct sales *sales = NULL;

	assert_int_equal(sales_open(reader.site, &zone, anew, &sales), 0);
	return sales;
}

/* Each day's roll-ups are the sums of what has its time in that day. */
static void check_days(void)
{
	int64_t offset = SHANGHAI * MS_PER_S, day_ms = S_PER_DAY * MS_PER_S;

	assert_int_equal(sales_whole(reader.site), 0);
	for (int64_t day = cal_day(2025, 1, 1); day < cal_day(2025, 1, 1) + DAYS; day++) {
		int64_t from = day * day_ms - offset, to = from + day_ms;
		const char *const guns[] = {"A1.1", "A1.2", "B1.1"};

		for (int i = 0; i < 3; i++) {
			int64_t wh = one("SELECT sum(energy_wh) FROM bill WHERE gun = '%s' AND"
					 " sealed >= %lld AND sealed < %lld",
				guns[i], (long long)from, (long long)to);

			assert_int_equal(one("SELECT energy_wh FROM sale_day WHERE day = %lld AND"
					     " gun = '%s' AND item = 'session' UNION ALL SELECT 0",
						 (long long)day, guns[i]),
				wh);
		}
		assert_int_equal(one("SELECT sum(n) FROM sale_day WHERE day = %lld AND gun = ''"
				     " AND item = 'peak'",
					 (long long)day),
			one("SELECT count(*) FROM bill WHERE kind = 'session' AND sealed >= %lld"
			    " AND sealed < %lld",
				(long long)from, (long long)to));
		assert_int_equal(one("SELECT -sum(fen) FROM cash_day WHERE day = %lld AND"
				     " ledger LIKE 'revenue%%'",
					 (long long)day),
			one("SELECT -sum(e.fen) FROM ledger_tx t JOIN ledger_entry e ON e.tx = t.id"
			    " WHERE e.account >= 4 AND t.at >= %lld AND t.at < %lld",
				(long long)from, (long long)to));
	}
}

static void roll_ups_are_the_sums(void **state)
{
	uint64_t seed = random_seed();
	struct sales *sales;

	(void)state;
	start();
	insert_tariff();
	sales = open_sales(false);
	for (int i = 0; i < 1500; i++) {
		happen(&seed, first_ms + random_below(&seed, DAYS * 24) * HOUR_MS +
				      random_below(&seed, HOUR_MS));
		if (random_below(&seed, 20) == 0) {
			assert_int_equal(sales_catch_up(sales), 0);
		}
		if (random_below(&seed, 200) == 0) {
			sales_close(sales);
			sales = open_sales(random_below(&seed, 2) == 0);
		}
	}
	post("topup", first_ms, 1, 2, 100, 0, 0);
	assert_int_equal(sales_whole(reader.site), ERR_CORRUPT);
	assert_int_equal(sales_catch_up(sales), 0);
	check_days();
	sales_close(sales);
	run("UPDATE sale_day SET energy_wh = 1");
	sales_close(open_sales(true));
	check_days();
}

/* ---- Reports ---- */

struct taken {
	struct view_report row[400];
	size_t count;
	struct view_figure figure[16];
	size_t figures;
};

static int take_row(void *arg, const struct view_report *row)
{
	struct taken *t = arg;

	assert_true(t->count < 400);
	t->row[t->count++] = *row;
	return 0;
}

static int take_figure(void *arg, const struct view_figure *row)
{
	struct taken *t = arg;

	assert_true(t->figures < 16);
	t->figure[t->figures++] = *row;
	return 0;
}

static const struct view_report *row_of(
	const struct taken *t, const char *section, const char *item)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->row[i].section, section) == 0 && strcmp(t->row[i].item, item) == 0) {
			return &t->row[i];
		}
	}
	print_message("# no row %s %s\n", section, item);
	fail();
	return NULL;
}

static const struct view_figure *figure_of(
	const struct taken *t, const char *span, const char *against)
{
	for (size_t i = 0; i < t->figures; i++) {
		if (strcmp(t->figure[i].span, span) == 0 &&
			strcmp(t->figure[i].against, against) == 0) {
			return &t->figure[i];
		}
	}
	fail();
	return NULL;
}

static void finance_equals_the_ledger(void **state)
{
	static const char *const spans[] = {"2025-03-05", "2025-03", "2025", "2026-01"};
	uint64_t seed = random_seed();
	int64_t last;

	(void)state;
	start();
	for (int i = 0; i < 800; i++) {
		happen(&seed, first_ms + random_below(&seed, DAYS * 24) * HOUR_MS);
	}
	sales_close(open_sales(false));
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
		struct taken t = {.count = 0};
		struct report_span span;
		int64_t to, revenue;

		assert_int_equal(report_span_parse(spans[i], &span), 0);
		assert_int_equal(report_finance(&reader, &span, take_row, &t), 0);
		to = cal_day_begin(&zone, span.to).ms;
		last = one("SELECT -sum(e.fen) FROM ledger_tx t JOIN ledger_entry e ON e.tx = t.id"
			   " WHERE e.account IN (2, 3) AND t.at < %lld",
			(long long)to);
		revenue = one("SELECT -sum(e.fen) FROM ledger_tx t JOIN ledger_entry e ON"
			      " e.tx = t.id WHERE e.account >= 4 AND t.at >= %lld AND t.at < %lld",
			(long long)cal_day_begin(&zone, span.from).ms, (long long)to);
		assert_int_equal(row_of(&t, "funds", "closing")->fen, last);
		assert_int_equal(row_of(&t, "ledger", "closing")->fen, last);
		assert_int_equal(row_of(&t, "revenue", "total")->fen, revenue);
	}
	/* The parts of a year are the year. */
	struct taken year = {.count = 0};
	struct report_span span;
	int64_t opening;

	assert_int_equal(report_span_parse("2025", &span), 0);
	assert_int_equal(report_finance(&reader, &span, take_row, &year), 0);
	opening = row_of(&year, "funds", "opening")->fen;
	for (size_t i = 0; i < year.count; i++) {
		if (strcmp(year.row[i].section, "funds") == 0 &&
			strcmp(year.row[i].item, "opening") != 0 &&
			strcmp(year.row[i].item, "closing") != 0) {
			opening += year.row[i].fen;
		}
	}
	assert_int_equal(opening, row_of(&year, "funds", "closing")->fen);
}

static void station_adds_up(void **state)
{
	static const char guns[][20] = {"A1.1", "A1.2", "B1.1"};
	static const bool dc[] = {true, true, false};
	const struct report_plant plant = {guns, dc, 3, "", 619400, "a notice"};
	struct taken t = {.count = 0};
	struct report_span span;
	int64_t at = cal_day_begin(&zone, cal_day(2025, 3, 5)).ms, slots = 0;

	(void)state;
	start();
	insert_tariff();
	/* Noon: peak. 10 kWh at 2 yuan; flat would have been 10. */
	bill("A1.2", at + 10 * HOUR_MS, 10000, 2000, 500);
	bill("B1.1", at + 11 * HOUR_MS, 4000, 800, 200);
	park("B1.1", at + 12 * HOUR_MS, 300);
	bill("B1.1", at + 40 * HOUR_MS, 1000, 200, 50); /* the next day */
	sales_close(open_sales(false));
	assert_int_equal(report_span_parse("2025-03-05", &span), 0);
	assert_int_equal(report_station(&reader, &span, &plant, (struct wall){at + 12 * HOUR_MS},
				 take_row, &t),
		0);
	for (size_t i = 0; i < t.count; i++) {
		slots += strcmp(t.row[i].section, "slot") == 0;
	}
	assert_int_equal(slots, 24);
	assert_int_equal(row_of(&t, "total", "session")->energy_wh, 14000);
	assert_int_equal(row_of(&t, "total", "session")->count, 2);
	assert_int_equal(row_of(&t, "period", "peak")->elec_fen, 2800);
	assert_int_equal(row_of(&t, "period", "valley")->energy_wh, 0);
	assert_int_equal(row_of(&t, "pile", "A1")->fen, 2500);
	assert_int_equal(row_of(&t, "pile", "B1")->fen, 1300);
	assert_int_equal(row_of(&t, "pile", "B1")->parking_fen, 300);
	assert_int_equal(row_of(&t, "kind", "dc")->energy_wh, 10000);
	assert_int_equal(row_of(&t, "kind", "ac")->energy_wh, 4000);
	assert_int_equal(row_of(&t, "saved", "flat_price")->fen, 1400 - 2800);
	assert_int_equal(row_of(&t, "saved", "carbon")->carbon_mg, 14 * 619400);
	assert_int_equal(row_of(&t, "saved", "carbon")->carbon_mg_kwh, 619400);
	assert_string_equal(row_of(&t, "saved", "carbon")->source, "a notice");
	assert_int_equal(row_of(&t, "revenue", "total")->fen, 3800);
	/* Two hours of three guns in the twelve that the day has lasted. */
	assert_int_equal(row_of(&t, "use", "guns")->use_pm, (2 * 1000 + 18) / 36);

	t.count = 0;
	slots = 0;
	assert_int_equal(report_span_parse("2025-03", &span), 0);
	assert_int_equal(report_station(&reader, &span, &plant, (struct wall){at + 48 * HOUR_MS},
				 take_row, &t),
		0);
	for (size_t i = 0; i < t.count; i++) {
		slots += strcmp(t.row[i].section, "slot") == 0;
	}
	assert_int_equal(slots, 31);
	assert_int_equal(row_of(&t, "total", "session")->energy_wh, 15000);
}

/* The newest of each bill counts, for the span in which the bill was sealed. */
static void ratings_tell_a_bad_pile(void **state)
{
	static const char guns[][20] = {"A1.1", "A1.2", "B1.1"};
	static const bool dc[] = {true, true, false};
	const struct report_plant plant = {guns, dc, 3, "", VALUE_NONE, ""};
	int64_t at = cal_day_begin(&zone, cal_day(2025, 3, 5)).ms, before;
	struct taken t = {.count = 0};
	struct report_span span;

	(void)state;
	start();
	insert_tariff();
	bill("A1.1", at - HOUR_MS, 1000, 100, 100); /* the day before */
	before = billed;
	bill("A1.1", at + 2 * HOUR_MS, 1000, 100, 100);
	bill("A1.2", at + 3 * HOUR_MS, 1000, 100, 100);
	bill("B1.1", at + 4 * HOUR_MS, 1000, 100, 100);
	bill("B1.1", at + 5 * HOUR_MS, 1000, 100, 100);
	sales_close(open_sales(false));
	assert_int_equal(report_span_parse("2025-03-05", &span), 0);
	assert_int_equal(
		report_station(&reader, &span, &plant, (struct wall){at}, take_row, &t), 0);
	for (size_t i = 0; i < t.count; i++) {
		assert_string_not_equal(t.row[i].section, "rating");
		assert_int_equal(t.row[i].ratings, VALUE_NONE);
	}
	rate(before, 1, at + 6 * HOUR_MS);
	rate(before + 1, 1, at + 6 * HOUR_MS);
	rate(before + 2, 4, at + 6 * HOUR_MS);
	rate(before + 3, 2, at + 6 * HOUR_MS);
	rate(before + 1, 5, at + 90 * HOUR_MS); /* thought better of it, days later */
	t.count = 0;
	assert_int_equal(
		report_station(&reader, &span, &plant, (struct wall){at}, take_row, &t), 0);
	assert_int_equal(row_of(&t, "rating", "total")->ratings, 3);
	assert_int_equal(row_of(&t, "rating", "total")->stars_e1, 37); /* 11 of 3 */
	assert_int_equal(row_of(&t, "rating", "5")->ratings, 1);
	assert_int_equal(row_of(&t, "rating", "4")->ratings, 1);
	assert_int_equal(row_of(&t, "rating", "3")->ratings, 0);
	assert_int_equal(row_of(&t, "rating", "2")->ratings, 1);
	assert_int_equal(row_of(&t, "rating", "1")->ratings, 0);
	assert_int_equal(row_of(&t, "pile", "A1")->ratings, 2);
	assert_int_equal(row_of(&t, "pile", "A1")->stars_e1, 45);
	assert_int_equal(row_of(&t, "pile", "A1")->count, 2);
	assert_int_equal(row_of(&t, "pile", "B1")->ratings, 1);
	assert_int_equal(row_of(&t, "pile", "B1")->stars_e1, 20);
	assert_int_equal(row_of(&t, "kind", "ac")->stars_e1, 20);
	assert_int_equal(row_of(&t, "kind", "dc")->stars_e1, 45);
	t.count = 0;
	assert_int_equal(report_span_parse("2025-03-04", &span), 0);
	assert_int_equal(
		report_station(&reader, &span, &plant, (struct wall){at}, take_row, &t), 0);
	assert_int_equal(row_of(&t, "rating", "total")->stars_e1, 10);
}

static void home_compares_the_same_part(void **state)
{
	struct taken t = {.count = 0};
	int64_t at = cal_day_begin(&zone, cal_day(2026, 1, 15)).ms, day = S_PER_DAY * MS_PER_S;

	(void)state;
	start();
	bill("A1.1", at + 2 * HOUR_MS, 3000, 300, 0);       /* today, before now */
	bill("A1.1", at - day + 1 * HOUR_MS, 2000, 200, 0); /* yesterday, same part */
	bill("A1.1", at - day + 20 * HOUR_MS, 50000, 5000, 0);
	bill("A1.1", at - 14 * day - HOUR_MS, 7000, 700, 0); /* last year */
	post("topup", at + HOUR_MS, 1, 2, 10000, 0, 0);
	post("reverse", at + HOUR_MS, 2, 1, 4000, 0, 0);
	run("INSERT INTO account (no, id, status, opened) VALUES (1, 'C1', 'active', %lld)",
		(long long)(at + 5));
	sales_close(open_sales(false));
	assert_int_equal(report_home(&reader, (struct wall){at + 9 * HOUR_MS}, take_figure, &t), 0);
	assert_int_equal(figure_of(&t, "today", "")->energy_wh, 3000);
	assert_int_equal(figure_of(&t, "today", "")->charged_fen, 300);
	assert_int_equal(figure_of(&t, "today", "")->topup_fen, 6000);
	assert_int_equal(figure_of(&t, "today", "")->accounts, 1);
	assert_int_equal(figure_of(&t, "today", "before")->energy_wh, 2000);
	assert_int_equal(figure_of(&t, "today", "before")->energy_more_pm, 500);
	assert_int_equal(figure_of(&t, "month", "")->energy_wh, 55000);
	assert_int_equal(figure_of(&t, "year", "")->sessions, 3);
	assert_int_equal(figure_of(&t, "total", "")->energy_wh, 62000);
	assert_int_equal(figure_of(&t, "total", "")->duration_s, 4 * 3600);
	assert_int_equal(figure_of(&t, "year", "before")->energy_more_pm, VALUE_NONE);
}

static void damage_stops_reports_not_the_writer(void **state)
{
	struct sales *sales = open_sales(false);
	struct taken t = {.count = 0};
	struct report_span span;

	(void)state;
	start();
	assert_int_equal(report_span_parse("2025", &span), 0);
	run("CREATE TRIGGER odd BEFORE INSERT ON sale_day BEGIN SELECT RAISE(ABORT, 'odd'); END");
	bill("A1.1", first_ms, 1, 1, 1);
	run("BEGIN");
	assert_int_equal(sales_catch_up(sales), 0);
	run("COMMIT");
	assert_int_equal(one("SELECT count(*) FROM bill"), 1);
	assert_int_equal(one("SELECT count(*) FROM cash_day"), 0);
	assert_int_equal(report_finance(&reader, &span, take_row, &t), ERR_CORRUPT);
	run("DROP TRIGGER odd");
	sales_close(sales);
	sales_close(open_sales(false));
	assert_int_equal(report_finance(&reader, &span, take_row, &t), 0);
}

static void spans_are_read_strictly(void **state)
{
	static const char *const bad[] = {"", "2026-", "2026-13", "2026-00", "2026-02-30", "26",
		"2026-1", "1969", "2026-01-01x", "abcd", "2026/01"};
	struct report_span span;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_true(report_span_parse(bad[i], &span) < 0);
	}
	assert_int_equal(report_span_parse("2024-02", &span), 0);
	assert_int_equal(span.to - span.from, 29);
	assert_int_equal(report_span_parse("2024", &span), 0);
	assert_int_equal(span.to - span.from, 366);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(roll_ups_are_the_sums, open_db, close_db),
		cmocka_unit_test_setup_teardown(finance_equals_the_ledger, open_db, close_db),
		cmocka_unit_test_setup_teardown(station_adds_up, open_db, close_db),
		cmocka_unit_test_setup_teardown(ratings_tell_a_bad_pile, open_db, close_db),
		cmocka_unit_test_setup_teardown(home_compares_the_same_part, open_db, close_db),
		cmocka_unit_test_setup_teardown(
			damage_stops_reports_not_the_writer, open_db, close_db),
		cmocka_unit_test(spans_are_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

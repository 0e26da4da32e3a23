/* The report of a station: energy, sessions, use, peak and valley, revenue, by pile and period. */
#include <stdio.h>
#include <string.h>

#include "rating.h"
#include "report_part.h"
#include "rollup.h"
#include "tariff.h"

static void add(struct sums *a, const struct sums *b)
{
	a->n += b->n;
	a->wh += b->wh;
	a->s += b->s;
	a->elec += b->elec;
	a->service += b->service;
	a->parking += b->parking;
	a->flat += b->flat;
	for (int n = 1; n <= RATING_MAX; n++) {
		a->rated[n] += b->rated[n];
	}
}

/* Sessions, parking and periods of all guns. */
struct site_sums {
	struct sums session, parking, period[PERIOD_COUNT_];
};

static int read_site(const struct part *r, struct site_sums *out)
{
	sqlite3_stmt *stmt;
	int rc = sql_prepare(r->reader->site,
		"SELECT item, " PART_SUMS " FROM sale_day"
		" WHERE gun = '' AND day >= :from AND day < :to GROUP BY item",
		&stmt);

	memset(out, 0, sizeof *out);
	if (rc != 0) {
		return rc;
	}
	sql_bind_int(stmt, ":from", r->span.from);
	sql_bind_int(stmt, ":to", r->span.to);
	while ((rc = sql_step(stmt)) == 1) {
		const char *item = sql_text(stmt, 0);
		enum period p;

		if (strcmp(item, "session") == 0) {
			out->session = part_sums_at(stmt, 1);
		} else if (strcmp(item, "parking") == 0) {
			out->parking = part_sums_at(stmt, 1);
		} else if (period_find(item, &p) == 0) {
			out->period[p] = part_sums_at(stmt, 1);
		}
	}
	sqlite3_finalize(stmt);
	return rc;
}

static int give_site(struct part *r, const struct site_sums *s)
{
	int rc = part_sums(r, "total", "session", &s->session);

	rc = rc != 0 ? rc : part_sums(r, "total", "parking", &s->parking);
	for (int p = 0; rc == 0 && p < PERIOD_COUNT_; p++) {
		rc = part_sums(r, "period", period_info((unsigned)p)->token, &s->period[p]);
	}
	return rc;
}

static bool is_dc(const struct report_plant *plant, const char *gun)
{
	for (size_t i = 0; i < plant->gun_count; i++) {
		if (strcmp(plant->guns[i], gun) == 0) {
			return plant->dc[i];
		}
	}
	return false;
}

/* "A1" of "A1.2". */
static void pile_of(const char *gun, char *dst, size_t size)
{
	const char *dot = strchr(gun, '.');
	size_t length = dot == NULL ? strlen(gun) : (size_t)(dot - gun);

	length = length < size ? length : size - 1;
	memcpy(dst, gun, length);
	dst[length] = '\0';
}

/* What the guns sold and how they were rated. */
static const char guns_text[] =
	"WITH rated AS MATERIALIZED (SELECT gun, sum(stars = 1) AS s1, sum(stars = 2) AS s2,"
	" sum(stars = 3) AS s3, sum(stars = 4) AS s4, sum(stars = 5) AS s5"
	" FROM " PART_RATED " GROUP BY gun)"
	" SELECT s.gun, " PART_SUMS ", max(s1), max(s2), max(s3), max(s4), max(s5)"
	" FROM sale_day s LEFT JOIN rated ON rated.gun = s.gun WHERE s.gun <> ''"
	" AND day >= :from AND day < :to AND item IN ('session', 'parking')"
	" GROUP BY s.gun ORDER BY s.gun";

/* By pile, then AC against DC. Guns come in order, so that those of a pile stand together. */
static int give_piles(struct part *r, const struct report_plant *plant, struct sums kind[2])
{
	struct sums pile = {0};
	char name[24] = "", next[24];
	sqlite3_stmt *stmt;
	int rc = sql_prepare(r->reader->site, guns_text, &stmt);

	if (rc != 0) {
		return rc;
	}
	sql_bind_int(stmt, ":from", r->span.from);
	sql_bind_int(stmt, ":to", r->span.to);
	part_bind_rated(stmt, r);
	while ((rc = sql_step(stmt)) == 1) {
		const char *gun = sql_text(stmt, 0);
		struct sums s = part_sums_at(stmt, 1);

		for (int n = 1; n <= RATING_MAX; n++) {
			s.rated[n] = part_int(sql_int(stmt, 7 + n));
		}
		pile_of(gun, next, sizeof next);
		if (strcmp(next, name) != 0) {
			if (name[0] != '\0' && (rc = part_sums(r, "pile", name, &pile)) != 0) {
				break;
			}
			memcpy(name, next, sizeof name);
			memset(&pile, 0, sizeof pile);
		}
		add(&pile, &s);
		add(&kind[is_dc(plant, gun)], &s);
	}
	sqlite3_finalize(stmt);
	if (rc == 0 && name[0] != '\0') {
		rc = part_sums(r, "pile", name, &pile);
	}
	rc = rc != 0 ? rc : part_sums(r, "kind", "ac", &kind[0]);
	return rc != 0 ? rc : part_sums(r, "kind", "dc", &kind[1]);
}

/* What drivers said: how many, the mean, and how many of each number of stars, the best first. No
 * rows where nobody said anything. */
static int give_ratings(struct part *r, const struct sums kind[2])
{
	struct sums all = kind[0];
	struct view_report row;
	int rc;

	add(&all, &kind[1]);
	part_row(r, "rating", "total", &row);
	part_stars(&row, &all);
	if (row.ratings == VALUE_NONE) {
		return 0;
	}
	rc = r->each(r->arg, &row);
	for (int stars = RATING_MAX; rc == 0 && stars >= 1; stars--) {
		char item[8];

		snprintf(item, sizeof item, "%d", stars);
		part_row(r, "rating", item, &row);
		row.ratings = all.rated[stars];
		rc = r->each(r->arg, &row);
	}
	return rc;
}

/* The highest or lowest of the load: found by days, then by quarters of that day. */
static int extreme(const struct part *r, const char *meter, bool peak, int64_t *w, int64_t *at)
{
	static const char *const queries[2][2] = {
		{"SELECT id / 65536, min_w FROM day WHERE id >= :from AND id < :to"
		 " AND id % 65536 = (SELECT id FROM series WHERE name = :name)"
		 " AND min_w IS NOT NULL ORDER BY min_w, id LIMIT 1",
			"SELECT id / 65536, min_w FROM quarter WHERE id >= :from AND id < :to"
			" AND id % 65536 = (SELECT id FROM series WHERE name = :name)"
			" AND min_w IS NOT NULL ORDER BY min_w, id LIMIT 1"},
		{"SELECT id / 65536, max_w FROM day WHERE id >= :from AND id < :to"
		 " AND id % 65536 = (SELECT id FROM series WHERE name = :name)"
		 " AND max_w IS NOT NULL ORDER BY max_w DESC, id LIMIT 1",
			"SELECT id / 65536, max_w FROM quarter WHERE id >= :from AND id < :to"
			" AND id % 65536 = (SELECT id FROM series WHERE name = :name)"
			" AND max_w IS NOT NULL ORDER BY max_w DESC, id LIMIT 1"}};
	int64_t from = r->from.ms, to = r->to.ms, offset = r->reader->utc_offset_s;
	int rc = 0;

	*w = *at = VALUE_NONE;
	for (int kind = ROLLUP_DAY; kind >= ROLLUP_QUARTER && rc == 0; kind--) {
		sqlite3_stmt *stmt;

		rc = sql_prepare(r->reader->history, queries[peak][kind == ROLLUP_QUARTER], &stmt);
		if (rc != 0) {
			return rc;
		}
		sql_bind_int(stmt, ":from",
			ROLLUP_KEY(rollup_slot((enum rollup_kind)kind, from, offset), 0));
		sql_bind_int(stmt, ":to",
			ROLLUP_KEY(rollup_slot((enum rollup_kind)kind, to - 1, offset) + 1, 0));
		sql_bind_text(stmt, ":name", meter);
		rc = sql_step(stmt);
		if (rc == 1) {
			*w = sql_int(stmt, 1);
			from = rollup_begin((enum rollup_kind)kind, sql_int(stmt, 0), offset);
			to = from + (kind == ROLLUP_DAY ? DAY_MS : QUARTER_MS);
			*at = from;
			rc = 0;
		} else if (rc == 0) {
			sqlite3_finalize(stmt);
			return 0;
		}
		sqlite3_finalize(stmt);
	}
	return rc;
}

static int take_energy(void *arg, const struct view_energy *row)
{
	*(struct view_energy *)arg = *row;
	return 0;
}

/* What the guns' registers moved, billed or not, and the load's peak and valley. */
static int give_load(struct part *r, const struct report_plant *plant)
{
	static const char *const names[] = {"valley", "peak"};
	struct view_report row;
	struct view_energy energy;
	int rc;

	view_clear(VIEW_energy, &energy);
	rc = store_energy(r->reader, r->from, r->to, "site", 0, take_energy, &energy);
	part_row(r, "load", "registers", &row);
	row.energy_wh = energy.energy_wh;
	rc = rc != 0 ? rc : r->each(r->arg, &row);
	for (int peak = 1; rc == 0 && peak >= 0 && plant->meter[0] != '\0'; peak--) {
		part_row(r, "load", names[peak], &row);
		rc = extreme(r, plant->meter, peak, &row.power_w, &row.from);
		row.to = row.from == VALUE_NONE ? VALUE_NONE : row.from + QUARTER_MS;
		rc = rc != 0 ? rc : r->each(r->arg, &row);
	}
	return rc;
}

static int give_use(struct part *r, const struct report_plant *plant, const struct sums *session,
	struct wall now)
{
	int64_t to = r->to.ms < now.ms ? r->to.ms : now.ms;
	int64_t room_s =
		to > r->from.ms ? (to - r->from.ms) / MS_PER_S * (int64_t)plant->gun_count : 0;
	struct view_report row;

	part_row(r, "use", "guns", &row);
	row.count = (int64_t)plant->gun_count;
	row.duration_s = session->s;
	row.use_pm = room_s > 0 ? (session->s * 1000 + room_s / 2) / room_s : VALUE_NONE;
	return r->each(r->arg, &row);
}

static int give_saved(struct part *r, const struct report_plant *plant, const struct sums *session)
{
	struct view_report row;
	int rc = part_fen(r, "saved", "flat_price", session->n, session->flat - session->elec);

	if (rc != 0 || plant->carbon_mg_kwh == VALUE_NONE) {
		return rc;
	}
	part_row(r, "saved", "carbon", &row);
	row.energy_wh = session->wh;
	row.carbon_mg = session->wh * plant->carbon_mg_kwh / 1000;
	row.carbon_mg_kwh = plant->carbon_mg_kwh;
	VIEW_SET(&row, source, plant->carbon_source);
	return r->each(r->arg, &row);
}

int report_station(struct store_reader *reader, const struct report_span *span,
	const struct report_plant *plant, struct wall now,
	int (*each)(void *arg, const struct view_report *row), void *arg)
{
	struct part r = {.each = each, .arg = arg};
	struct sums kind[2] = {{0}, {0}};
	struct site_sums s;
	int rc = part_begin(&r, reader, span);

	if (rc != 0) {
		return rc;
	}
	rc = read_site(&r, &s);
	rc = rc != 0 ? rc : give_site(&r, &s);
	rc = rc != 0 ? rc : give_piles(&r, plant, kind);
	rc = rc != 0 ? rc : give_ratings(&r, kind);
	rc = rc != 0 ? rc : give_load(&r, plant);
	rc = rc != 0 ? rc : give_use(&r, plant, &s.session, now);
	rc = rc != 0 ? rc : part_revenue(&r);
	rc = rc != 0 ? rc : give_saved(&r, plant, &s.session);
	rc = rc != 0 ? rc : part_slots(&r);
	reader_end(reader->site);
	return rc;
}

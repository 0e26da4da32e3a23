/* Telemetry to the caller: curves, thinned or raw, and whole rows. */
#include "reader.h"
#include "scan.h"

struct curve {
	enum point point;
	bool last_counts; /* a slot's value is its last one, not the mean */
	struct wall from, to;
	int64_t width_ms; /* of a slot; 0 = raw */
	int (*each)(void *arg, const struct store_sample *sample);
	void *arg;
	/* the present slot */
	int64_t slot, good, sum;
	struct store_sample sample;
};

static bool is_quantity(enum unit u)
{
	switch (u) {
	case UNIT_STATE:
	case UNIT_BOOL:
	case UNIT_CODE:
	case UNIT_BITS:
	case UNIT_WH:
	case UNIT_VARH:
		return false;
	default:
		return true;
	}
}

static int end_slot(struct curve *c)
{
	if (c->slot < 0) {
		return 0;
	}
	if (c->good > 0 && !c->last_counts) {
		c->sample.value = c->sum / c->good;
	}
	return c->each(c->arg, &c->sample);
}

static int thin(struct curve *c, int64_t at_ms, int64_t value, enum quality q)
{
	int64_t slot = (at_ms - c->from.ms) / c->width_ms;
	bool good = value != VALUE_NONE && (q == Q_GOOD || q == Q_SUBSTITUTE);
	int rc = 0;

	if (slot != c->slot) {
		rc = end_slot(c);
		c->slot = slot;
		c->good = c->sum = 0;
		c->sample = (struct store_sample){
			{c->from.ms + slot * c->width_ms}, VALUE_NONE, VALUE_NONE, VALUE_NONE, q};
	}
	if (good) {
		struct store_sample *s = &c->sample;

		s->min = c->good == 0 || value < s->min ? value : s->min;
		s->max = c->good == 0 || value > s->max ? value : s->max;
		s->value = value;
		s->quality = q;
		c->good++;
		if (__builtin_add_overflow(c->sum, value, &c->sum)) {
			c->last_counts = true;
		}
	}
	return rc;
}

static int curve_hour(void *arg, const struct block *b)
{
	struct curve *c = arg;
	const struct block_column *col = block_find(b, (uint16_t)c->point);
	int rc = 0;

	for (size_t i = 0; col != NULL && rc == 0 && i < b->rows; i++) {
		int64_t at = b->at_ms[i], value = block_value(col, i);
		enum quality q = block_quality(col, i);

		if (q == Q_NONE || at < c->from.ms || at >= c->to.ms) {
			continue;
		}
		if (c->width_ms == 0) {
			rc = c->each(c->arg, &(struct store_sample){{at}, value, value, value, q});
		} else {
			rc = thin(c, at, value, q);
		}
	}
	return rc;
}

int store_curve(struct store_reader *r, const char *series, enum point p, struct wall from,
	struct wall to, size_t max, int (*each)(void *arg, const struct store_sample *sample),
	void *arg)
{
	struct curve c = {.point = p, .from = from, .to = to, .each = each, .arg = arg, .slot = -1};
	int64_t id;
	int rc;

	if (p >= PT_COUNT_) {
		return ERR_INVAL;
	}
	rc = scan_series(r->history, series, &id);
	if (rc != 0) {
		return rc;
	}
	rc = scan_range(r->history, &c.from, &c.to);
	if (rc != 0) {
		return rc == ERR_NOTFOUND ? 0 : rc;
	}
	if (max > 0) {
		int64_t n = max > (size_t)INT32_MAX ? INT32_MAX : (int64_t)max;

		c.width_ms = (c.to.ms - c.from.ms + n - 1) / n;
		c.last_counts = !is_quantity(point_info(p)->unit);
	}
	rc = scan_hours(r->history, id, c.from, c.to, (int)p, curve_hour, &c, NULL);
	return rc != 0 || max == 0 ? rc : end_slot(&c);
}

struct export
{
	struct wall from, to;
	int (*each)(void *arg, const struct store_row *row);
	void *arg;
};

static int export_hour(void *arg, const struct block *b)
{
	struct store_value values[BLOCK_COLUMNS_MAX];
	struct export *e = arg;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < b->rows; i++) {
		if (b->at_ms[i] >= e->from.ms && b->at_ms[i] < e->to.ms) {
			size_t count = block_row(b, i, values);
			struct store_row row = {{b->at_ms[i]}, values, count};

			rc = e->each(e->arg, &row);
		}
	}
	return rc;
}

int store_rows(struct store_reader *r, const char *series, struct wall from, struct wall to,
	int (*each)(void *arg, const struct store_row *row), void *arg)
{
	struct export e = {from, to, each, arg};
	int64_t id;
	int rc = scan_series(r->history, series, &id);

	if (rc != 0) {
		return rc;
	}
	rc = scan_range(r->history, &e.from, &e.to);
	if (rc != 0) {
		return rc == ERR_NOTFOUND ? 0 : rc;
	}
	return scan_hours(r->history, id, e.from, e.to, -1, export_hour, &e, NULL);
}

int store_series(struct store_reader *r, int (*each)(void *arg, const char *name), void *arg)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sql_prepare(r->history, "SELECT name FROM series ORDER BY name", &stmt);

	while (rc == 0 && (rc = sql_step(stmt)) == 1) {
		rc = each(arg, sql_text(stmt, 0));
	}
	sqlite3_finalize(stmt);
	return rc;
}

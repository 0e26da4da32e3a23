#include "bill.h"

#include <stdbool.h>
#include <string.h>

#include "money.h"

#define WH_MAX      INT64_C(100000000000)
#define PARKING_MAX (366 * S_PER_DAY * MS_PER_S)

/* part * num / den, rounded half up, without overflow; 0 <= num <= den. */
static int64_t share(int64_t part, int64_t num, int64_t den)
{
	unsigned __int128 n = (unsigned __int128)part * (uint64_t)num * 2 + (uint64_t)den;

	return (int64_t)(n / ((uint64_t)den * 2));
}

int64_t bill_interpolate(const struct bill_point *a, const struct bill_point *b, struct wall at)
{
	if (at.ms <= a->at.ms) {
		return a->wh;
	}
	if (at.ms >= b->at.ms) {
		return b->wh;
	}
	return a->wh + share(b->wh - a->wh, at.ms - a->at.ms, b->at.ms - a->at.ms);
}

static int check(const struct bill_input *in)
{
	const struct bill_point *p = in->points;

	if (in->point_count < 2 || p[0].wh < 0 || p[in->point_count - 1].wh > WH_MAX) {
		return ERR_INVAL;
	}
	for (size_t i = 1; i < in->point_count; i++) {
		if (p[i].wh < p[i - 1].wh || p[i].at.ms < p[i - 1].at.ms ||
			(p[i].at.ms == p[i - 1].at.ms && p[i].wh != p[i - 1].wh)) {
			return ERR_INVAL;
		}
	}
	return 0;
}

/* The half hour that holds `at`, cut where another version begins. ERR_NOTFOUND before the first.
 */
static int slot_at(const struct bill_input *in, struct wall at, struct tariff_slot *slot,
	const struct tariff **version)
{
	int i = tariff_in_force(in->versions, in->version_count, at);

	if (i < 0) {
		return ERR_NOTFOUND;
	}
	*version = in->versions[i];
	tariff_at(*version, at, in->class, slot);
	if ((size_t)i + 1 < in->version_count && slot->end.ms > in->versions[i + 1]->from_ms) {
		slot->end.ms = in->versions[i + 1]->from_ms;
	}
	return 0;
}

/* The register at a border; `*next` is the first point not before the last border. */
static int64_t register_at(const struct bill_input *in, struct wall at, size_t *next, bool *good)
{
	const struct bill_point *p = in->points;

	while (*next + 1 < in->point_count && p[*next].at.ms < at.ms) {
		++*next;
	}
	if (p[*next].at.ms == at.ms) {
		*good = p[*next].quality == Q_GOOD;
		return p[*next].wh;
	}
	*good = false;
	return *next == 0 ? p[0].wh : bill_interpolate(&p[*next - 1], &p[*next], at);
}

static bool same_line(
	const struct bill_line *line, const struct tariff_slot *slot, const struct tariff *version)
{
	return line->version == version->version && line->period == (uint32_t)slot->period &&
	       line->price.elec_e5 == slot->price.elec_e5 &&
	       line->price.service_e5 == slot->price.service_e5;
}

static void finish_line(
	struct bill_line *line, struct wall to, int64_t wh, bool good, struct bill_sum *sum)
{
	line->to = to;
	line->to_wh = wh;
	line->substitute |= !good;
	line->wh = wh - line->from_wh;
	line->elec_fen = money_of(line->wh, line->price.elec_e5);
	line->service_fen = money_of(line->wh, line->price.service_e5);
	sum->wh += line->wh;
	sum->elec_fen += line->elec_fen;
	sum->service_fen += line->service_fen;
}

int bill_compute(
	const struct bill_input *in, struct bill_line *lines, size_t room, struct bill_sum *sum)
{
	const struct bill_point *first, *last;
	struct wall at;
	size_t count = 0, next = 0;
	bool good;
	int err = check(in);

	memset(sum, 0, sizeof *sum);
	if (err != 0) {
		return err;
	}
	first = &in->points[0];
	last = &in->points[in->point_count - 1];
	good = first->quality == Q_GOOD;
	at = first->at;
	do {
		const struct tariff *version;
		struct tariff_slot slot;
		int64_t wh = first->wh;

		err = slot_at(in, at, &slot, &version);
		if (err != 0) {
			return err;
		}
		if (count == 0 || !same_line(&lines[count - 1], &slot, version)) {
			if (count > 0) {
				wh = register_at(in, at, &next, &good);
				finish_line(&lines[count - 1], at, wh, good, sum);
			}
			if (count == room) {
				return ERR_FULL;
			}
			lines[count++] = (struct bill_line){.from = at,
				.from_wh = wh,
				.price = slot.price,
				.version = version->version,
				.period = (uint32_t)slot.period,
				.substitute = !good};
		}
		at = slot.end;
	} while (at.ms < last->at.ms);
	finish_line(&lines[count - 1], last->at, last->wh, last->quality == Q_GOOD, sum);
	return (int)count;
}

/* Which window of the tariff holds a minute of the day; -1 where none does. The first that does. */
static int window_of(const struct tariff *t, int32_t minute)
{
	for (uint32_t i = 0; i < t->windows; i++) {
		const struct parking_window *w = &t->window[i];
		bool in = w->from_min < w->to_min ? minute >= w->from_min && minute < w->to_min
						  : minute >= w->from_min || minute < w->to_min;

		if (in) {
			return (int)i;
		}
	}
	return -1;
}

static int check_pauses(const struct parking_pause *pauses, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (pauses[i].to.ms < pauses[i].from.ms ||
			(i > 0 && pauses[i].from.ms < pauses[i - 1].to.ms)) {
			return ERR_INVAL;
		}
	}
	return 0;
}

/* Milliseconds of from..to that no pause takes. */
static int64_t unpaused(
	struct wall from, struct wall to, const struct parking_pause *pauses, size_t count)
{
	int64_t ms = to.ms - from.ms;

	for (size_t i = 0; i < count; i++) {
		int64_t a = pauses[i].from.ms > from.ms ? pauses[i].from.ms : from.ms;
		int64_t b = pauses[i].to.ms < to.ms ? pauses[i].to.ms : to.ms;

		ms -= b > a ? b - a : 0;
	}
	return ms;
}

/* Adds up the time in each window after the free minutes, by local minutes of the day. */
static void spend(const struct tariff *t, struct wall from, struct wall to,
	const struct parking_pause *pauses, size_t count, int64_t ms[TARIFF_WINDOWS])
{
	const int64_t minute = 60 * MS_PER_S;
	int64_t free = (int64_t)t->free_min * minute;

	for (struct wall at = from; at.ms < to.ms;) {
		struct cal_time local = cal_at(&t->zone, at);
		int window = window_of(t, local.second / 60);
		struct wall end = {at.ms - at.ms % minute + minute};
		int64_t used, paid;

		end = end.ms < to.ms ? end : to;
		used = unpaused(at, end, pauses, count);
		paid = used > free ? used - free : 0;
		free -= used - paid;
		if (window >= 0) {
			ms[window] += paid;
		}
		at = end;
	}
}

int parking_compute(const struct tariff *t, uint32_t class, struct wall from, struct wall to,
	const struct parking_pause *pauses, size_t pause_count,
	struct parking_line lines[TARIFF_WINDOWS], int64_t *fen)
{
	int64_t ms[TARIFF_WINDOWS] = {0};
	int count = 0;

	if (to.ms < from.ms || to.ms - from.ms > PARKING_MAX ||
		check_pauses(pauses, pause_count) != 0) {
		return ERR_INVAL;
	}
	spend(t, from, to, pauses, pause_count, ms);
	*fen = 0;
	for (uint32_t i = 0; i < t->windows; i++) {
		int64_t minutes = ms[i] / (60 * MS_PER_S);
		int64_t per_min_e5 =
			t->window[i].per_min_e5[class < CLASS_COUNT_ ? class : CLASS_ORDINARY];

		if (minutes == 0) {
			continue;
		}
		lines[count] = (struct parking_line){.window = i,
			.minutes = (uint32_t)minutes,
			.per_min_e5 = per_min_e5,
			.fen = (minutes * per_min_e5 + 500) / 1000};
		*fen += lines[count++].fen;
	}
	if (t->cap_fen > 0 && *fen > t->cap_fen) {
		*fen = t->cap_fen;
	}
	return count;
}

/* ---- As text ---- */

/* Written by hand: a proof of the ledger makes this text of each bill, and printf would be much of
 * its time. */
struct writer {
	char *p, *end; /* room for a NUL stays */
	bool full;
};

static void put(struct writer *w, const char *text)
{
	size_t length = strlen(text);

	if (length > (size_t)(w->end - w->p)) {
		w->full = true;
		return;
	}
	memcpy(w->p, text, length);
	w->p += length;
}

static void put_int(struct writer *w, int64_t value)
{
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char digits[24], *p = digits + sizeof digits - 1;

	*p = '\0';
	do {
		*--p = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (value < 0) {
		*--p = '-';
	}
	put(w, p);
}

/* "key value", the key with what stands around it. */
static void put_key_text(struct writer *w, const char *key, const char *value)
{
	put(w, key);
	put(w, value);
}

static void put_key_int(struct writer *w, const char *key, int64_t value)
{
	put(w, key);
	put_int(w, value);
}

static void put_point(struct writer *w, const char *key, const struct bill_point *point)
{
	put_key_int(w, key, point->at.ms);
	put_key_int(w, " ", point->wh);
	put_key_text(w, " ", quality_token(point->quality));
}

static void put_line(struct writer *w, size_t number, const struct bill_line *l)
{
	const int64_t values[] = {l->from.ms, l->to.ms, l->from_wh, l->to_wh, l->wh,
		l->price.elec_e5, l->price.service_e5, l->elec_fen, l->service_fen};

	put_key_int(w, "\nline ", (int64_t)number);
	put_key_int(w, " ", l->version);
	put_key_text(w, " ", period_info(l->period)->token);
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		put_key_int(w, " ", values[i]);
	}
	put(w, l->substitute ? " substitute" : " good");
}

static void put_parking(struct writer *w, const struct parking_line *l)
{
	put_key_int(w, "\nparking ", (int64_t)l->window + 1);
	put_key_int(w, " ", l->minutes);
	put_key_int(w, " ", l->per_min_e5);
	put_key_int(w, " ", l->fen);
}

int bill_text(const struct bill *bill, const struct bill_line *lines, size_t line_count,
	const struct parking_line *parking, size_t parking_count, char *dst, size_t size)
{
	struct writer w = {dst, dst + size - 1, false};

	if (size == 0) {
		return ERR_TOOLONG;
	}
	put_key_text(&w, "piled-bill 1\nid ", bill->id);
	put_key_text(&w, "\nkind ", bill->kind);
	put_key_text(&w, "\nsession ", bill->session);
	put_key_text(&w, "\nvisit ", bill->visit);
	put_key_text(&w, "\ngun ", bill->gun);
	put_key_text(&w, "\norder ", bill->order);
	put_key_text(&w, "\naccount ", bill->account);
	put_key_text(&w, "\nclass ", bill->class);
	put_key_text(&w, "\ntariff ", bill->tariff);
	put_point(&w, "\nstart ", &bill->start);
	put_point(&w, "\nend ", &bill->end);
	for (size_t i = 0; i < line_count; i++) {
		put_line(&w, i + 1, &lines[i]);
	}
	for (size_t i = 0; i < parking_count; i++) {
		put_parking(&w, &parking[i]);
	}
	put_key_int(&w, "\nenergy ", bill->sum.wh);
	put_key_int(&w, "\nelectricity ", bill->sum.elec_fen);
	put_key_int(&w, "\nservice ", bill->sum.service_fen);
	put_key_int(&w, "\nparking_fee ", bill->parking_fen);
	put_key_int(&w, "\ntotal ", bill->total_fen);
	put_key_int(&w, "\nsealed ", bill->sealed_ms);
	put(&w, "\n");
	*w.p = '\0';
	return w.full ? ERR_TOOLONG : (int)(w.p - dst);
}

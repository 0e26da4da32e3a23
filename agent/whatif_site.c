#include "whatif_site.h"

#include <stdlib.h>
#include <string.h>

#include "store.h"

#define SESSIONS_MAX 20000
#define DAY_MS       (86400 * MS_PER_S)
#define HOUR_S       3600

struct gather {
	const struct whatif_past *past;
	struct store_reader *reader;
	struct session_rows rows;
	size_t room;
	int32_t *hour_w;
	size_t hours;
	int sign;
};

static struct wall wall_of(const struct whatif_past *past, int64_t local_s)
{
	return (struct wall){(local_s - past->utc_offset_s) * MS_PER_S};
}

static int64_t local_of(const struct whatif_past *past, int64_t ms)
{
	return ms / MS_PER_S + past->utc_offset_s;
}

/* A car that charged once in its visit stood there longer than it charged. */
static int take_visit(void *arg, const void *view)
{
	struct gather *g = arg;
	const struct view_visit *v = view;
	int64_t from = v->plugged == VALUE_NONE ? 0 : local_of(g->past, v->plugged);
	int64_t to = v->unplugged == VALUE_NONE ? 0 : local_of(g->past, v->unplugged);

	for (size_t i = 0; v->sessions == 1 && i < g->rows.count; i++) {
		struct session_row *row = &g->rows.rows[i];

		if (row->plug_s >= from && row->unplug_s <= to &&
			strcmp(row->station, v->gun) == 0) {
			row->plug_s = from;
			row->unplug_s = to;
		}
	}
	return 0;
}

static int take_session(void *arg, const void *view)
{
	struct gather *g = arg;
	const struct view_session *s = view;
	struct session_row *row;

	if (s->end == VALUE_NONE || s->end <= s->start || s->energy_wh == VALUE_NONE ||
		s->energy_wh <= 0 || strlen(s->gun) >= sizeof row->station) {
		return 0;
	}
	if (g->rows.count == g->room) {
		size_t room = g->room == 0 ? 256 : g->room * 2;

		row = realloc(g->rows.rows, room * sizeof *row);
		if (row == NULL) {
			return ERR_NOMEM;
		}
		g->rows.rows = row;
		g->room = room;
	}
	row = &g->rows.rows[g->rows.count++];
	memset(row, 0, sizeof *row);
	memcpy(row->station, s->gun, strlen(s->gun));
	row->plug_s = local_of(g->past, s->start);
	row->unplug_s = local_of(g->past, s->end);
	row->energy_wh = s->energy_wh;
	row->max_w = s->peak_w != VALUE_NONE && s->peak_w > 0 ? s->peak_w : 0;
	return 0;
}

int whatif_past_sessions(const struct whatif_past *past, struct session_rows *out)
{
	struct store_filter filter = {.from = wall_of(past, past->from_s),
		.to = wall_of(past, past->to_s),
		.limit = SESSIONS_MAX};
	struct gather g = {.past = past};
	int rc = store_reader_open(past->folder, &g.reader);

	if (rc == 0) {
		rc = store_list(g.reader, VIEW_session, &filter, take_session, &g);
	}
	if (rc == 0) {
		filter.from.ms -= DAY_MS;
		rc = store_list(g.reader, VIEW_visit, &filter, take_visit, &g);
	}
	store_reader_close(g.reader);
	if (rc == 0 && g.rows.count == 0) {
		rc = ERR_NOTFOUND;
	}
	if (rc != 0) {
		sessions_clear(&g.rows);
		return rc;
	}
	sessions_order(&g.rows, 1);
	*out = g.rows;
	return 0;
}

static int take_energy(void *arg, const struct view_energy *row)
{
	struct gather *g = arg;
	int64_t hour = (local_of(g->past, row->from) - g->past->from_s) / HOUR_S;

	if (row->energy_wh != VALUE_NONE && hour >= 0 && hour < (int64_t)g->hours) {
		int64_t w = g->hour_w[hour] + g->sign * row->energy_wh;

		g->hour_w[hour] = w > INT32_MAX ? INT32_MAX : w < 0 ? 0 : (int32_t)w;
	}
	return 0;
}

int whatif_past_load(const struct whatif_past *past, int32_t *hour_w, size_t hours)
{
	struct wall from = wall_of(past, past->from_s),
		    to = wall_of(past, past->from_s + (int64_t)hours * HOUR_S);
	struct gather g = {.past = past, .hour_w = hour_w, .hours = hours, .sign = 1};
	int rc = store_reader_open(past->folder, &g.reader);

	memset(hour_w, 0, hours * sizeof *hour_w);
	if (rc == 0 && past->meter != NULL) {
		rc = store_energy(g.reader, from, to, past->meter, HOUR_S, take_energy, &g);
		g.sign = -1;
		if (rc == 0) {
			rc = store_energy(g.reader, from, to, "site", HOUR_S, take_energy, &g);
		}
	}
	store_reader_close(g.reader);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

#include "wish.h"

#include "emit.h"
#include "gun.h"

int wish_check(const struct core *c, const struct command *cmd, char *why, size_t size)
{
	int64_t v = cmd->value, now_ms = c->now.wall.ms;

	if (!gun_of(c->site, cmd->on_index)->visit.open) {
		phrase_text(why, size, PHRASE_NO_CAR, NULL);
		return ERR_STATE;
	}
	if (v == VALUE_NONE) {
		return 0;
	}
	if (cmd->verb == VERB_DEPART && (v <= now_ms || v > now_ms + WISH_AHEAD_MS)) {
		phrase_text(why, size, PHRASE_DEPART_RANGE, NULL);
		return ERR_RANGE;
	}
	if (cmd->verb == VERB_WANT && (v < 1 || v > WISH_WH)) {
		phrase_text(why, size, PHRASE_WANT_RANGE, PHRASE_INT(v), PHRASE_INT(WISH_WH), NULL);
		return ERR_RANGE;
	}
	return 0;
}

void wish_take(struct core *c, const struct command *cmd)
{
	struct visit *v = &gun_of(c->site, cmd->on_index)->visit;
	int64_t value = cmd->value == VALUE_NONE ? 0 : cmd->value;

	if (cmd->verb == VERB_DEPART) {
		v->departs_ms = value;
	} else {
		v->wants_wh = value;
	}
	v->dirty = 1;
	gun_touch(c->site, cmd->on_index);
}

struct mono wish_departs(const struct site *site, uint16_t gun, struct moment now)
{
	const struct visit *v = &gun_of(site, gun)->visit;
	int64_t ahead_ms = v->departs_ms - now.wall.ms;

	/* By the wall clock, which may be set meanwhile. */
	return v->open && v->departs_ms != 0 && ahead_ms > 0
		       ? mono_add_us(now.mono, ahead_ms * US_PER_MS)
		       : (struct mono){0};
}

static int64_t session_wh(const struct gun *g)
{
	const struct session *s = &g->session;

	return s->phase != SESSION_NONE && s->start.known && g->track.now.known
		       ? g->track.now.acc_wh - s->start.acc_wh
		       : 0;
}

static int64_t battery_wh(const struct site *site, const struct gun *g)
{
	int64_t wh;

	return cells_good(&g->cells, PT_BATTERY, &wh) && wh > 0 ? wh : site->cfg.load.battery_wh;
}

int64_t wish_remaining_wh(const struct site *site, uint16_t gun)
{
	const struct gun *g = gun_of(site, gun);
	int64_t soc_pm, left = VALUE_NONE, full;

	if (cells_good(&g->cells, PT_SOC, &soc_pm) && soc_pm >= 0 && soc_pm <= 1000 &&
		battery_wh(site, g) > 0) {
		left = battery_wh(site, g) * (1000 - soc_pm) / 1000;
	}
	if (!g->visit.open || g->visit.wants_wh == 0) {
		return left;
	}
	full = left;
	left = g->visit.wants_wh - session_wh(g);
	left = left < 0 ? 0 : left;
	return full != VALUE_NONE && full < left ? full : left;
}

#include "station.h"

#include <string.h>

#define FAST_MS  1000
#define SLOW_MS  5000
#define QUIET_US (20 * US_PER_S)
#define MONEY_US (120 * US_PER_S)

int station_init(struct station *s, const struct station_cfg *cfg)
{
	memset(s, 0, sizeof *s);
	s->cfg = *cfg;
	model_init(&s->model);
	return feed_init(&s->feed, cfg->ssh ? &link_ssh : &link_unix, s->cfg.address, &s->model);
}

void station_free(struct station *s)
{
	feed_free(&s->feed);
	model_free(&s->model);
}

/* Charging comes and goes: a site counts as quiet when none did for a while. */
static bool quiet(struct station *s, struct mono now)
{
	if (model_site(&s->model)->guns_charging != 0) {
		s->quiet = (struct mono){0};
		return false;
	}
	if (s->quiet.us == 0) {
		s->quiet = now;
	}
	return mono_diff_us(now, s->quiet) > QUIET_US;
}

void station_want(struct station *s, struct mono now, bool shown, bool buses)
{
	if (!shown) {
		feed_want(&s->feed, "site,alarm,command", SLOW_MS);
	} else if (!s->cfg.ssh) {
		feed_want(&s->feed, NULL, FAST_MS);
	} else {
		feed_want(&s->feed, buses ? NULL : "-bus,-unit", quiet(s, now) ? SLOW_MS : FAST_MS);
	}
}

void station_ask_money(struct station *s, struct mono now)
{
	if (s->feed.state == FEED_UP && !mono_before(now, s->next_ask[ASK_HOME]) &&
		feed_ask(&s->feed, ASK_HOME, METHOD_REPORT_HOME, NULL, NULL) == 0) {
		s->next_ask[ASK_HOME] = mono_add_us(now, MONEY_US);
	}
}

int64_t station_money(const struct station *s)
{
	const struct rows *figures = &s->model.figures;

	for (size_t i = 0; i < figures->count; i++) {
		const struct view_figure *f = rows_at(figures, VIEW_figure, i);

		if (strcmp(f->span, "today") == 0 && f->against[0] == '\0') {
			return f->charged_fen;
		}
	}
	return VALUE_NONE;
}

void station_run(struct station *s, struct mono now)
{
	feed_run(&s->feed, now);
	if (s->feed.synced) {
		s->feed.synced = false;
		memset(s->next_ask, 0, sizeof s->next_ask);
	}
	order_run(s, now);
}

const char *station_name(const struct station *s)
{
	const char *name = model_site(&s->model)->name;

	return s->cfg.name[0] != '\0' ? s->cfg.name : name[0] != '\0' ? name : s->cfg.address;
}

bool station_alarm_counts(const struct view_alarm *alarm)
{
	return alarm->ended == VALUE_NONE && strncmp(alarm->state, "shelved", 7) != 0 &&
	       strcmp(alarm->state, "normal") != 0 && strcmp(alarm->state, "folded") != 0 &&
	       strcmp(alarm->state, "out_of_service") != 0;
}

const struct view_alarm *station_alarm(const struct station *s)
{
	const struct view_alarm *worst = NULL;

	for (size_t i = 0; i < model_count(&s->model, VIEW_alarm); i++) {
		const struct view_alarm *alarm = model_at(&s->model, VIEW_alarm, i);

		if (station_alarm_counts(alarm) &&
			(worst == NULL || alarm->severity < worst->severity ||
				(alarm->severity == worst->severity &&
					alarm->raised > worst->raised))) {
			worst = alarm;
		}
	}
	return worst;
}

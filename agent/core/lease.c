#include "lease.h"

#include "alarm.h"

/* Each further write waits longer: a register that does not take a value wears out all the same. */
#define SOON_US  (5 * US_PER_S)
#define LATER_US (60 * US_PER_S)
#define RARE_US  (INT64_C(3600) * US_PER_S)
#define DAY_US   (INT64_C(86400) * US_PER_S)
/* Not heard of for so long since the pile answers: something is wrong. */
#define UNHEARD_US (300 * US_PER_S)
#define TRIES      2

enum { WATCHDOG, FAILSAFE };

static struct lease *lease_of(const struct site *site, size_t gun)
{
	return (struct lease *)site_at(site, site->h.leases) + gun;
}

static bool leased(const struct pile_cfg *cfg)
{
	return cfg->on_loss == LOSS_FAILSAFE || cfg->on_loss == LOSS_STOP;
}

static enum point point_of(const struct pile_cfg *cfg, int k)
{
	return k == WATCHDOG ? PT_WATCHDOG_S : cfg->failsafe_ma ? PT_FAILSAFE_MA : PT_FAILSAFE_W;
}

static int64_t wanted(const struct pile_cfg *cfg, int k)
{
	return k == WATCHDOG ? cfg->watchdog_s : cfg->failsafe_value;
}

static bool of_gun(const struct pile_cfg *cfg, int k)
{
	return k == WATCHDOG ? cfg->watchdog_of_gun : cfg->failsafe_of_gun;
}

/* The gun that a register is kept with: its own, or the first one for that of the pile. */
static size_t keeper(const struct pile_cfg *cfg, int k, size_t gun)
{
	return of_gun(cfg, k) ? gun : cfg->first_gun;
}

static int64_t wait_for(const struct lease *l, int k)
{
	static const int64_t waits[] = {0, SOON_US, LATER_US};

	return l->tries[k] < 3 ? waits[l->tries[k]] : RARE_US;
}

static void write_register(struct core *c, const struct pile_cfg *cfg, size_t gun, int k)
{
	struct lease *l = lease_of(c->site, gun);
	uint16_t pile = gun_cfg(c->site, gun)->pile;
	struct action *a;

	if (!core_room(c, COMMAND_ROOM)) {
		return;
	}
	a = core_emit(c, ACT_WRITE);
	l->token[k] = ++c->site->h.next_token;
	l->sent_us[k] = c->now.mono.us;
	l->tries[k] += l->tries[k] < UINT8_MAX;
	a->write.token = l->token[k];
	a->write.target = of_gun(cfg, k) ? (struct target){TGT_GUN, (uint16_t)gun}
					 : (struct target){TGT_PILE, pile};
	a->write.point = point_of(cfg, k);
	a->write.value = wanted(cfg, k);
}

/* Compares what was read since with what is wanted. */
static void look(struct core *c, const struct pile_cfg *cfg, size_t gun, int k)
{
	struct lease *l = lease_of(c->site, gun);
	const struct cells *cells = of_gun(cfg, k)
					    ? &gun_of(c->site, gun)->cells
					    : &pile_of(c->site, gun_cfg(c->site, gun)->pile)->cells;
	enum point p = point_of(cfg, k);
	int64_t since_us = c->now.mono.us - l->sent_us[k], value, at;

	if (k == WATCHDOG && cfg->watchdog_fixed) {
		l->good[k] = 1;
		return;
	}
	if (!cfg->lease_read) {
		if (l->sent_us[k] == 0 || since_us >= (l->good[k] ? DAY_US : wait_for(l, k))) {
			write_register(c, cfg, gun, k);
		}
		return;
	}
	at = cells->cell[p].at_us;
	if (cells->quality[p] == Q_NONE || at <= l->since_us || at <= l->sent_us[k]) {
		/* Nothing was read since. */
		l->bad[k] |= since_us >= UNHEARD_US && c->now.mono.us - l->from_us >= UNHEARD_US;
		return;
	}
	l->good[k] = cells_good(cells, p, &value) && value == wanted(cfg, k);
	if (l->good[k]) {
		l->tries[k] = 0;
		l->bad[k] = 0;
		return;
	}
	l->bad[k] |= l->tries[k] >= TRIES;
	if (since_us >= wait_for(l, k)) {
		write_register(c, cfg, gun, k);
	}
}

/* A pile that is back, or has rebooted, may have lost what was set. */
static void doubt(struct core *c, const struct pile_cfg *cfg, size_t gun, bool up)
{
	struct lease *l = lease_of(c->site, gun);
	int64_t reboot_us = pile_of(c->site, gun_cfg(c->site, gun)->pile)->reboot_us;

	if ((up && !l->up) || reboot_us > l->from_us) {
		if (l->from_us != 0 && cfg->lease_read) {
			/* Not with the next slow poll: until it reads good, its watchdog counts as
			 * none. */
			core_poll_all(c, TGT_GUN, (uint16_t)gun);
			core_poll_all(c, TGT_PILE, gun_cfg(c->site, gun)->pile);
		}
		/* What was read since it went away is of now: a reading may be under way. */
		l->since_us = up && !l->up && l->gone_us != 0 ? l->gone_us
			      : reboot_us > l->from_us        ? reboot_us
							      : c->site->h.started_us;
		l->from_us = l->from_us == 0 ? c->site->h.started_us : c->now.mono.us;
		for (int k = WATCHDOG; k <= FAILSAFE; k++) {
			l->good[k] = 0;
			l->tries[k] = 0;
			if (!cfg->lease_read) {
				l->sent_us[k] = 0;
			}
		}
	}
	if (!up && l->up) {
		l->gone_us = c->now.mono.us;
	}
	l->up = up;
}

static void judge(struct core *c, uint16_t pile, const struct pile_cfg *cfg)
{
	char detail[96] = "";
	int64_t value = VALUE_NONE;
	bool good = true;

	for (size_t i = cfg->first_gun; i < (size_t)cfg->first_gun + cfg->gun_count; i++) {
		for (int k = WATCHDOG; k <= FAILSAFE; k++) {
			const struct lease *l = lease_of(c->site, keeper(cfg, k, i));

			good = good && l->good[k] && !l->bad[k];
			if (!l->bad[k] || detail[0] != '\0') {
				continue;
			}
			value = cells_value(of_gun(cfg, k) ? &gun_of(c->site, i)->cells
							   : &pile_of(c->site, pile)->cells,
				point_of(cfg, k));
			core_text(detail, sizeof detail, "%s reads %lld, not %lld",
				point_info(point_of(cfg, k))->name, (long long)value,
				(long long)wanted(cfg, k));
			if (value == VALUE_NONE) {
				core_text(detail, sizeof detail, "%s cannot be read",
					point_info(point_of(cfg, k))->name);
			}
		}
	}
	if (detail[0] != '\0') {
		alarm_pile(c, pile, LEASE_FAULT, FAULT_LEASE, detail);
	} else if (good) {
		alarm_pile(c, pile, LEASE_FAULT, FAULT_NONE, "");
	}
}

void lease_step(struct core *c, uint16_t pile)
{
	const struct pile_cfg *cfg = pile_cfg(c->site, pile);
	const struct dev *dev = pile_of(c->site, pile);

	if (cfg->on_loss == LOSS_HOLD && c->site->cfg.load.managed) {
		alarm_pile(c, pile, LEASE_FAULT, FAULT_HOLD, "");
	}
	if (!leased(cfg)) {
		return;
	}
	for (size_t i = cfg->first_gun; i < (size_t)cfg->first_gun + cfg->gun_count; i++) {
		const struct gun *g = gun_of(c->site, i);
		bool up = g->seen_us != 0 && g->state != GUN_OFFLINE && g->link_up && dev->link_up;

		doubt(c, cfg, i, up);
		for (int k = WATCHDOG; up && k <= FAILSAFE; k++) {
			if (keeper(cfg, k, i) == i) {
				look(c, cfg, i, k);
			}
		}
	}
	judge(c, pile, cfg);
}

bool lease_written(struct core *c, const struct event *e)
{
	for (size_t i = 0; e->written.token != 0 && i < c->site->cfg.gun_count; i++) {
		const struct pile_cfg *cfg = pile_cfg(c->site, gun_cfg(c->site, i)->pile);
		struct lease *l = lease_of(c->site, i);

		for (int k = WATCHDOG; k <= FAILSAFE; k++) {
			if (l->token[k] != e->written.token) {
				continue;
			}
			/* Of a write that is read back two events tell. */
			if (e->written.err != 0 || e->written.has_read_back) {
				l->token[k] = 0;
			}
			l->bad[k] |= e->written.err != 0 && l->tries[k] >= TRIES;
			if (e->written.err != 0) {
				return true;
			}
			l->sent_us[k] = e->written.at.us;
			l->good[k] = e->written.has_read_back
					     ? e->written.read_back == wanted(cfg, k)
					     : !cfg->lease_read;
			if (!cfg->lease_read && l->good[k]) {
				l->tries[k] = 0;
				l->bad[k] = 0;
			}
			return true;
		}
	}
	return false;
}

int64_t lease_watchdog_us(const struct site *site, uint16_t gun)
{
	const struct pile_cfg *cfg = pile_cfg(site, gun_cfg(site, gun)->pile);

	for (int k = WATCHDOG; leased(cfg) && k <= FAILSAFE; k++) {
		const struct lease *l = lease_of(site, keeper(cfg, k, gun));

		if (!l->good[k] || l->bad[k]) {
			return 0;
		}
	}
	return leased(cfg) ? cfg->watchdog_s * US_PER_S : 0;
}

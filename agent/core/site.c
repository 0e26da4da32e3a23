#include "site.h"

#include <stdlib.h>

#include "alarm.h"
#include "annun.h"
#include "auth.h"
#include "command.h"
#include "cost.h"
#include "equip.h"
#include "day.h"
#include "gun.h"
#include "keep.h"
#include "lease.h"
#include "manage.h"
#include "mark.h"
#include "order.h"
#include "reserve.h"
#include "session.h"
#include "slimit.h"
#include "standing.h"
#include "stop.h"
#include "tag.h"
#include "trial.h"
#include "visit.h"
#include "warn.h"
#include "watch.h"

#define MAGIC UINT64_C(0x31656c6970646c69)

#define DEFAULT_STALE_US   (10 * US_PER_S)
#define UNSYNCED_US        (600 * US_PER_S)
#define DEFAULT_COMMAND_US (30 * US_PER_S)
/* A step of the wall clock that a session does not take in silence. */
#define JUMP_MS 500

/* Layouts of this structure by this compiler; snapshots of another one are refused. */
static uint64_t layout(void)
{
	const size_t sizes[] = {CORE_VERSION, sizeof(struct site), sizeof(struct gun),
		sizeof(struct dev), sizeof(struct feeder), sizeof(struct command),
		sizeof(struct slimit), sizeof(struct tariff), sizeof(struct alarm),
		sizeof(struct trial), sizeof(struct reserve), sizeof(struct gun_cfg),
		sizeof(struct pile_cfg), PT_COUNT_, GUN_COUNT_, SF_COUNT_};

	return pack_hash(sizes, sizeof sizes);
}

static uint64_t place(uint64_t *size, size_t count, size_t each)
{
	uint64_t at = (*size + 7) / 8 * 8;

	*size = at + (uint64_t)count * each;
	return at;
}

/* The site's own copy of its configuration, taken from its packed form so that not even padding
 * comes from outside. */
static int copy_config(struct site *site, const void *bytes, size_t size)
{
	struct pack p = pack_reader(bytes, size);
	struct site_cfg *cfg = &site->cfg;

	cfg->piles = site_at(site, site->h.pile_cfgs);
	cfg->guns = site_at(site, site->h.gun_cfgs);
	cfg->meters = site_at(site, site->h.meter_cfgs);
	cfg->feeders = site_at(site, site->h.feeder_cfgs);
	cfg->stops = site_at(site, site->h.stop_cfgs);
	cfg->buses = site_at(site, site->h.bus_cfgs);
	cfg->rules = site_at(site, site->h.rules);
	equip_pack(&p, cfg);
	cfg->piles = NULL;
	cfg->guns = NULL;
	cfg->meters = NULL;
	cfg->feeders = NULL;
	cfg->stops = NULL;
	cfg->buses = NULL;
	cfg->rules = NULL;
	if (cfg->stale_us == 0) {
		cfg->stale_us = DEFAULT_STALE_US;
	}
	if (cfg->command_timeout_us == 0) {
		cfg->command_timeout_us = DEFAULT_COMMAND_US;
	}
	return p.bad ? ERR_INVAL : 0;
}

static void fresh_state(struct site *site)
{
	for (uint16_t i = 0; i < site->cfg.pile_count; i++) {
		pile_of(site, i)->link_up = 1;
		pile_of(site, i)->gun = -1;
		pile_of(site, i)->limit_w = VALUE_NONE;
	}
	for (uint16_t i = 0; i < site->cfg.meter_count; i++) {
		meter_of(site, i)->link_up = 1;
		meter_of(site, i)->gun = -1;
	}
	for (uint16_t i = 0; i < site->cfg.gun_count; i++) {
		struct gun *g = gun_of(site, i);

		g->link_up = 1;
		g->limit_w = VALUE_NONE;
		g->closed_no = VALUE_NONE;
		g->closed_wh = VALUE_NONE;
		g->track.counter_no = VALUE_NONE;
		if (gun_cfg(site, i)->source == ESRC_METER) {
			meter_of(site, gun_cfg(site, i)->meter)->gun = i;
		}
	}
	site->h.synced = 1;
	site->h.alarm_lost = 1;
	site->h.day = INT64_MIN;
}

int site_new(const struct site_cfg *cfg, struct site **out)
{
	struct site_head h = {.magic = MAGIC, .layout = layout(), .size = sizeof(struct site)};
	struct site *site = NULL;
	void *bytes = NULL;
	size_t size, whole;
	int rc = equip_check(cfg);

	if (rc == 0) {
		rc = equip_bytes(cfg, &bytes, &size);
	}
	if (rc != 0) {
		return rc;
	}
	h.config_hash = pack_hash(bytes, size);
	h.command_count = COMMANDS_MIN + cfg->gun_count;
	h.pile_cfgs = place(&h.size, cfg->pile_count, sizeof(struct pile_cfg));
	h.gun_cfgs = place(&h.size, cfg->gun_count, sizeof(struct gun_cfg));
	h.meter_cfgs = place(&h.size, cfg->meter_count, sizeof(struct meter_cfg));
	h.feeder_cfgs = place(&h.size, cfg->feeder_count, sizeof(struct feeder_cfg));
	h.piles = place(&h.size, cfg->pile_count, sizeof(struct dev));
	h.meters = place(&h.size, cfg->meter_count, sizeof(struct dev));
	h.feeders = place(&h.size, cfg->feeder_count, sizeof(struct feeder));
	h.guns = place(&h.size, cfg->gun_count, sizeof(struct gun));
	h.commands = place(&h.size, h.command_count, sizeof(struct command));
	h.pending = place(&h.size, cfg->gun_count, sizeof(uint16_t));
	h.nodes = place(&h.size, manage_nodes(cfg), sizeof(struct limit_node));
	h.grants = place(&h.size, cfg->gun_count, sizeof(struct limit_gun));
	h.feeds = place(
		&h.size, cfg->load.managed ? cfg->feeder_count : 0, sizeof(struct limit_feed));
	h.managed = place(&h.size, cfg->gun_count, sizeof(struct managed));
	h.stop_cfgs = place(&h.size, cfg->stop_count, sizeof(struct stop_cfg));
	h.stops = place(&h.size, cfg->stop_count, sizeof(struct stop));
	h.leases = place(&h.size, cfg->gun_count, sizeof(struct lease));
	h.alarm_count = annun_slots(cfg);
	h.alarms = place(&h.size, h.alarm_count, sizeof(struct alarm));
	h.buses = place(&h.size, cfg->bus_count, sizeof(struct site_bus));
	h.bus_cfgs = place(&h.size, cfg->bus_count, sizeof(struct site_bus_cfg));
	h.rules = place(&h.size, cfg->rule_count, sizeof(struct alarm_rule));
	h.slimits = place(&h.size, SLIMITS_MAX, sizeof(struct slimit));
	h.tariffs = place(&h.size, cfg->billing.on ? TARIFFS_MAX : 0, sizeof(struct tariff));
	h.reserves = place(&h.size, cfg->billing.on ? RESERVES_MAX : 0, sizeof(struct reserve));
	h.trials = place(&h.size, TRIALS_MAX, sizeof(struct trial));
	h.size = (h.size + 7) / 8 * 8;
	whole = h.size + sizeof(void *); /* behind it: to the scratch memory of decisions */
	site = calloc(1, whole);
	if (site == NULL) {
		free(bytes);
		return ERR_NOMEM;
	}
	site->h = h;
	site->cfg.pile_count = cfg->pile_count;
	site->cfg.gun_count = cfg->gun_count;
	site->cfg.meter_count = cfg->meter_count;
	site->cfg.feeder_count = cfg->feeder_count;
	site->cfg.stop_count = cfg->stop_count;
	site->cfg.bus_count = cfg->bus_count;
	site->cfg.rule_count = cfg->rule_count;
	rc = copy_config(site, bytes, size);
	free(bytes);
	if (rc != 0) {
		free(site);
		return rc;
	}
	fresh_state(site);
	rc = manage_begin(site);
	if (rc != 0) {
		free(site);
		return rc;
	}
	*out = site;
	return 0;
}

void site_free(struct site *site)
{
	if (site != NULL) {
		manage_end(site);
	}
	free(site);
}

const char *target_id(const struct site *site, struct target t)
{
	switch ((enum target_kind)t.kind) {
	case TGT_GUN:
		return gun_cfg(site, t.index)->id;
	case TGT_PILE:
		return pile_cfg(site, t.index)->id;
	case TGT_METER:
		return meter_cfg(site, t.index)->id;
	case TGT_FEEDER:
		return feeder_cfg(site, t.index)->id;
	case TGT_BUS:
		return bus_cfg(site, t.index)->id;
	case TGT_SITE:
		break;
	}
	return site->cfg.id;
}

static size_t count_of(const struct site *site, enum target_kind kind)
{
	switch (kind) {
	case TGT_SITE:
		return 1;
	case TGT_PILE:
		return site->cfg.pile_count;
	case TGT_GUN:
		return site->cfg.gun_count;
	case TGT_METER:
		return site->cfg.meter_count;
	case TGT_FEEDER:
		return site->cfg.feeder_count;
	case TGT_BUS:
		return site->cfg.bus_count;
	}
	return 0;
}

int site_find(const struct site *site, const char *id, struct target *out)
{
	static const enum target_kind order[] = {
		TGT_GUN, TGT_PILE, TGT_METER, TGT_FEEDER, TGT_SITE};

	for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
		for (size_t i = 0; i < count_of(site, order[k]); i++) {
			struct target t = {(uint16_t)order[k], (uint16_t)i};

			if (id[0] != '\0' && strcmp(target_id(site, t), id) == 0) {
				*out = t;
				return 0;
			}
		}
	}
	return ERR_NOTFOUND;
}

static const struct cells *cells_at(const struct site *site, struct target t)
{
	if (t.index >= count_of(site, (enum target_kind)t.kind)) {
		return NULL;
	}
	switch ((enum target_kind)t.kind) {
	case TGT_GUN:
		return &gun_of(site, t.index)->cells;
	case TGT_PILE:
		return &pile_of(site, t.index)->cells;
	case TGT_METER:
		return &meter_of(site, t.index)->cells;
	case TGT_SITE:
	case TGT_FEEDER:
	case TGT_BUS:
		break;
	}
	return NULL;
}

struct reading site_reading(const struct site *site, struct target target, enum point p)
{
	const struct cells *cells = cells_at(site, target);

	if (cells == NULL || (unsigned)p >= PT_COUNT_) {
		return (struct reading){.quality = Q_NONE};
	}
	return (struct reading){
		cells->cell[p].value, (enum quality)cells->quality[p], {cells->cell[p].at_us}};
}

/* Stores a sample. False where it is older than what is there, or makes no sense. */
static bool store(struct cells *cells, const struct sample *s, int64_t at_us)
{
	struct cell *cell = &cells->cell[s->point];

	if (cells->quality[s->point] != Q_NONE && at_us < cell->at_us) {
		return false;
	}
	cells->quality[s->point] = (uint8_t)s->quality;
	cell->at_us = at_us;
	if (s->quality == Q_GOOD || s->quality == Q_SUBSTITUTE) {
		cell->value = s->value;
	}
	return true;
}

static void take_gun(struct core *c, const struct sample *s, int64_t at_us)
{
	static const uint8_t fresh[PT_COUNT_] = {
		[PT_STATE] = FRESH_STATE,
		[PT_ENERGY] = FRESH_ENERGY,
		[PT_SESSION_WH] = FRESH_SESSION_WH,
		[PT_SESSION_NO] = FRESH_SESSION_NO,
		[PT_PLUG_NO] = FRESH_PLUG_NO,
		[PT_FAULT] = FRESH_FAULT,
		[PT_POWER] = FRESH_POWER,
	};
	struct gun *g = gun_of(c->site, s->target.index);

	if (!store(&g->cells, s, at_us)) {
		c->site->h.odd++;
		return;
	}
	g->fresh |= fresh[s->point];
	if (s->point == PT_POWER) {
		manage_power_read(c, s->target.index);
	}
	watch_answer(c, s->target.index, at_us);
	if (at_us > g->seen_us) {
		g->seen_us = at_us;
	}
	if (s->point == PT_STATE && s->quality == Q_GOOD) {
		g->state_us = at_us;
	}
	gun_touch(c->site, s->target.index);
}

static void take_uptime(struct core *c, uint16_t i, int64_t before, int64_t at_us)
{
	struct dev *u = pile_of(c->site, i);
	const struct pile_cfg *cfg = pile_cfg(c->site, i);
	int64_t now;

	if (before == VALUE_NONE || !cells_good(&u->cells, PT_UPTIME, &now) || now >= before) {
		return;
	}
	u->reboot_us = at_us;
	core_log(c, LOG_WARNING, "pile %s: it rebooted: up %lld s after %lld s", cfg->id,
		(long long)now, (long long)before);
	for (uint16_t k = cfg->first_gun; k < cfg->first_gun + cfg->gun_count; k++) {
		struct session *s = &gun_of(c->site, k)->session;

		if (s->phase != SESSION_NONE) {
			s->flags |= SFLAG_(REBOOT);
			s->dirty = 1;
		}
	}
}

static void take_pile(struct core *c, const struct sample *s, int64_t at_us)
{
	struct dev *u = pile_of(c->site, s->target.index);
	const struct pile_cfg *cfg = pile_cfg(c->site, s->target.index);
	int64_t before = cells_value(&u->cells, PT_UPTIME), code;
	char detail[48] = "";

	if (!store(&u->cells, s, at_us)) {
		c->site->h.odd++;
		return;
	}
	u->seen_us = at_us > u->seen_us ? at_us : u->seen_us;
	if (s->point == PT_FAULT && cells_good(&u->cells, PT_FAULT, &code) &&
		core_room(c, GUN_ROOM)) {
		if (alarm_device_code(code) == FAULT_DEVICE_OTHER) {
			core_text(detail, sizeof detail, "device code %lld", (long long)code);
		}
		alarm_pile(c, s->target.index, DEVICE_FAULT, alarm_device_code(code), detail);
	}
	if (s->point == PT_UPTIME) {
		take_uptime(c, s->target.index, before, at_us);
	}
	if (s->point == PT_FAULT || s->point == PT_UPTIME || s->point == PT_STATE) {
		for (uint16_t k = cfg->first_gun; k < cfg->first_gun + cfg->gun_count; k++) {
			gun_touch(c->site, k);
		}
	}
}

static void take_meter(struct core *c, const struct sample *s, int64_t at_us)
{
	struct dev *u = meter_of(c->site, s->target.index);

	if (!store(&u->cells, s, at_us)) {
		c->site->h.odd++;
		return;
	}
	u->seen_us = at_us > u->seen_us ? at_us : u->seen_us;
	if (s->point == PT_ENERGY && u->gun >= 0) {
		gun_of(c->site, (size_t)u->gun)->fresh |= FRESH_ENERGY;
		gun_touch(c->site, (uint16_t)u->gun);
	}
}

static void take_readings(struct core *c, const struct event *e)
{
	int64_t at_us = e->readings.at.us;

	if (at_us > c->now.mono.us) {
		at_us = c->now.mono.us;
	}
	for (size_t k = 0; k < e->readings.count; k++) {
		const struct sample *s = &e->readings.samples[k];

		if (s->point >= PT_COUNT_ || s->quality >= Q_COUNT_ || s->quality == Q_NONE ||
			cells_at(c->site, s->target) == NULL) {
			c->site->h.odd++;
		} else if (s->target.kind == TGT_GUN) {
			take_gun(c, s, at_us);
		} else if (s->target.kind == TGT_PILE) {
			take_pile(c, s, at_us);
		} else {
			take_meter(c, s, at_us);
		}
	}
}

static void take_text(struct core *c, const struct event *e)
{
	struct target t = e->text.target;
	struct dev *u;

	if (cells_at(c->site, t) == NULL || e->text.text == NULL) {
		c->site->h.odd++;
		return;
	}
	if (t.kind == TGT_GUN) {
		auth_text(c, t.index, e->text.point, e->text.text);
		return;
	}
	u = t.kind == TGT_PILE ? pile_of(c->site, t.index) : meter_of(c->site, t.index);
	if (e->text.point == PT_SERIAL) {
		if (u->serial[0] != '\0' && strcmp(u->serial, e->text.text) != 0) {
			core_log(c, LOG_WARNING, "%s: another device: serial number %s, was %s",
				target_id(c->site, t), e->text.text, u->serial);
		}
		view_set_text(u->serial, sizeof u->serial, e->text.text);
	} else if (e->text.point == PT_FIRMWARE) {
		view_set_text(u->firmware, sizeof u->firmware, e->text.text);
	} else if (e->text.point == PT_MODEL) {
		view_set_text(u->model, sizeof u->model, e->text.text);
	}
}

static void take_clock(struct core *c, const struct event *e)
{
	bool jumped = e->clock.step_ms > JUMP_MS || e->clock.step_ms < -JUMP_MS;

	core_log(c, LOG_WARNING, "clock: moved by %lld ms, %s", (long long)e->clock.step_ms,
		e->clock.synced ? "synchronised" : "not synchronised");
	c->site->h.synced = e->clock.synced;
	c->site->h.unsynced_us = e->clock.synced ? 0 : c->now.mono.us;
	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		if (jumped || !e->clock.synced) {
			session_clock(c, i, jumped);
			gun_touch(c->site, i);
		}
	}
}

static void take_resume(struct core *c, const struct event *e)
{
	bool known = false;

	switch (e->resume.kind) {
	case VIEW_session:
		known = session_resume(c, e->resume.view);
		break;
	case VIEW_order:
		known = order_resume(c, e->resume.view);
		break;
	case VIEW_reservation:
		known = reserve_resume(c, e->resume.view);
		break;
	case VIEW_mark:
		known = mark_resume(c, e->resume.view);
		break;
	case VIEW_visit:
		known = visit_resume(c, e->resume.view);
		break;
	case VIEW_fault:
		known = alarm_resume(c, e->resume.view);
		break;
	case VIEW_alarm:
		known = annun_resume(c, e->resume.view);
		break;
	case VIEW_tag:
		known = tag_resume(c, e->resume.view);
		break;
	case VIEW_gun:
		known = day_resume(c, e->resume.view);
		break;
	case VIEW_slimit:
		known = slimit_resume(c, e->resume.view);
		break;
	case VIEW_trial:
		known = trial_resume(c, e->resume.view);
		break;
	case VIEW_standing:
		known = standing_resume(c, e->resume.view);
		break;
	case VIEW_command: /* a limit in force; others are ended by whoever resumes */
		known = keep_resume(c, e->resume.view);
		break;
	default: /* other views are never resumed */
		break;
	}
	if (!known) {
		c->site->h.odd++;
	}
}

/* Machines without a time server come up unsynchronised, and most find one soon. */
static void watch_clock(struct core *c)
{
	int64_t since = c->site->h.unsynced_us;
	bool wrong = since != 0 && c->now.mono.us - since >= UNSYNCED_US;

	if (core_room(c, GUN_ROOM)) {
		alarm_site(c, CLOCK_FAULT, wrong ? FAULT_CLOCK : FAULT_NONE, "");
	}
}

/* A fault of the agent itself, which sees it; the others of the site are the core's own. */
static void take_agent(struct core *c, const struct event *e)
{
	int slot = alarm_slot(TGT_SITE, e->agent.code);

	if (slot != STORE_FAULT && slot != JOURNAL_FAULT && slot != DELIVERY_FAULT &&
		slot != LEDGER_FAULT) {
		c->site->h.odd++;
		return;
	}
	alarm_site(c, slot, e->agent.up ? e->agent.code : FAULT_NONE,
		e->agent.up ? e->agent.detail : "");
}

static void take_tick(struct core *c)
{
	for (uint16_t i = 0; i < c->site->cfg.pile_count && core_room(c, GUN_ROOM); i++) {
		watch_pile(c, i);
		lease_step(c, i);
		keep_step(c, i);
		warn_pile(c, i);
	}
	for (uint16_t i = 0; i < c->site->cfg.meter_count && core_room(c, GUN_ROOM); i++) {
		watch_meter(c, i);
		warn_meter(c, i);
	}
	for (uint16_t i = 0; i < c->site->cfg.bus_count && core_room(c, GUN_ROOM); i++) {
		watch_bus(c, i);
	}
	for (uint16_t i = 0; i < c->site->cfg.gun_count; i++) {
		gun_touch(c->site, i);
		warn_gun(c, i);
	}
	watch_clock(c);
	if (c->site->h.lost_logs > 0 && core_room(c, GUN_ROOM)) {
		int64_t lost = c->site->h.lost_logs;

		c->site->h.lost_logs = 0;
		core_log(c, LOG_NOTICE, "log: %lld lines were left out", (long long)lost);
	}
}

/* Looks at every gun that something came in for, as long as there is room for what it may do. */
static void settle(struct core *c)
{
	struct site *site = c->site;
	uint16_t *pending = site_at(site, site->h.pending);
	uint16_t done = 0, count = site->h.pending_count;

	while (done < count && core_room(c, GUN_ROOM)) {
		uint16_t i = pending[done++];

		gun_of(site, i)->touched = 0;
		gun_evaluate(c, i);
	}
	memmove(pending, pending + done, (size_t)(count - done) * sizeof *pending);
	memset(pending + count - done, 0, (size_t)done * sizeof *pending);
	site->h.pending_count = (uint16_t)(count - done);
	trial_step(c);
	command_step(c);
}

static struct moment advance(struct site *site, struct moment now)
{
	int64_t day;

	if (now.mono.us < site->h.now_us) {
		now.mono.us = site->h.now_us;
	}
	if (site->h.started_us == 0) {
		site->h.started_us = now.mono.us != 0 ? now.mono.us : 1;
		site->h.started_ms = now.wall.ms;
	}
	site->h.now_us = now.mono.us;
	site->h.now_ms = now.wall.ms;
	day = day_of(site, now.wall);
	if (day > site->h.day) {
		site->h.day = day;
	}
	return now;
}

static bool reads_transformer(const struct site *site, const struct event *e)
{
	const struct target *t;

	if (e->kind != EV_READINGS || e->readings.count == 0) {
		return false;
	}
	t = &e->readings.samples[0].target;
	return t->kind == TGT_METER && t->index < site->cfg.meter_count &&
	       meter_cfg(site, t->index)->role == METER_TRANSFORMER;
}

void site_apply(struct site *site, const struct event *event, struct actions *out)
{
	struct core c = {site, advance(site, event->now), out};
	bool stopped;

	switch (event->kind) {
	case EV_READINGS:
		take_readings(&c, event);
		break;
	case EV_TEXT:
		take_text(&c, event);
		break;
	case EV_LINK:
		if (cells_at(site, event->link.target) == NULL) {
			site->h.odd++;
			break;
		}
		watch_link(&c, event->link.target, event->link.up);
		break;
	case EV_COMMAND:
		if (core_room(&c, GUN_ROOM)) {
			command_take(&c, event);
		}
		break;
	case EV_WRITTEN:
		if (!manage_written(&c, event) && !lease_written(&c, event) &&
			!keep_written(&c, event)) {
			command_written(&c, event);
		}
		break;
	case EV_TICK:
		take_tick(&c);
		break;
	case EV_CLOCK:
		take_clock(&c, event);
		break;
	case EV_RESUME:
		take_resume(&c, event);
		break;
	case EV_SLIMIT:
		if (core_room(&c, GUN_ROOM)) {
			slimit_take(&c, event);
		}
		break;
	case EV_ALARM:
		if (core_room(&c, GUN_ROOM)) {
			annun_take(&c, event);
		}
		break;
	case EV_AGENT:
		if (core_room(&c, GUN_ROOM)) {
			take_agent(&c, event);
		}
		break;
	case EV_ORDER:
		if (core_room(&c, GUN_ROOM)) {
			order_take(&c, event);
		}
		break;
	case EV_RESERVE:
		if (core_room(&c, GUN_ROOM)) {
			reserve_take(&c, event);
		}
		break;
	case EV_TARIFF:
		if (core_room(&c, GUN_ROOM)) {
			cost_tariff_take(&c, event);
		}
		break;
	case EV_CONFIRM:
		if (core_room(&c, GUN_ROOM)) {
			trial_confirm(&c, event);
		}
		break;
	case EV_COUNT_:
		site->h.odd++;
		break;
	}
	stopped = (event->kind == EV_TICK || event->kind == EV_READINGS) && stop_step(&c);
	settle(&c);
	if (event->kind == EV_TICK || stopped || reads_transformer(site, event)) {
		manage_decide(&c);
	}
	annun_step(&c, event->kind == EV_TICK);
}

void site_snapshot(const struct site *site, const void **bytes, size_t *size)
{
	*bytes = site;
	*size = site->h.size;
}

/* Where everything lies: it must be the same, or bytes from a file would be followed as pointers.
 */
#define OFFSETS_SIZE (offsetof(struct site_head, policy) - offsetof(struct site_head, piles))

int site_restore(struct site *site, const void *bytes, size_t size)
{
	struct site_head h;

	if (size != site->h.size) {
		return ERR_VERSION;
	}
	memcpy(&h, bytes, sizeof h);
	if (h.magic != site->h.magic || h.size != site->h.size || h.layout != site->h.layout ||
		h.config_hash != site->h.config_hash ||
		memcmp(&h.piles, &site->h.piles, OFFSETS_SIZE) != 0 ||
		h.pending_count > site->cfg.gun_count || h.command_count != site->h.command_count ||
		h.alarm_count != site->h.alarm_count || h.alarm_high > h.alarm_count) {
		return ERR_VERSION;
	}
	memcpy(site, bytes, size);
	return 0;
}

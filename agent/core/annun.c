#include "annun.h"

#include "alarm.h"
#include "stop.h"
#include "tag.h"
#include "text.h"

/* The devices of a bus that answers again are read one after another, the last ones late. */
#define UNFOLD_US (60 * US_PER_S)
/* Room that a step of one alarm may need: two records and a line for the log. */
#define ALARM_ROOM 4
/* Free slots that are kept for conditions that come. */
#define SPARE 32

#define CHATTER_COUNT 5
#define CHATTER_US    (60 * US_PER_S)
#define FLOOD_COUNT   10
/* Nothing is put aside for longer, what endangers people not for so long. */
#define SHELF_MAX_MS    (7 * 24 * 3600 * MS_PER_S)
#define SHELF_SAFETY_MS (8 * 3600 * MS_PER_S)

static int64_t chatter_us(const struct site *site)
{
	return site->cfg.alarms.chatter_us > 0 ? site->cfg.alarms.chatter_us : CHATTER_US;
}

static int32_t chatter_count(const struct site *site)
{
	return site->cfg.alarms.chatter_count > 0 ? site->cfg.alarms.chatter_count : CHATTER_COUNT;
}

static int64_t flood_count(const struct site *site)
{
	return site->cfg.alarms.flood_count > 0 ? site->cfg.alarms.flood_count : FLOOD_COUNT;
}

uint32_t annun_slots(const struct site_cfg *cfg)
{
	return 2 * SPARE + SITE_FAULTS + cfg->bus_count + 2 * (uint32_t)cfg->gun_count +
	       cfg->pile_count + cfg->meter_count;
}

static struct target target_of(const struct alarm *a)
{
	return (struct target){a->kind, a->index};
}

static void id_of(const struct site *site, const struct alarm *a, char *dst, size_t size)
{
	core_text(dst, size, "%s-%lld-%lld", target_id(site, target_of(a)), (long long)a->code,
		(long long)a->id_ms);
}

static struct alarm *find(const struct site *site, struct target target, int64_t code)
{
	for (uint32_t i = 0; i < site->h.alarm_high; i++) {
		struct alarm *a = alarm_of(site, i);

		if (a->code == code && a->kind == target.kind && a->index == target.index) {
			return a;
		}
	}
	return NULL;
}

/* The rule of the configuration, or the catalogue's. */
static void settle(const struct site *site, struct alarm *a)
{
	const struct fault_info *info = fault_info((int)a->code);

	if (info != NULL) {
		a->latching = info->latching;
		a->on_us = info->on_s * US_PER_S;
		a->off_us = info->off_s * US_PER_S;
	}
	for (uint16_t i = 0; i < site->cfg.rule_count; i++) {
		const struct alarm_rule *rule = alarm_rule(site, i);

		if (rule->code == a->code) {
			a->latching = rule->latching;
			a->on_us = rule->on_us;
			a->off_us = rule->off_us;
		}
	}
}

/* A slot for an alarm that is not there yet; NULL where none is free. */
static struct alarm *place(struct site *site, struct target target, int64_t code)
{
	struct alarm *a = NULL;
	uint32_t i = 0;

	while (i < site->h.alarm_count && alarm_of(site, i)->code != 0) {
		i++;
	}
	if (i == site->h.alarm_count) {
		return NULL;
	}
	site->h.alarm_high = i >= site->h.alarm_high ? i + 1 : site->h.alarm_high;
	a = alarm_of(site, i);
	memset(a, 0, sizeof *a);
	a->code = code;
	a->kind = target.kind;
	a->index = target.index;
	a->raised_ms = a->returned_ms = a->acked_ms = a->until_ms = VALUE_NONE;
	settle(site, a);
	return a;
}

static void release(struct site *site, struct alarm *a)
{
	memset(a, 0, sizeof *a);
	while (site->h.alarm_high > 0 && alarm_of(site, site->h.alarm_high - 1)->code == 0) {
		site->h.alarm_high--;
	}
}

/* ---- Records ---- */

/* The bus that it is to be folded under, + 1; 0 = none. */
static uint16_t parent_of(const struct site *site, const struct alarm *a)
{
	const struct site_bus *b;
	uint16_t bus;

	if (site->cfg.bus_count == 0 || (a->code != FAULT_SILENT && a->code != FAULT_METER_DEAD)) {
		return 0;
	}
	bus = a->kind == TGT_METER  ? meter_cfg(site, a->index)->bus
	      : a->kind == TGT_PILE ? pile_cfg(site, a->index)->bus
				    : pile_cfg(site, gun_cfg(site, a->index)->pile)->bus;
	b = bus_of(site, bus);
	return b->fault.code != FAULT_NONE ||
			       (b->up_us != 0 && site->h.now_us - b->up_us < UNFOLD_US)
		       ? (uint16_t)(bus + 1)
		       : 0;
}

/* A person took what it is of out of service: which target that was. */
static bool out_of_service(const struct site *site, const struct alarm *a, struct target *by)
{
	return a->code != FAULT_INPUT_STOP && a->code != FAULT_INPUT_SILENT &&
	       tag_over(site, target_of(a), by) && !stop_signed(tag_of(site, *by));
}

static void show(const struct site *site, const struct alarm *a, struct view_alarm *out)
{
	view_clear(VIEW_alarm, out);
	id_of(site, a, out->id, sizeof out->id);
	VIEW_SET(out, target, target_id(site, target_of(a)));
	VIEW_SET(out, state, life_token((enum alarm_state)a->state));
	VIEW_SET(out, acked_by, a->acked_by);
	VIEW_SET(out, shelved_by, a->shelved_by);
	VIEW_SET(out, reason, a->reason);
	VIEW_SET(out, detail, a->detail);
	out->code = a->code;
	out->severity = alarm_severity(a->code);
	out->raised = a->raised_ms;
	out->returned = a->returned_ms;
	out->acked = a->acked_ms;
	out->count = a->count;
	out->chatter = a->chatter;
	out->shelved_until = a->until_ms;
	if (a->parent != 0) {
		VIEW_SET(out, parent, bus_cfg(site, a->parent - 1)->id);
	} else if (a->out) {
		struct target by = target_of(a);

		out_of_service(site, a, &by);
		VIEW_SET(out, parent, target_id(site, by));
	}
}

static void tell(struct core *c, struct alarm *a, bool ended)
{
	struct view_alarm *v = &core_emit(c, ACT_ALARM)->alarm;

	show(c->site, a, v);
	v->ended = ended ? c->now.wall.ms : VALUE_NONE;
	a->dirty = 0;
}

bool site_view_alarm(const struct site *site, size_t position, struct view_alarm *out)
{
	for (uint32_t i = 0; i < site->h.alarm_high; i++) {
		const struct alarm *a = alarm_of(site, i);

		if (a->code != 0 && a->state != ALARM_NORMAL && position-- == 0) {
			show(site, a, out);
			return true;
		}
	}
	return false;
}

/* ---- Floods ---- */

static void count_flood(struct core *c, const struct alarm *a)
{
	if (a->code != FAULT_FLOOD) {
		c->site->h.flood[c->site->h.flood_minute % FLOOD_MINUTES]++;
	}
}

static void watch_flood(struct core *c)
{
	struct site_head *h = &c->site->h;
	int64_t minute = c->now.mono.us / (60 * US_PER_S), sum = 0;
	bool flood = h->faults[FLOOD_FAULT].code != FAULT_NONE;
	char detail[64];

	while (h->flood_minute < minute) {
		h->flood_minute = minute - h->flood_minute > FLOOD_MINUTES ? minute - FLOOD_MINUTES
									   : h->flood_minute + 1;
		h->flood[h->flood_minute % FLOOD_MINUTES] = 0;
	}
	for (size_t i = 0; i < FLOOD_MINUTES; i++) {
		sum += h->flood[i];
	}
	if (!flood && sum > flood_count(c->site)) {
		core_text(detail, sizeof detail, "%lld alarms in %d min", (long long)sum,
			FLOOD_MINUTES);
		alarm_site(c, FLOOD_FAULT, FAULT_FLOOD, detail);
	} else if (flood && sum <= flood_count(c->site) / 2) {
		alarm_site(c, FLOOD_FAULT, FAULT_NONE, "");
	}
}

/* ---- The lives ---- */

/* A new raising: an id and a record of its own; what was there before is over. */
static void begin(struct core *c, struct alarm *a)
{
	struct site_head *h = &c->site->h;

	if (a->state != ALARM_NORMAL) {
		tell(c, a, true);
	}
	h->last_fault_ms =
		h->last_fault_ms >= c->now.wall.ms ? h->last_fault_ms + 1 : c->now.wall.ms;
	a->id_ms = h->last_fault_ms;
	a->raised_ms = c->now.wall.ms;
	a->returned_ms = a->acked_ms = VALUE_NONE;
	memset(a->acked_by, 0, sizeof a->acked_by);
	a->count = 1;
	a->parent = 0;
	a->out = 0;
	a->chatter = a->burst >= chatter_count(c->site);
}

static bool shelved(enum alarm_state state)
{
	return state == ALARM_SHELVED || state == ALARM_SHELVED_IDLE;
}

static void log_change(struct core *c, const struct alarm *a, enum alarm_state old, const char *by)
{
	const struct fault_info *info = fault_info((int)a->code);

	core_log(c, LOG_NOTICE, "%s: alarm %lld, %s: %s -> %s%s%s",
		target_id(c->site, target_of(a)), (long long)a->code, info == NULL ? "?" : info->en,
		life_token(old), life_token((enum alarm_state)a->state),
		by[0] != '\0' ? ", by " : "", by);
}

/* Everything that follows from a new state. */
static void enter(struct core *c, struct alarm *a, enum alarm_state next, const char *by)
{
	enum alarm_state old = (enum alarm_state)a->state;
	bool news = life_raised(next) && !life_raised(old) && !shelved(old);

	if (news) {
		begin(c, a);
	}
	if (next == ALARM_UNACK) {
		count_flood(c, a);
	}
	if (next == ALARM_FOLDED) {
		a->parent = parent_of(c->site, a);
	} else if (next == ALARM_UNACK) {
		a->parent = 0;
		a->out = 0;
	} else if (next == ALARM_OUT) {
		a->out = 1;
	}
	if (life_raised(old) && !life_raised(next)) {
		a->returned_ms = c->now.wall.ms;
	}
	if (shelved(old) && !shelved(next)) {
		a->until_ms = VALUE_NONE;
		memset(a->shelved_by, 0, sizeof a->shelved_by);
		memset(a->reason, 0, sizeof a->reason);
	}
	a->state = (uint8_t)next;
	tell(c, a, next == ALARM_NORMAL);
	log_change(c, a, old, by);
	if (next == ALARM_NORMAL) {
		memset(a->acked_by, 0, sizeof a->acked_by);
	}
}

/* The condition after its delays: what it raises or clears, if anything. */
static enum alarm_state by_condition(
	const struct core *c, const struct alarm *a, enum alarm_state state)
{
	int64_t lasts = c->now.mono.us - a->edge_us;
	int64_t off_us =
		a->chatter && a->off_us < chatter_us(c->site) ? chatter_us(c->site) : a->off_us;

	if (a->cond && !life_raised(state) && lasts >= a->on_us) {
		return life_next(state, LIFE_RAISE, a->latching);
	}
	if (!a->cond && life_raised(state) && lasts >= off_us) {
		return life_next(state, LIFE_CLEAR, a->latching);
	}
	return state;
}

static void step_one(struct core *c, struct alarm *a)
{
	enum alarm_state old = (enum alarm_state)a->state, next = old;
	struct target by;
	bool out;

	if (shelved(next) && c->now.wall.ms >= a->until_ms) {
		next = life_next(next, LIFE_UNSHELVE, a->latching);
	}
	next = by_condition(c, a, next);
	next = life_next(next, parent_of(c->site, a) != 0 ? LIFE_FOLD : LIFE_UNFOLD, a->latching);
	out = out_of_service(c->site, a, &by);
	next = life_next(next, out ? LIFE_OUT : LIFE_IN, a->latching);
	if (a->out && !out && next == old && old != ALARM_NORMAL) {
		a->out = 0; /* latched meanwhile: it counts from here */
		a->dirty = 1;
	}
	if (next != old) {
		enter(c, a, next, "");
	} else if (a->dirty) {
		tell(c, a, false);
	}
	if (a->state == ALARM_NORMAL && !a->cond &&
		c->now.mono.us - a->burst_us > chatter_us(c->site)) {
		release(c->site, a);
	}
}

/* What is missed least: over, gone, latched; then the less severe; then the older. */
static bool missed_less(const struct alarm *a, const struct alarm *b)
{
	int ra = a->state == ALARM_NORMAL ? 0 : a->latching ? 2 : 1;
	int rb = b->state == ALARM_NORMAL ? 0 : b->latching ? 2 : 1;
	int64_t sa = alarm_severity(a->code), sb = alarm_severity(b->code);

	return ra != rb ? ra < rb : sa != sb ? sa > sb : a->edge_us < b->edge_us;
}

/* Closes what is gone and that nobody acknowledged, until so many slots are free. */
static void make_room(struct core *c, uint32_t spare)
{
	struct site *site = c->site;
	uint32_t used = 0;

	if (site->h.alarm_high + spare <= site->h.alarm_count) {
		return;
	}
	for (uint32_t i = 0; i < site->h.alarm_high; i++) {
		used += alarm_of(site, i)->code != 0;
	}
	while (used + spare > site->h.alarm_count && core_room(c, GUN_ROOM / 2 + ALARM_ROOM)) {
		struct alarm *least = NULL;

		for (uint32_t i = 0; i < site->h.alarm_high; i++) {
			struct alarm *a = alarm_of(site, i);

			if (a->code != 0 && !a->cond && !life_raised((enum alarm_state)a->state) &&
				(least == NULL || missed_less(a, least))) {
				least = a;
			}
		}
		if (least == NULL) {
			return;
		}
		if (least->state != ALARM_NORMAL) {
			tell(c, least, true);
			core_log(c, LOG_WARNING,
				"%s: alarm %lld: closed, too many wait for a person",
				target_id(site, target_of(least)), (long long)least->code);
		}
		release(site, least);
		used--;
	}
}

/* How often it came lately; what comes too often chatters until it has been quiet for a while. */
static void count_burst(struct core *c, struct alarm *a)
{
	if (c->now.mono.us - a->burst_us > chatter_us(c->site)) {
		a->burst_us = c->now.mono.us;
		a->burst = 0;
	}
	a->burst++;
	if (life_raised((enum alarm_state)a->state)) {
		a->chatter = a->chatter || a->burst >= chatter_count(c->site);
		a->count++;
		a->dirty = 1;
	}
}

void annun_edge(struct core *c, struct target target, int64_t code, bool on, const char *detail)
{
	struct alarm *a = find(c->site, target, code);

	if (a == NULL && on) {
		make_room(c, 1);
		a = place(c->site, target, code);
		c->site->h.alarm_lost = a == NULL || c->site->h.alarm_lost;
	}
	if (a == NULL || a->cond == on) {
		return;
	}
	a->cond = on;
	a->edge_us = c->now.mono.us;
	if (on) {
		view_set_text(a->detail, sizeof a->detail, detail);
		count_burst(c, a);
	}
	c->site->h.alarm_due = 1;
}

/* After a start, and where the table was full: conditions and alarms are compared. */
static void reconcile(struct core *c)
{
	struct site *site = c->site;

	site->h.alarm_lost = 0;
	for (uint32_t i = 0; i < site->h.alarm_high; i++) {
		struct alarm *a = alarm_of(site, i);

		if (a->code != 0 && a->cond && !alarm_active(site, target_of(a), a->code)) {
			a->cond = 0;
			a->edge_us = c->now.mono.us;
		}
	}
	alarm_each(c, annun_edge);
}

void annun_step(struct core *c, bool tick)
{
	struct site_head *h = &c->site->h;

	if (tick) {
		watch_flood(c);
	}
	if (tick || h->alarm_due) {
		make_room(c, SPARE);
	}
	if (tick && h->alarm_lost) {
		reconcile(c);
	}
	if (!tick && !h->alarm_due) {
		return;
	}
	h->alarm_due = 0;
	for (uint32_t i = 0; i < h->alarm_high; i++) {
		if (alarm_of(c->site, i)->code == 0) {
			continue;
		}
		if (!core_room(c, GUN_ROOM / 2 + ALARM_ROOM)) {
			h->alarm_due = 1;
			return;
		}
		step_one(c, alarm_of(c->site, i));
	}
}

/* ---- Persons ---- */

static struct alarm *by_id(const struct site *site, const char *id)
{
	char own[64];

	for (uint32_t i = 0; i < site->h.alarm_high; i++) {
		struct alarm *a = alarm_of(site, i);

		if (a->code == 0 || a->state == ALARM_NORMAL) {
			continue;
		}
		id_of(site, a, own, sizeof own);
		if (strcmp(own, id) == 0) {
			return a;
		}
	}
	return NULL;
}

static bool shelf_fits(const struct core *c, const struct alarm *a, int64_t until_ms)
{
	int64_t ms = until_ms - c->now.wall.ms;
	bool safety = alarm_severity(a->code) == SEVERITY_SAFETY;

	return ms > 0 && ms <= (safety ? SHELF_SAFETY_MS : SHELF_MAX_MS);
}

void annun_take(struct core *c, const struct event *e)
{
	static const enum life_event events[ALARMOPS_] = {
		[ALARMOP_ACK] = LIFE_ACK,
		[ALARMOP_RESET] = LIFE_RESET,
		[ALARMOP_SHELVE] = LIFE_SHELVE,
		[ALARMOP_UNSHELVE] = LIFE_UNSHELVE,
	};
	struct alarm *a = (unsigned)e->alarm.op < ALARMOPS_ ? by_id(c->site, e->alarm.id) : NULL;
	enum alarm_state next;

	if (a == NULL || (e->alarm.op == ALARMOP_SHELVE && !shelf_fits(c, a, e->alarm.until_ms))) {
		c->site->h.odd++;
		return;
	}
	next = life_next((enum alarm_state)a->state, events[e->alarm.op], a->latching);
	if (next == (enum alarm_state)a->state) {
		return;
	}
	if (e->alarm.op == ALARMOP_ACK) {
		a->acked_ms = c->now.wall.ms;
		view_set_text(a->acked_by, sizeof a->acked_by, e->alarm.by);
	} else if (e->alarm.op == ALARMOP_SHELVE) {
		a->until_ms = e->alarm.until_ms;
		view_set_text(a->shelved_by, sizeof a->shelved_by, e->alarm.by);
		view_set_text(a->reason, sizeof a->reason, e->alarm.reason);
	}
	enter(c, a, next, e->alarm.by);
}

bool annun_resume(struct core *c, const struct view_alarm *view)
{
	enum alarm_state state;
	struct target target;
	struct alarm *a;
	const char *time = strrchr(view->id, '-');
	int64_t id_ms;

	if (alarm_find_target(c->site, view->target, &target) != 0 || time == NULL ||
		text_int(time + 1, 1, INT64_MAX, &id_ms) != 0 ||
		life_find(view->state, &state) != 0 || state == ALARM_NORMAL ||
		view->ended != VALUE_NONE ||
		alarm_slot((enum target_kind)target.kind, view->code) < 0 ||
		(shelved(state) && view->shelved_until == VALUE_NONE) ||
		find(c->site, target, view->code) != NULL) {
		return false;
	}
	a = place(c->site, target, view->code);
	if (a == NULL) {
		return false;
	}
	a->id_ms = id_ms;
	view_set_text(a->detail, sizeof a->detail, view->detail);
	view_set_text(a->acked_by, sizeof a->acked_by, view->acked_by);
	view_set_text(a->shelved_by, sizeof a->shelved_by, view->shelved_by);
	view_set_text(a->reason, sizeof a->reason, view->reason);
	a->state = (uint8_t)state;
	a->cond = life_raised(state);
	a->edge_us = c->now.mono.us;
	a->raised_ms = view->raised;
	a->returned_ms = view->returned;
	a->acked_ms = view->acked;
	a->until_ms = view->shelved_until;
	a->chatter = view->chatter == 1;
	a->parent = state == ALARM_FOLDED ? parent_of(c->site, a) : 0;
	a->out = state == ALARM_OUT || (state == ALARM_LATCHED && view->parent[0] != '\0');
	a->count = view->count == VALUE_NONE ? 1 : view->count;
	c->site->h.alarm_lost = 1; /* its fault may be gone */
	return true;
}

void annun_count(const struct site *site, struct view_site *out)
{
	out->alarms_active = out->alarms_unack = 0;
	out->flood = site->h.faults[FLOOD_FAULT].code != FAULT_NONE;
	for (uint32_t i = 0; i < site->h.alarm_high; i++) {
		const struct alarm *a = alarm_of(site, i);
		int64_t severity = alarm_severity(a->code);

		if (a->code == 0 || a->state == ALARM_NORMAL || a->state == ALARM_FOLDED ||
			a->out || shelved((enum alarm_state)a->state)) {
			continue;
		}
		out->alarms_active++;
		out->alarms_unack += a->state != ALARM_ACKED && a->state != ALARM_HELD;
		if (out->alarms_worst == VALUE_NONE || severity < out->alarms_worst) {
			out->alarms_worst = severity;
		}
	}
}

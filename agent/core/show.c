/* The views: what the site knows, as it goes on the wire. */

#include "alarm.h"
#include "annun.h"
#include "command.h"
#include "day.h"
#include "gun.h"
#include "halt.h"
#include "order.h"
#include "reserve.h"
#include "reason.h"
#include "session.h"
#include "tag.h"
#include "visit.h"
#include "wish.h"

static int64_t wall_of(struct moment now, int64_t us)
{
	return us == 0 ? VALUE_NONE : now.wall.ms - (now.mono.us - us) / US_PER_MS;
}

static int64_t today(const struct site *site, const struct gun *g, struct moment now, int64_t value)
{
	return g->day == day_of(site, now.wall) || g->day == site->h.day ? value : 0;
}

static bool stale(const struct site *site, int64_t seen_us, struct moment now)
{
	return seen_us == 0 || now.mono.us - seen_us > site->cfg.stale_us;
}

static void show_session(const struct site *site, uint16_t i, struct view_gun *out)
{
	const struct gun *g = gun_of(site, i);
	const struct session *s = &g->session;

	if (s->phase == SESSION_NONE) {
		return;
	}
	VIEW_SET(out, session, s->id);
	out->session_start = s->start_ms;
	if (s->start.known && g->track.now.known) {
		out->session_wh = g->track.now.acc_wh - s->start.acc_wh;
	}
}

static void show_faults(const struct gun *g, const struct dev *pile, struct view_gun *out)
{
	out->faults = 0;
	for (int n = 0; n < UNIT_FAULTS; n++) {
		int k = (n + LEASE_FAULT) % UNIT_FAULTS; /* that one tells the least */

		if (pile->faults[k].code != FAULT_NONE) {
			out->faults++;
			out->fault = pile->faults[k].code;
		}
	}
	for (int k = GUN_FAULTS - 1; k >= 0; k--) {
		if (g->faults[k].code != FAULT_NONE) {
			out->faults++;
			out->fault = g->faults[k].code;
		}
	}
}

static void show_command(const struct site *site, const struct gun *g, struct view_gun *out)
{
	struct view_command v;

	for (size_t k = 0; g->last_command != 0 && k < site->h.command_count; k++) {
		const struct command *cmd = command_of(site, k);

		if (cmd->seq == g->last_command) {
			command_view(site, cmd, &v);
			VIEW_SET(out, command, v.verb);
			VIEW_SET(out, command_state, v.state);
			return;
		}
	}
}

void site_view_gun(const struct site *site, uint16_t i, struct moment now, struct view_gun *out)
{
	const struct gun_cfg *cfg = gun_cfg(site, i);
	const struct pile_cfg *pile = pile_cfg(site, cfg->pile);
	const struct gun *g = gun_of(site, i);
	const struct tag *tag = tag_on_gun(site, i), *halt = halt_on_gun(site, i);
	int64_t us = g->today_us;

	view_clear(VIEW_gun, out);
	VIEW_SET(out, id, cfg->id);
	VIEW_SET(out, pile, pile->id);
	VIEW_SET(out, kind, pile->dc ? "dc" : "ac");
	VIEW_SET(out, state, state_info((enum gun_state)g->state)->token);
	out->cec = state_info((enum gun_state)g->state)->cec;
	out->since = g->since_ms == 0 ? VALUE_NONE : g->since_ms;
	out->power_w = cells_value(&g->cells, PT_POWER);
	out->grant_w = g->limit_w;
	reason_show_gun(site, i, now, out);
	out->max_w = cfg->max_w;
	out->voltage_mv = cells_value(&g->cells, PT_VOLTAGE);
	out->current_ma = cells_value(&g->cells, PT_CURRENT);
	if (out->voltage_mv == VALUE_NONE) {
		out->voltage_mv = cells_value(&g->cells, PT_VOLTAGE_L1);
	}
	if (out->current_ma == VALUE_NONE) {
		out->current_ma = cells_value(&g->cells, PT_CURRENT_L1);
	}
	out->soc_pm = cells_value(&g->cells, PT_SOC);
	out->temp_mc = cells_value(&g->cells, PT_TEMP);
	out->energy_wh = g->track.now.known ? g->track.now.raw_wh : VALUE_NONE;
	out->visit_start = g->visit.open ? g->visit.plugged_ms : VALUE_NONE;
	show_session(site, i, out);
	order_show(site, i, out);
	reserve_show(site, i, out);
	out->departs = g->visit.open && g->visit.departs_ms != 0 ? g->visit.departs_ms : VALUE_NONE;
	out->wants_wh = g->visit.open && g->visit.wants_wh != 0 ? g->visit.wants_wh : VALUE_NONE;
	out->remaining_wh = g->visit.open ? wish_remaining_wh(site, i) : VALUE_NONE;
	if (g->state == GUN_CHARGING && now.mono.us > g->counted_us) {
		us += now.mono.us - g->counted_us;
	}
	out->today_wh = today(site, g, now, g->today_wh);
	out->today_sessions = today(site, g, now, g->today_sessions);
	out->today_s = today(site, g, now, us / US_PER_S);
	show_faults(g, pile_of(site, cfg->pile), out);
	if (tag != NULL) {
		VIEW_SET(out, tag, tag->reason);
		VIEW_SET(out, tag_by, tag->by);
	}
	if (halt != NULL) {
		VIEW_SET(out, halt, halt->reason);
		VIEW_SET(out, halt_by, halt->by);
		out->halted = halt->since_ms;
	}
	show_command(site, g, out);
	out->stale = stale(site, g->seen_us, now);
	out->seen = wall_of(now, g->seen_us);
}

static const char *link_word(const struct site *site, const struct dev *u, struct moment now)
{
	if (u->link_up == 0) {
		return "down";
	}
	if (u->seen_us == 0) {
		return "unknown";
	}
	return stale(site, u->seen_us, now) ? "stale" : "up";
}

/* Adds b to a where both are known; a sum of nothing stays unknown. */
static void add(int64_t *a, int64_t b)
{
	if (b != VALUE_NONE) {
		*a = *a == VALUE_NONE ? b : *a + b;
	}
}

void site_view_pile(const struct site *site, uint16_t i, struct moment now, struct view_pile *out)
{
	const struct pile_cfg *cfg = pile_cfg(site, i);
	const struct dev *u = pile_of(site, i);

	view_clear(VIEW_pile, out);
	VIEW_SET(out, id, cfg->id);
	VIEW_SET(out, kind, cfg->dc ? "dc" : "ac");
	VIEW_SET(out, model, u->model);
	VIEW_SET(out, serial, u->serial);
	VIEW_SET(out, firmware, u->firmware);
	VIEW_SET(out, link, link_word(site, u, now));
	out->guns = cfg->gun_count;
	out->rated_w = cfg->rated_w;
	out->limit_w = cells_value(&u->cells, PT_LIMIT_W);
	out->power_w = cells_value(&u->cells, PT_POWER);
	out->today_wh = 0;
	for (uint16_t k = cfg->first_gun; k < cfg->first_gun + cfg->gun_count; k++) {
		const struct gun *g = gun_of(site, k);

		if (u->cells.quality[PT_POWER] == Q_NONE && !stale(site, g->seen_us, now)) {
			add(&out->power_w, cells_value(&g->cells, PT_POWER));
		}
		out->today_wh += today(site, g, now, g->today_wh);
		if (g->track.now.known) {
			add(&out->total_wh, g->track.now.raw_wh);
		}
	}
	if (u->tag.on) {
		VIEW_SET(out, tag, u->tag.reason);
		VIEW_SET(out, tag_by, u->tag.by);
	}
}

void site_view_meter(const struct site *site, uint16_t i, struct moment now, struct view_meter *out)
{
	static const char *const roles[] = {
		[METER_TRANSFORMER] = "transformer",
		[METER_FEEDER] = "feeder",
		[METER_PILE] = "pile",
		[METER_OTHER] = "other",
	};
	const struct meter_cfg *cfg = meter_cfg(site, i);
	const struct dev *u = meter_of(site, i);
	const struct cells *cells = &u->cells;

	view_clear(VIEW_meter, out);
	VIEW_SET(out, id, cfg->id);
	VIEW_SET(out, role, roles[cfg->role]);
	VIEW_SET(out, link, link_word(site, u, now));
	out->power_w = cells_value(cells, PT_POWER);
	out->reactive_var = cells_value(cells, PT_REACTIVE);
	out->apparent_va = cells_value(cells, PT_APPARENT);
	out->voltage_l1_mv = cells_value(cells, PT_VOLTAGE_L1);
	out->voltage_l2_mv = cells_value(cells, PT_VOLTAGE_L2);
	out->voltage_l3_mv = cells_value(cells, PT_VOLTAGE_L3);
	out->current_l1_ma = cells_value(cells, PT_CURRENT_L1);
	out->current_l2_ma = cells_value(cells, PT_CURRENT_L2);
	out->current_l3_ma = cells_value(cells, PT_CURRENT_L3);
	out->energy_wh = cells_value(cells, PT_ENERGY);
	out->stale = stale(site, u->seen_us, now);
	out->seen = wall_of(now, u->seen_us);
}

static int64_t magnitude(int64_t v)
{
	return v < 0 ? -v : v;
}

/* Apparent power of one phase: as measured, else U * I. mV * mA = 1e-6 VA. */
static int64_t phase_va(const struct cells *cells, int phase)
{
	int64_t va, mv, ma;

	if (cells_good(cells, (enum point)(PT_APPARENT_L1 + phase), &va)) {
		return magnitude(va);
	}
	if (cells_good(cells, (enum point)(PT_VOLTAGE_L1 + phase), &mv) &&
		cells_good(cells, (enum point)(PT_CURRENT_L1 + phase), &ma) &&
		magnitude(mv) < INT64_C(1000000000) && magnitude(ma) < INT64_C(1000000000)) {
		return magnitude(mv * ma / 1000000);
	}
	return VALUE_NONE;
}

static int64_t per_mille(int64_t va, int64_t of)
{
	return va == VALUE_NONE || of <= 0 || va > INT64_MAX / 1000 ? VALUE_NONE : va * 1000 / of;
}

/* Integer square root, for S of P and Q. */
static int64_t root(uint64_t v)
{
	uint64_t r = 0;

	for (uint64_t bit = UINT64_C(1) << 62; bit != 0; bit >>= 2) {
		if (v >= r + bit) {
			v -= r + bit;
			r = (r >> 1) + bit;
		} else {
			r >>= 1;
		}
	}
	return (int64_t)r;
}

static void show_load(
	const struct site *site, const struct dev *u, struct moment now, struct view_site *out)
{
	int64_t phases[3], sum = 0, p, q;

	VIEW_SET(out, meter_state, link_word(site, u, now));
	if (u->link_up == 0 || stale(site, u->seen_us, now)) {
		return;
	}
	for (int k = 0; k < 3; k++) {
		phases[k] = phase_va(&u->cells, k);
		sum = sum == VALUE_NONE || phases[k] == VALUE_NONE ? VALUE_NONE : sum + phases[k];
	}
	out->load_w = cells_value(&u->cells, PT_POWER);
	out->load_va = cells_value(&u->cells, PT_APPARENT);
	if (out->load_va == VALUE_NONE && cells_good(&u->cells, PT_POWER, &p) &&
		cells_good(&u->cells, PT_REACTIVE, &q) && magnitude(p) < INT64_C(2000000000) &&
		magnitude(q) < INT64_C(2000000000)) {
		out->load_va = root((uint64_t)(p * p) + (uint64_t)(q * q));
	}
	if (out->load_va == VALUE_NONE) {
		out->load_va = sum;
	}
	out->load_pm = per_mille(out->load_va, site->cfg.rated_va);
	out->load_l1_pm = per_mille(phases[0], site->cfg.rated_va / 3);
	out->load_l2_pm = per_mille(phases[1], site->cfg.rated_va / 3);
	out->load_l3_pm = per_mille(phases[2], site->cfg.rated_va / 3);
}

static void count_gun(const struct site *site, uint16_t i, struct moment now, struct view_site *out)
{
	struct view_gun gun;
	const struct gun *g = gun_of(site, i);

	site_view_gun(site, i, now, &gun);
	out->today_wh += gun.today_wh;
	out->today_sessions += gun.today_sessions;
	out->today_s += gun.today_s;
	if (!gun.stale) {
		add(&out->guns_w, gun.power_w);
	}
	switch ((enum gun_state)g->state) {
	case GUN_CHARGING:
		out->guns_charging++;
		break;
	case GUN_IDLE:
	case GUN_RESERVED:
		out->guns_idle++;
		break;
	case GUN_PLUGGED:
	case GUN_SUSPENDED:
	case GUN_FINISHED:
		out->guns_plugged++;
		break;
	case GUN_FAULT:
		out->guns_fault++;
		break;
	case GUN_UNKNOWN:
	case GUN_OFFLINE:
	case GUN_COUNT_:
		out->guns_offline++;
		break;
	}
}

void site_view(const struct site *site, struct moment now, struct view_site *out)
{
	view_clear(VIEW_site, out);
	VIEW_SET(out, id, site->cfg.id);
	VIEW_SET(out, name, site->cfg.name);
	VIEW_SET(out, meter_state, "none");
	reason_show_site(site, out);
	out->started = site->h.started_us == 0 ? VALUE_NONE : site->h.started_ms;
	out->rated_va = site->cfg.rated_va;
	out->limit_va = site->cfg.limit_va;
	out->guns_total = site->cfg.gun_count;
	out->guns_charging = out->guns_idle = out->guns_plugged = 0;
	out->guns_fault = out->guns_offline = 0;
	out->today_wh = out->today_sessions = out->today_s = 0;
	out->faults_active = site->h.faults_active;
	annun_count(site, out);
	for (uint16_t i = 0; i < site->cfg.gun_count; i++) {
		count_gun(site, i, now, out);
	}
	for (uint16_t i = 0; i < site->cfg.meter_count; i++) {
		if (meter_cfg(site, i)->role == METER_TRANSFORMER) {
			show_load(site, meter_of(site, i), now, out);
			break;
		}
	}
}

/* The position-th active fault among the slots of `n` targets of one kind. */
static bool fault_among(const struct site *site, enum target_kind kind, uint16_t n,
	size_t *position, struct view_fault *out)
{
	for (uint16_t i = 0; i < n; i++) {
		struct target t = {(uint16_t)kind, i};
		size_t count;
		const struct fault *f = alarm_slots(site, t, &count);

		for (size_t k = 0; k < count; k++) {
			if (f[k].code != FAULT_NONE && (*position)-- == 0) {
				alarm_view(site, t, &f[k], out);
				return true;
			}
		}
	}
	return false;
}

bool site_view_fault(const struct site *site, size_t position, struct view_fault *out)
{
	return position < site->h.faults_active &&
	       (fault_among(site, TGT_SITE, 1, &position, out) ||
		       fault_among(site, TGT_BUS, site->cfg.bus_count, &position, out) ||
		       fault_among(site, TGT_METER, site->cfg.meter_count, &position, out) ||
		       fault_among(site, TGT_PILE, site->cfg.pile_count, &position, out) ||
		       fault_among(site, TGT_GUN, site->cfg.gun_count, &position, out));
}

bool site_view_command(const struct site *site, size_t position, struct view_command *out)
{
	for (size_t k = 0; k < site->h.command_count; k++) {
		const struct command *cmd = command_of(site, k);

		if (cmd->seq != 0 && position-- == 0) {
			command_view(site, cmd, out);
			return true;
		}
	}
	return false;
}

bool site_view_tag(const struct site *site, size_t position, struct view_tag *out)
{
	const struct site_cfg *cfg = &site->cfg;
	size_t total = (size_t)cfg->feeder_count + cfg->pile_count + cfg->gun_count;

	for (size_t k = 0; k < total; k++) {
		struct target t = {TGT_FEEDER, (uint16_t)k};

		if (k >= (size_t)cfg->feeder_count + cfg->pile_count) {
			t.kind = TGT_GUN;
			t.index = (uint16_t)(k - cfg->feeder_count - cfg->pile_count);
		} else if (k >= cfg->feeder_count) {
			t.kind = TGT_PILE;
			t.index = (uint16_t)(k - cfg->feeder_count);
		}
		if (tag_of(site, t)->on && position-- == 0) {
			tag_view(site, t, out);
			return true;
		}
	}
	if (site->h.tag.on && position == 0) {
		tag_view(site, (struct target){TGT_SITE, 0}, out);
		return true;
	}
	return false;
}

bool site_open_session(const struct site *site, uint16_t gun, struct view_session *out)
{
	if (gun >= site->cfg.gun_count || gun_of(site, gun)->session.phase == SESSION_NONE) {
		return false;
	}
	session_view(site, gun, (struct moment){{site->h.now_us}, {site->h.now_ms}}, out);
	return true;
}

bool site_open_visit(const struct site *site, uint16_t gun, struct view_visit *out)
{
	if (gun >= site->cfg.gun_count || !gun_of(site, gun)->visit.open) {
		return false;
	}
	visit_view(site, gun, out);
	return true;
}

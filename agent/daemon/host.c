/* What the RPC server asks of the daemon. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bus/probe.h"
#include "internal.h"
#include "fmt.h"
#include "log.h"
#include "state.h"
#include "text.h"
#include "version.h"

#define UNITS_MAX 256 /* of one bus: Modbus addresses */

typedef int (*each_fn)(void *arg, const void *view);

/* ---- Rows ---- */

static int rows_site(struct daemon *d, struct moment now, each_fn each, void *arg)
{
	struct view_site site;

	site_view(d->plant.site, now, &site);
	VIEW_SET(&site, version, PILED_VERSION);
	VIEW_SET(&site, store_state, daemon_store_state(d));
	VIEW_SET(&site, timezone, d->plant.config->timezone);
	site.started = d->started.ms;
	return each(arg, &site);
}

static int rows_guns(struct daemon *d, struct moment now, each_fn each, void *arg)
{
	struct view_gun gun;
	int rc = 0;

	for (size_t i = 0; i < d->plant.config->gun_count && rc == 0; i++) {
		site_view_gun(d->plant.site, (uint16_t)i, now, &gun);
		rc = each(arg, &gun);
	}
	return rc;
}

/* What configuration and store say of a pile, where the device itself does not. */
static void fill_pile(const struct daemon *d, size_t index, struct view_pile *pile)
{
	const struct config_pile *p = &d->plant.config->piles[index];
	const struct pile_total *total = &d->plant.totals[index];

	if (total->known) {
		pile->sessions = total->sessions;
		pile->charged_s = total->charged_s;
	}
	VIEW_SET(pile, bus, d->plant.config->buses[p->bus].id);
	pile->unit = p->unit;
	VIEW_SET(pile, profile, profile_info(p->profile)->name);
	VIEW_SET(pile, maker, p->maker);
	VIEW_SET(pile, commissioned, p->commissioned);
	VIEW_SET(pile, calibration_due, p->calibration_due);
	if (pile->model[0] == '\0') {
		VIEW_SET(pile, model, p->model);
	}
	if (pile->serial[0] == '\0') {
		VIEW_SET(pile, serial, p->serial);
	}
}

static int rows_piles(struct daemon *d, struct moment now, each_fn each, void *arg)
{
	struct view_pile pile;
	int rc = 0;

	for (size_t i = 0; i < d->plant.config->pile_count && rc == 0; i++) {
		site_view_pile(d->plant.site, (uint16_t)i, now, &pile);
		fill_pile(d, i, &pile);
		rc = each(arg, &pile);
	}
	return rc;
}

static int rows_meters(struct daemon *d, struct moment now, each_fn each, void *arg)
{
	struct view_meter meter;
	int rc = 0;

	for (size_t i = 0; i < d->plant.config->meter_count && rc == 0; i++) {
		const struct config_meter *m = &d->plant.config->meters[i];

		site_view_meter(d->plant.site, (uint16_t)i, now, &meter);
		VIEW_SET(&meter, bus, d->plant.config->buses[m->bus].id);
		meter.unit = m->unit;
		VIEW_SET(&meter, profile, profile_info(m->profile)->name);
		rc = each(arg, &meter);
	}
	return rc;
}

static void fill_unit(
	const struct daemon *d, size_t bus, const struct config_unit *unit, struct view_unit *view)
{
	const char *id = unit->meter ? d->plant.config->meters[unit->index].id
				     : d->plant.config->piles[unit->index].id;

	snprintf(view->id, sizeof view->id, "%s:%d", d->plant.config->buses[bus].id, unit->unit);
	VIEW_SET(view, bus, d->plant.config->buses[bus].id);
	view->unit = unit->unit;
	VIEW_SET(view, device, id);
	VIEW_SET(view, profile, profile_info(unit->profile)->name);
}

static int rows_bus(struct daemon *d, struct moment now, bool units, each_fn each, void *arg)
{
	static struct view_unit views[UNITS_MAX];
	struct view_bus bus;
	int rc = 0;

	for (size_t b = 0; b < d->plant.bus_count && rc == 0; b++) {
		const struct config_unit *list;
		struct plan_cfg plan;
		size_t n = bus_snapshot(
			d->plant.buses[b], now, &bus, units ? views : NULL, units ? UNITS_MAX : 0);

		if (!units) {
			rc = each(arg, &bus);
			continue;
		}
		config_bus_plan(d->plant.config, b, &plan, &list);
		for (size_t i = 0; i < n && i < UNITS_MAX && rc == 0; i++) {
			fill_unit(d, b, &list[i], &views[i]);
			rc = each(arg, &views[i]);
		}
	}
	return rc;
}

static int rows_faults(struct daemon *d, each_fn each, void *arg)
{
	struct view_fault fault;
	int rc = 0;

	for (size_t i = 0; rc == 0 && site_view_fault(d->plant.site, i, &fault); i++) {
		rc = each(arg, &fault);
	}
	return rc;
}

static int rows_alarms(struct daemon *d, each_fn each, void *arg)
{
	struct view_alarm alarm;
	int rc = 0;

	for (size_t i = 0; rc == 0 && site_view_alarm(d->plant.site, i, &alarm); i++) {
		rc = each(arg, &alarm);
	}
	return rc;
}

static int rows_commands(struct daemon *d, each_fn each, void *arg)
{
	struct view_command command;
	int rc = 0;

	for (size_t i = 0; rc == 0 && site_view_command(d->plant.site, i, &command); i++) {
		rc = each(arg, &command);
	}
	return rc;
}

static int rows_tags(struct daemon *d, each_fn each, void *arg)
{
	struct view_tag tag;
	int rc = 0;

	for (size_t i = 0; rc == 0 && site_view_tag(d->plant.site, i, &tag); i++) {
		rc = each(arg, &tag);
	}
	return rc;
}

static int rows_nodes(struct daemon *d, each_fn each, void *arg)
{
	struct view_node node;
	int rc = 0;

	for (size_t i = 0; rc == 0 && site_view_node(d->plant.site, i, &node); i++) {
		rc = each(arg, &node);
	}
	return rc;
}

static int rows_orders(struct daemon *d, each_fn each, void *arg)
{
	struct view_order order;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < d->plant.config->gun_count; i++) {
		if (site_view_order(d->plant.site, (uint16_t)i, &order)) {
			rc = each(arg, &order);
		}
	}
	return rc;
}

static int rows_reservations(struct daemon *d, each_fn each, void *arg)
{
	struct view_reservation r;
	int rc = 0;

	for (size_t i = 0; rc == 0 && site_view_reservation(d->plant.site, i, &r); i++) {
		rc = each(arg, &r);
	}
	return rc;
}

static int rows_slimits(struct daemon *d, each_fn each, void *arg)
{
	struct view_slimit slimit;
	int rc = 0;

	for (size_t i = 0; rc == 0 && site_view_slimit(d->plant.site, i, &slimit); i++) {
		rc = each(arg, &slimit);
	}
	return rc;
}

static int rows_trials(struct daemon *d, each_fn each, void *arg)
{
	struct view_trial trial;
	int rc = 0;

	for (size_t i = 0; rc == 0 && site_view_trial(d->plant.site, i, &trial); i++) {
		rc = each(arg, &trial);
	}
	return rc;
}

static int host_rows(void *host, enum view_kind kind, struct moment now, each_fn each, void *arg)
{
	struct daemon *d = host;

	switch (kind) {
	case VIEW_site:
		return rows_site(d, now, each, arg);
	case VIEW_gun:
		return rows_guns(d, now, each, arg);
	case VIEW_pile:
		return rows_piles(d, now, each, arg);
	case VIEW_meter:
		return rows_meters(d, now, each, arg);
	case VIEW_bus:
		return rows_bus(d, now, false, each, arg);
	case VIEW_unit:
		return rows_bus(d, now, true, each, arg);
	case VIEW_fault:
		return rows_faults(d, each, arg);
	case VIEW_alarm:
		return rows_alarms(d, each, arg);
	case VIEW_command:
		return rows_commands(d, each, arg);
	case VIEW_tag:
		return rows_tags(d, each, arg);
	case VIEW_node:
		return rows_nodes(d, each, arg);
	case VIEW_order:
		return rows_orders(d, each, arg);
	case VIEW_reservation:
		return rows_reservations(d, each, arg);
	case VIEW_slimit:
		return rows_slimits(d, each, arg);
	case VIEW_trial:
		return rows_trials(d, each, arg);
	case VIEW_decision:
		return daemon_decisions(d, each, arg);
	default:
		return ERR_INVAL;
	}
}

/* ---- One gun ---- */

static int find_gun(const struct daemon *d, const char *id, struct target *target)
{
	int rc = site_find(d->plant.site, id, target);

	return rc != 0 ? rc : target->kind == TGT_GUN ? 0 : ERR_NOTFOUND;
}

size_t daemon_pile_of(const struct daemon *d, size_t gun)
{
	size_t i = 0;

	while (i + 1 < d->plant.config->pile_count &&
		d->plant.config->piles[i + 1].first_gun <= gun) {
		i++;
	}
	return i;
}

static int host_gun(void *host, const char *id, struct moment now, struct view_gun *gun,
	struct view_pile *pile, struct view_session *session, struct view_visit *visit)
{
	struct daemon *d = host;
	struct target target;
	int rc = find_gun(d, id, &target);

	if (rc != 0) {
		return rc;
	}
	site_view_gun(d->plant.site, target.index, now, gun);
	site_view_pile(d->plant.site, (uint16_t)daemon_pile_of(d, target.index), now, pile);
	fill_pile(d, daemon_pile_of(d, target.index), pile);
	view_clear(VIEW_session, session);
	view_clear(VIEW_visit, visit);
	if (!site_open_session(d->plant.site, target.index, session)) {
		view_clear(VIEW_session, session);
	}
	if (!site_open_visit(d->plant.site, target.index, visit)) {
		view_clear(VIEW_visit, visit);
	}
	return 0;
}

static int host_open_sessions(
	void *host, int (*each)(void *arg, const struct view_session *session), void *arg)
{
	struct daemon *d = host;
	struct view_session session;
	int rc = 0;

	for (size_t i = 0; i < d->plant.config->gun_count && rc == 0; i++) {
		if (site_open_session(d->plant.site, (uint16_t)i, &session)) {
			rc = each(arg, &session);
		}
	}
	return rc;
}

static bool fill_point(const struct daemon *d, struct target target, enum point p,
	struct moment now, struct view_point *view)
{
	const struct point_info *info = point_info(p);
	struct reading r = site_reading(d->plant.site, target, p);

	if (r.quality == Q_NONE || info->unit == UNIT_TEXT) {
		return false;
	}
	view_clear(VIEW_point, view);
	VIEW_SET(view, name, info->name);
	VIEW_SET(view, unit, unit_suffix(info->unit));
	VIEW_SET(view, quality, quality_token(r.quality));
	view->age_ms = reading_age_us(&r, now.mono) / US_PER_MS;
	if (reading_good(&r)) {
		view->value = r.value;
	}
	if (info->unit == UNIT_STATE && reading_good(&r)) {
		VIEW_SET(view, text, state_info((enum gun_state)r.value)->token);
	}
	return true;
}

static int points_of(struct daemon *d, struct target target, struct moment now,
	int (*each)(void *arg, const struct view_point *point), void *arg)
{
	struct view_point view;
	int rc = 0;

	for (int p = 0; p < PT_COUNT_ && rc == 0; p++) {
		if (fill_point(d, target, (enum point)p, now, &view)) {
			rc = each(arg, &view);
		}
	}
	return rc;
}

static int host_points(void *host, const char *id, struct moment now,
	int (*each)(void *arg, const struct view_point *point), void *arg)
{
	struct daemon *d = host;
	struct target target;
	int rc = find_gun(d, id, &target);

	return rc != 0 ? rc : points_of(d, target, now, each, arg);
}

/* ---- Commands ---- */

/* Ids of ours: the second and 32 random bits. */
void daemon_make_id(char *dst, size_t size, char kind, struct wall now)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof random, 0) != sizeof random) {
		random = (uint32_t)now.ms;
	}
	snprintf(dst, size, "%c%llx-%08x", kind, (unsigned long long)(now.ms / MS_PER_S), random);
}

static bool known_command(const struct daemon *d, const char *id, struct view_command *out)
{
	for (size_t i = 0; site_view_command(d->plant.site, i, out); i++) {
		if (strcmp(out->id, id) == 0) {
			return true;
		}
	}
	return false;
}

static int take_record(void *arg, const void *view)
{
	struct view_command *out = arg;

	*out = *(const struct view_command *)view;
	return 1;
}

/* A retry whose command has ended long ago, or before a restart: the store remembers it. One
 * look-up by key; a reader never waits for the writer. */
static bool stored_command(const struct daemon *d, const char *id, struct view_command *out)
{
	struct store_filter filter = {.id = id, .limit = 1};
	struct store_reader *reader;

	view_clear(VIEW_command, out);
	if (store_reader_open(d->data, &reader) != 0) {
		return false;
	}
	store_list(reader, VIEW_command, &filter, take_record, out);
	store_reader_close(reader);
	return out->id[0] != '\0';
}

static int host_command(
	void *host, const struct host_command *command, struct moment now, struct view_command *out)
{
	struct daemon *d = host;
	struct event event = {.kind = EV_COMMAND, .now = now};
	char id[40];
	int rc = daemon_find(d, command->target, &event.command.target);

	if (rc == 0 && site_is_wide(event.command.target) &&
		(command->reason == NULL || command->reason[0] == '\0')) {
		rc = ERR_INVAL;
	}
	if (rc != 0) {
		return rc;
	}
	if (command->id != NULL && !known_command(d, command->id, out) &&
		stored_command(d, command->id, out)) {
		return 0;
	}
	daemon_make_id(id, sizeof id, 'c', now.wall);
	event.command.verb = command->verb;
	event.command.value = command->value;
	event.command.id = command->id != NULL ? command->id : id;
	event.command.by = command->by;
	event.command.origin = command->origin;
	event.command.reason = command->reason != NULL ? command->reason : "";
	event.command.expires_us = command->expires_us;
	event.command.confirm_us = command->confirm_us;
	view_clear(VIEW_command, out);
	rc = VIEW_SET(out, id, event.command.id);
	if (rc != 0) {
		return rc;
	}
	d->answer = out;
	daemon_apply(d, &event);
	d->answer = NULL;
	/* A retry of a known id changes nothing and so gives no record of its own. */
	if (out->verb[0] == '\0' && !known_command(d, event.command.id, out)) {
		return ERR_BUSY;
	}
	return 0;
}

/* ---- The rest ---- */

static void add_error(void *arg, const char *line)
{
	cJSON_AddItemToArray(arg, cJSON_CreateString(line));
}

static int host_reload(void *host, cJSON *errors)
{
	return daemon_reload(host, add_error, errors);
}

static void host_audit(void *host, struct wall at, const char *person, const char *origin,
	const char *role, const char *method, const char *params, const char *result)
{
	struct daemon *d = host;

	if (store_audit(d->store, at, person, origin, role, method, params, result) != 0) {
		log_line(LOG_ERROR, "audit: %s %s by %s (%s): %s: not written", method, params,
			person, origin, result);
	}
}

static void host_flush(void *host, int64_t age_us)
{
	struct daemon *d = host;

	uv_rwlock_rdlock(&d->store_lock);
	if (d->store != NULL) {
		store_flush_old(d->store, age_us);
	}
	uv_rwlock_rdunlock(&d->store_lock);
}

/* A unit by its id ("gateway:3") or by the device's ("A1"). */
static int find_unit(
	const struct daemon *d, const char *id, size_t *bus, const struct config_unit **unit)
{
	for (size_t b = 0; b < d->plant.bus_count; b++) {
		const struct config_unit *list;
		struct plan_cfg plan;
		size_t n = config_bus_plan(d->plant.config, b, &plan, &list);

		for (size_t i = 0; i < n; i++) {
			struct view_unit view;

			fill_unit(d, b, &list[i], &view);
			if (strcmp(view.id, id) == 0 || strcmp(view.device, id) == 0) {
				*bus = b;
				*unit = &list[i];
				return 0;
			}
		}
	}
	return ERR_NOTFOUND;
}

/* The points of one device or gun of a unit, on their way into or out of the judgement. */
struct judged {
	struct probe *probe;
	cJSON *points;
	int gun, guns;
};

static int judge_point(void *arg, const struct view_point *point)
{
	struct judged *j = arg;
	struct decoded value = {.gun = (uint16_t)j->gun, .quality = Q_GOOD, .value = point->value};
	enum point p;

	if (point_find(point->name, &p) == 0 && point->value != VALUE_NONE) {
		value.point = (uint16_t)p;
		probe_take(j->probe, &value, 1);
	}
	return 0;
}

static int add_point(void *arg, const struct view_point *point)
{
	struct judged *j = arg;
	struct view_point view = *point;
	const char *doubt;
	size_t used = 0;
	enum point p;

	if (point_find(view.name, &p) == 0 && view.value != VALUE_NONE) {
		doubt = probe_doubt(j->probe, j->gun, p);
		VIEW_SET(&view, verdict, doubt != NULL ? doubt : N_("plausible"));
	}
	if (j->guns > 1 && j->gun > 0) {
		text_append(view.name, sizeof view.name, &used, "%d.%s", j->gun, point->name);
	}
	cJSON_AddItemToArray(j->points, view_to_json(VIEW_point, &view, NULL));
	return 0;
}

/* The bus polls the unit all the time: its last readings are the probe. */
static int host_probe(void *host, const char *id, struct rpc_later *later)
{
	struct daemon *d = host;
	const struct config_unit *unit;
	struct moment now = moment_now();
	struct judged j = {.gun = 0};
	cJSON *result;
	size_t bus;
	int rc = find_unit(d, id, &bus, &unit);

	if (rc == 0) {
		rc = probe_new(unit->profile, &j.probe);
	}
	if (rc != 0) {
		return rc;
	}
	result = cJSON_CreateObject();
	j.points = cJSON_AddArrayToObject(result, "rows");
	j.guns = unit->meter ? 0 : profile_info(unit->profile)->guns;
	for (j.gun = 0; j.gun <= j.guns; j.gun++) {
		points_of(d, config_target(d->plant.config, unit, j.gun), now, judge_point, &j);
	}
	for (j.gun = 0; j.gun <= j.guns; j.gun++) {
		points_of(d, config_target(d->plant.config, unit, j.gun), now, add_point, &j);
	}
	probe_free(j.probe);
	rpc_finish(later, 0, NULL, result);
	return 0;
}

static int host_read(
	void *host, const char *id, int function, int address, int count, struct rpc_later *later)
{
	struct daemon *d = host;
	const struct config_unit *unit, *list;
	struct plan_cfg plan;
	size_t bus;
	int rc = find_unit(d, id, &bus, &unit);

	if (rc != 0) {
		return rc;
	}
	config_bus_plan(d->plant.config, bus, &plan, &list);
	return daemon_read(d, bus, (uint16_t)(unit - list), function, address, count, later);
}

static role_set host_identify(void *host, uid_t uid, gid_t gid, const gid_t *groups, size_t count,
	char *person, size_t size)
{
	const struct who *who = ((struct daemon *)host)->plant.who;

	who_name(who, uid, person, size);
	return who_roles(who, uid, &gid, 1) | who_roles(who, uid, groups, count);
}

static bool host_may_claim(void *host, uid_t uid)
{
	return who_shared(((struct daemon *)host)->plant.who, uid);
}

static const char *host_role_group(void *host, enum role role)
{
	return who_group(((struct daemon *)host)->plant.who, role);
}

static int64_t host_carbon(void *host, const char **source)
{
	const struct config *c = ((struct daemon *)host)->plant.config;

	*source = c->carbon_source;
	return c->carbon_mg_kwh > 0 ? c->carbon_mg_kwh : VALUE_NONE;
}

const struct host_ops daemon_host = {
	.carbon = host_carbon,
	.identify = host_identify,
	.may_claim = host_may_claim,
	.role_group = host_role_group,
	.rows = host_rows,
	.gun = host_gun,
	.open_sessions = host_open_sessions,
	.points = host_points,
	.command = host_command,
	.slimit = daemon_slimit,
	.reserve = daemon_reserve,
	.reserve_cancel = daemon_reserve_cancel,
	.tariff_import = daemon_tariff_import,
	.charge = daemon_charge,
	.order_cancel = daemon_order_cancel,
	.quote = daemon_quote,
	.alarm = daemon_alarm,
	.preview = daemon_preview,
	.confirm = daemon_confirm,
	.note = daemon_note,
	.test_messages = daemon_test_messages,
	.probe = host_probe,
	.read = host_read,
	.reload = host_reload,
	.flush = host_flush,
	.audit = host_audit,
	.money = daemon_ask_ledger,
	.broken = daemon_broken,
};

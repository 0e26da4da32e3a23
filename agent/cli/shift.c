/* The shift: what happened since the last one ended, and its end. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "fmt.h"
#include "print.h"
#include "wire.h"

#define SHIFT_MS     (INT64_C(12) * 3600 * MS_PER_S)
#define ROWS_MAX     1000
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

int cmd_shift_end(struct cli *cli)
{
	return note_write(cli, "shift", cli->args[0]);
}

/* ---- Gathering ---- */

enum part { NOTES, ALARMS, COMMANDS, LIMITS, TRIALS, SESSIONS, ENERGY, PARTS };

static void cell_alarm(char *dst, size_t size, const void *view)
{
	cell_fault(dst, size, ((const struct view_alarm *)view)->code);
}

static const struct column note_columns[] = {
	{"at", NULL, NULL}, {"target", NULL, NULL}, {"by", NULL, NULL}, {"text", NULL, NULL}};
static const struct column alarm_columns[] = {{"raised", NULL, NULL}, {"returned", NULL, NULL},
	{"target", NULL, NULL}, {"code", N_("alarm"), cell_alarm}, {"acked_by", NULL, NULL},
	{"detail", NULL, NULL}};
static const struct column command_columns[] = {{"asked", NULL, NULL}, {"by", NULL, NULL},
	{"verb", NULL, NULL}, {"target", NULL, NULL}, {"state", NULL, NULL},
	{"reason", NULL, NULL}};
static const struct column limit_columns[] = {{"from", NULL, NULL}, {"to", NULL, NULL},
	{"node", NULL, NULL}, {"limit_w", NULL, NULL}, {"source", NULL, NULL},
	{"reason", NULL, NULL}};
static const struct column trial_columns[] = {{"asked", NULL, NULL}, {"until", NULL, NULL},
	{"by", NULL, NULL}, {"verb", NULL, NULL}, {"target", NULL, NULL}, {"state", NULL, NULL}};

static const struct {
	const char *method, *title;
	enum view_kind kind;
	const struct column *columns; /* NULL: only summed up */
	size_t count;
} parts[PARTS] = {
	[NOTES] = {"notes", N_("Notes"), VIEW_note, note_columns, COUNT(note_columns)},
	[ALARMS] = {"alarms", N_("Alarms"), VIEW_alarm, alarm_columns, COUNT(alarm_columns)},
	[COMMANDS] = {"commands", N_("Commands"), VIEW_command, command_columns,
		COUNT(command_columns)},
	[LIMITS] = {"limit_list", N_("Limits from outside"), VIEW_slimit, limit_columns,
		COUNT(limit_columns)},
	[TRIALS] = {"trials", N_("Commands to be confirmed"), VIEW_trial, trial_columns,
		COUNT(trial_columns)},
	[SESSIONS] = {"sessions", N_("Sessions"), VIEW_session, NULL, 0},
	[ENERGY] = {"energy", N_("Energy"), VIEW_energy, NULL, 0},
};

struct report {
	struct wall from, to;
	struct view_note before; /* the hand-over that it begins with; id "" = none */
	struct rows rows[PARTS];
	struct view_site site;
};

static int fetch(struct cli *cli, const struct report *r, enum part p, struct rows *out)
{
	cJSON *params = cJSON_CreateObject(), *result;
	int rc;

	wire_add_int(params, "from", r->from.ms);
	wire_add_int(params, "to", r->to.ms);
	if (p != ENERGY) {
		cJSON_AddNumberToObject(params, "limit", ROWS_MAX);
	}
	rc = link_call(cli->link, parts[p].method, params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(parts[p].kind, cJSON_GetObjectItemCaseSensitive(result, "rows"), out);
	cJSON_Delete(result);
	return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
}

static int fetch_site(struct cli *cli, struct view_site *out)
{
	cJSON *result;
	int rc = link_call(cli->link, "status", NULL, &result);

	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_site, out);
	rc = view_from_json(VIEW_site, out, result);
	cJSON_Delete(result);
	return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
}

/* The end of the shift before: the report begins there where nothing else is said. */
static int find_hand_over(struct cli *cli, struct report *r)
{
	cJSON *params = cJSON_CreateObject(), *result;
	struct rows rows;
	int rc;

	cJSON_AddStringToObject(params, "target", "shift");
	cJSON_AddNumberToObject(params, "limit", 1);
	if (r->from.ms != 0) {
		wire_add_int(params, "to", r->from.ms + 1);
	}
	rc = link_call(cli->link, "notes", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(VIEW_note, cJSON_GetObjectItemCaseSensitive(result, "rows"), &rows);
	cJSON_Delete(result);
	if (rc == 0 && rows.count > 0) {
		r->before = *(const struct view_note *)row_at(&rows, 0);
	}
	rows_free(&rows);
	return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
}

static int find_times(struct cli *cli, struct report *r)
{
	cJSON *range = cJSON_CreateObject();
	int rc = list_range(cli, range, false);

	r->from.ms = wire_int(range, "from", 0);
	r->to.ms = wire_int(range, "to", 0);
	cJSON_Delete(range);
	if (rc == 0) {
		rc = find_hand_over(cli, r);
	}
	if (r->to.ms == 0) {
		r->to = wall_now();
	}
	if (r->from.ms == 0) {
		r->from.ms = r->before.id[0] != '\0' && r->before.at < r->to.ms
				     ? r->before.at
				     : r->to.ms - SHIFT_MS;
	}
	if (rc == 0 && r->from.ms >= r->to.ms) {
		rc = cli_fail(cli, CLI_USAGE, _("--from is not before --to"));
	}
	return rc;
}

/* ---- Telling ---- */

static void print_sums(const struct report *r)
{
	int64_t wh = 0, s = 0, began = (int64_t)r->rows[SESSIONS].count, ended = 0;
	char energy[32], time[32], power[32];

	for (size_t i = 0; i < r->rows[ENERGY].count; i++) {
		const struct view_energy *e = row_at(&r->rows[ENERGY], i);

		wh += e->energy_wh != VALUE_NONE ? e->energy_wh : 0;
		s += e->charging_s != VALUE_NONE ? e->charging_s : 0;
	}
	for (size_t i = 0; i < r->rows[SESSIONS].count; i++) {
		ended += ((const struct view_session *)row_at(&r->rows[SESSIONS], i))->end !=
			 VALUE_NONE;
	}
	fmt_value(energy, sizeof energy, UNIT_WH, wh, true);
	fmt_value(time, sizeof time, UNIT_S, s, true);
	fmt_value(power, sizeof power, UNIT_W, r->site.guns_w, true);
	printf(_("Sessions begun: %lld%s, of them ended: %lld. Energy: %s, charging time: %s.\n"),
		(long long)began, began == ROWS_MAX ? "+" : "", (long long)ended, energy, time);
	printf(_("Now: %lld guns charge with %s, %lld in fault, %lld offline; %lld active "
		 "faults.\n"),
		(long long)r->site.guns_charging, power, (long long)r->site.guns_fault,
		(long long)r->site.guns_offline, (long long)r->site.faults_active);
}

static void print_text(const struct cli *cli, const struct report *r)
{
	char from[32], to[32];

	cell_wall(from, sizeof from, r->from.ms);
	cell_wall(to, sizeof to, r->to.ms);
	printf(_("%s: shift %s - %s\n"), r->site.name, from, to);
	if (r->before.id[0] != '\0') {
		printf(_("Handed over by %s: %s\n"), r->before.by, r->before.text);
	}
	print_sums(r);
	for (int p = 0; p < PARTS; p++) {
		if (parts[p].columns == NULL || r->rows[p].count == 0) {
			continue;
		}
		printf("\n%s: %zu%s\n", _(parts[p].title), r->rows[p].count,
			r->rows[p].count == ROWS_MAX ? "+" : "");
		print_rows(cli, &r->rows[p], parts[p].columns, parts[p].count, "");
	}
}

static void print_all_json(const struct report *r)
{
	cJSON *object = cJSON_CreateObject();

	wire_add_int(object, "from", r->from.ms);
	wire_add_int(object, "to", r->to.ms);
	cJSON_AddItemToObject(object, "before",
		r->before.id[0] != '\0' ? view_to_json(VIEW_note, &r->before, NULL)
					: cJSON_CreateNull());
	cJSON_AddItemToObject(object, "site", view_to_json(VIEW_site, &r->site, NULL));
	for (int p = 0; p < PARTS; p++) {
		cJSON *rows =
			cJSON_AddArrayToObject(object, p == LIMITS ? "limits" : parts[p].method);

		for (size_t i = 0; i < r->rows[p].count; i++) {
			cJSON_AddItemToArray(
				rows, view_to_json(parts[p].kind, row_at(&r->rows[p], i), NULL));
		}
	}
	print_json(object);
	cJSON_Delete(object);
}

int cmd_shift_report(struct cli *cli)
{
	struct report r = {0};
	int rc = find_times(cli, &r);

	if (rc == 0) {
		rc = fetch_site(cli, &r.site);
	}
	for (int p = 0; rc == 0 && p < PARTS; p++) {
		rc = fetch(cli, &r, (enum part)p, &r.rows[p]);
	}
	if (rc == 0 && cli->json) {
		print_all_json(&r);
	} else if (rc == 0) {
		print_text(cli, &r);
	}
	for (int p = 0; p < PARTS; p++) {
		rows_free(&r.rows[p]);
	}
	return rc;
}

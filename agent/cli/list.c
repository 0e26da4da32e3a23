/* Lists of the past: sessions, energy, faults, commands, the log; and the options that lists
 * share. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "fault.h"
#include "fmt.h"
#include "print.h"
#include "text.h"
#include "when.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- Parameters that the lists share ---- */

int list_time(const struct cli *cli, const char *name, struct wall *out)
{
	const char *text = cli_option(cli, name);

	if (text != NULL && when_parse(text, wall_now(), out) != 0) {
		return cli_fail(cli, CLI_USAGE,
			_("--%s: \"%s\" is no time; today, yesterday, 2026-03-01, "
			  "2026-03-01T06:20 and -2h are"),
			name, text);
	}
	return 0;
}

static int add_time(const struct cli *cli, const char *name, cJSON *params)
{
	struct wall t = {0};
	int rc = list_time(cli, name, &t);

	if (rc == 0 && cli_option(cli, name) != NULL) {
		wire_add_int(params, name, t.ms);
	}
	return rc;
}

/* --day and --month set both ends. */
int list_range(const struct cli *cli, cJSON *params, bool required)
{
	const char *day = cli_option(cli, "day"), *month = cli_option(cli, "month");
	const char *given = day != NULL ? day : month;
	struct wall from, to, now = wall_now();
	int rc;

	if (cli_option(cli, "from") != NULL || cli_option(cli, "to") != NULL) {
		if (given != NULL) {
			return cli_fail(cli, CLI_USAGE,
				_("--day or --month, or --from and --to; not both"));
		}
		if (required && cli_option(cli, "from") == NULL) {
			return cli_fail(cli, CLI_USAGE, _("--from is missing"));
		}
		rc = add_time(cli, "from", params);
		if (rc == 0) {
			rc = add_time(cli, "to", params);
		}
		if (rc == 0 && required && cli_option(cli, "to") == NULL) {
			wire_add_int(params, "to", now.ms);
		}
		return rc;
	}
	if (given == NULL && !required) {
		return 0;
	}
	if (given == NULL) {
		given = "today";
		day = given;
	}
	rc = day != NULL ? when_day(given, now, &from, &to) : when_month(given, now, &from, &to);
	if (rc != 0) {
		return cli_fail(cli, CLI_USAGE, _("\"%s\" is no %s"), given,
			day != NULL ? _("day (2026-03-01, today, yesterday)")
				    : _("month (2026-03, this, last)"));
	}
	wire_add_int(params, "from", from.ms);
	wire_add_int(params, "to", to.ms);
	return 0;
}

int list_newest(const struct cli *cli, cJSON *params)
{
	int64_t limit = 0;
	int rc = list_range(cli, params, false);

	if (rc == 0) {
		rc = cli_option_int(cli, "limit", 1, 1000, 0, &limit);
	}
	if (rc == 0 && limit > 0) {
		wire_add_int(params, "limit", limit);
	}
	return rc;
}

int list_filter(const struct cli *cli, cJSON *params)
{
	int rc = list_newest(cli, params);

	if (rc != 0) {
		return rc;
	}
	if (cli_option(cli, "active") != NULL) {
		cJSON_AddTrueToObject(params, "active");
	}
	if (cli->arg_count > 0) {
		cJSON_AddStringToObject(params, "target", cli->args[0]);
	}
	return 0;
}

/* Each fault of the catalogue that is active in these rows, once. */
static void explain_active(const struct rows *rows)
{
	const struct fault_info *f;

	for (size_t i = 0; (f = fault_at(i)) != NULL; i++) {
		bool active = false;

		for (size_t k = 0; k < rows->count; k++) {
			const struct view_fault *v = row_at(rows, k);

			active = active || (v->code == f->code && v->cleared == VALUE_NONE);
		}
		if (active) {
			putchar('\n');
			fault_print(f);
		}
	}
}

int list_print(struct cli *cli, const char *method, cJSON *params, enum view_kind kind,
	const struct column *columns, size_t count, const char *none)
{
	cJSON *result;
	struct rows rows;
	int rc = link_call(cli->link, method, params, &result);

	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(kind, cJSON_GetObjectItemCaseSensitive(result, "rows"), &rows);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	print_rows(cli, &rows, columns, count, none);
	if (kind == VIEW_fault && !cli->json) {
		explain_active(&rows);
	}
	rows_free(&rows);
	return CLI_OK;
}

int list_filtered(struct cli *cli, const char *method, enum view_kind kind,
	const struct column *columns, size_t count, const char *none)
{
	cJSON *params = cJSON_CreateObject();
	int rc = list_filter(cli, params);

	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	return list_print(cli, method, params, kind, columns, count, none);
}

/* ---- Sessions ---- */

static void cell_end(char *dst, size_t size, const void *view)
{
	const struct view_session *s = view;

	if (s->end == VALUE_NONE) {
		snprintf(dst, size, "%s", _("charging"));
	} else {
		cell_wall(dst, size, s->end);
	}
}

static void cell_soc(char *dst, size_t size, const void *view)
{
	const struct view_session *s = view;
	char from[24], to[24];

	if (s->soc_start_pm == VALUE_NONE && s->soc_end_pm == VALUE_NONE) {
		snprintf(dst, size, "-");
		return;
	}
	fmt_value(from, sizeof from, UNIT_PM, s->soc_start_pm, false);
	fmt_value(to, sizeof to, UNIT_PM, s->soc_end_pm, true);
	snprintf(dst, size, "%s-%s", from, to);
}

static const struct column session_columns[] = {{"id", NULL, NULL}, {"gun", NULL, NULL},
	{"start", NULL, NULL}, {"end", NULL, cell_end}, {"duration_s", NULL, NULL},
	{"energy_wh", NULL, NULL}, {"peak_w", NULL, NULL}, {"soc_start_pm", N_("SoC"), cell_soc},
	{"flags", NULL, NULL}};

int cmd_sessions(struct cli *cli)
{
	return list_filtered(cli, "sessions", VIEW_session, session_columns, COUNT(session_columns),
		N_("no sessions"));
}

int cmd_session(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject(), *result;
	struct view_session session;
	int rc;

	cJSON_AddStringToObject(params, "id", cli->args[0]);
	rc = link_call(cli->link, "session", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_session, &session);
	rc = view_from_json(VIEW_session, &session, result);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	print_view(cli, VIEW_session, &session);
	return CLI_OK;
}

/* ---- Energy ---- */

static const struct column energy_columns[] = {{"target", NULL, NULL}, {"from", NULL, NULL},
	{"to", NULL, NULL}, {"energy_wh", NULL, NULL}, {"peak_w", NULL, NULL},
	{"charging_s", NULL, NULL}, {"sessions", NULL, NULL}};

int cmd_energy(struct cli *cli)
{
	static const struct {
		const char *word;
		int64_t slot_s;
	} slots[] = {{"all", 0}, {"15min", 900}, {"hour", 3600}, {"day", 86400}};
	const char *slot = cli_option(cli, "slot");
	cJSON *params = cJSON_CreateObject();
	size_t i = 0;
	int rc = list_range(cli, params, true);

	while (rc == 0 && slot != NULL && i < COUNT(slots) && strcmp(slots[i].word, slot) != 0) {
		i++;
	}
	if (i == COUNT(slots)) {
		rc = cli_fail(cli, CLI_USAGE, _("--slot: \"%s\"; all, 15min, hour, day are"), slot);
	}
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	wire_add_int(params, "slot_s", slots[i].slot_s);
	if (cli->arg_count > 0) {
		cJSON_AddStringToObject(params, "target", cli->args[0]);
	}
	return list_print(cli, "energy", params, VIEW_energy, energy_columns, COUNT(energy_columns),
		N_("no energy in this time"));
}

/* ---- Faults and commands ---- */

static void cell_code(char *dst, size_t size, const void *view)
{
	cell_fault(dst, size, ((const struct view_fault *)view)->code);
}

static void cell_severity(char *dst, size_t size, const void *view)
{
	snprintf(dst, size, "%s", _(fault_severity(((const struct view_fault *)view)->severity)));
}

static void cell_cleared(char *dst, size_t size, const void *view)
{
	const struct view_fault *f = view;

	if (f->cleared == VALUE_NONE) {
		snprintf(dst, size, "%s", _("still active"));
	} else {
		cell_wall(dst, size, f->cleared);
	}
}

static const struct column fault_columns[] = {{"target", NULL, NULL},
	{"code", N_("fault"), cell_code}, {"severity", NULL, cell_severity}, {"raised", NULL, NULL},
	{"cleared", NULL, cell_cleared}, {"detail", NULL, NULL}};

int cmd_faults(struct cli *cli)
{
	return list_filtered(
		cli, "faults", VIEW_fault, fault_columns, COUNT(fault_columns), N_("no faults"));
}

static void cell_command_took(char *dst, size_t size, const void *view)
{
	cell_took(dst, size, ((const struct view_command *)view)->took_ms);
}

static const struct column command_columns[] = {{"id", NULL, NULL}, {"verb", NULL, NULL},
	{"target", NULL, NULL}, {"value", NULL, NULL}, {"state", NULL, NULL}, {"error", NULL, NULL},
	{"asked", NULL, NULL}, {"took_ms", NULL, cell_command_took}, {"by", NULL, NULL},
	{"reason", NULL, NULL}};

int cmd_commands(struct cli *cli)
{
	return list_filtered(cli, "commands", VIEW_command, command_columns, COUNT(command_columns),
		N_("no commands"));
}

/* ---- The log ---- */

int cmd_log(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject(), *result;
	const cJSON *row;
	int64_t lines;
	int rc = cli_option_int(cli, "lines", 1, 500, 50, &lines);

	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	wire_add_int(params, "lines", lines);
	rc = link_call(cli->link, "log", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	if (cli->json) {
		print_json(cJSON_GetObjectItemCaseSensitive(result, "rows"));
		cJSON_Delete(result);
		return CLI_OK;
	}
	cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(result, "rows"))
	{
		int64_t at = wire_int(row, "at", VALUE_NONE);
		const cJSON *level = cJSON_GetObjectItemCaseSensitive(row, "level");
		const cJSON *text = cJSON_GetObjectItemCaseSensitive(row, "text");
		char when[32], clean[CELL_MAX];

		if (at == VALUE_NONE || !cJSON_IsString(level) || !cJSON_IsString(text)) {
			continue;
		}
		fmt_wall(when, sizeof when, (struct wall){at});
		text_clean(clean, sizeof clean, text->valuestring);
		printf("%s %-7s %s\n", when, level->valuestring, clean);
	}
	cJSON_Delete(result);
	return CLI_OK;
}

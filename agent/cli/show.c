/* The present: the site, its guns, one gun, its buses. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "fmt.h"
#include "print.h"
#include "state.h"
#include "text.h"
#include "version.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- Cells of guns ---- */

static void state_words(char *dst, size_t size, const char *token)
{
	enum gun_state s;

	if (state_find(token, &s) != 0) {
		text_clean(dst, size, token);
		return;
	}
	snprintf(dst, size, "%s %s", state_info(s)->glyph, _(state_info(s)->label));
}

static void cell_state(char *dst, size_t size, const void *view)
{
	state_words(dst, size, ((const struct view_gun *)view)->state);
}

/* What a technician must know about the gun, the worst first. */
static void cell_remark(char *dst, size_t size, const void *view)
{
	const struct view_gun *g = view;
	char text[CELL_MAX], clean[CELL_MAX];
	size_t used = 0;

	dst[0] = '\0';
	if (g->tag[0] != '\0') {
		text_clean(clean, sizeof clean, g->tag);
		text_append(dst, size, &used, "%s: %s", _("out of service"), clean);
	}
	if (g->fault != VALUE_NONE && g->fault != 0) {
		cell_fault(text, sizeof text, g->fault);
		text_append(dst, size, &used, "%s! %s", used > 0 ? "; " : "", text);
	}
	if (g->reservation[0] != '\0') {
		char from[32], until[32];

		cell_wall(from, sizeof from, g->reserved_from);
		cell_wall(until, sizeof until, g->reserved_until);
		text_append(dst, size, &used, "%s%s %s-%s, %s", used > 0 ? "; " : "", _("reserved"),
			from, until, g->reserved_for);
	}
	if (g->stale == 1) {
		if (g->seen == VALUE_NONE) {
			snprintf(text, sizeof text, "%s", _("never read"));
		} else {
			fmt_age(text, sizeof text, wall_now().ms - g->seen);
		}
		text_append(dst, size, &used, "%s~ %s %s", used > 0 ? "; " : "", _("stale"), text);
	}
	if (used == 0) {
		snprintf(dst, size, "%s", "");
	}
}

static const struct column gun_columns[] = {{"id", NULL, NULL}, {"state", NULL, cell_state},
	{"power_w", NULL, NULL}, {"grant_w", NULL, NULL}, {"voltage_mv", NULL, NULL},
	{"current_ma", NULL, NULL}, {"soc_pm", N_("SoC"), NULL},
	{"session_wh", N_("session"), NULL}, {"today_wh", N_("today"), NULL}, {"since", NULL, NULL},
	{"fault", N_("remark"), cell_remark}};

int cmd_guns(struct cli *cli)
{
	cJSON *result;
	struct rows rows;
	int rc = link_call(cli->link, "guns", NULL, &result);

	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(VIEW_gun, cJSON_GetObjectItemCaseSensitive(result, "rows"), &rows);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	print_rows(cli, &rows, gun_columns, COUNT(gun_columns), N_("no guns are configured"));
	rows_free(&rows);
	return CLI_OK;
}

/* ---- One gun ---- */

static void heading(const char *text)
{
	printf("\n%s\n", text);
}

static void print_part(const struct cli *cli, const cJSON *result, enum view_kind kind)
{
	const cJSON *object = cJSON_GetObjectItemCaseSensitive(result, view_info(kind)->name);
	union {
		struct view_gun gun;
		struct view_pile pile;
		struct view_session session;
		struct view_visit visit;
	} view;

	view_clear(kind, &view);
	if (cJSON_IsObject(object) && view_from_json(kind, &view, object) == 0) {
		if (kind != VIEW_gun) {
			heading(_(view_info(kind)->fields[0].label));
		}
		print_view(cli, kind, &view);
	}
}

static int print_gun(const struct cli *cli, const cJSON *answer)
{
	struct rows rows;
	int rc = rows_take(VIEW_point, cJSON_GetObjectItemCaseSensitive(answer, "points"), &rows);

	if (rc != 0) {
		return rc;
	}
	print_part(cli, answer, VIEW_gun);
	print_part(cli, answer, VIEW_session);
	print_part(cli, answer, VIEW_visit);
	print_part(cli, answer, VIEW_pile);
	heading(_("points"));
	print_points(cli, &rows);
	rows_free(&rows);
	return 0;
}

int cmd_gun(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();

	cJSON_AddStringToObject(params, "id", cli->args[0]);
	return print_answer(cli, "gun", params, print_gun);
}

/* ---- The site ---- */

#define LABEL_COLUMNS 14

static void label(const char *text)
{
	char cell[4 * LABEL_COLUMNS + 8];

	text_cell(cell, sizeof cell, text, LABEL_COLUMNS, TEXT_LEFT);
	printf("%s", cell);
}

static void value(enum unit unit, int64_t v, const char *before)
{
	char text[64];

	fmt_value(text, sizeof text, unit, v, true);
	printf("%s%s", before, text);
}

static void print_transformer(const struct view_site *s)
{
	label(_("transformer"));
	value(UNIT_VA, s->rated_va, "");
	printf(", %s", _("limit"));
	value(UNIT_VA, s->limit_va, " ");
	if (s->load_va == VALUE_NONE) {
		printf(", %s\n", _("load unknown"));
		return;
	}
	printf(", %s", _("load"));
	value(UNIT_VA, s->load_va, " ");
	value(UNIT_PM, s->load_pm, " = ");
	printf(" (");
	value(UNIT_PM, s->load_l1_pm, "L1 ");
	value(UNIT_PM, s->load_l2_pm, ", L2 ");
	value(UNIT_PM, s->load_l3_pm, ", L3 ");
	printf(")\n");
}

static void print_counts(const struct view_site *s)
{
	label(_("guns"));
	printf("%lld: %lld %s, %lld %s, %lld %s, %lld %s, %lld %s\n", (long long)s->guns_total,
		(long long)s->guns_charging, _("charging"), (long long)s->guns_plugged,
		_("plugged"), (long long)s->guns_idle, _("idle"), (long long)s->guns_fault,
		_("fault"), (long long)s->guns_offline, _("offline"));
	label(_("power"));
	printf("%s", _("guns"));
	value(UNIT_W, s->guns_w, " ");
	printf(", %s", _("site"));
	value(UNIT_W, s->load_w, " ");
	putchar('\n');
	label(_("today"));
	value(UNIT_WH, s->today_wh, "");
	printf(", %lld %s, ", (long long)s->today_sessions, _("sessions"));
	value(UNIT_S, s->today_s, "");
	printf(" %s\n", _("charging time"));
}

static int print_faults(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject(), *result;
	struct rows rows;
	int rc;

	cJSON_AddBoolToObject(params, "active", true);
	rc = link_call(cli->link, "faults", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(VIEW_fault, cJSON_GetObjectItemCaseSensitive(result, "rows"), &rows);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	for (size_t i = 0; i < rows.count; i++) {
		const struct view_fault *f = row_at(&rows, i);
		char target[4 * 12 + 8], text[CELL_MAX], when[32];

		text_cell(target, sizeof target, f->target, 10, TEXT_LEFT);
		cell_fault(text, sizeof text, f->code);
		cell_wall(when, sizeof when, f->raised);
		printf("  ! %s %s, %s %s\n", target, text, _("since"), when);
	}
	rows_free(&rows);
	return CLI_OK;
}

int cmd_status(struct cli *cli)
{
	cJSON *result;
	struct view_site s;
	char up[32];
	int rc = link_call(cli->link, "status", NULL, &result);

	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_site, &s);
	rc = view_from_json(VIEW_site, &s, result);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	if (cli->json) {
		print_view(cli, VIEW_site, &s);
		return CLI_OK;
	}
	fmt_age(up, sizeof up, s.started == VALUE_NONE ? VALUE_NONE : wall_now().ms - s.started);
	printf("%s (%s)   %s %s, %s %s\n", s.name[0] != '\0' ? s.name : s.id, s.id, _("agent"),
		s.version, _("running for"), up);
	print_transformer(&s);
	label(_("meter"));
	printf("%s\n", s.meter_state[0] != '\0' ? _(s.meter_state) : "-");
	print_counts(&s);
	label(_("store"));
	printf("%s\n", s.store_state[0] != '\0' ? _(s.store_state) : "-");
	label(_("faults"));
	if (s.faults_active == VALUE_NONE || s.faults_active == 0) {
		printf("%s\n", _("none"));
		return CLI_OK;
	}
	printf("%lld\n", (long long)s.faults_active);
	return print_faults(cli);
}

/* ---- Buses ---- */

static const struct column bus_columns[] = {{"id", NULL, NULL}, {"kind", NULL, NULL},
	{"address", NULL, NULL}, {"state", NULL, NULL}, {"units", NULL, NULL},
	{"use_pm", N_("use"), NULL}, {"transactions", N_("frames"), NULL}, {"p50_us", "p50", NULL},
	{"p99_us", "p99", NULL}, {"timeouts", NULL, NULL}, {"crc", "CRC", NULL},
	{"frames", N_("malformed"), NULL}, {"foreign", N_("foreign"), NULL},
	{"late", N_("late"), NULL}, {"exceptions", NULL, NULL}, {"reconnects", NULL, NULL},
	{"last_good", NULL, NULL}};

static const struct column unit_columns[] = {{"id", NULL, NULL}, {"device", NULL, NULL},
	{"profile", NULL, NULL}, {"state", NULL, NULL}, {"transactions", N_("frames"), NULL},
	{"p50_us", "p50", NULL}, {"p99_us", "p99", NULL}, {"timeouts", NULL, NULL},
	{"crc", "CRC", NULL}, {"frames", N_("malformed"), NULL}, {"foreign", N_("foreign"), NULL},
	{"late", N_("late"), NULL}, {"exceptions", NULL, NULL}, {"last_good", NULL, NULL},
	{"next_try", NULL, NULL}};

static int print_buses(const struct cli *cli, const cJSON *answer)
{
	struct rows rows;
	int rc = rows_take(VIEW_bus, cJSON_GetObjectItemCaseSensitive(answer, "buses"), &rows);

	if (rc == 0) {
		print_rows(cli, &rows, bus_columns, COUNT(bus_columns), N_("no buses"));
		rows_free(&rows);
		rc = rows_take(VIEW_unit, cJSON_GetObjectItemCaseSensitive(answer, "units"), &rows);
	}
	if (rc == 0) {
		putchar('\n');
		print_rows(cli, &rows, unit_columns, COUNT(unit_columns), N_("no units"));
		rows_free(&rows);
	}
	return rc;
}

int cmd_bus(struct cli *cli)
{
	return print_answer(cli, "bus", NULL, print_buses);
}

/* ---- About the program ---- */

int cmd_version(struct cli *cli)
{
	if (cli->json) {
		printf("{\"agent\":\"%s\",\"protocol\":%d}\n", PILED_VERSION, WIRE_PROTOCOL);
	} else {
		printf("piled %s, protocol %d\n", PILED_VERSION, WIRE_PROTOCOL);
	}
	return CLI_OK;
}

int cmd_help(struct cli *cli)
{
	const struct cli_command *c;
	int words;

	if (cli->arg_count == 0) {
		cli_help();
		return CLI_OK;
	}
	c = cli_find(cli->args[0], cli->arg_count > 1 ? cli->args[1] : NULL, &words);
	if (c == NULL) {
		return cli_fail(cli, CLI_USAGE, _("no command \"%s\""), cli->args[0]);
	}
	cli_help_command(c);
	return CLI_OK;
}

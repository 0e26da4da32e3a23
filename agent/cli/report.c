/* Figures of money and operation: home, station, finance. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "fmt.h"
#include "print.h"
#include "reportwords.h"
#include "text.h"
#include "when.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define BAR          40 /* cells of the longest bar */

/* ---- What is asked ---- */

static const struct {
	const char *name, *method;
	enum view_kind kind;
} reports[] = {{"home", "report_home", VIEW_figure}, {"station", "report_station", VIEW_report},
	{"finance", "report_finance", VIEW_report}};

/* A local day or month of words, as the agent wants it. */
static bool span_of_words(const char *text, char *dst, size_t size)
{
	struct wall from, to;
	bool month = strcmp(text, "this") == 0 || strcmp(text, "last") == 0;
	int rc = month ? when_month(text, wall_now(), &from, &to)
		       : when_day(text, wall_now(), &from, &to);
	time_t t = (time_t)(from.ms / MS_PER_S);
	struct tm tm;

	return rc == 0 && localtime_r(&t, &tm) != NULL &&
	       strftime(dst, size, month ? "%Y-%m" : "%Y-%m-%d", &tm) > 0;
}

static cJSON *params_of(const struct cli *cli, enum view_kind kind)
{
	const char *text = cli->arg_count > 1 ? cli->args[1] : "today";
	cJSON *params;
	char span[16];

	if (kind == VIEW_figure) {
		return NULL;
	}
	if (text[0] < '0' || text[0] > '9') {
		if (!span_of_words(text, span, sizeof span)) {
			snprintf(span, sizeof span, "%.15s", text);
		}
		text = span;
	}
	params = cJSON_CreateObject();
	cJSON_AddStringToObject(params, "span", text);
	return params;
}

/* ---- Home ---- */

static void cell_span(char *dst, size_t size, const void *view)
{
	const struct view_figure *f = view;
	static const struct {
		const char *span, *against, *text;
	} words[] = {{"today", "", N_("today")}, {"today", "before", N_("  the day before")},
		{"today", "year", N_("  a year before")}, {"month", "", N_("this month")},
		{"month", "before", N_("  the month before")},
		{"month", "year", N_("  a year before")}, {"year", "", N_("this year")},
		{"year", "before", N_("  the year before")}, {"total", "", N_("in total")}};

	text_clean(dst, size, f->span);
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(words[i].span, f->span) == 0 &&
			strcmp(words[i].against, f->against) == 0) {
			snprintf(dst, size, "%s", _(words[i].text));
		}
	}
}

static void cell_more(char *dst, size_t size, int64_t pm)
{
	char text[32];

	dst[0] = '\0';
	if (pm != VALUE_NONE) {
		fmt_decimal(text, sizeof text, pm, 10, 1);
		snprintf(dst, size, "%s%s %%", pm > 0 ? "+" : "", text);
	}
}

static void cell_charged_more(char *dst, size_t size, const void *view)
{
	cell_more(dst, size, ((const struct view_figure *)view)->charged_more_pm);
}

static void cell_energy_more(char *dst, size_t size, const void *view)
{
	cell_more(dst, size, ((const struct view_figure *)view)->energy_more_pm);
}

static const struct column home_columns[] = {{"span", NULL, cell_span}, {"accounts", NULL, NULL},
	{"topup_fen", NULL, NULL}, {"charged_fen", NULL, NULL},
	{"charged_more_pm", N_("change"), cell_charged_more}, {"energy_wh", NULL, NULL},
	{"energy_more_pm", N_("change"), cell_energy_more}, {"sessions", NULL, NULL},
	{"duration_s", NULL, NULL}};

/* ---- Reports ---- */

static void cell_item(char *dst, size_t size, const void *view)
{
	text_clean(dst, size, report_item_word(view));
}

static void cell_begin(char *dst, size_t size, const void *view)
{
	cell_wall(dst, size, ((const struct view_report *)view)->from);
}

/* A bar of the slot's part of the largest one, which print_report() left in use_pm. */
static void cell_bar(char *dst, size_t size, const void *view)
{
	int64_t cells = (((const struct view_report *)view)->use_pm * BAR + 500) / 1000;
	size_t used = 0;

	dst[0] = '\0';
	for (int64_t i = 0; i < cells; i++) {
		text_append(dst, size, &used, "#");
	}
}

static const struct column charge_columns[] = {{"item", "", cell_item}, {"count", NULL, NULL},
	{"energy_wh", NULL, NULL}, {"duration_s", NULL, NULL}, {"elec_fen", NULL, NULL},
	{"service_fen", NULL, NULL}, {"parking_fen", NULL, NULL}, {"fen", NULL, NULL}};
static const struct column pile_columns[] = {{"item", "", cell_item}, {"count", NULL, NULL},
	{"energy_wh", NULL, NULL}, {"duration_s", NULL, NULL}, {"elec_fen", NULL, NULL},
	{"service_fen", NULL, NULL}, {"parking_fen", NULL, NULL}, {"fen", NULL, NULL},
	{"ratings", NULL, NULL}, {"stars_e1", NULL, NULL}};
static const struct column rating_columns[] = {
	{"item", "", cell_item}, {"ratings", NULL, NULL}, {"stars_e1", NULL, NULL}};
static const struct column load_columns[] = {{"item", "", cell_item}, {"energy_wh", NULL, NULL},
	{"power_w", NULL, NULL}, {"from", N_("at"), cell_begin}};
static const struct column use_columns[] = {{"item", "", cell_item}, {"count", NULL, NULL},
	{"duration_s", N_("charging time"), NULL}, {"use_pm", NULL, NULL}};
static const struct column fen_columns[] = {
	{"item", "", cell_item}, {"count", NULL, NULL}, {"fen", NULL, NULL}};
/* Grams: the figure is one to compare with its source. */
static void cell_factor(char *dst, size_t size, const void *view)
{
	int64_t mg = ((const struct view_report *)view)->carbon_mg_kwh;

	dst[0] = '\0';
	if (mg != VALUE_NONE) {
		fmt_decimal(dst, size, mg, 1000, 1);
	}
}

static const struct column saved_columns[] = {{"item", "", cell_item}, {"fen", NULL, NULL},
	{"carbon_mg", NULL, NULL}, {"carbon_mg_kwh", N_("g a kWh"), cell_factor},
	{"source", NULL, NULL}};
static const struct column slot_columns[] = {{"from", N_("begins"), cell_begin},
	{"count", NULL, NULL}, {"energy_wh", NULL, NULL}, {"fen", NULL, NULL},
	{"use_pm", "", cell_bar}};

static const struct {
	const char *section;
	const struct column *columns;
	size_t count;
} sections[] = {{"total", charge_columns, COUNT(charge_columns)},
	{"period", charge_columns, COUNT(charge_columns)},
	{"pile", pile_columns, COUNT(pile_columns)}, {"kind", pile_columns, COUNT(pile_columns)},
	{"rating", rating_columns, COUNT(rating_columns)},
	{"load", load_columns, COUNT(load_columns)}, {"use", use_columns, COUNT(use_columns)},
	{"funds", fen_columns, COUNT(fen_columns)}, {"ledger", fen_columns, COUNT(fen_columns)},
	{"revenue", fen_columns, COUNT(fen_columns)}, {"cash", fen_columns, COUNT(fen_columns)},
	{"saved", saved_columns, COUNT(saved_columns)},
	{"slot", slot_columns, COUNT(slot_columns)}};

/* Rows of a section stand together. */
static struct rows section_of(const struct rows *rows, const char *section)
{
	struct rows part = {rows->kind, NULL, 0};

	for (size_t i = 0; i < rows->count; i++) {
		const struct view_report *r = row_at(rows, i);

		if (strcmp(r->section, section) == 0) {
			part.v = part.count == 0 ? (char *)r : part.v;
			part.count++;
		}
	}
	return part;
}

static void scale_slots(struct rows *slots)
{
	struct view_report *r = (struct view_report *)(void *)slots->v;
	int64_t most = 1;

	for (size_t i = 0; i < slots->count; i++) {
		most = r[i].energy_wh > most ? r[i].energy_wh : most;
	}
	for (size_t i = 0; i < slots->count; i++) {
		r[i].use_pm = r[i].energy_wh > 0 ? r[i].energy_wh * 1000 / most : 0;
	}
}

static void print_report(const struct cli *cli, const struct rows *rows)
{
	struct rows slots = section_of(rows, "slot");
	bool first = true;

	scale_slots(&slots);
	for (size_t i = 0; i < COUNT(sections); i++) {
		struct rows part = section_of(rows, sections[i].section);

		if (part.count > 0) {
			printf("%s%s\n", first ? "" : "\n", report_word(sections[i].section));
			print_rows(cli, &part, sections[i].columns, sections[i].count, "");
			first = false;
		}
	}
}

int cmd_report(struct cli *cli)
{
	const char *name = cli->arg_count > 0 ? cli->args[0] : "home";
	struct rows rows;
	cJSON *result;
	size_t i = 0;
	int rc;

	while (i < COUNT(reports) && strcmp(reports[i].name, name) != 0) {
		i++;
	}
	if (i == COUNT(reports)) {
		return cli_fail(
			cli, CLI_USAGE, _("report: %s: allowed are home, station, finance"), name);
	}
	rc = link_call(cli->link, reports[i].method, params_of(cli, reports[i].kind), &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(reports[i].kind, cJSON_GetObjectItemCaseSensitive(result, "rows"), &rows);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	if (cli_option(cli, "csv") != NULL) {
		printf("%s", cli_option(cli, "bom") != NULL ? "\xEF\xBB\xBF" : "");
		export_csv(&rows);
	} else if (cli->json || reports[i].kind == VIEW_figure) {
		print_rows(cli, &rows, home_columns, COUNT(home_columns), "");
	} else {
		print_report(cli, &rows);
	}
	rows_free(&rows);
	return CLI_OK;
}

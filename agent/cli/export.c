/*
 * Records and readings for other programs: through the agent, or from a database folder when
 * no agent runs.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "print.h"
#include "store.h"
#include "wire.h"

#define ROWS_MAX 1000 /* of one answer of the agent */
#define DAY_MS   (INT64_C(86400) * MS_PER_S)
#define SLOT_S   86400

enum format { FORMAT_CSV, FORMAT_JSON, FORMAT_COUNT };

static const struct {
	const char *what;
	enum view_kind kind;
} kinds[] = {{"sessions", VIEW_session}, {"faults", VIEW_fault}, {"commands", VIEW_command},
	{"energy", VIEW_energy}, {"decisions", VIEW_decision}};

#define KINDS (sizeof kinds / sizeof kinds[0])

/* ---- Output ---- */

/* A field of CSV (RFC 4180), and never one that a spreadsheet would run as a formula. */
static void put_csv(const char *text)
{
	if (strchr("=+-@", text[0]) != NULL && text[0] != '\0') {
		printf("\"'%s\"", text);
		return;
	}
	if (strpbrk(text, ",\"\r\n") == NULL) {
		printf("%s", text);
		return;
	}
	putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '"') {
			putchar('"');
		}
		putchar(*text);
	}
	putchar('"');
}

void export_csv(const struct rows *rows)
{
	const struct view_info *info = view_info(rows->kind);

	for (size_t f = 0; f < info->count; f++) {
		printf("%s%s", f > 0 ? "," : "", info->fields[f].key);
	}
	printf("\r\n");
	for (size_t r = 0; r < rows->count; r++) {
		for (size_t f = 0; f < info->count; f++) {
			const struct field *field = &info->fields[f];

			printf("%s", f > 0 ? "," : "");
			if (field->unit == UNIT_TEXT) {
				put_csv(view_text(field, row_at(rows, r)));
			} else if (view_int(field, row_at(rows, r)) != VALUE_NONE) {
				printf("%lld", (long long)view_int(field, row_at(rows, r)));
			}
		}
		printf("\r\n");
	}
}

static void print_as(const struct cli *cli, enum format format, const struct rows *rows)
{
	struct cli json = *cli;

	switch (format) {
	case FORMAT_CSV:
		export_csv(rows);
		break;
	case FORMAT_JSON:
		json.json = true;
		print_rows(&json, rows, NULL, 0, "");
		break;
	case FORMAT_COUNT:
		printf("%zu\n", rows->count);
		break;
	}
}

/* ---- From a folder ---- */

struct gather {
	struct rows rows;
	struct store_reader *reader;
	int64_t samples;
};

static int gather_row(void *arg, const void *view)
{
	return rows_add(&((struct gather *)arg)->rows, view);
}

static int gather_energy(void *arg, const struct view_energy *row)
{
	return gather_row(arg, row);
}

static int count_sample(void *arg, const struct store_sample *sample)
{
	struct gather *g = arg;

	(void)sample;
	g->samples++;
	return 0;
}

/* The readings of the last day of every gun that the reports know. */
static int count_readings(struct gather *g)
{
	struct wall now = wall_now(), from = {now.ms - DAY_MS};
	int rc;

	g->rows.kind = VIEW_energy;
	rc = store_energy(g->reader, from, now, NULL, 0, gather_energy, g);
	for (size_t i = 0; rc == 0 && i < g->rows.count; i++) {
		const struct view_energy *row = row_at(&g->rows, i);

		rc = store_curve(g->reader, row->target, PT_POWER, from, now, 0, count_sample, g);
	}
	return rc;
}

static int gather_records(struct gather *g, const cJSON *params)
{
	struct wall from = {wire_int(params, "from", 0)}, to = {wire_int(params, "to", 0)};
	struct store_filter filter = {.from = from, .to = to, .limit = SIZE_MAX};

	if (g->rows.kind == VIEW_energy) {
		return store_energy(g->reader, from, to, NULL, SLOT_S, gather_energy, g);
	}
	return store_list(g->reader, g->rows.kind, &filter, gather_row, g);
}

static int from_folder(const struct cli *cli, const char *folder, size_t what, enum format format,
	const cJSON *params)
{
	struct gather g = {.samples = 0};
	int rc = store_reader_open(folder, &g.reader);

	if (rc == 0 && what == KINDS) {
		rc = count_readings(&g);
		if (rc == 0) {
			printf("%lld\n", (long long)g.samples);
		}
	} else if (rc == 0) {
		g.rows.kind = kinds[what].kind;
		rc = gather_records(&g, params);
		if (rc == 0) {
			print_as(cli, format, &g.rows);
		}
	}
	store_reader_close(g.reader);
	rows_free(&g.rows);
	return rc == 0 ? CLI_OK : cli_fail(cli, CLI_FAILED, "%s: %s", folder, _(err_text(rc)));
}

/* ---- Through the agent ---- */

static int from_agent(struct cli *cli, size_t what, enum format format, cJSON *params)
{
	cJSON *result;
	struct rows rows;
	int rc;

	if (kinds[what].kind == VIEW_energy) {
		cJSON_AddNumberToObject(params, "slot_s", SLOT_S);
	} else {
		cJSON_AddNumberToObject(params, "limit", ROWS_MAX);
	}
	rc = link_call(cli->link, kinds[what].what, params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(kinds[what].kind, cJSON_GetObjectItemCaseSensitive(result, "rows"), &rows);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	print_as(cli, format, &rows);
	rc = rows.count < ROWS_MAX || kinds[what].kind == VIEW_energy ? CLI_OK : CLI_FAILED;
	rows_free(&rows);
	if (rc != CLI_OK) {
		return cli_fail(cli, rc,
			_("only the newest %d: ask for less with --from and --to, or read the "
			  "whole with --data"),
			ROWS_MAX);
	}
	return CLI_OK;
}

static int find_format(const struct cli *cli, enum format *out)
{
	static const char *const words[] = {"csv", "json", "count"};
	const char *text = cli_option(cli, "format");

	*out = cli->json ? FORMAT_JSON : FORMAT_CSV;
	for (size_t i = 0; text != NULL && i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i], text) == 0) {
			*out = (enum format)i;
			return 0;
		}
	}
	return text == NULL ? 0
			    : cli_fail(cli, CLI_USAGE, _("--format: \"%s\"; csv, json, count are"),
				      text);
}

int cmd_export(struct cli *cli)
{
	const char *folder = cli_option(cli, "data");
	enum format format;
	cJSON *params;
	size_t what = 0;
	int rc = find_format(cli, &format);

	if (rc != 0) {
		return rc;
	}
	while (what < KINDS &&
		(cli->arg_count == 0 || strcmp(kinds[what].what, cli->args[0]) != 0)) {
		what++;
	}
	if (what == KINDS && (cli->arg_count > 0 || folder == NULL || format != FORMAT_COUNT)) {
		return cli_fail(cli, CLI_USAGE,
			_("\"%s\"; sessions, faults, commands, energy, decisions are"),
			cli->arg_count > 0 ? cli->args[0] : "");
	}
	/* First, so that times are read in the site's zone. */
	rc = folder == NULL ? cli_connect(cli) : 0;
	if (rc != 0) {
		return rc;
	}
	params = cJSON_CreateObject();
	rc = list_range(cli, params, what < KINDS && kinds[what].kind == VIEW_energy);
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	if (folder == NULL) {
		return from_agent(cli, what, format, params);
	}
	rc = from_folder(cli, folder, what, format, params);
	cJSON_Delete(params);
	return rc;
}

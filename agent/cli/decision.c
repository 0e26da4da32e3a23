/* The log of decisions: what guns might take at any time, and why. */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "commands.h"
#include "fmt.h"
#include "print.h"
#include "store.h"
#include "text.h"
#include "why.h"
#include "wire.h"

static int add(void *arg, const void *view)
{
	return rows_add(arg, view);
}

static int from_folder(
	const struct cli *cli, const char *folder, const cJSON *params, struct rows *out)
{
	struct store_filter filter = {.from = {wire_int(params, "from", 0)},
		.to = {wire_int(params, "to", 0)},
		.target = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(params, "target")),
		.limit = (size_t)wire_int(params, "limit", 0)};
	struct store_reader *reader = NULL;
	int rc = store_reader_open(folder, &reader);

	if (rc == 0) {
		rc = store_list(reader, VIEW_decision, &filter, add, out);
	}
	store_reader_close(reader);
	return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s: %s", folder, _(err_text(rc)));
}

static int from_agent(struct cli *cli, cJSON *params, struct rows *out)
{
	cJSON *result;
	int rc = link_call(cli->link, "decisions", params, &result);

	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(VIEW_decision, cJSON_GetObjectItemCaseSensitive(result, "rows"), out);
	cJSON_Delete(result);
	return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
}

/* The rows of these parameters (taken over), newest first; 0 or an exit code. */
static int take(struct cli *cli, cJSON *params, struct rows *out)
{
	const char *folder = cli_option(cli, "data");
	int rc;

	*out = (struct rows){.kind = VIEW_decision};
	if (folder == NULL) {
		return from_agent(cli, params, out);
	}
	rc = from_folder(cli, folder, params, out);
	cJSON_Delete(params);
	return rc;
}

int decision_source(struct cli *cli)
{
	return cli_option(cli, "data") != NULL ? 0 : cli_connect(cli);
}

int decision_at(struct cli *cli, const char *gun, struct wall at, struct view_decision *out)
{
	cJSON *params = cJSON_CreateObject();
	struct rows rows;
	int rc;

	cJSON_AddStringToObject(params, "target", gun);
	wire_add_int(params, "to", at.ms + 1);
	cJSON_AddNumberToObject(params, "limit", 1);
	rc = take(cli, params, &rows);
	if (rc == 0 && rows.count == 0) {
		rc = cli_fail(cli, CLI_FAILED,
			_("%s: no decision of that time or before is kept; `piled decisions %s` "
			  "lists what is"),
			gun, gun);
	} else if (rc == 0) {
		*out = *(const struct view_decision *)row_at(&rows, 0);
	}
	rows_free(&rows);
	return rc;
}

static void cell_why(char *dst, size_t size, const void *view)
{
	const struct view_decision *d = view;
	char text[WHY_MAX];

	why_brief(text, sizeof text, d, (struct wall){d->at});
	text_clean(dst, size, text);
}

static void cell_at(char *dst, size_t size, const void *view)
{
	fmt_wall(dst, size, (struct wall){((const struct view_decision *)view)->at});
}

int cmd_decisions(struct cli *cli)
{
	static const struct column columns[] = {{"at", NULL, cell_at}, {"gun", NULL, NULL},
		{"from_w", NULL, NULL}, {"to_w", NULL, NULL}, {"rule", N_("why"), cell_why}};
	cJSON *params;
	struct rows rows;
	int rc = decision_source(cli);

	if (rc != 0) {
		return rc;
	}
	params = cJSON_CreateObject();
	rc = list_filter(cli, params);
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	rc = take(cli, params, &rows);
	if (rc == 0) {
		print_rows(cli, &rows, columns, sizeof columns / sizeof columns[0],
			N_("no decisions"));
	}
	rows_free(&rows);
	return rc;
}

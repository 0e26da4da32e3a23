/* Limits from outside: the grid company calls, a feeder is worked on. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "fmt.h"
#include "print.h"
#include "when.h"

#define LIMIT_MAX_W INT64_C(100000000)

static void cell_state(char *dst, size_t size, const void *view)
{
	static const char *const words[][2] = {
#define SLIMIT(sym, token, label) {token, label},
#include "slimit.def"
#undef SLIMIT
	};
	const struct view_slimit *s = view;

	snprintf(dst, size, "%s", s->state);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i][0], s->state) == 0) {
			snprintf(dst, size, "%s", _(words[i][1]));
		}
	}
}

static const struct column columns[] = {{"id", NULL, NULL}, {"node", NULL, NULL},
	{"limit_w", NULL, NULL}, {"window_s", NULL, NULL}, {"from", NULL, NULL}, {"to", NULL, NULL},
	{"state", NULL, cell_state}, {"source", NULL, NULL}, {"by", NULL, NULL},
	{"reason", NULL, NULL}};

void slimit_print(const struct cli *cli, const struct rows *rows)
{
	print_rows(cli, rows, columns, sizeof columns / sizeof columns[0],
		N_("no limits from outside"));
}

int cmd_slimit_list(struct cli *cli)
{
	return list_filtered(cli, "limit_list", VIEW_slimit, columns,
		sizeof columns / sizeof columns[0], N_("no limits from outside"));
}

/* Calls, and prints the record of the limit. */
static int give(struct cli *cli, const char *method, cJSON *params)
{
	char power[32], from[32], to[32], state[32];
	struct view_slimit s;
	cJSON *result;
	int rc = link_call(cli->link, method, params, &result);

	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_slimit, &s);
	rc = view_from_json(VIEW_slimit, &s, result);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	if (cli->json) {
		print_view(cli, VIEW_slimit, &s);
		return CLI_OK;
	}
	fmt_value(power, sizeof power, UNIT_W, s.limit_w, true);
	cell_wall(from, sizeof from, s.from);
	cell_wall(to, sizeof to, s.to);
	cell_state(state, sizeof state, &s);
	printf("%s: %s, %s, %s - %s: %s\n", s.id, s.node, power, from, to, state);
	return CLI_OK;
}

static int add_power(struct cli *cli, cJSON *params)
{
	const char *kw = cli_option(cli, "kw"), *window = cli_option(cli, "window");
	char text[64];
	int64_t w, s;

	int rc;

	if (kw == NULL || cli_option(cli, "id") == NULL) {
		return cli_fail(cli, CLI_USAGE, _("--kw and --id must be given"));
	}
	snprintf(text, sizeof text, "%s kW", kw);
	if (fmt_parse(text, UNIT_W, 0, LIMIT_MAX_W, &w) != 0) {
		return cli_fail(
			cli, CLI_USAGE, _("--kw: \"%s\" is no power; 180 and 22.5 are"), kw);
	}
	wire_add_int(params, "limit_w", w);
	if (window != NULL) {
		if (fmt_parse(window, UNIT_S, 900, 3600, &s) != 0) {
			return cli_fail(cli, CLI_USAGE,
				_("--window: \"%s\"; 15min, 30min and 60min are"), window);
		}
		wire_add_int(params, "window_s", s);
	}
	rc = list_range(cli, params, false);
	if (rc == 0 && cJSON_GetObjectItemCaseSensitive(params, "to") == NULL) {
		rc = cli_fail(cli, CLI_USAGE, _("--to is missing"));
	}
	return rc;
}

int cmd_slimit_add(struct cli *cli)
{
	static const char *const texts[] = {"id", "node", "source", "reason"};
	cJSON *params = cJSON_CreateObject();
	int rc;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (cli_option(cli, texts[i]) != NULL) {
			cJSON_AddStringToObject(params, texts[i], cli_option(cli, texts[i]));
		}
	}
	rc = add_power(cli, params);
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	return give(cli, "limit_add", params);
}

int cmd_slimit_cancel(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();

	cJSON_AddStringToObject(params, "id", cli->args[0]);
	return give(cli, "limit_cancel", params);
}

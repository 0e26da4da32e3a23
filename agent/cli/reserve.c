/* Reservations: made, looked at, cancelled. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "fmt.h"
#include "orderwords.h"
#include "when.h"

static void cell_state(char *dst, size_t size, const void *view)
{
	const struct view_reservation *r = view;
	const char *state = _(order_label(RESERVE_WORDS_STATE, r->state));

	if (r->cause[0] != '\0') {
		snprintf(dst, size, "%s: %s", state, _(order_label(RESERVE_WORDS_CAUSE, r->cause)));
	} else {
		snprintf(dst, size, "%s", state);
	}
}

static const struct column columns[] = {{"id", NULL, NULL}, {"gun", NULL, NULL},
	{"account", NULL, NULL}, {"from", NULL, NULL}, {"until", NULL, NULL},
	{"held_until", NULL, NULL}, {"fee_fen", NULL, NULL}, {"state", NULL, cell_state},
	{"by", NULL, NULL}};

int cmd_reserve_list(struct cli *cli)
{
	return list_filtered(cli, "reserve_list", VIEW_reservation, columns,
		sizeof columns / sizeof columns[0], N_("no reservations"));
}

/* Calls, and prints the record of the reservation. */
static int give(struct cli *cli, const char *method, cJSON *params)
{
	char from[32], until[32], held[32], fee[32], state[CELL_MAX];
	struct view_reservation r;
	cJSON *result;
	int rc = link_call(cli->link, method, params, &result);

	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_reservation, &r);
	rc = view_from_json(VIEW_reservation, &r, result);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	if (cli->json) {
		print_view(cli, VIEW_reservation, &r);
		return CLI_OK;
	}
	cell_wall(from, sizeof from, r.from);
	cell_wall(until, sizeof until, r.until);
	cell_wall(held, sizeof held, r.held_until);
	cell_state(state, sizeof state, &r);
	fmt_value(fee, sizeof fee, UNIT_FEN, r.fee_fen, true);
	printf(_("%s: %s for %s, %s - %s: %s\n"), r.id, r.gun, r.account, from, until, state);
	if (r.ended == VALUE_NONE) {
		printf(_("held until %s; fee if nobody comes: %s\n"), held, fee);
	}
	return CLI_OK;
}

/* A time that the clock shows next, or one with its date. */
static int add_time(struct cli *cli, const char *name, struct wall after, cJSON *params)
{
	const char *text = cli_option(cli, name);
	struct wall t;

	if (text == NULL) {
		return 0;
	}
	if (when_next(text, after, &t) != 0) {
		return cli_fail(cli, CLI_USAGE,
			_("--%s: \"%s\" is no time; 14:30, +2h, 2026-03-01T06:20 are"), name, text);
	}
	wire_add_int(params, name, t.ms);
	return 0;
}

int cmd_reserve_add(struct cli *cli)
{
	static const char *const texts[] = {"account", "id", "reason"};
	struct wall now = wall_now();
	cJSON *params;
	int rc;

	if (cli_option(cli, "account") == NULL || cli_option(cli, "until") == NULL) {
		return cli_fail(cli, CLI_USAGE, _("--account and --until must be given"));
	}
	params = cJSON_CreateObject();
	cJSON_AddStringToObject(params, "gun", cli->args[0]);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (cli_option(cli, texts[i]) != NULL) {
			cJSON_AddStringToObject(params, texts[i], cli_option(cli, texts[i]));
		}
	}
	rc = add_time(cli, "from", now, params);
	/* "14:30" and "+1h" of the end are seen from the begin. */
	now.ms = wire_int(params, "from", now.ms);
	rc = rc != 0 ? rc : add_time(cli, "until", now, params);
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	return give(cli, "reserve_add", params);
}

int cmd_reserve_cancel(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();

	cJSON_AddStringToObject(params, "id", cli->args[0]);
	if (cli_option(cli, "waive") != NULL) {
		cJSON_AddTrueToObject(params, "waive");
	}
	if (cli_option(cli, "reason") != NULL) {
		cJSON_AddStringToObject(params, "reason", cli_option(cli, "reason"));
	}
	return give(cli, "reserve_cancel", params);
}

/* Charges with an order: begun, looked at, ended; and what they would cost. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "account.h"
#include "commands.h"
#include "fmt.h"
#include "money.h"
#include "orderwords.h"
#include "phrase.h"
#include "print.h"
#include "state.h"
#include "tariff.h"
#include "text.h"
#include "wire.h"

/* ---- The table of orders ---- */

static void cell_kind(char *dst, size_t size, const void *view)
{
	const struct view_order *o = view;

	snprintf(dst, size, "%s", _(order_label(ORDER_WORDS_KIND, o->kind)));
}

static void cell_state(char *dst, size_t size, const void *view)
{
	const struct view_order *o = view;
	const char *state = _(order_label(ORDER_WORDS_STATE, o->state));
	char reason[CELL_MAX];

	if (o->stop_cause[0] != '\0') {
		snprintf(dst, size, "%s: %s", state,
			_(order_label(ORDER_WORDS_CAUSE, o->stop_cause)));
	} else if (o->error[0] != '\0' && strcmp(o->origin, "pile") == 0) {
		phrase_say(reason, sizeof reason, o->reason); /* of a card that was refused */
		snprintf(dst, size, "%s: %s", state, reason);
	} else {
		snprintf(dst, size, "%s%s%s", state, o->error[0] != '\0' ? ": " : "", o->error);
	}
}

static void cell_limit(char *dst, size_t size, const void *view)
{
	const struct view_order *o = view;
	unsigned limit = OLIMIT_FULL;

	order_find(ORDER_WORDS_LIMIT, o->limit, &limit);
	switch ((enum order_limit)limit) {
	case OLIMIT_TIME:
		fmt_value(dst, size, UNIT_S, o->limit_value, true);
		break;
	case OLIMIT_ENERGY:
		fmt_value(dst, size, UNIT_WH, o->limit_value, true);
		break;
	case OLIMIT_AMOUNT:
		fmt_value(dst, size, UNIT_FEN, o->limit_value, true);
		break;
	case OLIMIT_FULL:
	case OLIMIT_COUNT_:
	default:
		snprintf(dst, size, "%s", _(order_label(ORDER_WORDS_LIMIT, o->limit)));
	}
}

/* The card or VIN, as far as the reader may know it. */
static void cell_by(char *dst, size_t size, const void *view)
{
	const struct view_order *o = view;

	char text[80];

	if (o->card[0] != '\0' && strcmp(o->origin, "pile") == 0) {
		snprintf(text, sizeof text, "%.*s %s", (int)strcspn(o->by, " "), o->by, o->card);
	} else {
		snprintf(text, sizeof text, "%s", o->by[0] == '\0' ? "-" : o->by);
	}
	text_clean(dst, size, text);
}

static const struct column columns[] = {{"id", NULL, NULL}, {"gun", NULL, NULL},
	{"account", NULL, NULL}, {"kind", NULL, cell_kind}, {"limit", NULL, cell_limit},
	{"hold_fen", NULL, NULL}, {"state", NULL, cell_state}, {"asked", NULL, NULL},
	{"ended", NULL, NULL}, {"by", NULL, cell_by}};

int cmd_orders(struct cli *cli)
{
	return list_filtered(cli, "orders", VIEW_order, columns, sizeof columns / sizeof columns[0],
		N_("no orders"));
}

/* Calls, and prints the record of the order. */
static int give(struct cli *cli, const char *method, cJSON *params)
{
	char limit[CELL_MAX], hold[32], state[CELL_MAX];
	struct view_order o;
	cJSON *result;
	int rc = link_call(cli->link, method, params, &result);

	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_order, &o);
	rc = view_from_json(VIEW_order, &o, result);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	if (cli->json) {
		print_view(cli, VIEW_order, &o);
	} else {
		cell_limit(limit, sizeof limit, &o);
		cell_state(state, sizeof state, &o);
		fmt_value(hold, sizeof hold, UNIT_FEN, o.hold_fen, true);
		printf("%s: %s, %s, %s, %s %s: %s\n", o.id, o.gun,
			o.account[0] != '\0' ? o.account : _(order_label(ORDER_WORDS_KIND, o.kind)),
			limit, _("prepayment"), hold, state);
	}
	return strcmp(o.state, "failed") == 0 ? CLI_FAILED : CLI_OK;
}

/* ---- piled charge ---- */

static int add_limit(struct cli *cli, cJSON *params)
{
	const char *amount = cli_option(cli, "amount"), *energy = cli_option(cli, "energy");
	const char *span = cli_option(cli, "time");
	bool full = cli_option(cli, "full") != NULL;
	const char *word = "full";
	int64_t value = 0;
	int rc = 0;

	if ((amount != NULL) + (energy != NULL) + (span != NULL) + full > 1) {
		return cli_fail(cli, CLI_USAGE,
			_("one of --amount, --energy, --time and --full, not several"));
	}
	if (amount != NULL) {
		word = "amount";
		rc = money_parse(amount, &value);
	} else if (energy != NULL) {
		word = "energy";
		rc = fmt_parse(energy, UNIT_WH, 1, order_limit_most(OLIMIT_ENERGY), &value);
	} else if (span != NULL) {
		word = "time";
		rc = fmt_parse(span, UNIT_S, 1, order_limit_most(OLIMIT_TIME), &value);
	}
	if (rc != 0) {
		return cli_fail(cli, CLI_USAGE, "--%s: \"%s\": %s", word,
			amount != NULL   ? amount
			: energy != NULL ? energy
					 : span,
			_(err_text(rc)));
	}
	cJSON_AddStringToObject(params, "limit", word);
	if (value != 0) {
		wire_add_int(params, "value", value);
	}
	return 0;
}

int cmd_charge(struct cli *cli)
{
	static const char *const texts[] = {"account", "id", "reason"};
	bool is_free = cli_option(cli, "free") != NULL;
	bool maintenance = cli_option(cli, "maintenance") != NULL;
	cJSON *params;
	int rc;

	if (is_free + maintenance + (cli_option(cli, "account") != NULL) != 1) {
		return cli_fail(cli, CLI_USAGE,
			_("who pays? --account ID, or --free or --maintenance with --reason"));
	}
	params = cJSON_CreateObject();
	cJSON_AddStringToObject(params, "gun", cli->args[0]);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (cli_option(cli, texts[i]) != NULL) {
			cJSON_AddStringToObject(params, texts[i], cli_option(cli, texts[i]));
		}
	}
	if (is_free) {
		cJSON_AddStringToObject(params, "kind", "free");
	}
	rc = add_limit(cli, params);
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	return give(cli, maintenance ? "charge_maintenance" : "charge", params);
}

int cmd_orders_cancel(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();

	cJSON_AddStringToObject(params, "id", cli->args[0]);
	return give(cli, "order_cancel", params);
}

/* ---- piled quote ---- */

static const char *text(const cJSON *object, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(v) ? v->valuestring : "";
}

#define LABEL_W 18

static void pair(const char *label, const char *value)
{
	char cell[80];

	text_cell(cell, sizeof cell, label, LABEL_W, TEXT_LEFT);
	printf("%s  %s\n", cell, value);
}

static void print_price(const char *label, const cJSON *price, bool to_come)
{
	int64_t elec = wire_int(price, "elec_e5", VALUE_NONE),
		service = wire_int(price, "service_e5", VALUE_NONE);
	enum period period = PERIOD_FLAT;
	char all[32], part[2][32], from[32], line[160];
	size_t used = 0;

	period_find(text(price, "period"), &period);
	fmt_value(all, sizeof all, UNIT_E5, elec + service, true);
	money_price_format(part[0], sizeof part[0], elec);
	money_price_format(part[1], sizeof part[1], service);
	text_append(line, sizeof line, &used, "%s  %s (%s %s + %s %s)", all,
		_(period_info(period)->label), _("electricity"), part[0], _("service"), part[1]);
	if (to_come) {
		cell_wall(from, sizeof from, wire_int(price, "from", VALUE_NONE));
		text_append(line, sizeof line, &used, _(", from %s"), from);
	}
	pair(label, line);
}

static void append_fen(char *line, size_t size, size_t *used, const char *label, int64_t fen)
{
	char amount[40];

	if (fen > 0) {
		fmt_value(amount, sizeof amount, UNIT_FEN, fen, true);
		text_append(line, size, used, ", %s %s", label, amount);
	}
}

static void print_payer(const cJSON *q)
{
	const char *status = text(q, "status");
	char fen[40], wh[40], line[200];
	size_t used = 0;

	fmt_value(fen, sizeof fen, UNIT_FEN, wire_int(q, "balance_fen", VALUE_NONE), true);
	fmt_value(wh, sizeof wh, UNIT_WH, wire_int(q, "buys_wh", VALUE_NONE), true);
	text_append(line, sizeof line, &used, "%s  ", text(q, "account"));
	if (strcmp(status, "active") != 0) {
		text_append(line, sizeof line, &used, "! %s  ", _(account_status_label(status)));
	}
	text_append(line, sizeof line, &used, "%s", fen);
	append_fen(line, sizeof line, &used, _("held"), wire_int(q, "held_fen", VALUE_NONE));
	append_fen(line, sizeof line, &used, _("debt"), wire_int(q, "debt_fen", VALUE_NONE));
	text_append(line, sizeof line, &used, ", %s %s", _("buys"), wh);
	pair(_("balance"), line);
}

static void print_hold(const cJSON *q)
{
	char fen[40], wh[40], least[40], line[200];
	bool short_of =
		text(q, "account")[0] != '\0' &&
		wire_int(q, "hold_fen", VALUE_NONE) > wire_int(q, "balance_fen", VALUE_NONE);

	fmt_value(fen, sizeof fen, UNIT_FEN, wire_int(q, "hold_fen", VALUE_NONE), true);
	fmt_decimal(wh, sizeof wh, wire_int(q, "hold_wh", VALUE_NONE), 1000, 1);
	fmt_value(least, sizeof least, UNIT_S, wire_int(q, "hold_s", VALUE_NONE), true);
	snprintf(line, sizeof line, _("%s: %s kWh, at least %s"), fen, wh, least);
	pair(_("prepayment"), line);
	if (short_of) {
		pair("", _("! the balance does not suffice"));
	}
}

static int print_quote(const struct cli *cli, const cJSON *q)
{
	const cJSON *next = cJSON_GetObjectItemCaseSensitive(q, "next");
	char line[160];
	enum gun_state state;

	(void)cli;
	snprintf(line, sizeof line, "%s, %s %lld",
		state_find(text(q, "state"), &state) == 0 ? _(state_info(state)->label)
							  : text(q, "state"),
		text(q, "tariff"), (long long)wire_int(q, "version", VALUE_NONE));
	pair(text(q, "gun"), line);
	print_price(_("price now"), cJSON_GetObjectItemCaseSensitive(q, "now"), false);
	if (next != NULL) {
		print_price(_("next price"), next, true);
	}
	if (text(q, "account")[0] != '\0') {
		print_payer(q);
	}
	if (wire_int(q, "hold_fen", VALUE_NONE) != VALUE_NONE) {
		print_hold(q);
	}
	if (wire_int(q, "place", VALUE_NONE) != VALUE_NONE) {
		snprintf(line, sizeof line, "%lld", (long long)wire_int(q, "place", VALUE_NONE));
		pair(_("place in the line"), line);
	}
	return 0;
}

int cmd_quote(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();

	cJSON_AddStringToObject(params, "gun", cli->args[0]);
	if (cli_option(cli, "account") != NULL) {
		cJSON_AddStringToObject(params, "account", cli_option(cli, "account"));
	}
	if (cli_option(cli, "amount") != NULL || cli_option(cli, "energy") != NULL ||
		cli_option(cli, "time") != NULL || cli_option(cli, "full") != NULL) {
		int rc = add_limit(cli, params);

		if (rc != 0) {
			cJSON_Delete(params);
			return rc;
		}
	}
	return print_answer(cli, "quote", params, print_quote);
}

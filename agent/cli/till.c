#include "till.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "fmt.h"
#include "money.h"
#include "text.h"

void till_texts(const struct cli *cli, cJSON *params, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (cli_option(cli, names[i]) != NULL) {
			cJSON_AddStringToObject(params, names[i], cli_option(cli, names[i]));
		}
	}
}

void till_id(const struct cli *cli, cJSON *params)
{
	const char *given = cli_option(cli, "id");
	uint64_t random = 0;
	char id[40];

	if (given == NULL) {
		if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
			random = (uint64_t)moment_now().mono.us;
		}
		snprintf(id, sizeof id, "cli-%016" PRIx64, random);
		given = id;
	}
	cJSON_AddStringToObject(params, "id", given);
}

int till_reason(const struct cli *cli, cJSON *params, bool must)
{
	const char *reason = cli_option(cli, "reason");

	if (reason == NULL || reason[0] == '\0') {
		return must ? cli_fail(cli, CLI_USAGE, _("--reason must be given")) : 0;
	}
	cJSON_AddStringToObject(params, "reason", reason);
	return 0;
}

int till_amount(const struct cli *cli, cJSON *params, const char *text)
{
	int64_t fen;
	int rc = money_parse(text, &fen);

	if (rc == 0 && fen == 0) {
		rc = ERR_RANGE;
	}
	if (rc != 0) {
		return cli_fail(cli, CLI_USAGE, _("\"%s\" is no amount: %s; 30 and 12.34 are"),
			text, _(err_text(rc)));
	}
	wire_add_int(params, "fen", fen);
	return 0;
}

int till_number(const struct cli *cli, const char *text, int64_t *out)
{
	return text_int(text, 1, TILL_NUMBER_MAX, out) == 0
		       ? 0
		       : cli_fail(cli, CLI_USAGE, _("\"%s\" is no number"), text);
}

/* "C000001: top-up 50.00 yuan; balance 50.00 yuan, transaction 12" */
static void print_receipt(const struct view_receipt *r)
{
	char amount[32], balance[32], held[32], debt[32];

	fmt_value(amount, sizeof amount, UNIT_FEN, r->fen, true);
	fmt_value(balance, sizeof balance, UNIT_FEN, r->balance_fen, true);
	fmt_value(held, sizeof held, UNIT_FEN, r->held_fen, true);
	fmt_value(debt, sizeof debt, UNIT_FEN, r->debt_fen, true);
	if (r->account[0] != '\0') {
		printf("%s: ", r->account);
	}
	if (r->tx != VALUE_NONE) {
		printf(_("%s, transaction %lld"), amount, (long long)r->tx);
		printf("; ");
	}
	if (r->bill != VALUE_NONE) {
		printf(_("bill %lld"), (long long)r->bill);
		printf("; ");
	}
	if (r->account[0] != '\0') {
		printf(_("balance %s"), balance);
		if (r->held_fen > 0) {
			printf(_(", held %s"), held);
		}
		if (r->debt_fen > 0) {
			printf(_(", debt %s"), debt);
		}
	} else {
		fputs(_("done"), stdout);
	}
	puts(r->again == 1 ? _(" (was done before)") : "");
}

int till_do(struct cli *cli, const char *method, cJSON *params)
{
	struct view_receipt r;
	cJSON *result;
	int rc = link_call(cli->link, method, params, &result);

	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_receipt, &r);
	rc = view_from_json(VIEW_receipt, &r, result);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	if (cli->json) {
		print_view(cli, VIEW_receipt, &r);
	} else {
		print_receipt(&r);
	}
	return CLI_OK;
}

void cell_txkind(char *dst, size_t size, const void *posting)
{
	static const char *const words[][2] = {
#define TXKIND(sym, token, label) {token, label},
#include "txkind.def"
#undef TXKIND
	};
	const struct view_posting *p = posting;

	snprintf(dst, size, "%s", p->kind);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i][0], p->kind) == 0) {
			snprintf(dst, size, "%s", _(words[i][1]));
		}
	}
}

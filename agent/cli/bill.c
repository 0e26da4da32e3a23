/* Bills: listed, shown with their ratings, proved, refunded. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bill_show.h"
#include "fmt.h"
#include "ledger_verify.h"
#include "money.h"
#include "till.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

int cmd_bill_list(struct cli *cli)
{
	static const struct column columns[] = {{"id", NULL, NULL}, {"kind", NULL, NULL},
		{"gun", NULL, NULL}, {"session", NULL, NULL}, {"account", NULL, NULL},
		{"end", NULL, NULL}, {"energy_wh", NULL, NULL}, {"elec_fen", NULL, NULL},
		{"service_fen", NULL, NULL}, {"parking_fen", NULL, NULL}, {"total_fen", NULL, NULL},
		{"refunded_fen", NULL, NULL}, {"stars", NULL, NULL}};
	static const struct column low[] = {{"id", NULL, NULL}, {"gun", NULL, NULL},
		{"session", NULL, NULL}, {"account", NULL, NULL}, {"end", NULL, NULL},
		{"total_fen", NULL, NULL}, {"stars", NULL, NULL}, {"rated", NULL, NULL},
		{"rated_by", NULL, NULL}, {"remark", NULL, NULL}};
	static const char *const texts[] = {"account", "session"};
	bool rated = cli_option(cli, "rating-max") != NULL;
	cJSON *params = cJSON_CreateObject();
	int64_t stars = 0;
	int rc = list_filter(cli, params);

	rc = rc != 0 || !rated ? rc : cli_option_int(cli, "rating-max", 1, 5, 5, &stars);
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	till_texts(cli, params, texts, COUNT(texts));
	if (rated) {
		wire_add_int(params, "stars_max", stars);
	}
	return list_print(cli, "bills", params, VIEW_bill, rated ? low : columns,
		rated ? COUNT(low) : COUNT(columns), N_("no bills"));
}

/* Asks for a bill; *out is the answer. 0 or an exit code. */
static int fetch(struct cli *cli, int64_t number, cJSON **out, struct view_bill *bill)
{
	cJSON *params = cJSON_CreateObject();
	int rc;

	wire_add_int(params, "bill", number);
	rc = link_call(cli->link, "bill", params, out);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_bill, bill);
	if (view_from_json(VIEW_bill, bill, cJSON_GetObjectItemCaseSensitive(*out, "bill")) != 0) {
		cJSON_Delete(*out);
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(ERR_SYNTAX)));
	}
	return 0;
}

static void print_lines(const struct cli *cli, const cJSON *array, bool parking)
{
	static const struct column energy[] = {{"n", NULL, NULL}, {"from", NULL, NULL},
		{"to", NULL, NULL}, {"period", NULL, NULL}, {"from_wh", NULL, NULL},
		{"to_wh", NULL, NULL}, {"energy_wh", NULL, NULL}, {"elec_e5", NULL, NULL},
		{"service_e5", NULL, NULL}, {"elec_fen", NULL, NULL}, {"service_fen", NULL, NULL},
		{"quality", NULL, NULL}};
	static const struct column minutes[] = {{"n", NULL, NULL}, {"window", NULL, NULL},
		{"minutes", NULL, NULL}, {"parking_fen", NULL, NULL}};
	struct rows rows;

	if (rows_take(VIEW_line, array, &rows) == 0) {
		print_rows(cli, &rows, parking ? minutes : energy,
			parking ? COUNT(minutes) : COUNT(energy), N_("no lines"));
		rows_free(&rows);
	}
}

/* Those before the newest, which the bill itself shows. */
static void print_ratings(const struct cli *cli, const cJSON *array)
{
	static const struct column columns[] = {{"at", NULL, NULL}, {"stars", NULL, NULL},
		{"by", NULL, NULL}, {"remark", NULL, NULL}};
	struct rows rows;

	if (cJSON_GetArraySize(array) > 1 && rows_take(VIEW_rating, array, &rows) == 0) {
		printf("\n%s\n", _("ratings, the newest first"));
		print_rows(cli, &rows, columns, COUNT(columns), "");
		rows_free(&rows);
	}
}

int cmd_bill_show(struct cli *cli)
{
	struct view_bill bill;
	cJSON *result;
	int64_t number;
	int rc = till_number(cli, cli->args[0], &number);

	rc = rc != 0 ? rc : fetch(cli, number, &result, &bill);
	if (rc != 0) {
		return rc;
	}
	if (cli_option(cli, "text") != NULL) {
		const cJSON *text = cJSON_GetObjectItemCaseSensitive(result, "text");

		fputs(cJSON_IsString(text) ? text->valuestring : "", stdout);
	} else if (cli->json) {
		print_json(result);
	} else {
		print_view(cli, VIEW_bill, &bill);
		putchar('\n');
		print_lines(cli, cJSON_GetObjectItemCaseSensitive(result, "lines"),
			strcmp(bill.kind, "parking") == 0);
		print_ratings(cli, cJSON_GetObjectItemCaseSensitive(result, "ratings"));
	}
	cJSON_Delete(result);
	return CLI_OK;
}

static int prove(struct cli *cli, int64_t number, struct view_proof *proof)
{
	cJSON *params = cJSON_CreateObject(), *result;
	int rc;

	wire_add_int(params, "bill", number);
	rc = link_call(cli->link, "bill_verify", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_proof, proof);
	rc = view_from_json(VIEW_proof, proof, result);
	cJSON_Delete(result);
	return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
}

/* From the file alone, whether an agent runs or not. */
static int prove_in(struct cli *cli, const char *path, int64_t number, struct view_bill *bill,
	struct view_proof *proof)
{
	int rc = ledger_verify_file_bill(path, number, bill, proof);

	return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s: %s", path, _(err_text(rc)));
}

static int prove_by_agent(
	struct cli *cli, int64_t number, struct view_bill *bill, struct view_proof *proof)
{
	cJSON *result = NULL;
	int rc = cli_connect(cli);

	rc = rc != 0 ? rc : fetch(cli, number, &result, bill);
	cJSON_Delete(result);
	return rc != 0 ? rc : prove(cli, number, proof);
}

int cmd_bill_verify(struct cli *cli)
{
	const char *path = cli_option(cli, "db");
	struct bill_code code = {.number = 0};
	struct view_proof proof = {.wrong = ""};
	struct view_bill bill = {.id = 0};
	char total[32];
	bool coded = bill_code_read(cli->args[0], &code) == 0;
	int rc = coded ? 0 : till_number(cli, cli->args[0], &code.number);

	rc = rc != 0        ? rc
	     : path != NULL ? prove_in(cli, path, code.number, &bill, &proof)
			    : prove_by_agent(cli, code.number, &bill, &proof);
	if (rc != 0) {
		return rc;
	}
	if (coded && (strcmp(code.hash, bill.hash) != 0 || code.total_fen != bill.total_fen)) {
		return cli_fail(cli, CLI_FAILED,
			_("bill %lld is not the one of the code: the amount or the hash is "
			  "another"),
			(long long)code.number);
	}
	if (cli->json) {
		print_view(cli, VIEW_proof, &proof);
		return proof.wrong[0] == '\0' ? CLI_OK : CLI_FAILED;
	}
	if (proof.wrong[0] != '\0') {
		return cli_fail(cli, CLI_FAILED, _("%s is wrong: %s"), proof.wrong, _(proof.what));
	}
	money_format(total, sizeof total, bill.total_fen);
	printf(_("bill %lld, %s yuan: computed anew from its registers, the same to the fen\n"),
		(long long)bill.id, total);
	printf("%s\n", bill.hash);
	return CLI_OK;
}

int cmd_bill_refund(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();
	int64_t number;
	int rc = till_number(cli, cli->args[0], &number);

	rc = rc != 0 ? rc : till_reason(cli, params, true);
	if (rc == 0 && cli->arg_count > 1) {
		rc = till_amount(cli, params, cli->args[1]);
	}
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	wire_add_int(params, "bill", number);
	till_id(cli, params);
	return till_do(cli, "bill_refund", params);
}

int cmd_bill_receipt(struct cli *cli)
{
	struct view_bill bill;
	struct rows lines;
	cJSON *result;
	int64_t number;
	int columns, rc = till_number(cli, cli->args[0], &number);

	rc = rc != 0 ? rc : receipt_columns(cli, &columns);
	rc = rc != 0 ? rc : fetch(cli, number, &result, &bill);
	if (rc != 0) {
		return rc;
	}
	rc = rows_take(VIEW_line, cJSON_GetObjectItemCaseSensitive(result, "lines"), &lines);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	bill_receipt(cli, &bill, &lines, columns);
	rows_free(&lines);
	if (cli_option(cli, "qr") != NULL && bill_qr(cli, &bill) != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(ERR_NOMEM)));
	}
	return CLI_OK;
}

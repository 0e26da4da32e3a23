/* Customers' accounts. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "account.h"
#include "bill_show.h"
#include "fmt.h"
#include "notice.h"
#include "tariff.h"
#include "till.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const notes[] = {
	"name", "phone", "plate", "class", "notes", "language", "mail", "messages"};

static cJSON *params_of(const struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();

	cJSON_AddStringToObject(params, "account", cli->args[0]);
	return params;
}

/* The second word of the command: "topup" of "account topup". */
static const char *second_word(const struct cli *cli)
{
	return strchr(cli->command->name, ' ') + 1;
}

int cmd_account_open(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();

	cJSON_AddStringToObject(params, "name", cli->args[0]);
	till_texts(cli, params, notes + 1, COUNT(notes) - 4);
	till_id(cli, params);
	return till_do(cli, "account_open", params);
}

/* The balance below which the customer is told; a lone "-" is the site's. */
static int add_low(const struct cli *cli, cJSON *params)
{
	const char *low = cli_option(cli, "low");
	int rc;

	if (low == NULL) {
		return 0;
	}
	if (strcmp(low, "-") == 0) {
		cJSON_AddNumberToObject(params, "low_fen", -1);
		return 0;
	}
	rc = till_amount(cli, params, low);
	if (rc == 0) {
		cJSON_AddItemToObject(params, "low_fen", cJSON_DetachItemFromObject(params, "fen"));
	}
	return rc;
}

int cmd_account_set(struct cli *cli)
{
	cJSON *params = params_of(cli);
	int rc;

	till_texts(cli, params, notes, COUNT(notes));
	rc = add_low(cli, params);
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	if (cJSON_GetArraySize(params) == 1) {
		cJSON_Delete(params);
		return cli_fail(cli, CLI_USAGE,
			_("nothing to change; --name, --phone, --plate, --class, --notes, "
			  "--language, --mail, --messages, --low"));
	}
	till_id(cli, params);
	return till_do(cli, "account_set", params);
}

int cmd_account_status(struct cli *cli)
{
	cJSON *params = params_of(cli);
	int rc = till_reason(cli, params, true);

	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	cJSON_AddStringToObject(params, "change", second_word(cli));
	till_id(cli, params);
	return till_do(cli, "account_status", params);
}

int cmd_account_card(struct cli *cli)
{
	cJSON *params = params_of(cli);

	cJSON_AddStringToObject(params, "card", cli->args[1]);
	cJSON_AddBoolToObject(params, "remove", cli_option(cli, "remove") != NULL);
	till_reason(cli, params, false);
	till_id(cli, params);
	return till_do(cli, "account_card", params);
}

/* Reads a line without showing it. */
static int read_secret(const char *prompt, char *dst, size_t size)
{
	struct termios before, silent;
	bool tty = tcgetattr(STDIN_FILENO, &before) == 0;
	char *got;

	if (tty) {
		fprintf(stderr, "%s: ", prompt);
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	got = fgets(dst, (int)size, stdin);
	if (tty) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	if (got == NULL) {
		return ERR_SYNTAX;
	}
	dst[strcspn(dst, "\r\n")] = '\0';
	return 0;
}

int cmd_account_pin(struct cli *cli)
{
	cJSON *params = params_of(cli);
	char pin[64];

	if (cli_option(cli, "remove") == NULL) {
		if (read_secret(_("PIN"), pin, sizeof pin) != 0) {
			cJSON_Delete(params);
			return cli_fail(cli, CLI_USAGE, _("the PIN comes on standard input"));
		}
		cJSON_AddStringToObject(params, "pin", pin);
		memset(pin, 0, sizeof pin);
	}
	cJSON_AddBoolToObject(params, "check", cli_option(cli, "check") != NULL);
	return till_do(cli, "account_pin", params);
}

int cmd_account_money(struct cli *cli)
{
	cJSON *params = params_of(cli);
	int rc = till_amount(cli, params, cli->args[1]);

	rc = rc != 0 ? rc : till_reason(cli, params, strcmp(second_word(cli), "writeoff") == 0);
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	cJSON_AddStringToObject(params, "kind", second_word(cli));
	till_id(cli, params);
	return till_do(cli, "account_money", params);
}

int cmd_account_message(struct cli *cli)
{
	cJSON *params = params_of(cli);

	cJSON_AddStringToObject(params, "text", cli->args[1]);
	till_id(cli, params);
	return till_do(cli, "account_message", params);
}

/* ---- Shown ---- */

static void cell_class(char *dst, size_t size, const void *view)
{
	const struct view_account *a = view;
	enum account_class class;

	snprintf(dst, size, "%s",
		class_find(a->class, &class) == 0 ? _(class_label(class)) : a->class);
}

static void cell_status(char *dst, size_t size, const void *view)
{
	snprintf(dst, size, "%s",
		_(account_status_label(((const struct view_account *)view)->status)));
}

int cmd_account_list(struct cli *cli)
{
	static const struct column columns[] = {{"id", NULL, NULL}, {"name", NULL, NULL},
		{"phone", NULL, NULL}, {"plate", NULL, NULL}, {"class", NULL, cell_class},
		{"status", NULL, cell_status}, {"balance_fen", NULL, NULL},
		{"held_fen", NULL, NULL}, {"debt_fen", NULL, NULL}, {"cards", NULL, NULL}};
	cJSON *params = cJSON_CreateObject();
	int64_t limit;
	int rc = cli_option_int(cli, "limit", 1, 1000, 100, &limit);

	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	wire_add_int(params, "limit", limit);
	if (cli->arg_count > 0) {
		cJSON_AddStringToObject(params, "search", cli->args[0]);
	}
	if (cli_option(cli, "status") != NULL) {
		cJSON_AddStringToObject(params, "status", cli_option(cli, "status"));
	}
	return list_print(cli, "accounts", params, VIEW_account, columns, COUNT(columns),
		N_("no such accounts"));
}

static void cell_words(char *dst, size_t size, const void *view)
{
	notice_text(dst, size, view);
}

static int print_messages(const struct cli *cli, const cJSON *array)
{
	static const struct column columns[] = {
		{"at", NULL, NULL}, {"text", NULL, cell_words}, {"by", NULL, NULL}};
	struct rows rows = {0};
	int rc = rows_take(VIEW_message, array, &rows);

	if (rc == 0 && rows.count > 0) {
		putchar('\n');
		print_rows(cli, &rows, columns, COUNT(columns), N_("no messages"));
	}
	rows_free(&rows);
	return rc;
}

static int print_account(const struct cli *cli, const cJSON *answer)
{
	struct view_account account;
	int rc;

	view_clear(VIEW_account, &account);
	rc = view_from_json(
		VIEW_account, &account, cJSON_GetObjectItemCaseSensitive(answer, "account"));
	if (rc == 0) {
		print_view(cli, VIEW_account, &account);
		rc = print_messages(cli, cJSON_GetObjectItemCaseSensitive(answer, "messages"));
	}
	return rc;
}

int cmd_account_show(struct cli *cli)
{
	return print_answer(cli, "account", params_of(cli), print_account);
}

/* On paper all of the time that is asked for, not the newest rows. */
#define RECEIPT_ROWS 1000

static int print_receipt(struct cli *cli, cJSON *params)
{
	cJSON *result = NULL;
	struct rows rows;
	int columns, rc = receipt_columns(cli, &columns);

	if (rc == 0 && cli->arg_count == 0) {
		rc = cli_fail(cli, CLI_USAGE, _("--receipt is of one account"));
	}
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	if (cli_option(cli, "limit") == NULL) {
		cJSON_DeleteItemFromObject(params, "limit");
		cJSON_AddNumberToObject(params, "limit", RECEIPT_ROWS);
	}
	rc = link_call(cli->link, "statement", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(VIEW_posting, cJSON_GetObjectItemCaseSensitive(result, "rows"), &rows);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	statement_receipt(cli, cli->args[0], &rows, columns);
	rows_free(&rows);
	return CLI_OK;
}

int cmd_account_statement(struct cli *cli)
{
	static const struct column columns[] = {{"id", NULL, NULL}, {"at", NULL, NULL},
		{"kind", NULL, cell_txkind}, {"change_fen", NULL, NULL},
		{"balance_fen", NULL, NULL}, {"fen", NULL, NULL}, {"bill", NULL, NULL},
		{"ref", NULL, NULL}, {"by", NULL, NULL}, {"reason", NULL, NULL}};
	cJSON *params = cli->arg_count > 0 ? params_of(cli) : cJSON_CreateObject();
	int rc = list_newest(cli, params);

	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	if (cli_option(cli, "receipt") != NULL && !cli->json) {
		return print_receipt(cli, params);
	}
	return list_print(cli, "statement", params, VIEW_posting, columns, COUNT(columns),
		N_("no transactions"));
}

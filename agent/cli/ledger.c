/* The ledger as a whole, and the work list of odd charges. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "ledger_verify.h"
#include "phrase.h"
#include "till.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
/* Of a file of heads: some 600 bytes a day. */
#define HEADS_MAX (16u << 20)

static int tell(const struct cli *cli, const struct view_proof *p)
{
	if (cli->json) {
		print_view(cli, VIEW_proof, p);
		return p->wrong[0] == '\0' ? CLI_OK : CLI_FAILED;
	}
	if (p->wrong[0] != '\0') {
		return cli_fail(cli, CLI_FAILED, _("%s is wrong: %s"), p->wrong, _(p->what));
	}
	printf(_("%lld transactions, %lld bills, %lld changes, %lld signed days: each as it was "
		 "written\n"),
		(long long)p->transactions, (long long)p->bills, (long long)p->log,
		(long long)p->heads);
	if (p->heads > 0 && p->checked != 1) {
		puts(_("the signatures were not checked: no public key"));
	}
	printf("%s\n", p->hash);
	return CLI_OK;
}

static int by_agent(struct cli *cli)
{
	struct view_proof proof;
	cJSON *result;
	int rc = cli_connect(cli);

	if (rc != 0) {
		return rc;
	}
	rc = link_call(cli->link, "ledger_verify", NULL, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_proof, &proof);
	rc = view_from_json(VIEW_proof, &proof, result);
	cJSON_Delete(result);
	return rc == 0 ? tell(cli, &proof) : cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
}

/* ---- Heads that somebody kept ---- */

static int read_all(const char *path, char **text)
{
	FILE *file = fopen(path, "re");
	char *dst = file == NULL ? NULL : malloc(HEADS_MAX + 1);
	size_t n = dst == NULL ? 0 : fread(dst, 1, HEADS_MAX + 1, file);
	int rc = file == NULL                         ? ERR_NOTFOUND
		 : dst == NULL                        ? ERR_NOMEM
		 : ferror(file) || n == HEADS_MAX + 1 ? ERR_TOOLONG
						      : 0;

	if (file != NULL) {
		fclose(file);
	}
	if (rc != 0) {
		free(dst);
		return rc;
	}
	dst[n] = '\0';
	*text = dst;
	return 0;
}

/* The file's heads: what `ledger head --json` printed, or one object of it. */
static int read_kept(struct cli *cli, const char *path, struct rows *kept)
{
	cJSON *array, *json;
	char *text;
	int rc = read_all(path, &text);

	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s: %s", path, _(err_text(rc)));
	}
	json = cJSON_Parse(text);
	free(text);
	array = json;
	if (cJSON_IsObject(json)) {
		array = cJSON_CreateArray();
		cJSON_AddItemToArray(array, json);
	}
	rc = cJSON_IsArray(array) ? rows_take(VIEW_head, array, kept) : ERR_SYNTAX;
	cJSON_Delete(array);
	if (rc == 0 && kept->count == 0) {
		rows_free(kept);
		rc = ERR_SYNTAX;
	}
	return rc == 0 ? 0
		       : cli_fail(cli, CLI_FAILED,
				 _("%s: it is not what `piled ledger head --json` prints"), path);
}

static int add_head(void *arg, const void *view)
{
	return rows_add(arg, view);
}

static int heads_of_agent(struct cli *cli, struct rows *out)
{
	cJSON *result;
	int rc = link_call(cli->link, "ledger_head", NULL, &result);

	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = rows_take(VIEW_head, cJSON_GetObjectItemCaseSensitive(result, "rows"), out);
	cJSON_Delete(result);
	return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
}

static bool same_head(const struct view_head *a, const struct view_head *b)
{
	return a->at == b->at && a->tx == b->tx && a->log == b->log &&
	       strcmp(a->before, b->before) == 0 && strcmp(a->hash, b->hash) == 0 &&
	       strcmp(a->log_hash, b->log_hash) == 0 && strcmp(a->signature, b->signature) == 0;
}

/* Each head that was kept is there as it was. */
static int compare_heads(struct cli *cli, const struct rows *kept, const struct rows *there)
{
	for (size_t i = 0; i < kept->count; i++) {
		const struct view_head *k = row_at(kept, i), *found = NULL;

		for (size_t n = 0; found == NULL && n < there->count; n++) {
			const struct view_head *h = row_at(there, n);

			found = strcmp(h->day, k->day) == 0 ? h : NULL;
		}
		if (found == NULL || !same_head(found, k)) {
			return cli_fail(cli, CLI_FAILED,
				found == NULL
					? _("the end of %s that was kept is not in the ledger")
					: _("the end of %s is not the one that was kept: what "
					    "lies before it was changed"),
				k->day);
		}
	}
	if (!cli->json) {
		printf(_("%lld ends of days that were kept: each is in it\n"),
			(long long)kept->count);
	}
	return CLI_OK;
}

static int check_kept(struct cli *cli, const char *path, const char *file)
{
	struct rows kept = {VIEW_head, NULL, 0}, there = {VIEW_head, NULL, 0};
	int rc = read_kept(cli, file, &kept);

	if (rc == 0 && path != NULL) {
		rc = ledger_verify_file_heads(path, add_head, &there);
		rc = rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s: %s", path, _(err_text(rc)));
	} else if (rc == 0) {
		rc = heads_of_agent(cli, &there);
	}
	rc = rc != 0 ? rc : compare_heads(cli, &kept, &there);
	rows_free(&kept);
	rows_free(&there);
	return rc;
}

int cmd_ledger_verify(struct cli *cli)
{
	const char *path = cli_option(cli, "db"), *key = cli_option(cli, "key"),
		   *kept = cli_option(cli, "head");
	struct view_proof proof;
	int rc;

	if (path == NULL && key != NULL) {
		return cli_fail(cli, CLI_USAGE, _("--key goes with --db"));
	}
	if (path == NULL) {
		rc = by_agent(cli);
	} else {
		rc = ledger_verify(path, key, &proof);
		rc = rc == 0 ? tell(cli, &proof)
			     : cli_fail(cli, CLI_FAILED, "%s: %s", path, _(err_text(rc)));
	}
	return rc != CLI_OK || kept == NULL ? rc : check_kept(cli, path, kept);
}

static void cell_ledger(char *dst, size_t size, const void *view)
{
	static const char *const words[][2] = {
#define LEDGER(sym, token, label) {token, label},
#include "ledger.def"
#undef LEDGER
	};
	const struct view_balance *b = view;

	snprintf(dst, size, "%s", b->kind);
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(words[i][0], b->kind) == 0) {
			snprintf(dst, size, "%s", _(words[i][1]));
		}
	}
}

int cmd_ledger_balance(struct cli *cli)
{
	static const struct column columns[] = {
		{"kind", NULL, cell_ledger}, {"accounts", NULL, NULL}, {"fen", NULL, NULL}};

	return list_print(cli, "ledger_balance", NULL, VIEW_balance, columns, COUNT(columns),
		N_("nothing was ever posted"));
}

int cmd_ledger_head(struct cli *cli)
{
	static const struct column columns[] = {{"day", NULL, NULL}, {"tx", NULL, NULL},
		{"hash", NULL, NULL}, {"log", NULL, NULL}, {"signature", NULL, NULL}};
	cJSON *params = cJSON_CreateObject();

	if (cli_option(cli, "day") != NULL) {
		cJSON_AddStringToObject(params, "day", cli_option(cli, "day"));
	}
	return list_print(cli, "ledger_head", params, VIEW_head, columns, COUNT(columns),
		N_("no day was signed yet"));
}

int cmd_ledger_reverse(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();
	int64_t tx;
	int rc = till_number(cli, cli->args[0], &tx);

	rc = rc != 0 ? rc : till_reason(cli, params, true);
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	wire_add_int(params, "tx", tx);
	till_id(cli, params);
	return till_do(cli, "ledger_reverse", params);
}

/* ---- The work list ---- */

static void cell_odd(char *dst, size_t size, const void *view)
{
	static const char *const words[][2] = {
#define ABNORMAL(sym, token, review, proposal, label) {token, label},
#include "abnormal.def"
#undef ABNORMAL
	};
	const struct view_abnormal *a = view;

	snprintf(dst, size, "%s", a->kind);
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(words[i][0], a->kind) == 0) {
			snprintf(dst, size, "%s", _(words[i][1]));
		}
	}
}

static void cell_evidence(char *dst, size_t size, const void *view)
{
	phrase_show(dst, size, ((const struct view_abnormal *)view)->evidence);
}

static const struct column odd_columns[] = {{"id", NULL, NULL}, {"at", NULL, NULL},
	{"kind", NULL, cell_odd}, {"gun", NULL, NULL}, {"session", NULL, NULL},
	{"account", NULL, NULL}, {"bill", NULL, NULL}, {"evidence", NULL, cell_evidence},
	{"proposal", NULL, NULL}, {"state", NULL, NULL}, {"by", NULL, NULL}};

int cmd_abnormal_list(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();
	int rc = list_newest(cli, params);

	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	cJSON_AddBoolToObject(params, "active", cli_option(cli, "all") == NULL);
	return list_print(cli, "abnormal", params, VIEW_abnormal, odd_columns, COUNT(odd_columns),
		N_("nothing is odd"));
}

int cmd_abnormal_show(struct cli *cli)
{
	struct view_abnormal view;
	cJSON *params = cJSON_CreateObject(), *result;
	int64_t entry;
	int rc = till_number(cli, cli->args[0], &entry);

	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	wire_add_int(params, "entry", entry);
	rc = link_call(cli->link, "abnormal", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_abnormal, &view);
	rc = view_from_json(VIEW_abnormal, &view,
		cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(result, "rows"), 0));
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(ERR_NOTFOUND)));
	}
	if (!cli->json) {
		char text[CELL_MAX];

		cell_evidence(text, sizeof text, &view);
		VIEW_SET(&view, evidence, text);
	}
	print_view(cli, VIEW_abnormal, &view);
	return CLI_OK;
}

/* `piled abnormal post ENTRY`, `piled bill post SESSION`. */
int cmd_abnormal_do(struct cli *cli)
{
	const char *action = strchr(cli->command->name, ' ') + 1;
	cJSON *params = cJSON_CreateObject();
	int64_t entry;
	int rc = till_reason(cli, params, true);

	if (rc == 0 && strncmp(cli->command->name, "bill", 4) == 0) {
		cJSON_AddStringToObject(params, "session", cli->args[0]);
	} else if (rc == 0) {
		rc = till_number(cli, cli->args[0], &entry);
		wire_add_int(params, "entry", rc == 0 ? entry : 0);
	}
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	cJSON_AddStringToObject(params, "action", action);
	return till_do(cli, "abnormal_do", params);
}

/* The audit log: who did what, and whether it is whole. */
#include "audit.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "print.h"
#include "text.h"

static const struct column columns[] = {{"id", NULL, NULL}, {"at", NULL, NULL},
	{"person", NULL, NULL}, {"role", NULL, NULL}, {"method", NULL, NULL},
	{"params", NULL, NULL}, {"result", NULL, NULL}, {"origin", NULL, NULL}};

int cmd_audit(struct cli *cli)
{
	const char *by = cli_option(cli, "by");
	cJSON *params = cJSON_CreateObject();
	int rc = list_filter(cli, params);

	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	if (by != NULL) {
		cJSON_AddStringToObject(params, "by", by);
	}
	return list_print(cli, "audit", params, VIEW_audit, columns,
		sizeof columns / sizeof columns[0], N_("nothing in the audit log"));
}

/* "ID:HASH", a row and its hash as an earlier check printed them. */
static int read_head(const struct cli *cli, int64_t *id, const char **hash)
{
	const char *text = cli_option(cli, "head");
	unsigned char bytes[CHAIN_SIZE];
	char number[24];
	size_t n;

	*id = 0;
	*hash = NULL;
	if (text == NULL) {
		return 0;
	}
	n = strcspn(text, ":");
	if (n < sizeof number && text[n] == ':') {
		memcpy(number, text, n);
		number[n] = '\0';
		if (text_int(number, 1, INT64_C(1000000000000), id) == 0 &&
			chain_from_hex(text + n + 1, bytes) == 0) {
			*hash = text + n + 1;
			return 0;
		}
	}
	return cli_fail(cli, CLI_USAGE,
		_("--head: \"%s\"; it is ID:HASH, as an earlier `piled audit verify` printed it"),
		text);
}

static int tell(const struct cli *cli, const struct view_verdict *v)
{
	if (cli->json) {
		print_view(cli, VIEW_verdict, v);
		return v->wrong != 0 ? CLI_FAILED : CLI_OK;
	}
	if (v->wrong != 0) {
		return cli_fail(cli, CLI_FAILED, _("row %lld is wrong: %s. Good before it: %lld."),
			(long long)v->wrong, _(v->what), (long long)v->rows);
	}
	printf(_("%lld rows, each as it was written. Head, to be kept elsewhere:\n"),
		(long long)v->rows);
	printf("%lld:%s\n", (long long)v->head, v->hash);
	if (v->unchained > 0) {
		printf(_("The first %lld are older than the chain and cannot be checked.\n"),
			(long long)v->unchained);
	}
	return CLI_OK;
}

static int by_agent(struct cli *cli, int64_t id, const char *hash)
{
	cJSON *params = cJSON_CreateObject(), *result;
	struct view_verdict v;
	int rc;

	if (id > 0) {
		wire_add_int(params, "id", id);
		cJSON_AddStringToObject(params, "hash", hash);
	}
	rc = cli_connect(cli);
	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	rc = link_call(cli->link, "audit_verify", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_verdict, &v);
	rc = view_from_json(VIEW_verdict, &v, result);
	cJSON_Delete(result);
	return rc == 0 ? tell(cli, &v) : cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
}

int cmd_audit_verify(struct cli *cli)
{
	const char *path = cli_option(cli, "db"), *hash;
	struct view_verdict v;
	int64_t id;
	int rc = read_head(cli, &id, &hash);

	if (rc != 0) {
		return rc;
	}
	if (path == NULL) {
		return by_agent(cli, id, hash);
	}
	rc = audit_verify(path, id, hash, &v);
	return rc == 0 ? tell(cli, &v) : cli_fail(cli, CLI_FAILED, "%s: %s", path, _(err_text(rc)));
}

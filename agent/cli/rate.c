/* What a driver says of a charge. */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "text.h"
#include "till.h"

static int print_rated(const struct cli *cli, const cJSON *result, int64_t stars)
{
	struct view_receipt r;
	int rc;

	view_clear(VIEW_receipt, &r);
	rc = view_from_json(VIEW_receipt, &r, result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	if (cli->json) {
		print_view(cli, VIEW_receipt, &r);
		return CLI_OK;
	}
	printf(_("bill %lld: %lld of 5 stars noted"), (long long)r.bill, (long long)stars);
	puts(r.again == 1 ? _(" (was done before)") : "");
	return CLI_OK;
}

int cmd_rate(struct cli *cli)
{
	static const char *const texts[] = {"remark"};
	cJSON *params, *result;
	int64_t bill, stars;
	int rc;

	if (text_int(cli->args[1], 1, 5, &stars) != 0) {
		return cli_fail(
			cli, CLI_USAGE, _("\"%s\": stars are 1, 2, 3, 4 or 5"), cli->args[1]);
	}
	params = cJSON_CreateObject();
	if (text_int(cli->args[0], 1, TILL_NUMBER_MAX, &bill) == 0) {
		wire_add_int(params, "bill", bill);
	} else {
		cJSON_AddStringToObject(params, "session", cli->args[0]);
	}
	wire_add_int(params, "stars", stars);
	till_texts(cli, params, texts, 1);
	till_id(cli, params);
	rc = link_call(cli->link, "bill_rate", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	rc = print_rated(cli, result, stars);
	cJSON_Delete(result);
	return rc;
}

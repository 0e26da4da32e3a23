/* Why a gun gets what it gets. */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "commands.h"
#include "print.h"
#include "text.h"
#include "why.h"

int cmd_why(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject(), *result, *object;
	char text[WHY_MAX], clean[WHY_MAX];
	struct view_gun gun;
	int rc;

	cJSON_AddStringToObject(params, "id", cli->args[0]);
	rc = link_call(cli->link, "gun", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_gun, &gun);
	rc = view_from_json(VIEW_gun, &gun,
		cJSON_GetObjectItemCaseSensitive(result, view_info(VIEW_gun)->name));
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	why_gun(text, sizeof text, &gun, wall_now());
	text_clean(clean, sizeof clean, text);
	if (!cli->json) {
		printf("%s: %s\n", gun.id, clean);
		return CLI_OK;
	}
	object = view_to_json(VIEW_gun, &gun, NULL);
	cJSON_AddStringToObject(object, "why", clean);
	print_json(object);
	cJSON_Delete(object);
	return CLI_OK;
}

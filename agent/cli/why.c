/* Why a gun gets what it gets, or got it at a time. */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "commands.h"
#include "fmt.h"
#include "print.h"
#include "text.h"
#include "why.h"

static int say(const struct cli *cli, enum view_kind kind, const void *view, const char *gun,
	const char *text)
{
	char clean[WHY_MAX];
	cJSON *object;

	text_clean(clean, sizeof clean, text);
	if (!cli->json) {
		printf("%s: %s\n", gun, clean);
		return CLI_OK;
	}
	object = view_to_json(kind, view, NULL);
	cJSON_AddStringToObject(object, "why", clean);
	print_json(object);
	cJSON_Delete(object);
	return CLI_OK;
}

/* What load management goes by that it learnt of the gun. */
static void say_learnt(const struct view_gun *gun)
{
	char since[32], lag[24], ratio[24];

	if (gun->learnt == VALUE_NONE) {
		return;
	}
	fmt_wall_brief(since, sizeof since, (struct wall){gun->learnt}, wall_now());
	fmt_value(lag, sizeof lag, UNIT_MS, gun->lag_ms, true);
	fmt_decimal(ratio, sizeof ratio, gun->va_pm, 1000, 3);
	printf(_("  learnt since %1$s: it follows after %2$s, %3$s VA per W\n"), since, lag, ratio);
}

static int why_now(struct cli *cli)
{
	cJSON *params, *result;
	char text[WHY_MAX];
	struct view_gun gun;
	int rc = cli_connect(cli);

	if (rc != 0) {
		return rc;
	}
	params = cJSON_CreateObject();
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
	rc = say(cli, VIEW_gun, &gun, gun.id, text);
	if (!cli->json) {
		say_learnt(&gun);
	}
	return rc;
}

int cmd_why(struct cli *cli)
{
	struct wall at = wall_now();
	struct view_decision decision;
	char text[WHY_MAX];
	int rc;

	if (cli_option(cli, "at") == NULL && cli_option(cli, "data") == NULL) {
		return why_now(cli);
	}
	rc = decision_source(cli);
	rc = rc != 0 ? rc : list_time(cli, "at", &at);
	if (rc == 0 && at.ms > wall_now().ms) {
		rc = cli_fail(cli, CLI_USAGE, _("--at: %s is yet to come"), cli_option(cli, "at"));
	}
	rc = rc != 0 ? rc : decision_at(cli, cli->args[0], at, &decision);
	if (rc != 0) {
		return rc;
	}
	why_decision(text, sizeof text, &decision, at);
	return say(cli, VIEW_decision, &decision, decision.gun, text);
}

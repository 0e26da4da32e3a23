/* Notes of people on guns, sessions and whatever else has an id. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "print.h"

static const struct column columns[] = {
	{"at", NULL, NULL}, {"target", NULL, NULL}, {"by", NULL, NULL}, {"text", NULL, NULL}};

int note_write(struct cli *cli, const char *target, const char *text)
{
	cJSON *params = cJSON_CreateObject(), *result;
	struct view_note note;
	int rc;

	cJSON_AddStringToObject(params, "target", target);
	cJSON_AddStringToObject(params, "text", text);
	if (cli_option(cli, "id") != NULL) {
		cJSON_AddStringToObject(params, "id", cli_option(cli, "id"));
	}
	rc = link_call(cli->link, "note_add", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_note, &note);
	rc = view_from_json(VIEW_note, &note, result);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	if (cli->json) {
		print_view(cli, VIEW_note, &note);
	} else {
		printf(_("%s: noted\n"), note.target);
	}
	return CLI_OK;
}

int cmd_note(struct cli *cli)
{
	return note_write(cli, cli->args[0], cli->args[1]);
}

int cmd_notes(struct cli *cli)
{
	return list_filtered(cli, "notes", VIEW_note, columns, sizeof columns / sizeof columns[0],
		N_("no notes"));
}

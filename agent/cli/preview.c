/* What a command for a feeder or the site would affect, and the question that comes before it;
 * commands that wait to be confirmed. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "fmt.h"
#include "print.h"

static int ask_preview(struct cli *cli, const char *verb, int64_t value, struct view_preview *out)
{
	cJSON *params = cJSON_CreateObject(), *result;
	int rc;

	cJSON_AddStringToObject(params, "verb", verb);
	cJSON_AddStringToObject(params, "target", cli->args[0]);
	if (value != VALUE_NONE) {
		wire_add_int(params, "value", value);
	}
	rc = link_call(cli->link, "preview", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_preview, out);
	rc = view_from_json(VIEW_preview, out, result);
	cJSON_Delete(result);
	return rc == 0 ? 0 : cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
}

static void show(const struct view_preview *p)
{
	char power[32], energy[32];

	fmt_value(power, sizeof power, UNIT_W, p->power_w, true);
	fmt_value(energy, sizeof energy, UNIT_WH, p->energy_wh, true);
	fprintf(stderr,
		_("%s: %s concerns %lld piles, %lld guns: %lld charging, %s; %lld sessions, %s.\n"),
		p->target, _(p->verb), (long long)p->piles, (long long)p->guns,
		(long long)p->charging, power, (long long)p->sessions, energy);
	if (p->cost_fen != VALUE_NONE) {
		fmt_value(power, sizeof power, UNIT_FEN, p->cost_fen, true);
		fprintf(stderr, _("Their cost so far: %s.\n"), power);
	}
	if (p->offline > 0) {
		fprintf(stderr, _("%lld of the guns cannot be reached now.\n"),
			(long long)p->offline);
	}
}

static int ask(const struct cli *cli, const struct view_preview *p)
{
	char answer[40] = "";

	if (!isatty(STDIN_FILENO)) {
		return cli_fail(cli, CLI_USAGE,
			_("it concerns more than a pile: --yes says that it is meant"));
	}
	fprintf(stderr, _("Type %s to go on: "), p->target);
	fflush(stderr);
	if (fgets(answer, sizeof answer, stdin) != NULL) {
		answer[strcspn(answer, "\n")] = '\0';
	}
	return strcmp(answer, p->target) == 0
		       ? 0
		       : cli_fail(cli, CLI_FAILED, "%s", _("nothing was done"));
}

int preview_ask(struct cli *cli, const char *verb, int64_t value)
{
	struct view_preview p = {.wide = 0};
	int rc = ask_preview(cli, verb, value, &p);

	if (rc != 0 || p.wide != 1) {
		return rc;
	}
	show(&p);
	if (cli_option(cli, "reason") == NULL) {
		return cli_fail(
			cli, CLI_USAGE, _("--reason is missing: it concerns more than a pile"));
	}
	if (cli_option(cli, "confirm-within") != NULL && p.undoable != 1) {
		return cli_fail(cli, CLI_USAGE,
			_("%s cannot be undone by itself: only limit, tag and untag can"), _(verb));
	}
	return cli_option(cli, "yes") != NULL ? 0 : ask(cli, &p);
}

/* ---- Commands that wait to be confirmed ---- */

static void cell_state(char *dst, size_t size, const void *view)
{
	static const char *const words[][2] = {
#define TRIAL(sym, token, label) {token, label},
#include "trial.def"
#undef TRIAL
	};
	const struct view_trial *t = view;

	snprintf(dst, size, "%s", t->state);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i][0], t->state) == 0) {
			snprintf(dst, size, "%s", _(words[i][1]));
		}
	}
}

static const struct column columns[] = {{"id", NULL, NULL}, {"verb", NULL, NULL},
	{"target", NULL, NULL}, {"value", NULL, NULL}, {"state", NULL, cell_state},
	{"until", NULL, NULL}, {"by", NULL, NULL}, {"reason", NULL, NULL},
	{"ended_by", NULL, NULL}};

int cmd_trials(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject();
	int rc = list_filter(cli, params);

	if (rc != 0) {
		cJSON_Delete(params);
		return rc;
	}
	return list_print(cli, "trials", params, VIEW_trial, columns,
		sizeof columns / sizeof columns[0], N_("nothing had to be confirmed"));
}

int cmd_confirm(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject(), *result;
	struct view_trial t;
	char state[64];
	int rc;

	cJSON_AddStringToObject(params, "id", cli->args[0]);
	rc = link_call(cli->link, "confirm", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_trial, &t);
	rc = view_from_json(VIEW_trial, &t, result);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	if (cli->json) {
		print_view(cli, VIEW_trial, &t);
		return CLI_OK;
	}
	cell_state(state, sizeof state, &t);
	printf("%s: %s: %s\n", t.target, _(t.verb), state);
	return CLI_OK;
}

/*
 * Commands that change something. They wait for the effect that the agent has seen on the device
 * and say how long it took; nothing is called done before.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "fmt.h"
#include "phrase.h"
#include "print.h"
#include "text.h"
#include "when.h"

#define LIMIT_MAX_W    INT64_C(10000000)
#define WAIT_MAX_MS    600000
#define WAIT_EXTRA_MS  5000 /* beyond the command's own life: the agent says that it expired */
#define LIFE_MS        30000
#define WANT_MAX_WH    1000000
#define CONFIRM_MAX_MS (INT64_C(86400) * MS_PER_S)

static bool ended(const struct view_command *c)
{
	return strcmp(c->state, "verified") == 0 || strcmp(c->state, "failed") == 0 ||
	       strcmp(c->state, "expired") == 0;
}

static const char *done_word(const char *verb)
{
	static const char *const words[][2] = {{"start", N_("charging")}, {"stop", N_("stopped")},
		{"limit", N_("limit in force")}, {"unlock", N_("unlocked")},
		{"reboot", N_("rebooted")}, {"clock", N_("clock set")},
		{"tag", N_("out of service")}, {"untag", N_("back in service")},
		{"release", N_("released")}, {"depart", N_("departure noted")},
		{"want", N_("energy noted")}};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i][0], verb) == 0) {
			return words[i][1];
		}
	}
	return N_("done");
}

/* Says how the command ended; its exit code. */
static int tell(const struct cli *cli, const struct view_command *c)
{
	bool good = strcmp(c->state, "verified") == 0;
	char limit[32] = "", took[32];

	if (cli->json) {
		print_view(cli, VIEW_command, c);
	} else if (good) {
		if (strcmp(c->verb, "limit") == 0 && c->value != VALUE_NONE) {
			fmt_value(limit, sizeof limit, UNIT_W, c->value, true);
		}
		printf("%s: %s%s%s", c->target, _(done_word(c->verb)), limit[0] != '\0' ? ", " : "",
			limit);
		cell_took(took, sizeof took, c->took_ms);
		printf(", %s", took);
		putchar('\n');
		if (cli_option(cli, "confirm-within") != NULL) {
			printf(_("Undone after %s unless confirmed: piled confirm %s\n"),
				cli_option(cli, "confirm-within"), c->id);
		}
	} else {
		const char *why = c->error[0] != '\0' ? c->error : c->state;
		char reason[CELL_MAX];

		for (int e = ERR_FIRST_ + 1; e < ERR_END_; e++) {
			if (strcmp(err_token(e), c->error) == 0) {
				why = _(err_text(e));
			}
		}
		phrase_say(reason, sizeof reason, c->reason);
		fprintf(stderr, "%s: %s: %s%s%s (%s %s)\n", c->target, _(c->verb), why,
			reason[0] != '\0' ? ": " : "", reason, _("command"), c->id);
	}
	if (good) {
		return CLI_OK;
	}
	return strcmp(c->state, "expired") == 0 || strcmp(c->error, err_token(ERR_TIMEOUT)) == 0
		       ? CLI_TIMEOUT
		       : CLI_FAILED;
}

/* Follows the command by its id until it has ended. */
static int take_changes(const cJSON *array, struct view_command *c)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, array)
	{
		const cJSON *id = cJSON_GetObjectItemCaseSensitive(row, "id");

		if (cJSON_IsString(id) && strcmp(id->valuestring, c->id) == 0) {
			return view_from_json(VIEW_command, c, row);
		}
	}
	return 0;
}

static int follow(struct cli *cli, struct view_command *c, int64_t wait_ms)
{
	struct mono end = mono_add_us(mono_now(), wait_ms * US_PER_MS);
	int rc = 0;

	while (rc == 0 && !ended(c)) {
		int64_t left_ms = mono_diff_us(end, mono_now()) / US_PER_MS;
		cJSON *note = NULL;
		const cJSON *params;

		rc = left_ms <= 0 ? ERR_TIMEOUT : link_next(cli->link, left_ms, &note);
		params = cJSON_GetObjectItemCaseSensitive(note, "params");
		if (rc == 0) {
			rc = take_changes(cJSON_GetObjectItemCaseSensitive(params, "command"), c);
		}
		if (rc == 0) {
			rc = take_changes(cJSON_GetObjectItemCaseSensitive(params, "rows"), c);
		}
		cJSON_Delete(note);
	}
	return rc;
}

static int subscribe(struct cli *cli)
{
	cJSON *params = cJSON_CreateObject(), *result;
	int rc;

	cJSON_AddStringToObject(params, "views", "command");
	cJSON_AddNumberToObject(params, "period_ms", 200);
	rc = link_call(cli->link, "subscribe", params, &result);
	if (rc == 0) {
		cJSON_Delete(result);
	}
	return rc;
}

static cJSON *command_params(const struct cli *cli, const char *verb, int64_t value,
	int64_t timeout_ms, int64_t within_ms)
{
	static const char *const texts[] = {"id", "reason"};
	cJSON *params = cJSON_CreateObject();

	cJSON_AddStringToObject(params, "verb", verb);
	cJSON_AddStringToObject(params, "target", cli->args[0]);
	if (value != VALUE_NONE) {
		wire_add_int(params, "value", value);
	}
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (cli_option(cli, texts[i]) != NULL) {
			cJSON_AddStringToObject(params, texts[i], cli_option(cli, texts[i]));
		}
	}
	if (timeout_ms > 0) {
		wire_add_int(params, "expires_ms", timeout_ms);
	}
	if (within_ms > 0) {
		wire_add_int(params, "confirm_ms", within_ms);
	}
	return params;
}

/* "5m", "30s", "1h". */
static int confirm_ms(const struct cli *cli, int64_t *out)
{
	const char *text = cli_option(cli, "confirm-within");

	*out = 0;
	if (text != NULL && fmt_parse(text, UNIT_MS, 1000, CONFIRM_MAX_MS, out) != 0) {
		return cli_fail(cli, CLI_USAGE,
			_("--confirm-within: \"%s\" is no time like 5min, 30s or 1h"), text);
	}
	return 0;
}

static int act(struct cli *cli, const char *verb, int64_t value)
{
	const char *timeout = cli_option(cli, "timeout");
	bool wait = cli_option(cli, "no-wait") == NULL;
	int64_t timeout_ms = 0, within_ms;
	struct view_command c;
	cJSON *result;
	int rc;

	if (timeout != NULL && fmt_parse(timeout, UNIT_MS, 1, WAIT_MAX_MS, &timeout_ms) != 0) {
		return cli_fail(cli, CLI_USAGE, _("--timeout: \"%s\" is no time like 30s or 500ms"),
			timeout);
	}
	rc = confirm_ms(cli, &within_ms);
	if (rc == 0) {
		rc = preview_ask(cli, verb, value);
	}
	if (rc != 0) {
		return rc;
	}
	rc = wait ? subscribe(cli) : 0;
	if (rc == 0) {
		rc = link_call(cli->link, "do",
			command_params(cli, verb, value, timeout_ms, within_ms), &result);
	}
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_command, &c);
	rc = view_from_json(VIEW_command, &c, result);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	if (!wait && !ended(&c)) {
		if (cli->json) {
			print_view(cli, VIEW_command, &c);
		} else {
			printf("%s\n", c.id);
		}
		return CLI_OK;
	}
	rc = follow(cli, &c, (timeout_ms > 0 ? timeout_ms : LIFE_MS) + WAIT_EXTRA_MS);
	if (rc == ERR_TIMEOUT) {
		return cli_fail(cli, CLI_TIMEOUT,
			_("%s: the effect was not seen in time (command %s)"), c.target, c.id);
	}
	if (rc != 0) {
		return cli_fail(cli, CLI_UNREACHABLE,
			_("the connection to the agent was lost; command %s may still be carried "
			  "out"),
			c.id);
	}
	return tell(cli, &c);
}

/* "off" takes back what was said. */
static int departure(const struct cli *cli, const char *text, int64_t *value)
{
	struct wall t;

	*value = VALUE_NONE;
	if (strcmp(text, "off") == 0) {
		return CLI_OK;
	}
	if (when_next(text, wall_now(), &t) != 0) {
		return cli_fail(cli, CLI_USAGE,
			_("\"%s\" is no time like 17:30, 2026-03-01T06:20 or +2h"), text);
	}
	*value = t.ms;
	return CLI_OK;
}

static int energy(const struct cli *cli, const char *text, int64_t *value)
{
	int rc;

	*value = VALUE_NONE;
	if (strcmp(text, "off") == 0) {
		return CLI_OK;
	}
	rc = fmt_parse(text, UNIT_WH, 1, WANT_MAX_WH, value);
	if (rc != 0) {
		return cli_fail(cli, CLI_USAGE, _("\"%s\": %s; an energy like 20kWh (%s), or off"),
			text, _(err_text(rc)), fmt_suffixes(UNIT_WH));
	}
	return CLI_OK;
}

/* A command that ends at once, given along with another. */
static int also(const struct cli *cli, const char *verb, int64_t value)
{
	cJSON *params = command_params(cli, verb, value, 0, 0), *result;
	const char *id = cli_option(cli, "id");
	struct view_command c;
	char own[64];
	int rc;

	if (id != NULL) {
		snprintf(own, sizeof own, "%.30s-%s", id, verb);
		cJSON_ReplaceItemInObjectCaseSensitive(params, "id", cJSON_CreateString(own));
	}
	rc = link_call(cli->link, "do", params, &result);
	if (rc != 0) {
		return cli_fail_call(cli, rc);
	}
	view_clear(VIEW_command, &c);
	rc = view_from_json(VIEW_command, &c, result);
	cJSON_Delete(result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s", _(err_text(rc)));
	}
	return strcmp(c.state, "verified") == 0 ? CLI_OK : tell(cli, &c);
}

int cmd_start(struct cli *cli)
{
	const char *departs = cli_option(cli, "departs"), *wants = cli_option(cli, "energy");
	int64_t at = VALUE_NONE, wh = VALUE_NONE;
	int rc = CLI_OK;

	/* All is read before anything is said. */
	if (departs != NULL) {
		rc = departure(cli, departs, &at);
	}
	if (rc == CLI_OK && wants != NULL) {
		rc = energy(cli, wants, &wh);
	}
	if (rc == CLI_OK && departs != NULL) {
		rc = also(cli, "depart", at);
	}
	if (rc == CLI_OK && wants != NULL) {
		rc = also(cli, "want", wh);
	}
	return rc == CLI_OK ? act(cli, "start", VALUE_NONE) : rc;
}

int cmd_depart(struct cli *cli)
{
	int64_t at;
	int rc = departure(cli, cli->args[1], &at);

	return rc == CLI_OK ? act(cli, "depart", at) : rc;
}

int cmd_want(struct cli *cli)
{
	int64_t wh;
	int rc = energy(cli, cli->args[1], &wh);

	return rc == CLI_OK ? act(cli, "want", wh) : rc;
}

int cmd_stop(struct cli *cli)
{
	return act(cli, "stop", VALUE_NONE);
}

int cmd_limit(struct cli *cli)
{
	int64_t w = VALUE_NONE;
	int rc;

	if (strcmp(cli->args[1], "off") == 0) {
		return act(cli, "limit", VALUE_NONE);
	}
	rc = fmt_parse(cli->args[1], UNIT_W, 0, LIMIT_MAX_W, &w);
	if (rc != 0) {
		return cli_fail(cli, CLI_USAGE, _("\"%s\": %s; a power like 60kW (%s), or off"),
			cli->args[1], _(err_text(rc)), fmt_suffixes(UNIT_W));
	}
	return act(cli, "limit", w);
}

int cmd_unlock(struct cli *cli)
{
	return act(cli, "unlock", VALUE_NONE);
}

int cmd_reboot(struct cli *cli)
{
	return act(cli, "reboot", VALUE_NONE);
}

int cmd_clock(struct cli *cli)
{
	return act(cli, "clock", VALUE_NONE);
}

int cmd_tag(struct cli *cli)
{
	if (cli_option(cli, "reason") == NULL) {
		return cli_fail(cli, CLI_USAGE, _("--reason is missing: why is %s out of service?"),
			cli->args[0]);
	}
	return act(cli, "tag", VALUE_NONE);
}

int cmd_untag(struct cli *cli)
{
	return act(cli, "untag", VALUE_NONE);
}

int cmd_release(struct cli *cli)
{
	if (cli_option(cli, "reason") == NULL) {
		return cli_fail(cli, CLI_USAGE, _("--reason is missing: why may %s be used again?"),
			cli->args[0]);
	}
	return act(cli, "release", VALUE_NONE);
}

static int print_reloaded(const struct cli *cli, const cJSON *answer)
{
	(void)cli;
	(void)answer;
	printf("%s\n", _("the new configuration is in force"));
	return 0;
}

int cmd_reload(struct cli *cli)
{
	return print_answer(cli, "reload", NULL, print_reloaded);
}

/* `piled replay`: the decisions of a recorded day, made again. */
#include <stdio.h>

#include <cjson/cJSON.h>

#include "commands.h"
#include "fmt.h"
#include "print.h"
#include "replay.h"
#include "when.h"

#define LINE_MAX_ 512

static void print_one(const struct cli *cli, struct wall at, const char *text)
{
	char when[32];
	cJSON *object;

	if (!cli->json) {
		fmt_wall(when, sizeof when, at);
		printf("%s.%03d %s\n", when, (int)(at.ms % MS_PER_S), text);
		return;
	}
	object = cJSON_CreateObject();
	wire_add_int(object, "at", at.ms);
	cJSON_AddStringToObject(object, "decision", text);
	print_json(object);
	cJSON_Delete(object);
}

static int on_step(void *arg, const struct site *site, const struct event *event,
	const struct actions *actions)
{
	char text[LINE_MAX_];

	for (size_t i = 0; i < actions->count; i++) {
		if (replay_line(site, &actions->v[i], text, sizeof text)) {
			print_one(arg, event->now.wall, text);
		}
	}
	return 0;
}

static int read_time(const struct cli *cli, const char *name, struct wall *out)
{
	const char *text = cli_option(cli, name);

	if (text != NULL && when_parse(text, wall_now(), out) != 0) {
		return cli_fail(cli, CLI_USAGE, _("--%s: \"%s\" is no time"), name, text);
	}
	return 0;
}

int cmd_replay(struct cli *cli)
{
	struct replay_cfg cfg = {.step = on_step, .arg = cli};
	struct replay_result result = {0};
	int rc = read_time(cli, "from", &cfg.from);

	if (rc == 0) {
		rc = read_time(cli, "to", &cfg.to);
	}
	if (rc != 0) {
		return rc;
	}
	rc = replay_run(cli->args[0], &cfg, &result);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED, "%s",
			result.error[0] != '\0' ? result.error : _(err_text(rc)));
	}
	if (result.diverged) {
		return cli_fail(cli, CLI_FAILED,
			_("the state differs from the recorded one: another version?"));
	}
	fprintf(stderr, _("%lld events, %lld decisions, %lld snapshots agree\n"),
		(long long)result.events, (long long)result.actions, (long long)result.snapshots);
	return CLI_OK;
}

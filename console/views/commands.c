/* Commands and what became of them. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "i18n.h"
#include "page.h"
#include "phrase.h"
#include "word.h"

#define PERIOD_US (10 * US_PER_S)
#define LIMIT     300
#define SAID_MAX  256

static const struct view_command *command_row(const void *row)
{
	return row;
}

static void text_asked(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)ink;
	word_time(app, command_row(row)->asked, dst, size);
}

static void text_target(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_STRONG;
	snprintf(dst, size, "%s", command_row(row)->target);
}

static void text_verb(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_command *cmd = row;
	char value[24];

	(void)app;
	(void)ink;
	if (strcmp(cmd->verb, "limit") == 0 && cmd->value != VALUE_NONE) {
		fmt_value(value, sizeof value, UNIT_W, cmd->value, true);
		snprintf(dst, size, "%s %s", word_verb_short(cmd->verb), value);
	} else {
		snprintf(dst, size, "%s", word_verb_short(cmd->verb));
	}
}

static void text_state(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const char *state = command_row(row)->state;
	bool bad = strcmp(state, "failed") == 0 || strcmp(state, "expired") == 0;
	bool done = strcmp(state, "verified") == 0;

	(void)app;
	*ink = bad ? INK_ALARM : done ? INK_NORMAL : INK_NOTICE;
	snprintf(dst, size, "%s %s", bad ? "!" : done ? "*" : ">", word_cmdstate(state));
}

static void text_took(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	fmt_decimal(dst, size, command_row(row)->took_ms, 1000, 2);
}

static void text_by(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	snprintf(dst, size, "%s", command_row(row)->by);
}

static void text_why(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	const struct view_command *cmd = row;
	char reason[SAID_MAX];

	(void)app;
	phrase_say(reason, sizeof reason, cmd->reason);
	*ink = cmd->error[0] != '\0' ? INK_ALARM : INK_DIM;
	snprintf(dst, size, "%s%s%s", cmd->error[0] != '\0' ? word_error(cmd->error) : "",
		cmd->error[0] != '\0' && reason[0] != '\0' ? "; " : "", reason);
}

static void text_origin(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	snprintf(dst, size, "%s", command_row(row)->origin);
}

static const struct grid_column columns[] = {
	{.title = N_("asked"),
		.width = 11,
		.align = TEXT_RIGHT,
		.field = "asked",
		.text = text_asked},
	{.title = N_("where"), .width = 6, .field = "target", .text = text_target},
	{.title = N_("command"), .width = 16, .field = "verb", .text = text_verb},
	{.title = N_("state"), .width = 11, .field = "state", .text = text_state},
	{.title = N_("took s"),
		.width = 7,
		.align = TEXT_RIGHT,
		.field = "took_ms",
		.text = text_took},
	{.title = N_("by"), .width = 8, .rank = 1, .field = "by", .text = text_by},
	{.title = N_("from"), .width = 20, .rank = 5, .field = "origin", .text = text_origin},
	{.title = N_("error or reason"), .width = 8, .flex = true, .text = text_why},
};

static int newest_first(const void *a, const void *b)
{
	const struct view_command *x = a, *y = b;

	return x->asked > y->asked ? -1 : x->asked < y->asked;
}

static size_t count(const struct app *app)
{
	return model_count(app->model, VIEW_command) + app->model->past_commands.count;
}

/* Those the agent still has in hand are live; older ones come from the answer to `commands`. */
static const void *row_at(const struct app *app, size_t i)
{
	size_t live = model_count(app->model, VIEW_command);
	const struct view_command *past;

	if (i < live) {
		return model_at(app->model, VIEW_command, i);
	}
	past = rows_at(&app->model->past_commands, VIEW_command, i - live);
	return past == NULL || model_find(app->model, VIEW_command, past->id) != NULL ? NULL : past;
}

static const struct grid_spec commands = {
	.kind = VIEW_command,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("No command was given yet."),
	.order = newest_first,
	.count = count,
	.row = row_at,
};

static void draw(struct app *app, struct area a)
{
	grid_draw(app, &app->canvas, a, &app->grids[PAGE_COMMANDS], &commands);
}

static void ask(struct app *app)
{
	cJSON *params;

	if (page_due(app, ASK_COMMANDS, PERIOD_US)) {
		params = cJSON_CreateObject();
		if (params != NULL) {
			cJSON_AddNumberToObject(params, "limit", LIMIT);
		}
		feed_ask(app->feed, ASK_COMMANDS, METHOD_COMMANDS, params, NULL);
	}
}

const struct page page_commands = {
	.title = N_("Commands"),
	.key = ACT_COMMANDS,
	.draw = draw,
	.grid = &commands,
	.ask = ask,
};

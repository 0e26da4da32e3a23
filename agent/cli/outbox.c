/* Messages to people: what waits, what was sent, what failed and why. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "print.h"

static void cell_state(char *dst, size_t size, const void *view)
{
	static const char *const words[][2] = {
		{"queued", N_("waits")},
		{"sending", N_("being sent")},
		{"sending again", N_("being sent again")},
		{"sent", N_("sent")},
		{"failed", N_("given up")},
		{"merged", N_("in a summary")},
		{"expired", N_("too late")},
	};
	const struct view_outbox *m = view;

	snprintf(dst, size, "%s", m->state);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i][0], m->state) == 0) {
			snprintf(dst, size, "%s", _(words[i][1]));
		}
	}
}

static void cell_way(char *dst, size_t size, const void *view)
{
	const struct view_outbox *m = view;
	const char *slash = strrchr(m->program, '/');

	snprintf(dst, size, "%s",
		m->program[0] == '\0' ? _("mail")
		: slash != NULL       ? slash + 1
				      : m->program);
}

static const struct column columns[] = {{"created", NULL, NULL}, {"recipient", NULL, NULL},
	{"program", N_("by"), cell_way}, {"subject", NULL, NULL}, {"state", NULL, cell_state},
	{"tries", NULL, NULL}, {"due", NULL, NULL}, {"error", NULL, NULL}};

int cmd_outbox(struct cli *cli)
{
	return list_filtered(cli, "outbox", VIEW_outbox, columns,
		sizeof columns / sizeof columns[0], N_("no messages"));
}

static int print_tested(const struct cli *cli, const cJSON *answer)
{
	(void)cli;
	(void)answer;
	printf("%s\n", _("put into the outbox; `piled outbox` tells what becomes of it"));
	return 0;
}

int cmd_outbox_test(struct cli *cli)
{
	return print_answer(cli, "outbox_test", NULL, print_tested);
}

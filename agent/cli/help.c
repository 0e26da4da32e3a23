/* The help texts, from the table of subcommands. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "text.h"

#define NAME_COLUMNS 26

static void line(const char *left, const char *right)
{
	char cell[4 * NAME_COLUMNS + 8];

	if (text_width(left) >= NAME_COLUMNS) {
		printf("  %s\n  %*s%s\n", left, NAME_COLUMNS, "", right);
		return;
	}
	text_cell(cell, sizeof cell, left, NAME_COLUMNS, TEXT_LEFT);
	printf("  %s%s\n", cell, right);
}

static void options(const struct cli_option *o)
{
	for (; o != NULL && o->name != NULL; o++) {
		char left[64];
		char letter[8] = "";

		if (o->letter != 0) {
			snprintf(letter, sizeof letter, "-%c, ", o->letter);
		}
		snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name,
			o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
		line(left, _(o->help));
	}
}

static void exits(void)
{
	printf("\n%s\n", _("Exit codes:"));
	for (const struct cli_exit_text *e = cli_exits; e->text != NULL; e++) {
		char code[8];

		snprintf(code, sizeof code, "%d", e->code);
		line(code, _(e->text));
	}
}

void cli_help(void)
{
	printf("%s\n\n%s\n", _("usage: piled COMMAND [OPTION]... [ARGUMENT]..."), _("Commands:"));
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
		line(c->name, _(c->help));
	}
	printf("\n%s\n", _("Options of every command:"));
	options(cli_globals);
	exits();
	printf("\n%s\n", _("`piled COMMAND --help` tells more. The manual is piled(8)."));
}

void cli_help_command(const struct cli_command *command)
{
	printf("%s piled %s%s%s\n\n%s\n", _("usage:"), command->name,
		command->args[0] != '\0' ? " " : "", command->args, _(command->help));
	if (command->text != NULL) {
		printf("%s\n", _(command->text));
	}
	if (command->options != NULL) {
		printf("\n%s\n", _("Options:"));
		options(command->options);
	}
	printf("\n%s\n", _("Options of every command:"));
	options(cli_globals);
	exits();
}

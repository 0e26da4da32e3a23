/* The fault catalogue for people: what a fault means, where it comes from, what to do. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "fault.h"
#include "fmt.h"
#include "print.h"
#include "text.h"

#define LABEL_COLUMNS 12
#define TEXT_COLUMNS  80

static cJSON *to_json(const struct fault_info *f)
{
	cJSON *o = cJSON_CreateObject();
	char name[40];

	fault_name(name, sizeof name, f);
	cJSON_AddNumberToObject(o, "code", f->code);
	cJSON_AddStringToObject(o, "name", name);
	cJSON_AddNumberToObject(o, "severity", f->severity);
	cJSON_AddStringToObject(o, "en", f->en);
	cJSON_AddStringToObject(o, "zh", f->zh);
	cJSON_AddStringToObject(o, "meaning", _(f->meaning));
	cJSON_AddStringToObject(o, "cause", _(f->cause));
	cJSON_AddStringToObject(o, "action", _(f->action));
	wire_add_int(o, "act_s", f->act_s);
	cJSON_AddBoolToObject(o, "latching", f->latching);
	wire_add_int(o, "on_delay_s", f->on_s);
	wire_add_int(o, "off_delay_s", f->off_s);
	return o;
}

/* A label, then the text in lines that fit a terminal; breaks at blanks, or anywhere in Chinese. */
static void paragraph(const char *label, const char *text)
{
	const int room = TEXT_COLUMNS - LABEL_COLUMNS;
	char cell[4 * LABEL_COLUMNS + 8];

	text_cell(cell, sizeof cell, label, LABEL_COLUMNS, TEXT_LEFT);
	for (;;) {
		size_t n = text_fit(text, room, NULL), cut = n;

		while (text[n] != '\0' && cut > 0 && text[cut] != ' ') {
			cut--;
		}
		cut = cut == 0 ? n : cut;
		printf("%s%.*s\n", cell, (int)cut, text);
		text += cut;
		text += strspn(text, " ");
		if (*text == '\0') {
			return;
		}
		snprintf(cell, sizeof cell, "%*s", LABEL_COLUMNS, "");
	}
}

void fault_print(const struct fault_info *f)
{
	char line[256], urgency[64], name[40];

	fault_name(name, sizeof name, f);
	fault_urgency(urgency, sizeof urgency, f);
	printf("%d %s: %s\n", f->code, name, fault_title(f));
	snprintf(line, sizeof line, "%s, %s", _(fault_severity(f->severity)), urgency);
	paragraph(_("severity"), line);
	paragraph(_("meaning"), _(f->meaning));
	paragraph(_("cause"), _(f->cause));
	paragraph(_("what to do"), _(f->action));
}

static void print_life(const struct fault_info *f)
{
	char line[256], on[32], off[32];

	fmt_age(on, sizeof on, f->on_s * MS_PER_S);
	fmt_age(off, sizeof off, f->off_s * MS_PER_S);
	snprintf(line, sizeof line, _("raised after %s, returned after %s%s"), on, off,
		f->latching ? _(", stays until it is reset") : "");
	paragraph(_("alarm"), line);
}

int cmd_fault_explain(struct cli *cli)
{
	const struct fault_info *f;
	cJSON *object;

	if (fault_find(cli->args[0], &f) != 0) {
		return cli_fail(cli, CLI_FAILED,
			_("no fault \"%s\"; `piled fault list` lists codes and names"),
			cli->args[0]);
	}
	if (cli->json) {
		object = to_json(f);
		print_json(object);
		cJSON_Delete(object);
		return CLI_OK;
	}
	fault_print(f);
	print_life(f);
	return CLI_OK;
}

int cmd_fault_list(struct cli *cli)
{
	cJSON *array = cJSON_CreateArray();
	const struct fault_info *f;

	for (size_t i = 0; (f = fault_at(i)) != NULL; i++) {
		char name[40], severity[4 * 12 + 8], cell[4 * 26 + 8];

		if (cli->json) {
			cJSON_AddItemToArray(array, to_json(f));
			continue;
		}
		fault_name(name, sizeof name, f);
		text_cell(cell, sizeof cell, name, 24, TEXT_LEFT);
		text_cell(severity, sizeof severity, _(fault_severity(f->severity)), 11, TEXT_LEFT);
		printf("%5d  %s%s%s\n", f->code, cell, severity, fault_title(f));
	}
	if (cli->json) {
		print_json(array);
	}
	cJSON_Delete(array);
	return CLI_OK;
}

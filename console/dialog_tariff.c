/*
 * Prices from the console: a file of this machine, or the version in force with another price from
 * a date on. Either way the agent says first what it would do; then a reason, and the site's id.
 */
#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"
#include "edit.h"
#include "fmt.h"
#include "i18n.h"
#include "keys.h"
#include "tariff_edit.h"
#include "tariff_file.h"
#include "tariff_show.h"
#include "text.h"
#include "views/panel.h"
#include "word.h"

#define BOX_H     20
#define CHOICES_H (BOX_H - 6)
#define LINES     200
#define LINE_SIZE 120

enum tariff_step {
	STEP_FILE,  /* its path */
	STEP_PRICE, /* which price of the version in force */
	STEP_VALUE,
	STEP_FROM,
	STEP_ASKED, /* what it would do is asked */
	STEP_REFUSED /* why; Enter goes back to what was typed */,
	STEP_REASON, /* what it would do is shown */
	STEP_NAME
};

struct tariff_form {
	enum tariff_step step;
	bool edit; /* a price of the version in force, no file */
	char path[256];
	char value[32], from[16];
	char reason[96];
	char name[32];
	char base[TARIFF_TEXT_MAX + 1]; /* the version in force */
	char text[TARIFF_TEXT_MAX + 64];
	struct tariff_spot spots[TARIFF_SPOTS];
	size_t spot_count, spot;
	bool compared;
	char lines[LINES][LINE_SIZE]; /* what differs */
	size_t line_count;
	int scroll;
};

static const char *site_id(const struct app *app)
{
	return model_site(app->model)->id;
}

static bool complain(struct app *app, const char *text)
{
	view_set_text(app->dialog.complaint, sizeof app->dialog.complaint, text);
	return false;
}

/* ---- Where the text comes from ---- */

static void ask_text(struct app *app, const char *id)
{
	const char *slash = strchr(id, '/');
	cJSON *params = cJSON_CreateObject();
	int64_t version;

	if (params != NULL && slash != NULL && text_int(slash + 1, 1, UINT32_MAX, &version) == 0) {
		char name[TARIFF_ID];

		snprintf(name, sizeof name, "%.*s", (int)(slash - id), id);
		cJSON_AddStringToObject(params, "id", name);
		wire_add_int(params, "version", version);
	}
	feed_ask(app->feed, ASK_TARIFF_TEXT, METHOD_TARIFF_SHOW, params, NULL);
}

void dialog_tariff(struct app *app, bool edit)
{
	struct tariff_form *f = app->tariff_form;

	if (f == NULL) {
		f = app->tariff_form = calloc(1, sizeof *f);
	}
	if (f == NULL) {
		app_notice(app, _(err_text(ERR_NOMEM)));
		return;
	}
	if (edit && app->model->tariff.id[0] == '\0') {
		app_notice(app, _("No tariff is in force; take a file in first."));
		return;
	}
	*f = (struct tariff_form){.edit = edit, .step = edit ? STEP_PRICE : STEP_FILE};
	app->dialog = (struct dialog){.kind = DIALOG_TARIFF};
	app->feed->intake_verdict.fresh = false;
	app->model->tariff_text_of[0] = '\0';
	if (edit) {
		ask_text(app, app->model->tariff.id);
	}
}

/* "~/x" in the user's folder. */
static void full_path(const char *typed, char *dst, size_t size)
{
	const char *home = getenv("HOME");
	bool short_form = strncmp(typed, "~/", 2) == 0 && home != NULL;

	snprintf(dst, size, "%s%s", short_form ? home : "", short_form ? typed + 1 : typed);
}

/* Reads a file into `text`; whatever it is, this does not wait. */
static bool read_file(struct app *app)
{
	struct tariff_form *f = app->tariff_form;
	char path[sizeof f->path + 256];
	struct stat st;
	ssize_t n = -1;
	int fd;

	full_path(f->path, path, sizeof path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		n = read(fd, f->text, TARIFF_TEXT_MAX + 1);
	}
	if (fd >= 0) {
		close(fd);
	}
	if (n < 0) {
		return complain(app, _("There is no such file on the console's machine."));
	}
	if (n == 0 || n > TARIFF_TEXT_MAX || memchr(f->text, '\0', (size_t)n) != NULL) {
		return complain(app, _("That is no tariff: it is empty or too long."));
	}
	f->text[n] = '\0';
	return true;
}

/* The version in force with the price and date that were typed. */
static bool make_text(struct app *app)
{
	struct tariff_form *f = app->tariff_form;

	return tariff_edit(f->base, &f->spots[f->spot], f->value, f->from, f->text,
		       TARIFF_TEXT_MAX) == 0 ||
	       complain(app, _("The version in force cannot be written so; use a file."));
}

/* ---- Asking the agent ---- */

static void send(struct app *app, bool dry)
{
	struct tariff_form *f = app->tariff_form;
	const char *name = strrchr(f->path, '/');
	cJSON *params = cJSON_CreateObject();
	int rc;

	name = f->edit ? "text" : name != NULL ? name + 1 : f->path;
	if (params != NULL) {
		cJSON_AddStringToObject(params, "text", f->text);
		cJSON_AddStringToObject(params, "name", name);
		cJSON_AddBoolToObject(params, "dry", dry);
		/* Which planned ones it takes the place of is shown, and agreed to. */
		cJSON_AddBoolToObject(params, "replace", true);
		if (!dry) {
			cJSON_AddStringToObject(params, "reason", f->reason);
		}
	}
	rc = feed_ask(app->feed, ASK_INTAKE, METHOD_TARIFF_IMPORT, params, NULL);
	if (rc != 0) {
		app_notice(app, _(err_text(rc)));
	}
	if (dry) {
		f->step = STEP_ASKED;
	} else {
		app->dialog.kind = DIALOG_NONE;
	}
}

static void add_line(void *arg, const char *line)
{
	struct tariff_form *f = arg;

	if (f->line_count < LINES) {
		view_set_text(f->lines[f->line_count++], LINE_SIZE, line);
	}
}

/* What differs from the version in force, once its text is here. */
static void compare(struct app *app)
{
	static const struct zone_rules utc;
	struct tariff_form *f = app->tariff_form;
	struct model *m = app->model;
	struct yaml_errors errors = {0};
	struct tariff old, new;

	if (f->compared || m->tariff_text == NULL ||
		strcmp(m->tariff_text_of, app->feed->intake.in_force_id) != 0) {
		return;
	}
	f->compared = true;
	if (tariff_parse("", m->tariff_text, strlen(m->tariff_text), &utc, &errors, &old) == 0 &&
		tariff_parse("", f->text, strlen(f->text), &utc, &errors, &new) == 0 &&
		tariff_diff(&old, &new, add_line, f) == 0) {
		add_line(f, _("no difference"));
	}
	yaml_errors_free(&errors);
}

static void take_preview(struct app *app)
{
	struct tariff_form *f = app->tariff_form;

	if (app->feed->intake_verdict.error[0] != '\0') {
		f->step = STEP_REFUSED;
		return;
	}
	f->step = STEP_REASON;
	f->compared = app->feed->intake.in_force_id[0] == '\0';
	if (!f->compared) {
		ask_text(app, app->feed->intake.in_force_id);
	}
}

static void take_result(struct app *app)
{
	const struct intake *in = &app->feed->intake;
	char text[160], from[32];

	if (!word_refusal(&app->feed->intake_verdict, app->model->hello.role, text, sizeof text)) {
		fmt_wall(from, sizeof from, (struct wall){in->from});
		snprintf(text, sizeof text,
			in->again ? _("%s is this text already; nothing changes: from %.10s")
				  : _("%s is taken in, in force from %.10s."),
			in->id, from);
	}
	app_notice(app, text);
	memset(app->at->next_ask, 0, sizeof app->at->next_ask);
}

void dialog_tariff_run(struct app *app)
{
	struct tariff_form *f = app->tariff_form;
	struct verdict *v = &app->feed->intake_verdict;
	bool open = app->dialog.kind == DIALOG_TARIFF;

	if (f == NULL) {
		return;
	}
	if (v->fresh && open && f->step == STEP_ASKED) {
		v->fresh = false;
		take_preview(app);
	} else if (v->fresh) {
		v->fresh = false;
		take_result(app);
	}
	if (open && f->edit && f->spot_count == 0 && app->model->tariff_text != NULL &&
		strcmp(app->model->tariff_text_of, app->model->tariff.id) == 0) {
		view_set_text(f->base, sizeof f->base, app->model->tariff_text);
		f->spot_count = tariff_spots(f->base, f->spots, TARIFF_SPOTS);
	}
	if (open && f->step >= STEP_REASON) {
		compare(app);
	}
}

/* ---- Typing ---- */

/* The line that is typed into at this step; NULL = none. */
static char *typed(struct tariff_form *f, size_t *size)
{
	*size = 0;
	switch (f->step) {
	case STEP_FILE:
		*size = sizeof f->path;
		return f->path;
	case STEP_VALUE:
		*size = sizeof f->value;
		return f->value;
	case STEP_FROM:
		*size = sizeof f->from;
		return f->from;
	case STEP_REASON:
		*size = sizeof f->reason;
		return f->reason;
	case STEP_NAME:
		*size = sizeof f->name;
		return f->name;
	case STEP_PRICE:
	case STEP_ASKED:
	case STEP_REFUSED:
		break;
	}
	return NULL;
}

/* Tomorrow, as a text of a tariff has it. */
static void propose_date(struct app *app)
{
	char text[32];

	if (app->tariff_form->from[0] == '\0' && app->now_ms != VALUE_NONE) {
		fmt_wall(text, sizeof text, (struct wall){app->now_ms + S_PER_DAY * MS_PER_S});
		snprintf(app->tariff_form->from, sizeof app->tariff_form->from, "%.10s", text);
	}
}

static void go_on(struct app *app)
{
	struct tariff_form *f = app->tariff_form;

	switch (f->step) {
	case STEP_FILE:
		if (read_file(app)) {
			send(app, true);
		}
		break;
	case STEP_VALUE:
		if (f->value[0] == '\0') {
			complain(app, _("This cannot stay empty."));
			break;
		}
		f->step = STEP_FROM;
		propose_date(app);
		break;
	case STEP_FROM:
		if (make_text(app)) {
			send(app, true);
		}
		break;
	case STEP_REFUSED:
		f->step = f->edit ? STEP_VALUE : STEP_FILE;
		break;
	case STEP_REASON:
		if (f->reason[0] == '\0') {
			complain(app, _("A reason is needed: the next shift must know why."));
			break;
		}
		f->step = STEP_NAME;
		break;
	case STEP_NAME:
		if (strcmp(f->name, site_id(app)) == 0) {
			send(app, false);
		} else {
			complain(app, _("That is not the site's id."));
		}
		break;
	case STEP_PRICE:
	case STEP_ASKED:
		break;
	}
}

void dialog_tariff_key(struct app *app, uint32_t key)
{
	struct tariff_form *f = app->tariff_form;
	size_t size;
	char *line = typed(f, &size);

	app->dialog.complaint[0] = '\0';
	if (key == KEYS_ENTER) {
		go_on(app);
	} else if (f->step == STEP_PRICE && key >= 'a' && key < 'a' + f->spot_count) {
		f->spot = key - 'a';
		f->step = STEP_VALUE;
	} else if (key == KEYS_UP || key == KEYS_DOWN) {
		f->scroll += key == KEYS_UP ? -1 : 1;
	} else if (line != NULL) {
		edit_key(line, size, key);
	}
}

/* ---- Drawing ---- */

static void put(struct app *app, struct area a, int row, enum ink ink, const char *text)
{
	canvas_text(&app->canvas, a.y + row, a.x, a.w, ink, text);
}

/* "electricity, flat" in words of people, with the number of its map where there are several. */
static void spot_text(const struct tariff_spot *s, char *dst, size_t size)
{
	enum period period;
	size_t used = 0;

	text_append(dst, size, &used, "%s", _(s->part));
	if (s->period[0] != '\0') {
		text_append(dst, size, &used, ", %s",
			period_find(s->period, &period) == 0 ? _(period_info(period)->label)
							     : s->period);
	}
	if (s->map > 0) {
		text_append(dst, size, &used, ", %zu.", s->map);
	}
}

static void draw_choices(struct app *app, struct area a)
{
	struct tariff_form *f = app->tariff_form;
	int most = (int)f->spot_count - CHOICES_H;
	char text[80];

	f->scroll = f->scroll > most ? most : f->scroll;
	f->scroll = f->scroll < 0 ? 0 : f->scroll;
	canvas_printf(&app->canvas, a.y + 2, a.x, a.w, INK_NORMAL,
		_("Which price of %s changes? All else is kept."), app->model->tariff.id);
	for (int i = 0; i < CHOICES_H && (size_t)(f->scroll + i) < f->spot_count; i++) {
		const struct tariff_spot *s = &f->spots[f->scroll + i];
		int y = a.y + 3 + i;

		canvas_printf(&app->canvas, y, a.x, 2, INK_KEY, "%c", 'a' + f->scroll + i);
		spot_text(s, text, sizeof text);
		canvas_text(&app->canvas, y, a.x + 3, 40, INK_NORMAL, text);
		canvas_text(&app->canvas, y, a.x + 44, a.w - 44, INK_STRONG, s->value);
	}
	put(app, a, BOX_H - 2, INK_DIM, _("a letter: that price   Esc: cancel"));
}

static void draw_errors(struct app *app, struct area a)
{
	const struct intake *in = &app->feed->intake;
	char text[192];
	int row = 2;

	word_refusal(&app->feed->intake_verdict, app->model->hello.role, text, sizeof text);
	row += panel_wrap(app, (struct area){a.y + row, a.x, 2, a.w}, INK_ALARM, text);
	for (size_t i = 0; i < in->error_count && row < BOX_H - 3; i++) {
		row += panel_wrap(app,
			(struct area){
				a.y + row, a.x, BOX_H - 3 - row < 2 ? BOX_H - 3 - row : 2, a.w},
			INK_NORMAL, in->errors[i]);
	}
	put(app, a, BOX_H - 2, INK_DIM, _("Enter: back to what was typed   Esc: cancel"));
}

/* What it would do; the rows used. */
static int draw_effect(struct app *app, struct area a)
{
	const struct intake *in = &app->feed->intake;
	char from[32];
	int row = 2;

	fmt_wall(from, sizeof from, (struct wall){in->from});
	canvas_printf(&app->canvas, a.y + row++, a.x, a.w, INK_STRONG,
		in->again ? _("%s is this text already; nothing changes: from %.10s")
			  : _("%s would come into force on %.10s, at %lld guns."),
		in->id, from, (long long)in->guns);
	if (in->sessions > 0 && !in->again) {
		canvas_printf(&app->canvas, a.y + row++, a.x, a.w, INK_NORMAL,
			_("%lld sessions in progress keep their price until then."),
			(long long)in->sessions);
	}
	for (size_t i = 0; i < in->replace_count; i++) {
		canvas_printf(&app->canvas, a.y + row++, a.x, a.w, INK_NOTICE,
			_("It takes the place of version %lld, which was planned."),
			(long long)in->replaces[i]);
	}
	if (in->guns == 0) {
		put(app, a, row++, INK_NOTICE,
			_("No gun uses it: the configuration names no such tariff."));
	}
	return row;
}

static void draw_differences(struct app *app, struct area a)
{
	struct tariff_form *f = app->tariff_form;
	const char *base = app->feed->intake.in_force_id;
	int most = (int)f->line_count - (a.h - 1);

	if (base[0] == '\0') {
		put(app, a, 0, INK_DIM, _("None of this name is in force now."));
		return;
	}
	if (!f->compared) {
		put(app, a, 0, INK_DIM, _("asking what it concerns ..."));
		return;
	}
	f->scroll = f->scroll > most ? most : f->scroll;
	f->scroll = f->scroll < 0 ? 0 : f->scroll;
	canvas_printf(&app->canvas, a.y, a.x, a.w, INK_DIM,
		most > 0 ? _("Against %s: %zu differences, Up and Down scroll")
			 : _("Against %s: %zu differences"),
		base, f->line_count);
	for (int i = 0; i < a.h - 1 && (size_t)(f->scroll + i) < f->line_count; i++) {
		put(app, a, 1 + i, INK_NORMAL, f->lines[f->scroll + i]);
	}
}

static const char *question(const struct tariff_form *f)
{
	return f->step == STEP_FILE     ? _("File on the console's machine")
	       : f->step == STEP_VALUE  ? _("New price, as a tariff file has it")
	       : f->step == STEP_FROM   ? _("From this day on")
	       : f->step == STEP_REASON ? _("Reason")
					: _("To go on, type the site's id");
}

static void draw_input(struct app *app, struct area a, int row)
{
	const char *label = question(app->tariff_form);
	size_t size;
	const char *line = typed(app->tariff_form, &size);

	if (line == NULL) {
		return;
	}
	canvas_printf(&app->canvas, a.y + row, a.x, a.w, INK_STRONG, "%s: %s_", label,
		edit_tail(line, a.w - text_width(label) - 3));
	put(app, a, row + 1, INK_ALARM, app->dialog.complaint);
	put(app, a, BOX_H - 2, INK_DIM, _("Enter: go on   Esc: cancel"));
}

void dialog_tariff_draw(struct app *app)
{
	struct tariff_form *f = app->tariff_form;
	char title[96], spot[80];
	struct area a;
	int row = 3;

	snprintf(title, sizeof title, "%s: %s", site_id(app),
		f->edit ? _("change one price") : _("take a tariff file in"));
	a = dialog_box(app, BOX_H, title);
	a = (struct area){a.y, a.x + 2, a.h, a.w - 4};
	if (f->step == STEP_PRICE && f->spot_count > 0) {
		draw_choices(app, a);
		return;
	}
	if (f->step == STEP_REFUSED) {
		draw_errors(app, a);
		return;
	}
	if (f->step == STEP_PRICE || f->step == STEP_ASKED) {
		put(app, a, row, INK_DIM, _("asking what it concerns ..."));
		put(app, a, BOX_H - 2, INK_DIM, _("Esc: cancel"));
		return;
	}
	if (f->step == STEP_VALUE || f->step == STEP_FROM) {
		spot_text(&f->spots[f->spot], spot, sizeof spot);
		canvas_printf(&app->canvas, a.y + row++, a.x, a.w, INK_NORMAL, "%s: %s%s%s", spot,
			f->spots[f->spot].value, f->step == STEP_FROM ? " -> " : "",
			f->step == STEP_FROM ? f->value : "");
	} else if (f->step >= STEP_REASON) {
		row = draw_effect(app, a);
		draw_differences(app, (struct area){a.y + row, a.x, BOX_H - 5 - row, a.w});
		row = BOX_H - 5;
	}
	if (f->step == STEP_NAME) {
		canvas_printf(&app->canvas, a.y + row, a.x, a.w, INK_NORMAL, "%s: %s", _("Reason"),
			f->reason);
	}
	draw_input(app, a, row + 1);
}

#include "dialog.h"

#include <stdio.h>
#include <string.h>

#include "app.h"
#include "edit.h"
#include "fmt.h"
#include "i18n.h"
#include "keys.h"
#include "word.h"

#define BOX_W 66

static bool verb_is(const struct dialog *d, const char *verb)
{
	return strcmp(d->verb, verb) == 0;
}

static bool needs_input(const struct dialog *d)
{
	return verb_is(d, "limit") || verb_is(d, "tag");
}

void dialog_filter(struct app *app)
{
	struct dialog *d = &app->dialog;

	*d = (struct dialog){.kind = DIALOG_FILTER};
	view_set_text(d->input, sizeof d->input, app->grids[app->page].filter);
}

void dialog_command(struct app *app, const char *verb, const char *gun)
{
	struct dialog *d = &app->dialog;

	*d = (struct dialog){.verb = verb, .value = VALUE_NONE};
	view_set_text(d->gun, sizeof d->gun, gun);
	d->kind = needs_input(d) ? DIALOG_INPUT : DIALOG_CONFIRM;
}

static void filter_key(struct app *app, uint32_t key)
{
	struct dialog *d = &app->dialog;

	if (key == KEYS_ESC) {
		d->input[0] = '\0';
	}
	if (key == KEYS_ENTER || key == KEYS_ESC) {
		d->kind = DIALOG_NONE;
	} else {
		edit_key(d->input, sizeof d->input, key);
	}
	view_set_text(app->grids[app->page].filter, sizeof app->grids[app->page].filter, d->input);
}

/* Reads what was typed; false with a complaint. */
static bool take_input(struct app *app)
{
	struct dialog *d = &app->dialog;
	const struct view_gun *gun = model_find(app->model, VIEW_gun, d->gun);
	int64_t max = gun == NULL || gun->max_w == VALUE_NONE ? 1000000 : gun->max_w;
	char text[sizeof d->input + 4];
	char most[16];
	size_t n = strlen(d->input);

	if (verb_is(d, "tag")) {
		if (n == 0) {
			view_set_text(d->complaint, sizeof d->complaint,
				_("A reason is needed: the next shift must know why."));
			return false;
		}
		view_set_text(d->reason, sizeof d->reason, d->input);
		return true;
	}
	/* A bare number means kW, the unit that stands beside the line. */
	snprintf(text, sizeof text, "%s%s", d->input,
		n > 0 && strspn(d->input, "0123456789.") == n ? " kW" : "");
	if (fmt_parse(text, UNIT_W, 0, max, &d->value) != 0) {
		fmt_value(most, sizeof most, UNIT_W, max, true);
		snprintf(d->complaint, sizeof d->complaint, _("Type a power from 0 to %s."), most);
		return false;
	}
	return true;
}

void dialog_key(struct app *app, uint32_t key)
{
	struct dialog *d = &app->dialog;

	if (d->kind == DIALOG_LINK) {
		dialog_link_key(app, key);
	} else if (d->kind == DIALOG_MANY && key != KEYS_ESC) {
		dialog_many_key(app, key);
	} else if (d->kind == DIALOG_NAME && key != KEYS_ESC) {
		dialog_name_key(app, key);
	} else if (d->kind == DIALOG_TASK) {
		task_key(app, key);
	} else if (d->kind == DIALOG_SHELVE) {
		dialog_shelve_key(app, key);
	} else if (d->kind == DIALOG_FILTER) {
		filter_key(app, key);
	} else if (key == KEYS_ESC) {
		d->kind = DIALOG_NONE;
		app_notice(app, _("Cancelled; nothing was sent."));
	} else if (d->kind == DIALOG_SITE) {
		dialog_site_key(app, key);
	} else if (d->kind == DIALOG_TARIFF) {
		dialog_tariff_key(app, key);
	} else if (d->kind == DIALOG_CLOSING) {
		dialog_closing_key(app, key);
	} else if (d->kind == DIALOG_INPUT && key == KEYS_ENTER) {
		if (take_input(app)) {
			d->kind = DIALOG_CONFIRM;
		}
	} else if (d->kind == DIALOG_INPUT) {
		d->complaint[0] = '\0';
		edit_key(d->input, sizeof d->input, key);
	} else if (key == 'y' || key == 'Y') {
		dialog_confirmed(app);
	} else if (key == 'n' || key == 'N' || key == 'q') {
		d->kind = DIALOG_NONE;
		app_notice(app, _("Cancelled; nothing was sent."));
	}
}

static const char *effect_of(const struct dialog *d)
{
	if (verb_is(d, "start")) {
		return _("The car begins to charge and a session opens.");
	}
	if (verb_is(d, "stop")) {
		return _("The car stops charging now and its session closes.");
	}
	if (verb_is(d, "limit")) {
		return d->value == 0 ? _("The car pauses: no power until the limit is raised.")
				     : _("The car takes at most this power from now on.");
	}
	if (verb_is(d, "tag")) {
		return _("The gun takes no new car until it is put back into service.");
	}
	return _("The gun may charge again.");
}

static void draw_line(struct app *app, struct area a, int row, enum ink ink, const char *text)
{
	canvas_text(&app->canvas, a.y + row, a.x + 2, a.w - 4, ink, text);
}

struct area dialog_box(struct app *app, int height, const char *title)
{
	struct canvas *c = &app->canvas;
	const struct glyphs *g = app->glyphs;
	int w = c->cols < BOX_W + 2 ? c->cols - 2 : BOX_W;
	struct area a = {(c->rows - height) / 2, (c->cols - w) / 2, height, w};

	for (int y = 0; y < a.h; y++) {
		canvas_repeat(c, a.y + y, a.x, a.w, INK_NORMAL, " ");
		canvas_repeat(c, a.y + y, a.x, 1, INK_STRONG, g->side);
		canvas_repeat(c, a.y + y, a.x + a.w - 1, 1, INK_STRONG, g->side);
	}
	for (int i = 0; i < 2; i++) {
		int y = a.y + (i == 0 ? 0 : a.h - 1);

		canvas_repeat(c, y, a.x, a.w, INK_STRONG, g->line);
		canvas_repeat(c, y, a.x, 1, INK_STRONG, g->corner[i * 2]);
		canvas_repeat(c, y, a.x + a.w - 1, 1, INK_STRONG, g->corner[i * 2 + 1]);
	}
	canvas_printf(c, a.y, a.x + 2, a.w - 4, INK_STRONG, " %s ", title);
	return a;
}

static void gun_text(struct app *app, const char *id, char *dst, size_t size)
{
	const struct view_gun *gun = model_find(app->model, VIEW_gun, id);
	char state[48], power[24], energy[24];
	enum ink ink;
	size_t used = 0;

	text_append(dst, size, &used, "%s %s", _("Gun"), id);
	if (gun == NULL) {
		return;
	}
	word_gun_state(gun, state, sizeof state, &ink);
	text_append(dst, size, &used, ":  %s", state);
	if (gun->power_w != VALUE_NONE) {
		fmt_value(power, sizeof power, UNIT_W, gun->power_w, true);
		text_append(dst, size, &used, "  %s", power);
	}
	if (gun->session_wh != VALUE_NONE) {
		fmt_value(energy, sizeof energy, UNIT_WH, gun->session_wh, true);
		text_append(dst, size, &used, "  %s", energy);
	}
}

static void draw_command(struct app *app)
{
	const struct dialog *d = &app->dialog;
	char text[192], title[96], value[24];
	struct area a;

	snprintf(title, sizeof title, "%s: %s", d->gun, word_verb(d->verb));
	a = dialog_box(app, 8, title);
	gun_text(app, d->gun, text, sizeof text);
	draw_line(app, a, 2, INK_NORMAL, text);
	if (d->kind == DIALOG_INPUT) {
		snprintf(text, sizeof text, "%s: %s_%s",
			verb_is(d, "tag") ? _("Reason") : _("Power limit"), d->input,
			verb_is(d, "tag") ? "" : "  kW");
		draw_line(app, a, 4, INK_STRONG, text);
		draw_line(app, a, 5, INK_ALARM, d->complaint);
		draw_line(app, a, 6, INK_DIM, _("Enter: go on   Esc: cancel"));
		return;
	}
	if (d->value != VALUE_NONE) {
		fmt_value(value, sizeof value, UNIT_W, d->value, true);
		snprintf(text, sizeof text, "%s: %s", _("Power limit"), value);
		draw_line(app, a, 3, INK_NORMAL, text);
	} else if (d->reason[0] != '\0') {
		snprintf(text, sizeof text, "%s: %s", _("Reason"), d->reason);
		draw_line(app, a, 3, INK_NORMAL, text);
	}
	draw_line(app, a, 4, INK_STRONG, effect_of(d));
	snprintf(text, sizeof text, _("y: yes, %s   Esc: cancel"), word_verb(d->verb));
	draw_line(app, a, 6, INK_KEY, text);
}

void dialog_draw(struct app *app)
{
	const struct dialog *d = &app->dialog;
	struct canvas *c = &app->canvas;

	if (d->kind == DIALOG_FILTER) {
		canvas_repeat(c, c->rows - 1, 0, c->cols, INK_NORMAL, " ");
		canvas_printf(c, c->rows - 1, 1, c->cols - 2, INK_STRONG, "/%s_", d->input);
	} else if (d->kind == DIALOG_SITE) {
		dialog_site_draw(app);
	} else if (d->kind == DIALOG_TARIFF) {
		dialog_tariff_draw(app);
	} else if (d->kind == DIALOG_CLOSING) {
		dialog_closing_draw(app);
	} else if (d->kind == DIALOG_TASK) {
		task_draw(app);
	} else if (d->kind == DIALOG_SHELVE) {
		dialog_shelve_draw(app);
	} else if (d->kind == DIALOG_LINK) {
		dialog_link_draw(app);
	} else if (d->kind == DIALOG_MANY) {
		dialog_many_draw(app);
	} else if (d->kind == DIALOG_NAME) {
		dialog_name_draw(app);
	} else if (d->kind != DIALOG_NONE) {
		draw_command(app);
	}
}

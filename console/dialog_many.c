/* The same command at several sites, and the names that production sites want typed. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "edit.h"
#include "fmt.h"
#include "i18n.h"
#include "keys.h"
#include "views/page.h"
#include "views/panel.h"
#include "word.h"

#define BOX_H       11
#define LIMIT_MAX_W INT64_C(100000000)
#define FOR_MAX_MS  (7 * 86400 * MS_PER_S)

enum step { STEP_VALUE, STEP_REASON, STEP_CONFIRM };

/* The sites that are meant: the chosen ones, else that of the line. */
static bool meant(const struct app *app, const struct station *s)
{
	bool any = false;

	for (size_t i = 0; i < app->station_count; i++) {
		any = any || app->stations[i].chosen;
	}
	return any ? s->chosen : s == app->dialog.station;
}

void dialog_many(struct app *app, const char *verb)
{
	struct station *s = page_station(app);

	if (s == NULL) {
		return;
	}
	app->dialog = (struct dialog){.kind = DIALOG_MANY,
		.verb = verb,
		.value = VALUE_NONE,
		.many = true,
		.station = s,
		.step = strcmp(verb, "limit") == 0 ? STEP_VALUE : STEP_REASON};
}

/* ---- Giving ---- */

static void give(struct app *app, struct station *s)
{
	const struct dialog *d = &app->dialog;

	if (!d->many) {
		order_give(s, app->now, d->verb, d->gun, d->value, d->reason);
	} else if (d->value != VALUE_NONE) {
		order_limit_site(s, app->now, d->value, d->for_ms, d->reason);
	} else {
		order_give(s, app->now, d->verb, model_site(&s->model)->id, VALUE_NONE, d->reason);
	}
}

static bool is_target(const struct app *app, const struct station *s)
{
	return app->dialog.many ? meant(app, s) : s == app->dialog.station;
}

/* Those whose name was typed lie before `from`. NULL: there is no further one. */
static struct station *next_production(struct app *app, size_t from)
{
	for (size_t i = from; i < app->station_count; i++) {
		struct station *s = &app->stations[i];

		if (s->cfg.production && is_target(app, s)) {
			return s;
		}
	}
	return NULL;
}

static void ask_names(struct app *app, size_t from)
{
	struct dialog *d = &app->dialog;
	struct station *s = next_production(app, from);

	if (s != NULL) {
		d->kind = DIALOG_NAME;
		d->step = (int)(s - app->stations);
		d->input[0] = d->complaint[0] = '\0';
		return;
	}
	for (size_t i = 0; i < app->station_count; i++) {
		if (is_target(app, &app->stations[i])) {
			d->then(app, &app->stations[i]);
		}
	}
	for (size_t i = 0; d->many && i < app->station_count; i++) {
		app->stations[i].chosen = false;
	}
	d->kind = DIALOG_NONE;
}

void dialog_named(
	struct app *app, const char *what, void (*then)(struct app *app, struct station *s))
{
	app->dialog.what = what;
	app->dialog.then = then;
	ask_names(app, 0);
}

void dialog_confirmed(struct app *app)
{
	struct dialog *d = &app->dialog;

	d->station = d->many ? d->station : app->at;
	dialog_named(app, word_verb(d->verb), give);
}

void dialog_name_key(struct app *app, uint32_t key)
{
	struct dialog *d = &app->dialog;

	if (key != KEYS_ENTER) {
		d->complaint[0] = '\0';
		edit_key(d->input, sizeof d->input, key);
	} else if (strcmp(d->input, app->stations[d->step].cfg.name) == 0) {
		ask_names(app, (size_t)d->step + 1);
	} else {
		snprintf(d->complaint, sizeof d->complaint, "%s", _("This is not its name."));
	}
}

void dialog_name_draw(struct app *app)
{
	const struct dialog *d = &app->dialog;
	const struct station *s = &app->stations[d->step];
	char title[96];
	struct area a;

	snprintf(title, sizeof title, "%s: %s", s->cfg.name, d->what);
	a = dialog_box(app, 8, title);
	canvas_printf(&app->canvas, a.y + 2, a.x + 2, a.w - 4, INK_STRONG,
		_("Production: type the site's name, %s, and Enter."), s->cfg.name);
	canvas_printf(&app->canvas, a.y + 4, a.x + 2, a.w - 4, INK_STRONG, "%s_", d->input);
	canvas_text(&app->canvas, a.y + 5, a.x + 2, a.w - 4, INK_ALARM, d->complaint);
	canvas_text(&app->canvas, a.y + 6, a.x + 2, a.w - 4, INK_DIM, _("Esc: cancel"));
}

/* ---- Several sites ---- */

/* "180 2h": kW and how long. */
static bool take_value(struct dialog *d)
{
	char power[sizeof d->input + 4];
	const char *blank = strchr(d->input, ' ');
	size_t n = blank == NULL ? 0 : (size_t)(blank - d->input);

	snprintf(power, sizeof power, "%.*s%s", (int)n, d->input,
		n > 0 && strspn(d->input, "0123456789.") >= n ? " kW" : "");
	if (n == 0 || fmt_parse(power, UNIT_W, 0, LIMIT_MAX_W, &d->value) != 0 ||
		fmt_parse(blank + 1, UNIT_MS, MS_PER_S, FOR_MAX_MS, &d->for_ms) != 0) {
		d->value = VALUE_NONE;
		snprintf(d->complaint, sizeof d->complaint, "%s",
			_("Type kW and a time, like: 180 2h"));
		return false;
	}
	return true;
}

void dialog_many_key(struct app *app, uint32_t key)
{
	struct dialog *d = &app->dialog;

	if (d->step == STEP_CONFIRM) {
		if (key == 'y' || key == 'Y') {
			dialog_confirmed(app);
		} else if (key == 'n' || key == 'N') {
			d->kind = DIALOG_NONE;
			app_notice(app, _("Cancelled; nothing was sent."));
		}
	} else if (key != KEYS_ENTER) {
		d->complaint[0] = '\0';
		edit_key(d->input, sizeof d->input, key);
	} else if (d->step == STEP_VALUE) {
		if (take_value(d)) {
			d->step = STEP_REASON;
			d->input[0] = '\0';
		}
	} else if (d->input[0] == '\0') {
		snprintf(d->complaint, sizeof d->complaint, "%s",
			_("A reason is needed: the next shift must know why."));
	} else {
		view_set_text(d->reason, sizeof d->reason, d->input);
		d->step = STEP_CONFIRM;
	}
}

/* The sites by name, and what is going on there. */
static void effect_text(const struct app *app, char *dst, size_t size)
{
	int64_t guns = 0, power = 0;
	char kw[24];
	size_t n = 0, used = 0;

	for (size_t i = 0; i < app->station_count; i++) {
		const struct station *s = &app->stations[i];
		const struct view_site *site = model_site(&s->model);

		if (meant(app, s)) {
			text_append(dst, size, &used, "%s%s%s", n == 0 ? "" : ", ", station_name(s),
				s->feed.state == FEED_UP ? "" : " (x)");
			n++;
			guns += site->guns_charging == VALUE_NONE ? 0 : site->guns_charging;
			power += site->guns_w == VALUE_NONE ? 0 : site->guns_w;
		}
	}
	fmt_value(kw, sizeof kw, UNIT_W, power, true);
	if (used + 96 > size) {
		used = size > 96 ? size - 96 : 0;
	}
	text_append(dst, size, &used, ". ");
	text_append(
		dst, size, &used, _("%zu sites, %lld guns charging, %s"), n, (long long)guns, kw);
}

void dialog_many_draw(struct app *app)
{
	const struct dialog *d = &app->dialog;
	struct canvas *c = &app->canvas;
	char text[512], value[24], title[64];
	struct area a;
	int row = 2;

	snprintf(title, sizeof title, "%s: %s", _("Sites"), word_verb(d->verb));
	a = dialog_box(app, BOX_H, title);
	a = (struct area){a.y, a.x + 2, a.h, a.w - 4};
	effect_text(app, text, sizeof text);
	row += panel_wrap(app, (struct area){a.y + row, a.x, 3, a.w}, INK_NORMAL, text);
	if (d->step == STEP_CONFIRM) {
		if (d->value != VALUE_NONE) {
			fmt_value(value, sizeof value, UNIT_W, d->value, true);
			canvas_printf(c, a.y + row++, a.x, a.w, INK_STRONG,
				_("Each site takes at most %s in all, for %lld min."), value,
				(long long)(d->for_ms / (60 * MS_PER_S)));
		} else {
			canvas_text(c, a.y + row++, a.x, a.w, INK_STRONG,
				_("Every car there stops charging now and its session closes."));
		}
		canvas_printf(c, a.y + row, a.x, a.w, INK_NORMAL, "%s: %s", _("Reason"), d->reason);
		snprintf(text, sizeof text, _("y: yes, %s   Esc: cancel"), word_verb(d->verb));
		canvas_text(c, a.y + a.h - 2, a.x, a.w, INK_KEY, text);
		return;
	}
	canvas_printf(c, a.y + row + 1, a.x, a.w, INK_STRONG, "%s: %s_",
		d->step == STEP_VALUE ? _("Power limit in kW, and how long") : _("Reason"),
		d->input);
	canvas_text(c, a.y + row + 2, a.x, a.w, INK_ALARM, d->complaint);
	canvas_text(c, a.y + a.h - 2, a.x, a.w, INK_DIM, _("Enter: go on   Esc: cancel"));
}

/*
 * Commands for the whole site: which one, its value, why, for how long it is on trial, then what it
 * concerns, and the site's name as the answer.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "edit.h"
#include "fmt.h"
#include "i18n.h"
#include "keys.h"
#include "word.h"

#define LIMIT_MAX_W    INT64_C(100000000)
#define CONFIRM_MAX_MS (INT64_C(86400) * MS_PER_S)
#define BOX_H          12

/* What can be asked of a whole site, and its key. */
static const struct {
	uint32_t key;
	const char *verb;
	bool value, undoable;
	const char *effect; /* message id */
} choices[] = {
	{'x', "stop", false, false,
		N_("Every car stops charging now; nothing begins until a release or a start.")},
	{'r', "release", false, false,
		N_("What a stop or an emergency input holds may begin again.")},
	{'p', "limit", true, true, N_("All that the transformer feeds takes at most this power.")},
	{'o', "limit", false, true, N_("The limit that was commanded for the site is lifted.")},
	{'t', "tag", false, true,
		N_("Every gun stops, and takes no new car until it is put back.")},
	{'u', "untag", false, true, N_("The site is put back into service.")},
	{'b', "reboot", false, false, N_("Every pile restarts; what charges is interrupted.")},
};
#define CHOICES (sizeof choices / sizeof choices[0])

static const char *site_id(const struct app *app)
{
	return model_site(app->model)->id;
}

void dialog_site(struct app *app)
{
	app->dialog = (struct dialog){.kind = DIALOG_SITE, .value = VALUE_NONE};
	app->dialog.site.step = SITE_CHOICE;
	view_clear(VIEW_preview, &app->model->preview);
}

static void ask_preview(struct app *app)
{
	const struct dialog *d = &app->dialog;
	cJSON *params = cJSON_CreateObject();

	if (params != NULL) {
		cJSON_AddStringToObject(params, "verb", d->verb);
		cJSON_AddStringToObject(params, "target", site_id(app));
		if (d->value != VALUE_NONE) {
			wire_add_int(params, "value", d->value);
		}
	}
	feed_ask(app->feed, ASK_PREVIEW, METHOD_PREVIEW, params, NULL);
}

static void go_on(struct app *app)
{
	struct dialog *d = &app->dialog;

	d->input[0] = d->complaint[0] = '\0';
	switch (d->site.step) {
	case SITE_CHOICE:
		d->site.step = choices[d->site.choice].value ? SITE_VALUE : SITE_REASON;
		break;
	case SITE_VALUE:
		d->site.step = SITE_REASON;
		break;
	case SITE_REASON:
		d->site.step = choices[d->site.choice].undoable ? SITE_TRIAL : SITE_NAME;
		break;
	case SITE_TRIAL:
	case SITE_NAME:
		d->site.step = SITE_NAME;
		break;
	}
	if (d->site.step == SITE_NAME) {
		ask_preview(app);
	}
}

static bool complain(struct dialog *d, const char *text)
{
	view_set_text(d->complaint, sizeof d->complaint, text);
	return false;
}

/* Reads what was typed; false with a complaint. */
static bool take(struct app *app)
{
	struct dialog *d = &app->dialog;
	size_t n = strlen(d->input);
	char text[sizeof d->input + 8];
	bool bare = n > 0 && strspn(d->input, "0123456789.") == n;

	switch (d->site.step) {
	case SITE_VALUE:
		snprintf(text, sizeof text, "%s%s", d->input, bare ? " kW" : "");
		return fmt_parse(text, UNIT_W, 0, LIMIT_MAX_W, &d->value) == 0 ||
		       complain(d, _("Type a power in kW."));
	case SITE_REASON:
		if (n == 0) {
			return complain(d, _("A reason is needed: the next shift must know why."));
		}
		view_set_text(d->reason, sizeof d->reason, d->input);
		return true;
	case SITE_TRIAL:
		d->site.within_ms = 0;
		snprintf(text, sizeof text, "%s%s", d->input, bare ? " min" : "");
		return n == 0 ||
		       fmt_parse(text, UNIT_MS, MS_PER_S, CONFIRM_MAX_MS, &d->site.within_ms) ==
			       0 ||
		       complain(d, _("Type minutes, or nothing."));
	case SITE_NAME:
		return strcmp(d->input, site_id(app)) == 0 ||
		       complain(d, _("That is not the site's id."));
	case SITE_CHOICE:
		break;
	}
	return false;
}

static void give(struct app *app)
{
	struct dialog *d = &app->dialog;
	cJSON *params = cJSON_CreateObject();

	d->kind = DIALOG_NONE;
	if (params != NULL) {
		cJSON_AddStringToObject(params, "verb", d->verb);
		cJSON_AddStringToObject(params, "target", site_id(app));
		cJSON_AddStringToObject(params, "reason", d->reason);
		if (d->value != VALUE_NONE) {
			wire_add_int(params, "value", d->value);
		}
		if (d->site.within_ms > 0) {
			wire_add_int(params, "confirm_ms", d->site.within_ms);
		}
	}
	order_send(app->at, app->now, d->verb, site_id(app), params);
}

static void choose(struct app *app, uint32_t key)
{
	struct dialog *d = &app->dialog;

	for (size_t i = 0; i < CHOICES; i++) {
		if (choices[i].key == key) {
			d->site.choice = i;
			d->verb = choices[i].verb;
			go_on(app);
			return;
		}
	}
}

void dialog_site_key(struct app *app, uint32_t key)
{
	struct dialog *d = &app->dialog;

	if (d->site.step == SITE_CHOICE) {
		choose(app, key);
	} else if (key != KEYS_ENTER) {
		d->complaint[0] = '\0';
		edit_key(d->input, sizeof d->input, key);
	} else if (take(app)) {
		if (d->site.step == SITE_NAME) {
			give(app);
		} else {
			go_on(app);
		}
	}
}

/* ---- Drawing ---- */

static void line(struct app *app, struct area a, int row, enum ink ink, const char *text)
{
	canvas_text(&app->canvas, a.y + row, a.x + 2, a.w - 4, ink, text);
}

static void draw_choices(struct app *app, struct area a)
{
	for (size_t i = 0; i < CHOICES; i++) {
		char key[8];

		snprintf(key, sizeof key, "%c", (int)choices[i].key);
		line(app, a, 2 + (int)i, INK_KEY, key);
		canvas_text(&app->canvas, a.y + 2 + (int)i, a.x + 5, a.w - 7, INK_NORMAL,
			_(choices[i].effect));
	}
	line(app, a, BOX_H - 2, INK_DIM, _("Esc: cancel"));
}

static const char *question(const struct dialog *d)
{
	return d->site.step == SITE_VALUE    ? _("Power limit, kW")
	       : d->site.step == SITE_REASON ? _("Reason")
	       : d->site.step == SITE_TRIAL
		       ? _("Undone unless confirmed within, min (empty: never)")
		       : _("To go on, type the site's id");
}

static void draw_preview(struct app *app, struct area a)
{
	const struct view_preview *p = &app->model->preview;
	char power[32], energy[32], text[160];

	if (p->target[0] == '\0') {
		line(app, a, 4, INK_DIM, _("asking what it concerns ..."));
		return;
	}
	fmt_value(power, sizeof power, UNIT_W, p->power_w, true);
	fmt_value(energy, sizeof energy, UNIT_WH, p->energy_wh, true);
	snprintf(text, sizeof text,
		_("It concerns %lld piles, %lld guns; %lld of them charge: %s."),
		(long long)p->piles, (long long)p->guns, (long long)p->charging, power);
	line(app, a, 4, INK_STRONG, text);
	snprintf(text, sizeof text, _("%lld sessions with %s so far; %lld guns cannot be reached."),
		(long long)p->sessions, energy, (long long)p->offline);
	line(app, a, 5, INK_STRONG, text);
	if (p->cost_fen != VALUE_NONE) {
		fmt_value(power, sizeof power, UNIT_FEN, p->cost_fen, true);
		snprintf(text, sizeof text, _("Their cost so far: %s."), power);
		line(app, a, 6, INK_STRONG, text);
	}
}

void dialog_site_draw(struct app *app)
{
	const struct dialog *d = &app->dialog;
	char text[192], title[96], value[32];
	struct area a;

	snprintf(title, sizeof title, "%s: %s", site_id(app),
		d->site.step == SITE_CHOICE ? _("the whole site") : word_verb(d->verb));
	a = dialog_box(app, BOX_H, title);
	if (d->site.step == SITE_CHOICE) {
		draw_choices(app, a);
		return;
	}
	line(app, a, 2, INK_NORMAL, _(choices[d->site.choice].effect));
	if (d->value != VALUE_NONE) {
		fmt_value(value, sizeof value, UNIT_W, d->value, true);
		snprintf(text, sizeof text, "%s: %s", _("Power limit"), value);
		line(app, a, 3, INK_NORMAL, text);
	}
	if (d->site.step == SITE_NAME) {
		draw_preview(app, a);
		snprintf(text, sizeof text, "%s: %s", _("Reason"), d->reason);
		line(app, a, 7, INK_NORMAL, text);
	}
	snprintf(text, sizeof text, "%s: %s_", question(d), d->input);
	line(app, a, 8, INK_STRONG, text);
	line(app, a, 9, INK_ALARM, d->complaint);
	line(app, a, BOX_H - 2, INK_DIM, _("Enter: go on   Esc: cancel"));
}

/* ---- What waits to be confirmed ---- */

const struct view_trial *dialog_trial(const struct app *app)
{
	for (size_t i = 0; i < model_count(app->model, VIEW_trial); i++) {
		const struct view_trial *t = model_at(app->model, VIEW_trial, i);

		if (strcmp(t->state, "waiting") == 0) {
			return t;
		}
	}
	return NULL;
}

bool dialog_trial_text(const struct app *app, char *dst, size_t size)
{
	const struct view_trial *t = dialog_trial(app);
	char age[16];

	if (t == NULL) {
		return false;
	}
	word_age(age, sizeof age,
		t->until == VALUE_NONE || app->now_ms == VALUE_NONE || t->until < app->now_ms
			? 0
			: t->until - app->now_ms);
	snprintf(dst, size, _("%s %s by %s is undone in %s unless confirmed: %s"), t->target,
		word_verb(t->verb), t->by, age, act_info(ACT_CONFIRM)->key);
	return true;
}

void dialog_confirm_trial(struct app *app)
{
	const struct view_trial *t = dialog_trial(app);
	cJSON *params = cJSON_CreateObject();

	if (t == NULL) {
		cJSON_Delete(params);
		app_notice(app, _("Nothing waits to be confirmed."));
		return;
	}
	if (params != NULL) {
		cJSON_AddStringToObject(params, "id", t->id);
	}
	if (feed_ask(app->feed, ASK_CONFIRM, METHOD_CONFIRM, params, t->id) == 0) {
		app_notice(app, _("Confirmed; it is asked of the agent."));
	}
}

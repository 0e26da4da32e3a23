/* What a link wants to know: a host key's approval, a passphrase, an answer to the host. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "edit.h"
#include "i18n.h"
#include "keys.h"
#include "views/panel.h"

#define BOX_H 10

static const struct link_question *pending(const struct station *s)
{
	const struct link_question *q = &s->feed.link.question;

	return s->feed.state == FEED_CONNECTING && q->ask != LINK_ASK_NONE ? q : NULL;
}

static void forget(struct dialog *d)
{
	explicit_bzero(d->secret, sizeof d->secret);
	*d = (struct dialog){.kind = DIALOG_NONE};
}

static bool open_for(struct app *app, struct station *s)
{
	const struct link_question *q = pending(s);

	if (q == NULL) {
		return false;
	}
	app->dialog = (struct dialog){.kind = DIALOG_LINK, .station = s, .serial = q->serial};
	return true;
}

void dialog_links(struct app *app)
{
	struct dialog *d = &app->dialog;

	if (d->kind == DIALOG_LINK) {
		const struct link_question *q = pending(d->station);

		if (q == NULL || q->serial != d->serial) {
			forget(d);
		}
	}
	if (d->kind != DIALOG_NONE || open_for(app, app->at)) {
		return;
	}
	for (size_t i = 0; i < app->station_count; i++) {
		if (open_for(app, &app->stations[i])) {
			return;
		}
	}
}

static void finish(struct dialog *d, const char *answer)
{
	struct link *link = &d->station->feed.link;

	link->ops->answer(link, answer);
	forget(d);
}

void dialog_link_key(struct app *app, uint32_t key)
{
	struct dialog *d = &app->dialog;
	const struct link_question *q = pending(d->station);

	if (q == NULL) {
		forget(d);
	} else if (key == KEYS_ESC) {
		finish(d, NULL);
	} else if (q->ask == LINK_ASK_HOST_KEY) {
		if (key == 'y' || key == 'Y') {
			finish(d, "yes");
		} else if (key == 'n' || key == 'N') {
			finish(d, NULL);
		}
	} else if (key == KEYS_ENTER) {
		finish(d, d->secret);
	} else {
		edit_key(d->secret, sizeof d->secret, key);
	}
}

static void draw_answer(struct app *app, struct area a, int row, bool hidden)
{
	const struct dialog *d = &app->dialog;
	int width = a.w - 2;

	if (hidden) {
		int n = text_width(d->secret);

		n = n < width ? n : width;
		canvas_repeat(&app->canvas, a.y + row, a.x, n, INK_STRONG, "*");
		canvas_text(&app->canvas, a.y + row, a.x + n, 1, INK_STRONG, "_");
	} else {
		canvas_printf(&app->canvas, a.y + row, a.x, a.w, INK_STRONG, "%s_", d->secret);
	}
}

/* What the question means, in front of its text. */
static const char *meaning(enum link_ask ask)
{
	switch (ask) {
	case LINK_ASK_HOST_KEY:
		return _("This host is not known yet. Compare its key with what its administrator "
			 "says:");
	case LINK_ASK_PASSPHRASE:
		return _("Passphrase of the key");
	case LINK_ASK_PASSWORD:
		return _("Password of");
	case LINK_ASK_SECRET:
	case LINK_ASK_TEXT:
		return _("The host asks:");
	case LINK_ASK_NONE:
		break;
	}
	return "";
}

void dialog_link_draw(struct app *app)
{
	const struct dialog *d = &app->dialog;
	const struct link_question *q = pending(d->station);
	char title[sizeof d->station->cfg.address + 8];
	struct area a;
	int row = 2;

	if (q == NULL) {
		return;
	}
	snprintf(title, sizeof title, "%s", d->station->cfg.address);
	a = dialog_box(app, BOX_H, title);
	a = (struct area){a.y, a.x + 2, a.h, a.w - 4};
	if (q->wrong) {
		canvas_text(&app->canvas, a.y + 1, a.x, a.w, INK_ALARM,
			_("! That was wrong; once more."));
	}
	row += panel_wrap(app, (struct area){a.y + row, a.x, 2, a.w}, INK_NORMAL, meaning(q->ask));
	panel_wrap(app, (struct area){a.y + row, a.x, BOX_H - 3 - row, a.w}, INK_STRONG, q->text);
	if (q->ask == LINK_ASK_HOST_KEY) {
		canvas_text(&app->canvas, a.y + a.h - 2, a.x, a.w, INK_KEY,
			_("y: it is the same, go on   Esc: do not connect"));
		return;
	}
	draw_answer(app, a, a.h - 3, q->ask != LINK_ASK_TEXT);
	canvas_text(
		&app->canvas, a.y + a.h - 2, a.x, a.w, INK_DIM, _("Enter: go on   Esc: cancel"));
}

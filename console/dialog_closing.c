/*
 * The closing of a day (or a month, a year): what customers' money did, held against the ledger,
 * with the day's signed end, as a text for the file or the printer.
 */
#include <cjson/cJSON.h>
#include <errno.h>
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
#include "reportwords.h"
#include "text.h"
#include "word.h"

#define BOX_H        21
#define LEFT_W       19 /* of names; there is one column of blanks between left and right */
#define RIGHT_W      18
#define PAPER_NAME_W 24
#define COUNT_W      3
#define AMOUNT_W     9
#define PAPER_MAX    8192

static bool here(const struct app *app)
{
	return strcmp(app->model->finance_of, app->dialog.closing.span) == 0;
}

static bool is_day(const char *span)
{
	return strlen(span) == 10;
}

static void ask(struct app *app, enum ask ask, enum method method, const char *key)
{
	const char *span = app->dialog.closing.span;
	cJSON *params = cJSON_CreateObject();

	if (params != NULL) {
		cJSON_AddStringToObject(params, key, span);
	}
	feed_ask(app->feed, ask, method, params, span);
}

void dialog_closing(struct app *app, const char *span)
{
	struct dialog *d = &app->dialog;

	if (app_stale(app)) {
		app_notice(app, _("No link to the agent: no command can be given."));
		return;
	}
	*d = (struct dialog){.kind = DIALOG_CLOSING};
	view_set_text(d->closing.span, sizeof d->closing.span, span);
	snprintf(d->closing.path, sizeof d->closing.path, "~/%s-%s.txt", model_site(app->model)->id,
		span);
	app->model->finance_of[0] = '\0';
	app->feed->finance_verdict.fresh = false;
	ask(app, ASK_FINANCE, METHOD_REPORT_FINANCE, "span");
	if (is_day(span)) {
		ask(app, ASK_HEAD, METHOD_LEDGER_HEAD, "day");
	}
}

static const struct view_report *row(const struct app *app, size_t i)
{
	return rows_at(&app->model->finance, VIEW_report, i);
}

static int64_t amount(const struct app *app, const char *section, const char *item)
{
	for (size_t i = 0; i < app->model->finance.count; i++) {
		const struct view_report *r = row(app, i);

		if (strcmp(r->section, section) == 0 && strcmp(r->item, item) == 0) {
			return r->fen;
		}
	}
	return VALUE_NONE;
}

/* Whether the report's closing is the ledger's own balance then. */
static bool agrees(const struct app *app, char *dst, size_t size)
{
	int64_t closing = amount(app, "funds", "closing"),
		ledger = amount(app, "ledger", "closing");
	char text[32];

	fmt_value(text, sizeof text, UNIT_FEN, ledger, true);
	if (closing == ledger) {
		snprintf(dst, size, _("The closing is the ledger's own balance: %s."), text);
	} else {
		snprintf(dst, size, _("! The ledger's own balance is another: %s."), text);
	}
	return closing == ledger;
}

/* The signed end of the day; NULL = not signed yet, or no day. */
static const struct view_head *head(const struct app *app)
{
	const struct view_head *h = rows_at(&app->model->heads, VIEW_head, 0);

	return h != NULL && strcmp(h->day, app->dialog.closing.span) == 0 ? h : NULL;
}

static void line_text(const struct view_report *r, int name_w, char *dst, size_t size)
{
	char name[96], count[24] = "", fen[32], cell[64];

	if (r->count != VALUE_NONE) {
		snprintf(count, sizeof count, "%lld", (long long)r->count);
	}
	fmt_value(fen, sizeof fen, UNIT_FEN, r->fen, false);
	text_cell(name, sizeof name, report_item_word(r), name_w, TEXT_LEFT);
	text_cell(cell, sizeof cell, count, COUNT_W, TEXT_RIGHT);
	snprintf(dst, size, "%s%s", name, cell);
	text_cell(cell, sizeof cell, fen, AMOUNT_W, TEXT_RIGHT);
	snprintf(dst + strlen(dst), size - strlen(dst), "%s", cell);
}

/* ---- On paper ---- */

static void add_sections(const struct app *app, char *dst, size_t *used)
{
	const char *section = "";

	for (size_t i = 0; i < app->model->finance.count; i++) {
		const struct view_report *r = row(app, i);
		char line[256];

		if (strcmp(r->section, "slot") == 0) {
			continue;
		}
		if (strcmp(r->section, section) != 0) {
			section = r->section;
			text_append(dst, PAPER_MAX, used, "\n%s\n", report_word(section));
		}
		line_text(r, PAPER_NAME_W, line, sizeof line);
		text_append(dst, PAPER_MAX, used, "%s\n", line);
	}
}

/* The text for a file or printer: narrow enough for a receipt, and with it what a stranger checks
 * the ledger by. */
static void paper(const struct app *app, char *dst)
{
	const struct view_head *h = head(app);
	char text[160], now[40];
	size_t used = 0;

	fmt_wall(now, sizeof now, (struct wall){app->now_ms});
	text_append(dst, PAPER_MAX, &used, "%s (%s)\n%s %s\n%s\n", model_site(app->model)->name,
		model_site(app->model)->id, _("Closing of"), app->dialog.closing.span, now);
	add_sections(app, dst, &used);
	agrees(app, text, sizeof text);
	text_append(dst, PAPER_MAX, &used, "\n%s\n", text);
	if (h != NULL) {
		fmt_wall(now, sizeof now, (struct wall){h->at});
		text_append(dst, PAPER_MAX, &used, "\n%s %s\ntx %lld %s\nlog %lld %s\n%s\n",
			_("signed"), now, (long long)h->tx, h->hash, (long long)h->log, h->log_hash,
			h->signature);
	}
	text_append(dst, PAPER_MAX, &used, "\npiled ledger verify --db site.db\n");
}

/* A new file, or a printer: nothing that is there is written over. */
static int open_paper(const char *typed)
{
	const char *home = getenv("HOME");
	bool short_form = strncmp(typed, "~/", 2) == 0 && home != NULL;
	char path[512];
	struct stat st;

	snprintf(path, sizeof path, "%s%s", short_form ? home : "", short_form ? typed + 1 : typed);
	if (stat(path, &st) == 0 && S_ISCHR(st.st_mode)) {
		return open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	}
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
}

static void write_paper(struct app *app)
{
	struct dialog *d = &app->dialog;
	char text[PAPER_MAX] = "", notice[320];
	size_t size;
	int fd;

	if (!here(app)) {
		return;
	}
	fd = open_paper(d->closing.path);
	if (fd < 0) {
		snprintf(d->complaint, sizeof d->complaint, "%s",
			errno == EEXIST ? _("It is there already; type another name.")
					: strerror(errno));
		return;
	}
	paper(app, text);
	size = strlen(text);
	if (write(fd, text, size) != (ssize_t)size) {
		snprintf(d->complaint, sizeof d->complaint, "%s",
			_("It could not be written whole; type another name."));
	} else {
		d->kind = DIALOG_NONE;
		snprintf(notice, sizeof notice, _("Written: %s"), d->closing.path);
		app_notice(app, notice);
	}
	close(fd);
}

void dialog_closing_key(struct app *app, uint32_t key)
{
	struct dialog *d = &app->dialog;

	if (key == KEYS_ENTER) {
		write_paper(app);
	} else {
		d->complaint[0] = '\0';
		edit_key(d->closing.path, sizeof d->closing.path, key);
	}
}

/* ---- On screen ---- */

static void draw_column(
	struct app *app, struct area a, int name_w, const char *const *sections, size_t count)
{
	int y = 0;

	for (size_t s = 0; s < count; s++) {
		bool first = true;

		for (size_t i = 0; i < app->model->finance.count; i++) {
			const struct view_report *r = row(app, i);
			char line[256];

			if (strcmp(r->section, sections[s]) != 0 || y >= a.h) {
				continue;
			}
			if (first) {
				canvas_text(&app->canvas, a.y + y++, a.x, a.w, INK_DIM,
					report_word(sections[s]));
				first = false;
			}
			line_text(r, name_w, line, sizeof line);
			canvas_text(&app->canvas, a.y + y++, a.x, a.w, INK_NORMAL, line);
		}
	}
}

static void draw_head(struct app *app, struct area a)
{
	const struct view_head *h = head(app);
	char when[40];

	if (h != NULL) {
		fmt_wall(when, sizeof when, (struct wall){h->at});
		canvas_printf(&app->canvas, a.y, a.x, a.w, INK_NORMAL,
			_("Signed %s: transaction %lld, %.16s"), when, (long long)h->tx, h->hash);
	} else if (is_day(app->dialog.closing.span)) {
		canvas_text(&app->canvas, a.y, a.x, a.w, INK_DIM,
			_("Not signed yet: the agent signs a day when it is over."));
	}
}

void dialog_closing_draw(struct app *app)
{
	static const char *const left[] = {"funds"}, *const right[] = {"revenue", "cash"};
	const struct dialog *d = &app->dialog;
	const struct verdict *v = &app->feed->finance_verdict;
	struct canvas *c = &app->canvas;
	char text[192];
	struct area a;

	snprintf(text, sizeof text, "%s: %s %s", model_site(app->model)->id, _("Closing of"),
		d->closing.span);
	a = dialog_box(app, BOX_H, text);
	a = (struct area){a.y, a.x + 2, a.h, a.w - 4};
	canvas_text(c, a.y + BOX_H - 2, a.x, a.w, INK_DIM, _("Enter: write the file   Esc: back"));
	if (v->fresh && word_refusal(v, app->model->hello.role, text, sizeof text)) {
		canvas_text(c, a.y + 2, a.x, a.w, INK_ALARM, text);
		return;
	}
	if (!here(app)) {
		canvas_text(c, a.y + 2, a.x, a.w, INK_DIM, _("The figures are on their way."));
		return;
	}
	draw_column(app, (struct area){a.y + 1, a.x, BOX_H - 8, a.w / 2}, LEFT_W, left, 1);
	draw_column(app, (struct area){a.y + 1, a.x + a.w / 2 + 1, BOX_H - 8, a.w / 2 - 1}, RIGHT_W,
		right, 2);
	canvas_text(c, a.y + BOX_H - 7, a.x, a.w,
		agrees(app, text, sizeof text) ? INK_STRONG : INK_ALARM, text);
	draw_head(app, (struct area){a.y + BOX_H - 6, a.x, 1, a.w});
	canvas_printf(c, a.y + BOX_H - 4, a.x, a.w, INK_STRONG, "%s: %s_",
		_("New file, or printer"),
		edit_tail(d->closing.path, a.w - text_width(_("New file, or printer")) - 3));
	canvas_text(c, a.y + BOX_H - 3, a.x, a.w, INK_ALARM, d->complaint);
}

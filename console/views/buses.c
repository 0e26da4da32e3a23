#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "i18n.h"
#include "page.h"
#include "word.h"

static const struct view_unit *unit_row(const void *row)
{
	return row;
}

/* The states of buses and units are words of the agent; these are the good ones. */
static bool good_state(const char *state)
{
	return strcmp(state, "ok") == 0 || strcmp(state, "up") == 0 || strcmp(state, "online") == 0;
}

static const char *state_word(const char *state)
{
	static const char *const words[] = {N_("ok"), N_("up"), N_("down"), N_("offline"),
		N_("online"), N_("silent"), N_("backoff"), N_("connecting"), N_("error"),
		N_("unknown")};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i], state) == 0) {
			return _(words[i]);
		}
	}
	return state[0] == '\0' ? "-" : state;
}

static void text_unit(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_STRONG;
	snprintf(dst, size, "%s", unit_row(row)->id);
}

static void text_device(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	snprintf(dst, size, "%s", unit_row(row)->device);
}

static void text_profile(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	*ink = INK_DIM;
	snprintf(dst, size, "%s", unit_row(row)->profile);
}

static void text_state(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	bool good = good_state(unit_row(row)->state);

	(void)app;
	*ink = good ? INK_NORMAL : INK_ALARM;
	snprintf(dst, size, "%s %s", good ? "-" : "x", state_word(unit_row(row)->state));
}

static void count_text(int64_t n, char *dst, size_t size, enum ink *ink)
{
	*ink = n > 0 ? INK_WARN : INK_DIM;
	fmt_decimal(dst, size, n, 1, 0);
}

static void text_transactions(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	fmt_decimal(dst, size, unit_row(row)->transactions, 1, 0);
}

static void text_p50(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	fmt_decimal(dst, size, unit_row(row)->p50_us, 1000, 1);
}

static void text_p99(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	(void)ink;
	fmt_decimal(dst, size, unit_row(row)->p99_us, 1000, 1);
}

static void text_timeouts(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	count_text(unit_row(row)->timeouts, dst, size, ink);
}

static void text_crc(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	count_text(unit_row(row)->crc, dst, size, ink);
}

static void text_frames(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	count_text(unit_row(row)->frames, dst, size, ink);
}

static void text_foreign(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	count_text(unit_row(row)->foreign, dst, size, ink);
}

static void text_late(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	count_text(unit_row(row)->late, dst, size, ink);
}

static void text_exceptions(
	const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)app;
	count_text(unit_row(row)->exceptions, dst, size, ink);
}

static void text_last(const struct app *app, const void *row, char *dst, size_t size, enum ink *ink)
{
	(void)ink;
	word_age(dst, size, word_age_of(app, unit_row(row)->last_good));
}

static const struct grid_column columns[] = {
	{N_("unit"), 10, 0, TEXT_LEFT, false, "id", text_unit, NULL},
	{N_("device"), 7, 0, TEXT_LEFT, false, "device", text_device, NULL},
	{N_("state"), 11, 0, TEXT_LEFT, false, "state", text_state, NULL},
	{N_("last"), 6, 0, TEXT_RIGHT, false, "last_good", text_last, NULL},
	{N_("replies"), 8, 3, TEXT_RIGHT, false, "transactions", text_transactions, NULL},
	{N_("p50 ms"), 6, 2, TEXT_RIGHT, false, "p50_us", text_p50, NULL},
	{N_("p99 ms"), 6, 1, TEXT_RIGHT, false, "p99_us", text_p99, NULL},
	{N_("silent"), 6, 0, TEXT_RIGHT, false, "timeouts", text_timeouts, NULL},
	{"CRC", 5, 0, TEXT_RIGHT, false, "crc", text_crc, NULL},
	{N_("frame"), 5, 4, TEXT_RIGHT, false, "frames", text_frames, NULL},
	{N_("foreign"), 7, 5, TEXT_RIGHT, false, "foreign", text_foreign, NULL},
	{N_("late"), 5, 6, TEXT_RIGHT, false, "late", text_late, NULL},
	{N_("exception"), 9, 4, TEXT_RIGHT, false, "exceptions", text_exceptions, NULL},
	{N_("profile"), 8, 7, TEXT_LEFT, true, "profile", text_profile, NULL},
};

static int worst_first(const void *a, const void *b)
{
	const struct view_unit *x = a, *y = b;

	return good_state(x->state) - good_state(y->state);
}

static size_t count(const struct app *app)
{
	return model_count(&app->model, VIEW_unit);
}

static const void *row_at(const struct app *app, size_t i)
{
	return model_at(&app->model, VIEW_unit, i);
}

static const struct grid_spec units = {
	.kind = VIEW_unit,
	.columns = columns,
	.column_count = sizeof columns / sizeof columns[0],
	.empty = N_("No unit is configured."),
	.order = worst_first,
	.count = count,
	.row = row_at,
};

static void draw_bus(struct app *app, struct area a, const struct view_bus *bus)
{
	struct canvas *c = &app->canvas;
	bool good = good_state(bus->state);
	char use[16], p50[16], p99[16], age[16], text[256];
	int64_t errors = 0;
	int x;

	for (size_t i = 0; i < 6; i++) {
		const int64_t kinds[] = {bus->timeouts, bus->crc, bus->frames, bus->foreign,
			bus->late, bus->exceptions};

		errors += kinds[i] == VALUE_NONE ? 0 : kinds[i];
	}
	fmt_value(use, sizeof use, UNIT_PM, bus->use_pm, true);
	fmt_decimal(p50, sizeof p50, bus->p50_us, 1000, 1);
	fmt_decimal(p99, sizeof p99, bus->p99_us, 1000, 1);
	word_age(age, sizeof age, word_age_of(app, bus->last_good));
	canvas_text(c, a.y, a.x + 1, 12, INK_STRONG, bus->id);
	canvas_printf(c, a.y, a.x + 14, 11, good ? INK_NORMAL : INK_ALARM, "%s %s",
		good ? "-" : "x", state_word(bus->state));
	snprintf(text, sizeof text, _("use %s  p50/p99 %s/%s ms  last %s"), use, p50, p99, age);
	x = a.x + 26 + canvas_text(c, a.y, a.x + 26, a.w - 27, INK_NORMAL, text) + 2;
	snprintf(text, sizeof text, _("errors %lld"), (long long)errors);
	x += canvas_text(c, a.y, x, a.w - x, errors > 0 ? INK_WARN : INK_DIM, text) + 2;
	canvas_printf(c, a.y, x, a.w - x, INK_DIM, "%s %s", bus->kind, bus->address);
}

static void draw(struct app *app, struct area a)
{
	size_t buses = model_count(&app->model, VIEW_bus);
	int top = (int)buses < a.h / 2 ? (int)buses : a.h / 2;

	for (int i = 0; i < top; i++) {
		draw_bus(app, (struct area){a.y + i, a.x, 1, a.w},
			model_at(&app->model, VIEW_bus, (size_t)i));
	}
	grid_draw(app, &app->canvas, (struct area){a.y + top + 1, a.x, a.h - top - 1, a.w},
		&app->grids[PAGE_BUSES], &units);
}

const struct page page_buses = {
	.title = N_("Buses"),
	.key = ACT_BUSES,
	.draw = draw,
	.grid = &units,
};

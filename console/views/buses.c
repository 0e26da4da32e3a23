/* Buses and their units: state, line use, latency, errors. */
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
	bool good = word_device_good(unit_row(row)->state);

	(void)app;
	*ink = good ? INK_NORMAL : INK_ALARM;
	snprintf(dst, size, "%s %s", good ? "-" : "x", word_device_state(unit_row(row)->state));
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
	{.title = N_("unit"), .width = 10, .field = "id", .text = text_unit},
	{.title = N_("device"), .width = 7, .field = "device", .text = text_device},
	{.title = N_("state"), .width = 11, .field = "state", .text = text_state},
	{.title = N_("last"),
		.width = 6,
		.align = TEXT_RIGHT,
		.field = "last_good",
		.text = text_last},
	{.title = N_("replies"),
		.width = 8,
		.rank = 3,
		.align = TEXT_RIGHT,
		.field = "transactions",
		.text = text_transactions},
	{.title = N_("p50 ms"),
		.width = 6,
		.rank = 2,
		.align = TEXT_RIGHT,
		.field = "p50_us",
		.text = text_p50},
	{.title = N_("p99 ms"),
		.width = 6,
		.rank = 1,
		.align = TEXT_RIGHT,
		.field = "p99_us",
		.text = text_p99},
	{.title = N_("silent"),
		.width = 6,
		.align = TEXT_RIGHT,
		.field = "timeouts",
		.text = text_timeouts},
	{.title = "CRC", .width = 5, .align = TEXT_RIGHT, .field = "crc", .text = text_crc},
	{.title = N_("frame"),
		.width = 5,
		.rank = 4,
		.align = TEXT_RIGHT,
		.field = "frames",
		.text = text_frames},
	{.title = N_("foreign"),
		.width = 7,
		.rank = 5,
		.align = TEXT_RIGHT,
		.field = "foreign",
		.text = text_foreign},
	{.title = N_("late"),
		.width = 5,
		.rank = 6,
		.align = TEXT_RIGHT,
		.field = "late",
		.text = text_late},
	{.title = N_("exception"),
		.width = 9,
		.rank = 4,
		.align = TEXT_RIGHT,
		.field = "exceptions",
		.text = text_exceptions},
	{.title = N_("profile"),
		.width = 8,
		.rank = 7,
		.flex = true,
		.field = "profile",
		.text = text_profile},
};

static int worst_first(const void *a, const void *b)
{
	const struct view_unit *x = a, *y = b;

	return word_device_good(x->state) - word_device_good(y->state);
}

static size_t count(const struct app *app)
{
	return model_count(app->model, VIEW_unit);
}

static const void *row_at(const struct app *app, size_t i)
{
	return model_at(app->model, VIEW_unit, i);
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
	bool good = word_device_good(bus->state);
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
		good ? "-" : "x", word_device_state(bus->state));
	snprintf(text, sizeof text, _("use %s  p50/p99 %s/%s ms  last %s"), use, p50, p99, age);
	x = a.x + 26 + canvas_text(c, a.y, a.x + 26, a.w - 27, INK_NORMAL, text) + 2;
	snprintf(text, sizeof text, _("errors %lld"), (long long)errors);
	x += canvas_text(c, a.y, x, a.w - x, errors > 0 ? INK_WARN : INK_DIM, text) + 2;
	canvas_printf(c, a.y, x, a.w - x, INK_DIM, "%s %s", bus->kind, bus->address);
}

static void draw(struct app *app, struct area a)
{
	size_t buses = model_count(app->model, VIEW_bus);
	int top = (int)buses < a.h / 2 ? (int)buses : a.h / 2;

	for (int i = 0; i < top; i++) {
		draw_bus(app, (struct area){a.y + i, a.x, 1, a.w},
			model_at(app->model, VIEW_bus, (size_t)i));
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

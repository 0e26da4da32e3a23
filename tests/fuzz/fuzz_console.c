/* What an agent may send to the console: any bytes through the feed into the model, and then
 * pages drawn at several sizes. Nothing crashes, and no control character is ever on the canvas. */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "i18n.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *input;
static size_t input_len;

static int fuzz_open(struct link *link, const char *address)
{
	(void)address;
	link->fd = 0;
	link->ready = true;
	return 0;
}

static ssize_t fuzz_read(struct link *link, void *buf, size_t size)
{
	size_t n = input_len < size ? input_len : size;

	(void)link;
	memcpy(buf, input, n);
	input += n;
	input_len -= n;
	return (ssize_t)n;
}

static ssize_t fuzz_write(struct link *link, const void *buf, size_t size)
{
	(void)link;
	(void)buf;
	return (ssize_t)size;
}

static void fuzz_close(struct link *link)
{
	link->fd = -1;
}

static const struct link_ops ops = {
	.name = "fuzz",
	.pause_max_us = US_PER_S,
	.open = fuzz_open,
	.read = fuzz_read,
	.write = fuzz_write,
	.close = fuzz_close,
};

static void check_cells(const struct canvas *c)
{
	for (int y = 0; y < c->rows; y++) {
		for (int x = 0; x < c->cols; x++) {
			const unsigned char *ch = (const unsigned char *)canvas_at(c, y, x)->ch;

			if ((ch[0] != 0 && ch[0] < 0x20) || ch[0] == 0x7F ||
				(ch[0] == 0xC2 && ch[1] < 0xA0)) {
				abort();
			}
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int sizes[][2] = {{24, 80}, {40, 120}, {5, 20}, {1, 1}, {6, 80}, {9, 40}};
	static const char keys[] = "123456mbunTL?1js\r";
	static struct app app;
	static bool ready;
	static const struct station_cfg none = {.name = "none", .address = "none"};
	const struct app_cfg cfg = {
		.stations = &none, .station_count = 1, .level = GLYPH_FULL, .fixed_ms = VALUE_NONE};
	struct mono now = {US_PER_S};
	const int *at;

	if (!ready) {
		i18n_init("zh");
		ready = true;
	}
	if (app_init(&app, &cfg, 24, 80) != 0) {
		return 0;
	}
	app.feed->link.ops = &ops;
	input = data;
	input_len = size;
	for (int i = 0; i < 8 && input_len > 0; i++) {
		now = mono_add_us(now, 1000);
		app_run(&app, now);
	}
	/* One size and two pages an input, as its ends say: drawing is the slow part. */
	at = size > 0 ? sizes[data[0] % (sizeof sizes / sizeof sizes[0])] : sizes[0];
	if (size > 1 && app_resize(&app, at[0], at[1]) == 0) {
		for (int i = 0; i < 2; i++) {
			app_key(&app, (uint32_t)keys[(data[size - 1] + i) % (sizeof keys - 1)]);
			app_run(&app, now);
			app_draw(&app);
			check_cells(&app.canvas);
		}
	}
	app_free(&app);
	return 0;
}

/* What a hostile client or agent sends: bytes to lines to JSON to views. However the bytes are
 * cut, the same lines come out. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "view.h"
#include "wire.h"

#define LINE_MAX_ 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	size_t lines, bytes, dropped;
};

static void take_view(const cJSON *object)
{
	for (int kind = 0; kind < VIEW_COUNT_; kind++) {
		const struct view_info *info = view_info((enum view_kind)kind);
		void *view = calloc(2, info->size);
		void *again = (char *)view + info->size;
		cJSON *json;

		if (view == NULL) {
			return;
		}
		view_clear((enum view_kind)kind, view);
		view_clear((enum view_kind)kind, again);
		if (view_from_json((enum view_kind)kind, view, object) == 0) {
			json = view_to_json((enum view_kind)kind, view, NULL);
			if (view_from_json((enum view_kind)kind, again, json) != 0 ||
				view_differs((enum view_kind)kind, view, again)) {
				abort();
			}
			cJSON_Delete(json);
		}
		free(view);
	}
}

static int take_line(void *arg, char *line)
{
	struct seen *seen = arg;
	cJSON *json;

	if (line == NULL) {
		seen->dropped++;
		return 0;
	}
	if (strlen(line) > LINE_MAX_) {
		abort();
	}
	seen->lines++;
	seen->bytes += strlen(line);
	json = cJSON_Parse(line);
	take_view(json);
	cJSON_Delete(json);
	return 0;
}

static int count_line(void *arg, char *line)
{
	struct seen *seen = arg;

	if (line == NULL) {
		seen->dropped++;
	} else {
		seen->lines++;
		seen->bytes += strlen(line);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct framer whole, pieces;
	struct seen a = {0}, b = {0};

	if (framer_init(&whole, LINE_MAX_) != 0) {
		return 0;
	}
	if (framer_init(&pieces, LINE_MAX_) == 0) {
		framer_push(&whole, (const char *)data, size, take_line, &a);
		for (size_t i = 0; i < size; i += 7) {
			size_t n = size - i < 7 ? size - i : 7;

			framer_push(&pieces, (const char *)data + i, n, count_line, &b);
		}
		if (memcmp(&a, &b, sizeof a) != 0) {
			abort();
		}
		framer_free(&pieces);
	}
	framer_free(&whole);
	return 0;
}

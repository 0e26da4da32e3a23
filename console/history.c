#include "history.h"

static size_t place(int64_t slot)
{
	int64_t p = slot % HISTORY_SLOTS;

	return (size_t)(p < 0 ? p + HISTORY_SLOTS : p);
}

void history_clear(struct history *h)
{
	h->last = 0;
	for (size_t i = 0; i < HISTORY_SLOTS; i++) {
		h->value[i] = VALUE_NONE;
	}
}

void history_put(struct history *h, int64_t at_ms, int64_t value)
{
	int64_t slot = at_ms / HISTORY_STEP_MS;
	int64_t *v;

	if (value == VALUE_NONE || at_ms <= 0 || slot <= h->last - HISTORY_SLOTS) {
		return;
	}
	if (slot > h->last + HISTORY_SLOTS) {
		history_clear(h);
		h->last = slot;
	}
	while (h->last < slot) {
		h->last++;
		h->value[place(h->last)] = VALUE_NONE;
	}
	v = &h->value[place(slot)];
	if (*v == VALUE_NONE || value > *v) {
		*v = value;
	}
}

int64_t history_get(const struct history *h, size_t back)
{
	return back < HISTORY_SLOTS ? h->value[place(h->last - (int64_t)back)] : VALUE_NONE;
}

int64_t history_column(const struct history *h, int64_t now_ms, size_t col, size_t cols)
{
	int64_t end = now_ms / HISTORY_STEP_MS;
	int64_t first = end - HISTORY_SLOTS + 1 + (int64_t)(col * HISTORY_SLOTS / cols);
	int64_t past = end - HISTORY_SLOTS + 1 + (int64_t)((col + 1) * HISTORY_SLOTS / cols);
	int64_t best = VALUE_NONE;

	if (past == first) {
		past++;
	}
	for (int64_t slot = first; slot < past; slot++) {
		if (slot <= h->last && slot > h->last - HISTORY_SLOTS) {
			int64_t v = h->value[place(slot)];

			best = v > best ? v : best;
		}
	}
	return best;
}

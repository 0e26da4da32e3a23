#include "verify_days.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "calendar.h"

#define FIRST_CAP 1024 /* a power of 2 */

struct slot {
	int64_t day;
	uint64_t left;
	bool used;
};

struct day_sums {
	struct zone_rules zone;
	uint64_t secret;
	struct slot *slots; /* by day; open addressing, half of it free at least */
	size_t cap, count;
	struct slot *last;           /* that was asked for */
	int64_t day, from_ms, to_ms; /* the day of the last instant */
};

/* splitmix64 */
static uint64_t mix(uint64_t z)
{
	z += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static int make(const struct zone_rules *zone, uint64_t secret, struct day_sums **out)
{
	struct day_sums *s = calloc(1, sizeof *s);

	if (s == NULL) {
		return ERR_NOMEM;
	}
	s->zone = *zone;
	s->secret = secret;
	s->cap = FIRST_CAP;
	s->slots = calloc(s->cap, sizeof *s->slots);
	if (s->slots == NULL) {
		day_sums_free(s);
		return ERR_NOMEM;
	}
	*out = s;
	return 0;
}

int day_sums_new(const struct zone_rules *zone, struct day_sums **out)
{
	uint64_t secret;

	if (getrandom(&secret, sizeof secret, 0) != (ssize_t)sizeof secret) {
		return ERR_IO;
	}
	return make(zone, secret, out);
}

int day_sums_like(const struct day_sums *s, struct day_sums **out)
{
	return make(&s->zone, s->secret, out);
}

void day_sums_free(struct day_sums *s)
{
	if (s != NULL) {
		free(s->slots);
		free(s);
	}
}

int64_t day_sums_day(struct day_sums *s, int64_t ms)
{
	if (ms < s->from_ms || ms >= s->to_ms) {
		s->day = cal_at(&s->zone, (struct wall){ms}).day;
		s->from_ms = cal_day_begin(&s->zone, s->day).ms;
		s->to_ms = cal_day_begin(&s->zone, s->day + 1).ms;
	}
	return s->day;
}

static uint64_t add_text(uint64_t h, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	do { /* its end too, where the next one begins */
		h = (h ^ *p) * UINT64_C(0x100000001B3);
	} while (*p++ != '\0');
	return h;
}

uint64_t day_sums_name(const struct day_sums *s, const char *a, const char *b)
{
	return mix(add_text(add_text(s->secret, a), b));
}

static struct slot *find(struct slot *slots, size_t cap, int64_t day)
{
	size_t i = (size_t)mix((uint64_t)day) & (cap - 1);

	while (slots[i].used && slots[i].day != day) {
		i = (i + 1) & (cap - 1);
	}
	return &slots[i];
}

static int grow(struct day_sums *s)
{
	size_t cap = s->cap * 2;
	struct slot *slots = calloc(cap, sizeof *slots);

	if (slots == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < s->cap; i++) {
		if (s->slots[i].used) {
			*find(slots, cap, s->slots[i].day) = s->slots[i];
		}
	}
	free(s->slots);
	s->slots = slots;
	s->cap = cap;
	return 0;
}

static int slot_of(struct day_sums *s, int64_t day, struct slot **out)
{
	int rc;

	if (s->last != NULL && s->last->day == day) {
		*out = s->last;
		return 0;
	}
	rc = s->count * 2 < s->cap ? 0 : grow(s);
	if (rc != 0) {
		return rc;
	}
	s->last = find(s->slots, s->cap, day);
	if (!s->last->used) {
		*s->last = (struct slot){day, 0, true};
		s->count++;
	}
	*out = s->last;
	return 0;
}

int day_sums_add(struct day_sums *s, int64_t day, uint64_t name, const int64_t *values,
	size_t count, int sign)
{
	uint64_t key = mix(name ^ (uint64_t)day), sum = 0;
	struct slot *slot;
	int rc = slot_of(s, day, &slot);

	if (rc != 0) {
		return rc;
	}
	for (size_t i = 0; i < count; i++) {
		sum += mix(key + i) * (uint64_t)values[i];
	}
	slot->left += sign < 0 ? -sum : sum;
	return 0;
}

int day_sums_take(struct day_sums *s, const struct day_sums *others)
{
	for (size_t i = 0; i < others->cap; i++) {
		struct slot *slot;
		int rc;

		if (!others->slots[i].used) {
			continue;
		}
		rc = slot_of(s, others->slots[i].day, &slot);
		if (rc != 0) {
			return rc;
		}
		slot->left += others->slots[i].left;
	}
	return 0;
}

int day_sums_wrong(const struct day_sums *s, int64_t *day)
{
	int found = 0;

	for (size_t i = 0; i < s->cap; i++) {
		const struct slot *slot = &s->slots[i];

		if (slot->used && slot->left != 0 && (found == 0 || slot->day < *day)) {
			*day = slot->day;
			found = 1;
		}
	}
	return found;
}

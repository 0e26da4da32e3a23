#include "field.h"

#include <stdlib.h>
#include <string.h>

#define DECODED_MAX 1024 /* values of one reply: 125 registers, bits counted */
#define PENDING_MIN 64

/* A write under way: what its read-back is to be compared with. */
struct pending {
	uint32_t token; /* 0 = free */
	uint16_t place; /* index into units */
	uint16_t gun;   /* of the profile */
	uint16_t point;
	bool read_back;
};

struct place {
	struct field_unit unit;
	struct decoder *decoder;
};

struct field_map {
	struct place *places; /* sorted by bus, unit */
	size_t count;
	struct pending *pending;
	size_t pending_cap;
	struct decoded decoded[DECODED_MAX];
	struct sample samples[DECODED_MAX];
};

static int compare(const void *a, const void *b)
{
	const struct field_unit *x = &((const struct place *)a)->unit;
	const struct field_unit *y = &((const struct place *)b)->unit;

	if (x->bus != y->bus) {
		return x->bus < y->bus ? -1 : 1;
	}
	return (x->unit > y->unit) - (x->unit < y->unit);
}

int field_new(const struct field_cfg *cfg, struct field_map **out)
{
	struct field_map *field = calloc(1, sizeof *field);
	int rc = ERR_NOMEM;

	if (field == NULL) {
		return ERR_NOMEM;
	}
	field->pending_cap = PENDING_MIN + PLAN_WRITES_MAX * cfg->unit_count;
	field->pending = calloc(field->pending_cap, sizeof *field->pending);
	field->places = calloc(cfg->unit_count + 1, sizeof *field->places);
	if (field->pending == NULL || field->places == NULL) {
		goto fail;
	}
	for (size_t i = 0; i < cfg->unit_count; i++) {
		field->places[i].unit = cfg->units[i];
		rc = decoder_new(cfg->units[i].profile, &field->places[i].decoder);
		if (rc != 0) {
			goto fail;
		}
		field->count++;
	}
	qsort(field->places, field->count, sizeof *field->places, compare);
	for (size_t i = 1; i < field->count; i++) {
		if (compare(&field->places[i - 1], &field->places[i]) == 0) {
			rc = ERR_INVAL;
			goto fail;
		}
	}
	*out = field;
	return 0;
fail:
	field_free(field);
	return rc;
}

void field_free(struct field_map *field)
{
	if (field == NULL) {
		return;
	}
	for (size_t i = 0; i < field->count; i++) {
		decoder_free(field->places[i].decoder);
	}
	free(field->places);
	free(field->pending);
	free(field);
}

static struct place *find_place(const struct field_map *field, uint16_t bus, uint16_t unit)
{
	struct place key = {.unit = {.bus = bus, .unit = unit}};

	return bsearch(&key, field->places, field->count, sizeof key, compare);
}

const struct field_unit *field_unit_at(const struct field_map *field, uint16_t bus, uint16_t unit)
{
	const struct place *place = find_place(field, bus, unit);

	return place == NULL ? NULL : &place->unit;
}

/* ---- From the field ---- */

struct giving {
	struct moment now;
	void (*emit)(void *arg, const struct event *event);
	void *arg;
};

/* What the profile's gun 0, 1, 2.. is; false for a gun that the site does not have. */
static bool target_of(const struct field_unit *unit, uint16_t gun, struct target *out)
{
	if (gun == 0) {
		*out = unit->device;
		return true;
	}
	*out = (struct target){TGT_GUN, (uint16_t)(unit->first_gun + gun - 1)};
	return gun <= unit->gun_count;
}

static void give_link(
	const struct field_unit *unit, const struct bus_result *result, const struct giving *g)
{
	struct event event = {.kind = EV_LINK, .now = g->now};

	if (!target_of(unit, unit->unit_each ? 1 : 0, &event.link.target)) {
		return;
	}
	event.link.up = result->up;
	event.link.err = result->up ? 0 : result->reply.err;
	g->emit(g->arg, &event);
}

/* One event for all numbers of the reply, one for each text. */
static void give_values(struct field_map *field, const struct field_unit *unit, size_t count,
	struct mono at, const struct giving *g)
{
	struct event event = {.kind = EV_READINGS, .now = g->now};
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct decoded *d = &field->decoded[i];
		struct sample *s = &field->samples[n];

		if (point_info(d->point)->unit == UNIT_TEXT ||
			!target_of(unit, d->gun, &s->target)) {
			continue;
		}
		s->point = d->point;
		s->quality = (uint16_t)d->quality;
		s->value = d->value;
		n++;
	}
	event.readings.at = at;
	event.readings.samples = field->samples;
	event.readings.count = n;
	if (n > 0) {
		g->emit(g->arg, &event);
	}
	for (size_t i = 0; i < count; i++) {
		const struct decoded *d = &field->decoded[i];
		struct event text = {.kind = EV_TEXT, .now = g->now};

		if (point_info(d->point)->unit != UNIT_TEXT || d->quality != Q_GOOD ||
			!target_of(unit, d->gun, &text.text.target)) {
			continue;
		}
		text.text.point = d->point;
		text.text.text = d->text;
		text.text.at = at;
		g->emit(g->arg, &text);
	}
}

/* Exceptions 1 to 3 say that the device will never answer this; others pass. */
static bool refused(const struct bus_reply *reply)
{
	return reply->err == ERR_EXCEPTION && reply->exception >= 1 && reply->exception <= 3;
}

static void give_read(struct field_map *field, struct place *place, const struct bus_result *result,
	const struct giving *g)
{
	const struct plan_step *s = &result->step;
	const struct bus_reply *reply = &result->reply;
	size_t n = 0;

	if (reply->err == 0) {
		n = decoder_block(place->decoder, s->function, s->address, reply->values, s->count,
			field->decoded, DECODED_MAX);
	} else if (refused(reply)) {
		n = decoder_refused(place->decoder, s->function, s->address, s->count,
			field->decoded, DECODED_MAX);
	}
	give_values(field, &place->unit, n < DECODED_MAX ? n : DECODED_MAX, reply->at, g);
}

static struct pending *find_pending(struct field_map *field, uint32_t token)
{
	for (size_t i = 0; i < field->pending_cap; i++) {
		if (field->pending[i].token == token) {
			return &field->pending[i];
		}
	}
	return NULL;
}

/* Of a write that is read back two events tell: sent, and read back. */
static void give_written(struct field_map *field, struct place *place,
	const struct bus_result *result, const struct giving *g)
{
	struct event event = {.kind = EV_WRITTEN, .now = g->now};
	const struct bus_reply *reply = &result->reply;
	struct pending *p =
		result->step.token == 0 ? NULL : find_pending(field, result->step.token);

	if (p == NULL) {
		return; /* a keep-alive */
	}
	event.written.token = p->token;
	event.written.err = reply->err;
	event.written.at = reply->at;
	if (result->step.what == PLAN_READ_BACK && reply->err == 0) {
		event.written.err = profile_read_back(place->unit.profile, p->gun, p->point,
			reply->values, result->step.count, &event.written.read_back);
		event.written.has_read_back = event.written.err == 0;
	}
	if (reply->err != 0 || result->step.what == PLAN_READ_BACK || !p->read_back) {
		p->token = 0;
	}
	g->emit(g->arg, &event);
}

void field_result(struct field_map *field, const struct bus_result *result, struct moment now,
	void (*emit)(void *arg, const struct event *event), void *arg)
{
	struct place *place = find_place(field, result->bus, result->step.unit);
	struct giving g = {now, emit, arg};

	if (place == NULL) {
		return;
	}
	if (result->changed) {
		give_link(&place->unit, result, &g);
	}
	switch (result->step.what) {
	case PLAN_READ:
		give_read(field, place, result, &g);
		break;
	case PLAN_WRITE:
	case PLAN_READ_BACK:
		give_written(field, place, result, &g);
		break;
	case PLAN_WAIT:
		break;
	}
}

/* ---- To the field ---- */

/* The unit that a target is read from and written to, and its number in the profile. */
static struct place *place_of(const struct field_map *field, struct target target, uint16_t *gun)
{
	for (size_t i = 0; i < field->count; i++) {
		const struct field_unit *u = &field->places[i].unit;

		if (target.kind == TGT_GUN && target.index >= u->first_gun &&
			target.index < u->first_gun + u->gun_count) {
			*gun = (uint16_t)(target.index - u->first_gun + 1);
			return &field->places[i];
		}
		if (target.kind != TGT_GUN && target.kind == u->device.kind &&
			target.index == u->device.index) {
			*gun = 0;
			return &field->places[i];
		}
	}
	return NULL;
}

int field_find(const struct field_map *field, struct target target, uint16_t *bus, uint16_t *unit)
{
	uint16_t gun;
	const struct place *place = place_of(field, target, &gun);

	if (place == NULL) {
		return ERR_NOTFOUND;
	}
	*bus = place->unit.bus;
	*unit = place->unit.unit;
	return 0;
}

int field_write(
	struct field_map *field, const struct action *action, uint16_t *bus, struct plan_write *out)
{
	uint16_t gun;
	struct place *place = place_of(field, action->write.target, &gun);
	struct pending *p = find_pending(field, 0);
	int rc;

	if (place == NULL) {
		return ERR_NOTFOUND;
	}
	if (p == NULL) {
		return ERR_FULL;
	}
	rc = profile_write(place->unit.profile, gun, action->write.point, action->write.value, out);
	if (rc != 0) {
		return rc;
	}
	out->token = action->write.token;
	out->unit = place->unit.unit;
	*bus = place->unit.bus;
	*p = (struct pending){.token = action->write.token,
		.place = (uint16_t)(place - field->places),
		.gun = gun,
		.point = action->write.point,
		.read_back = out->back_function != 0};
	return 0;
}

void field_write_failed(struct field_map *field, uint32_t token, int err, struct moment now,
	void (*emit)(void *arg, const struct event *event), void *arg)
{
	struct event event = {.kind = EV_WRITTEN, .now = now};
	struct pending *p = token == 0 ? NULL : find_pending(field, token);

	if (p != NULL) {
		p->token = 0;
	}
	event.written.token = token;
	event.written.err = err;
	event.written.at = now.mono;
	emit(arg, &event);
}

int field_keepalive(struct field_map *field, size_t i, uint16_t *bus, struct plan_write *out)
{
	for (size_t n = 0; n < field->count; n++) {
		const struct field_unit *u = &field->places[n].unit;

		for (int gun = 0; gun <= u->gun_count; gun++) {
			if (profile_keepalive(u->profile, gun, out) != 0 || i-- > 0) {
				continue;
			}
			out->token = 0;
			out->unit = u->unit;
			*bus = u->bus;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

/* ---- Telemetry ---- */

const enum point *field_telemetry_points(enum target_kind kind, size_t *count)
{
	static const enum point gun[FIELD_TELEMETRY] = {
		PT_STATE, PT_POWER, PT_VOLTAGE, PT_CURRENT, PT_SOC, PT_ENERGY, PT_TEMP, PT_LIMIT_W};
	static const enum point meter[FIELD_TELEMETRY] = {PT_POWER, PT_ENERGY, PT_VOLTAGE_L1,
		PT_VOLTAGE_L2, PT_VOLTAGE_L3, PT_CURRENT_L1, PT_CURRENT_L2, PT_CURRENT_L3};

	*count = FIELD_TELEMETRY;
	return kind == TGT_METER ? meter : gun;
}

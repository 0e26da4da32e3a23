#include "journal_event.h"

#include <stdlib.h>
#include <string.h>

#include "tariff_pack.h"

#define TEXT_MAX   256
#define TABLE_SIZE (JE_SHAPES_MAX * 2)
#define STEP_FIRST 1000

struct shape {
	uint32_t first, count; /* range of the pool */
	uint64_t hash;
};

union any_view {
	struct view_session session;
	struct view_mark mark;
	struct view_visit visit;
	struct view_fault fault;
	struct view_alarm alarm;
	struct view_tag tag;
	struct view_gun gun;
	struct view_command command;
	struct view_slimit slimit;
	struct view_order order;
	struct view_reservation reserve;
	struct view_trial trial;
};

struct je_codec {
	struct moment last;
	uint32_t shape_count, pool_count;
	struct shape shapes[JE_SHAPES_MAX];
	uint16_t table[TABLE_SIZE]; /* shape + 1 by hash, open addressing */
	struct sample pool[JE_POOL_MAX];
	int16_t step[JE_POOL_MAX]; /* all differences so far are multiples of it */
	/* What the event that was read last points to. */
	struct sample samples[JE_SAMPLES_MAX];
	char texts[4][TEXT_MAX];
	union any_view view;
	struct tariff tariff;
	uint8_t packed[TARIFF_PACKED_MAX];
};

int je_new(struct je_codec **out)
{
	struct je_codec *c = calloc(1, sizeof *c);

	if (c == NULL) {
		return ERR_NOMEM;
	}
	*out = c;
	return 0;
}

void je_free(struct je_codec *codec)
{
	free(codec);
}

void je_reset(struct je_codec *codec)
{
	codec->last = (struct moment){{0}, {0}};
	codec->shape_count = 0;
	codec->pool_count = 0;
	memset(codec->table, 0, sizeof codec->table);
}

size_t je_bound(const struct event *event)
{
	size_t n = 64 + 4 * (TEXT_MAX + 4) + 2 * sizeof(union any_view);

	n += event->kind == EV_TARIFF ? TARIFF_PACKED_MAX : 0;
	if (event->kind == EV_READINGS) {
		n += event->readings.count * 32;
	}
	return n;
}

static uint64_t shape_hash(const struct sample *s, size_t count)
{
	uint64_t h = count;

	for (size_t i = 0; i < count; i++) {
		uint64_t word = (uint64_t)s[i].target.kind | (uint64_t)s[i].target.index << 16 |
				(uint64_t)s[i].point << 32 | (uint64_t)s[i].quality << 48;

		h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
		h ^= h >> 29;
	}
	return h;
}

static bool same_shape(const struct sample *a, const struct sample *b, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (a[i].target.kind != b[i].target.kind ||
			a[i].target.index != b[i].target.index || a[i].point != b[i].point ||
			a[i].quality != b[i].quality) {
			return false;
		}
	}
	return true;
}

/* Place in the table of a shape: where it is, or where it would go. */
static size_t probe(const struct je_codec *c, const struct sample *s, size_t count, uint64_t hash)
{
	size_t at = hash % TABLE_SIZE;

	while (c->table[at] != 0) {
		const struct shape *known = &c->shapes[c->table[at] - 1];

		if (known->hash == hash && known->count == count &&
			same_shape(&c->pool[known->first], s, count)) {
			break;
		}
		at = (at + 1) % TABLE_SIZE;
	}
	return at;
}

static void learn(struct je_codec *c, const struct sample *s, size_t count)
{
	uint64_t hash = shape_hash(s, count);
	size_t at = probe(c, s, count, hash);
	struct shape *shape;

	if (c->table[at] != 0 || c->shape_count == JE_SHAPES_MAX ||
		c->pool_count + count > JE_POOL_MAX) {
		return;
	}
	shape = &c->shapes[c->shape_count++];
	*shape = (struct shape){c->pool_count, (uint32_t)count, hash};
	memcpy(&c->pool[c->pool_count], s, count * sizeof *s);
	for (size_t k = 0; k < count; k++) {
		c->step[c->pool_count + k] = STEP_FIRST;
	}
	c->pool_count += (uint32_t)count;
	c->table[at] = (uint16_t)c->shape_count;
}

/* Differences wrap around, so that any value has one. */
static int64_t minus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static void pack_sample(struct pack *p, struct sample *s)
{
	pack_u16(p, &s->target.kind);
	pack_u16(p, &s->target.index);
	pack_u16(p, &s->point);
	pack_u16(p, &s->quality);
	pack_int(p, &s->value);
}

/* A difference that is not 0, in steps of what the device measures in: 0.1 V is 100 mV. A 0 before
 * it says that the step was too large and is a tenth from here on. */
static void pack_difference(struct pack *p, int64_t *d, int16_t *step)
{
	int64_t steps = 0;

	if (!p->reading) {
		while (*d % *step != 0) {
			pack_int(p, &steps);
			*step /= 10;
		}
		steps = *d / *step;
	}
	pack_int(p, &steps);
	while (p->reading && steps == 0 && *step > 1) {
		*step /= 10;
		pack_int(p, &steps);
	}
	*d = (int64_t)((uint64_t)steps * (uint64_t)*step);
}

/* Values of a known shape: a bit for each that differs, then the differences. */
static void pack_known(
	struct je_codec *c, struct pack *p, const struct shape *shape, struct sample *s)
{
	struct sample *last = &c->pool[shape->first];

	for (uint32_t base = 0; base < shape->count; base += 8) {
		uint8_t bits = 0;

		for (uint32_t k = base; !p->reading && k < shape->count && k < base + 8; k++) {
			bits |= (uint8_t)((s[k].value != last[k].value) << (k - base));
		}
		pack_u8(p, &bits);
		for (uint32_t k = base; k < shape->count && k < base + 8; k++) {
			int64_t d;

			if (p->reading) {
				s[k] = last[k];
			}
			if ((bits >> (k - base) & 1) == 0) {
				continue;
			}
			d = minus(s[k].value, last[k].value);
			pack_difference(p, &d, &c->step[shape->first + k]);
			last[k].value = plus(last[k].value, d);
			s[k].value = last[k].value;
		}
	}
}

static void pack_readings(struct je_codec *c, struct pack *p, struct event *e)
{
	uint32_t count = p->reading ? 0 : (uint32_t)e->readings.count;
	uint32_t number = 0; /* of a known shape, + 1 */
	struct sample *s = c->samples;
	int64_t age = minus(e->now.mono.us, e->readings.at.us);

	pack_int(p, &age);
	e->readings.at.us = minus(e->now.mono.us, age);
	if (!p->reading) {
		if (count > 0) {
			memcpy(s, e->readings.samples, count * sizeof *s);
		}
		number = c->table[probe(c, s, count, shape_hash(s, count))];
	}
	pack_u32(p, &number);
	if (number > c->shape_count) {
		p->bad = true;
		return;
	}
	if (number != 0) {
		pack_known(c, p, &c->shapes[number - 1], s);
		count = c->shapes[number - 1].count;
	} else {
		pack_u32(p, &count);
		if (count > JE_SAMPLES_MAX) {
			p->bad = true;
			return;
		}
		for (uint32_t k = 0; k < count && !p->bad; k++) {
			pack_sample(p, &s[k]);
		}
		learn(c, s, count);
	}
	e->readings.samples = s;
	e->readings.count = count;
}

static void pack_target(struct pack *p, struct target *t)
{
	pack_u16(p, &t->kind);
	pack_u16(p, &t->index);
}

static void pack_err(struct pack *p, int *err)
{
	int64_t v = *err;

	pack_int(p, &v);
	*err = v < INT32_MIN || v > INT32_MAX ? ERR_CORRUPT : (int)v;
}

/* A text that may be NULL, kept in one of the codec's buffers. */
static void pack_string(struct je_codec *c, struct pack *p, int buffer, const char **text)
{
	bool some = *text != NULL;
	char *kept = c->texts[buffer];

	pack_bool(p, &some);
	if (!some) {
		*text = NULL;
		return;
	}
	if (!p->reading) {
		view_set_text(kept, TEXT_MAX, *text);
	}
	pack_text(p, kept, TEXT_MAX);
	*text = kept;
}

static void pack_command(struct je_codec *c, struct pack *p, struct event *e)
{
	uint8_t verb = (uint8_t)e->command.verb;

	pack_u8(p, &verb);
	e->command.verb = (enum verb)verb;
	pack_target(p, &e->command.target);
	pack_int(p, &e->command.value);
	pack_string(c, p, 0, &e->command.id);
	pack_string(c, p, 1, &e->command.by);
	pack_string(c, p, 2, &e->command.origin);
	pack_string(c, p, 3, &e->command.reason);
	pack_int(p, &e->command.expires_us);
	pack_int(p, &e->command.confirm_us);
}

static void pack_age(struct pack *p, const struct event *e, struct mono *at)
{
	int64_t age = minus(e->now.mono.us, at->us);

	pack_int(p, &age);
	at->us = minus(e->now.mono.us, age);
}

/* A view, kept in the codec's buffer. */
static void pack_view(
	struct je_codec *c, struct pack *p, const struct view_info *info, const void *view)
{
	if (!p->reading) {
		memcpy(&c->view, view, info->size);
	}
	for (size_t k = 0; k < info->count; k++) {
		char *field = (char *)&c->view + info->fields[k].offset;
		int64_t v;

		if (info->fields[k].unit == UNIT_TEXT) {
			pack_text(p, field, info->fields[k].size);
			continue;
		}
		memcpy(&v, field, sizeof v);
		pack_int(p, &v);
		memcpy(field, &v, sizeof v);
	}
}

static void pack_resume(struct je_codec *c, struct pack *p, struct event *e)
{
	uint8_t kind = (uint8_t)e->resume.kind;
	const struct view_info *info;

	pack_u8(p, &kind);
	info = kind < VIEW_COUNT_ ? view_info((enum view_kind)kind) : NULL;
	if (info == NULL || info->size > sizeof c->view) {
		p->bad = true;
		return;
	}
	e->resume.kind = (enum view_kind)kind;
	pack_view(c, p, info, e->resume.view);
	e->resume.view = &c->view;
}

static void pack_alarm(struct je_codec *c, struct pack *p, struct event *e)
{
	uint8_t op = (uint8_t)e->alarm.op;

	pack_u8(p, &op);
	e->alarm.op = (enum alarm_op)op;
	pack_string(c, p, 0, &e->alarm.id);
	pack_string(c, p, 1, &e->alarm.by);
	pack_string(c, p, 2, &e->alarm.reason);
	pack_int(p, &e->alarm.until_ms);
	if (op >= ALARMOPS_ || e->alarm.id == NULL || e->alarm.by == NULL ||
		e->alarm.reason == NULL) {
		p->bad = true;
	}
}

static void pack_now(struct je_codec *c, struct pack *p, struct moment *now)
{
	int64_t us = minus(now->mono.us, c->last.mono.us);
	int64_t ms = 0;

	/* Both clocks run alike: the wall clock is what boot time makes of it, give or take. */
	pack_int(p, &us);
	now->mono.us = plus(c->last.mono.us, us);
	ms = minus(
		now->wall.ms, plus(c->last.wall.ms, now->mono.us / 1000 - c->last.mono.us / 1000));
	pack_int(p, &ms);
	now->wall.ms =
		plus(ms, plus(c->last.wall.ms, now->mono.us / 1000 - c->last.mono.us / 1000));
	c->last = *now;
}

/* With its length before it: a tariff is read to the end of what is given. */
static void pack_tariff(struct je_codec *c, struct pack *p, struct event *e)
{
	struct pack own = pack_writer(c->packed, sizeof c->packed);
	uint32_t size = 0;

	if (!p->reading) {
		c->tariff = *e->tariff;
		tariff_pack(&own, &c->tariff);
		size = (uint32_t)own.len;
	}
	pack_u32(p, &size);
	if (p->bad || own.bad || size > p->cap - p->len) {
		p->bad = true;
		return;
	}
	if (p->reading) {
		own = pack_reader(p->bytes + p->len, size);
		tariff_pack(&own, &c->tariff);
		p->bad = own.bad;
	} else {
		memcpy(p->bytes + p->len, c->packed, size);
	}
	p->len += size;
	e->tariff = &c->tariff;
}

static void pack_event(struct je_codec *c, struct pack *p, struct event *e)
{
	uint8_t kind = (uint8_t)e->kind;

	pack_u8(p, &kind);
	if (kind >= EV_COUNT_) {
		p->bad = true;
		return;
	}
	e->kind = (enum event_kind)kind;
	pack_now(c, p, &e->now);
	switch (e->kind) {
	case EV_READINGS:
		pack_readings(c, p, e);
		break;
	case EV_TEXT:
		pack_target(p, &e->text.target);
		pack_u16(p, &e->text.point);
		pack_string(c, p, 0, &e->text.text);
		pack_age(p, e, &e->text.at);
		break;
	case EV_LINK:
		pack_target(p, &e->link.target);
		pack_bool(p, &e->link.up);
		pack_err(p, &e->link.err);
		break;
	case EV_COMMAND:
		pack_command(c, p, e);
		break;
	case EV_WRITTEN:
		pack_u32(p, &e->written.token);
		pack_err(p, &e->written.err);
		pack_age(p, e, &e->written.at);
		pack_bool(p, &e->written.has_read_back);
		pack_int(p, &e->written.read_back);
		break;
	case EV_CLOCK:
		pack_int(p, &e->clock.step_ms);
		pack_bool(p, &e->clock.synced);
		break;
	case EV_RESUME:
		pack_resume(c, p, e);
		break;
	case EV_SLIMIT:
		pack_bool(p, &e->slimit.cancel);
		pack_view(c, p, view_info(VIEW_slimit), e->slimit.view);
		e->slimit.view = &c->view.slimit;
		break;
	case EV_ALARM:
		pack_alarm(c, p, e);
		break;
	case EV_AGENT:
		pack_int(p, &e->agent.code);
		pack_bool(p, &e->agent.up);
		pack_string(c, p, 0, &e->agent.detail);
		p->bad = p->bad || e->agent.detail == NULL;
		break;
	case EV_ORDER:
		pack_bool(p, &e->order.cancel);
		pack_view(c, p, view_info(VIEW_order), e->order.view);
		e->order.view = &c->view.order;
		break;
	case EV_RESERVE:
		pack_bool(p, &e->reserve.cancel);
		pack_bool(p, &e->reserve.waive);
		pack_view(c, p, view_info(VIEW_reservation), e->reserve.view);
		e->reserve.view = &c->view.reserve;
		break;
	case EV_TARIFF:
		pack_tariff(c, p, e);
		break;
	case EV_CONFIRM:
		pack_string(c, p, 0, &e->confirm.id);
		pack_string(c, p, 1, &e->confirm.by);
		break;
	case EV_TICK:
	case EV_COUNT_:
		break;
	}
}

int je_write(struct je_codec *codec, struct pack *p, const struct event *event)
{
	struct event e = *event;

	if (e.kind == EV_READINGS && e.readings.count > JE_SAMPLES_MAX) {
		return ERR_TOOLONG;
	}
	pack_event(codec, p, &e);
	return p->bad ? ERR_TOOLONG : 0;
}

int je_read(struct je_codec *codec, struct pack *p, struct event *event)
{
	memset(event, 0, sizeof *event);
	pack_event(codec, p, event);
	return p->bad ? ERR_CORRUPT : 0;
}

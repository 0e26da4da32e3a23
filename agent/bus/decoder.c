/* Registers in, readings out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "profile_def.h"
#include "state.h"

struct decoder {
	const struct profile *profile;
	struct raw *last; /* of each entry */
};

int decoder_new(const struct profile *profile, struct decoder **out)
{
	struct decoder *d = calloc(1, sizeof *d);

	*out = NULL;
	if (d == NULL) {
		return ERR_NOMEM;
	}
	d->profile = profile;
	d->last = calloc(profile->entry_count + 1, sizeof *d->last);
	if (d->last == NULL) {
		free(d);
		return ERR_NOMEM;
	}
	*out = d;
	return 0;
}

void decoder_free(struct decoder *d)
{
	if (d != NULL) {
		free(d->last);
		free(d);
	}
}

static uint16_t swap(uint16_t w)
{
	return (uint16_t)(w << 8 | w >> 8);
}

uint64_t decode_assemble(const struct scale *s, const uint16_t *registers)
{
	uint64_t bits = 0;

	for (int i = 0; i < s->words; i++) {
		uint16_t w = registers[s->low_word_first ? s->words - 1 - i : i];

		bits = bits << 16 | (s->low_byte_first ? swap(w) : w);
	}
	return bits;
}

/* raw * num * times / den + offset, rounded half away from zero, once. */
static struct raw scaled(const struct scale *s, int64_t times, int64_t raw)
{
	int64_t num = s->num, v;

	if (times != 1 && __builtin_mul_overflow(num, times, &num)) {
		return (struct raw){Q_IMPOSSIBLE, 0};
	}
	if (__builtin_mul_overflow(raw, num, &v)) {
		return (struct raw){Q_IMPOSSIBLE, 0};
	}
	if (s->den != 1) {
		int64_t rest = v % s->den;

		v /= s->den;
		rest = rest < 0 ? -rest : rest;
		if (rest >= s->den - rest) {
			v += raw < 0 ? -1 : 1;
		}
	}
	if (__builtin_add_overflow(v, s->offset, &v)) {
		return (struct raw){Q_IMPOSSIBLE, 0};
	}
	return (struct raw){Q_GOOD, v};
}

/* The same of a float: its whole part in integers, so that a large register keeps each unit. */
static struct raw scaled_float(const struct scale *s, int64_t times, double d)
{
	double whole, part, more;
	int64_t num = s->num, v, rest;

	if (isnan(d)) {
		return (struct raw){Q_INVALID, 0};
	}
	if (d > 4e15 || d < -4e15 || __builtin_mul_overflow(num, times, &num)) {
		return (struct raw){Q_IMPOSSIBLE, 0};
	}
	whole = trunc(d);
	part = (d - whole) * (double)num;
	more = trunc(part);
	part -= more;
	if (__builtin_mul_overflow((int64_t)whole, num, &v) ||
		__builtin_add_overflow(v, (int64_t)more, &v)) {
		return (struct raw){Q_IMPOSSIBLE, 0};
	}
	rest = v % s->den;
	v /= s->den;
	part = ((double)rest + part) / (double)s->den;
	v += part >= 0.5 ? 1 : part <= -0.5 ? -1 : 0;
	if (__builtin_add_overflow(v, s->offset, &v)) {
		return (struct raw){Q_IMPOSSIBLE, 0};
	}
	return (struct raw){Q_GOOD, v};
}

static int64_t sign_extend(uint64_t bits, int width)
{
	uint64_t sign = width > 0 ? UINT64_C(1) << (width - 1) : 0;

	return (int64_t)((bits ^ sign) - sign);
}

/* The most severe of the faults whose bits are set; bits without a row are `other`. */
static int64_t worst_flag(const struct point_def *def, uint64_t bits)
{
	uint64_t known = 0;
	int worst = 99;
	int64_t code = FAULT_NONE;

	for (size_t i = 0; i < def->map_count; i++) {
		const struct map_row *row = &def->map[i];
		uint64_t mask = (UINT64_MAX >> (63 - (row->hi - row->lo))) << row->lo;
		const struct fault_info *info;

		known |= mask;
		if ((bits & mask) == 0 || row->value == FAULT_NONE) {
			continue;
		}
		info = fault_info((int)row->value);
		if (info != NULL && (int)info->severity < worst) {
			worst = (int)info->severity;
			code = row->value;
		}
	}
	if (code == FAULT_NONE && (bits & ~known) != 0) {
		code = FAULT_DEVICE_OTHER;
	}
	return code;
}

static struct raw mapped(const struct point_def *def, int64_t raw)
{
	for (size_t i = 0; i < def->map_count; i++) {
		if (raw >= def->map[i].lo && raw <= def->map[i].hi) {
			return (struct raw){Q_GOOD, def->map[i].value};
		}
	}
	if (def->has_else) {
		return (struct raw){Q_GOOD, def->else_value};
	}
	if (def->point == PT_FAULT) {
		return (struct raw){
			Q_GOOD, raw == 0 ? (int64_t)FAULT_NONE : (int64_t)FAULT_DEVICE_OTHER};
	}
	return (struct raw){Q_INVALID, 0};
}

/* A whole number as the point means it. */
static struct raw meaning(const struct point_def *def, int64_t times, int64_t raw)
{
	if (def->flags) {
		return (struct raw){Q_GOOD, worst_flag(def, (uint64_t)raw)};
	}
	if (def->map_count > 0 || def->has_else) {
		return mapped(def, raw);
	}
	switch (def->point) {
	case PT_PLUGGED:
		return (struct raw){Q_GOOD, raw != 0};
	case PT_FAULT:
		if (raw == 0 || (raw > 0 && raw < INT32_MAX && fault_info((int)raw) != NULL)) {
			return (struct raw){Q_GOOD, raw};
		}
		return (struct raw){Q_GOOD, FAULT_DEVICE_OTHER};
	default:
		return scaled(&def->scale, times, raw);
	}
}

/* Characters of a text; `dst` has room for two a register and a NUL. Trailing blanks are not
 * part of it, what a terminal should not get becomes "?". */
static void text_of(const struct scale *s, const uint16_t *registers, char *dst)
{
	size_t n = 0, end = 0;

	for (int i = 0; i < s->words; i++) {
		uint16_t w = s->low_byte_first ? swap(registers[i]) : registers[i];
		uint8_t c[2] = {(uint8_t)(w >> 8), (uint8_t)w};

		for (int k = 0; k < 2; k++) {
			if (c[k] == 0) {
				dst[end] = '\0';
				return;
			}
			dst[n++] = c[k] >= ' ' && c[k] < 0x7F ? (char)c[k] : '?';
			end = c[k] != ' ' ? n : end;
		}
	}
	dst[end] = '\0';
}

static struct raw mapped_text(const struct point_def *def, const uint16_t *registers)
{
	char text[2 * DEF_TEXT_MAX + 1];

	text_of(&def->scale, registers, text);
	for (size_t i = 0; i < def->map_count; i++) {
		if (strcmp(def->map[i].text, text) == 0) {
			return (struct raw){Q_GOOD, def->map[i].value};
		}
	}
	return def->has_else ? (struct raw){Q_GOOD, def->else_value} : (struct raw){Q_INVALID, 0};
}

static bool marked_invalid(const struct point_def *def, uint64_t bits)
{
	for (int i = 0; i < def->invalid_count; i++) {
		if (def->invalid[i] == bits) {
			return true;
		}
	}
	return false;
}

static double float_of(uint8_t type, uint64_t bits)
{
	double d;
	float f;
	uint32_t half = (uint32_t)bits;

	if (type == VT_F32) {
		memcpy(&f, &half, sizeof f);
		return (double)f;
	}
	memcpy(&d, &bits, sizeof d);
	return d;
}

struct raw decode_number(
	const struct point_def *def, uint8_t shift, int64_t times, const uint16_t *registers)
{
	const struct scale *s = &def->scale;
	struct raw r;
	uint64_t bits;

	if (s->type >= VT_TEXT) {
		return mapped_text(def, registers);
	}
	bits = s->words == 1 && !s->low_byte_first ? registers[0] : decode_assemble(s, registers);
	if (def->invalid_count > 0 && marked_invalid(def, bits)) {
		return (struct raw){Q_INVALID, 0};
	}
	if (s->type == VT_F32 || s->type == VT_F64) {
		r = scaled_float(s, times, float_of(s->type, bits));
		if (r.quality == Q_GOOD && (def->map_count > 0 || def->point == PT_PLUGGED)) {
			r = meaning(def, times, r.value);
		}
	} else {
		int width = s->words * 16;

		if (def->bit_count > 0) {
			width = def->bit_count;
			bits = bits >> shift & (UINT64_MAX >> (64 - width));
		}
		if (s->type == VT_S16 || s->type == VT_S32 || s->type == VT_S64) {
			r = meaning(def, times, sign_extend(bits, width));
		} else if (bits > INT64_MAX && !def->flags) {
			r = (struct raw){Q_IMPOSSIBLE, 0};
		} else {
			r = meaning(def, times, (int64_t)bits);
		}
	}
	if (r.quality == Q_GOOD && (r.value < def->min || r.value > def->max)) {
		r.quality = Q_IMPOSSIBLE;
	}
	return r;
}

/* Text points: characters, digits, dotted bytes, or the number of a numeric type. */
static struct raw decode_text(const struct point_def *def, const uint16_t *registers, char *dst)
{
	const struct scale *s = &def->scale;
	size_t room = sizeof((struct decoded *)0)->text, used = 0;

	dst[0] = '\0';
	switch (s->type) {
	case VT_TEXT:
		text_of(s, registers, dst);
		break;
	case VT_HEX:
		for (int i = 0; i < s->words && used + 5 <= room; i++) {
			used += (size_t)snprintf(dst + used, room - used, "%04X", registers[i]);
		}
		break;
	case VT_DOTTED:
		for (int i = 0; i < s->words && used + 9 <= room; i++) {
			used += (size_t)snprintf(dst + used, room - used, "%s%u.%u",
				i > 0 ? "." : "", (unsigned)registers[i] >> 8,
				(unsigned)registers[i] & 0xFF);
		}
		break;
	default: {
		struct raw r = decode_number(def, def->bit_lo, 1, registers);

		if (r.quality == Q_GOOD) {
			snprintf(dst, room, "%lld", (long long)r.value);
		}
		return r;
	}
	}
	return (struct raw){Q_GOOD, 0};
}

/* The last reading of a point, for a part of a sum. */
static struct raw last_of(const struct decoder *d, uint8_t gun, uint8_t point)
{
	const struct profile *p = d->profile;

	for (size_t i = 0; i < p->entry_count; i++) {
		if (p->entries[i].gun == gun && p->defs[p->entries[i].def].point == point) {
			return d->last[i];
		}
	}
	return (struct raw){Q_NONE, 0};
}

/* The product of the ratios; false while one of them is not known. */
static bool ratios(const struct decoder *d, const struct point_def *def, int64_t *times)
{
	*times = def->times;
	for (int i = 0; i < def->times_count; i++) {
		struct raw r = d->last[def->times_entry[i]];

		if (r.quality != Q_GOOD || r.value < 1 ||
			__builtin_mul_overflow(*times, r.value, times)) {
			return false;
		}
	}
	return true;
}

static void fill(struct decoded *out, const struct point_def *def, uint8_t gun, struct raw r)
{
	out->point = def->point;
	out->gun = gun;
	out->quality = r.quality;
	out->value = r.quality == Q_GOOD || r.quality == Q_SUBSTITUTE ? r.value : 0;
	out->text[0] = '\0';
}

/* Where the same point has several sources: the first of the file that speaks. A fault of 0 gives
 * way to a fault of another source. */
static struct raw spoken(const struct decoder *d, uint8_t gun, uint8_t point)
{
	const struct profile *p = d->profile;
	struct raw best = {Q_NONE, 0};
	uint16_t best_def = UINT16_MAX;

	for (size_t i = 0; i < p->entry_count; i++) {
		const struct entry *e = &p->entries[i];
		const struct raw *r = &d->last[i];
		bool better;

		if (e->gun != gun || p->defs[e->def].point != point || r->quality == Q_NONE) {
			continue;
		}
		if (r->quality != Q_GOOD || best.quality != Q_GOOD) {
			better = r->quality == Q_GOOD || best.quality == Q_NONE;
		} else if (point == PT_FAULT && (r->value == 0) != (best.value == 0)) {
			better = r->value != 0;
		} else {
			better = e->def < best_def;
		}
		if (better) {
			best = *r;
			best_def = e->def;
		}
	}
	return best;
}

static size_t put_shared(const struct decoder *d, size_t first, size_t last, struct decoded *out,
	size_t n, size_t cap)
{
	const struct profile *p = d->profile;

	for (size_t i = first; i < last && n < cap; i++) {
		const struct entry *e = &p->entries[i];
		bool seen = !e->shared || d->last[i].quality == Q_NONE;

		for (size_t k = first; k < i && !seen; k++) {
			seen = p->entries[k].gun == e->gun &&
			       p->defs[p->entries[k].def].point == p->defs[e->def].point;
		}
		if (!seen) {
			fill(&out[n++], &p->defs[e->def], e->gun,
				spoken(d, e->gun, p->defs[e->def].point));
		}
	}
	return n;
}

/* Sums whose last part came with this block. */
static size_t put_sums(
	const struct decoder *d, size_t got, struct decoded *out, size_t n, size_t cap)
{
	const struct profile *p = d->profile;

	for (size_t i = p->read_count; i < p->entry_count && n < cap; i++) {
		const struct entry *e = &p->entries[i];
		const struct point_def *def = &p->defs[e->def];
		struct raw sum = {Q_SUBSTITUTE, 0};
		bool fresh = false;

		for (int k = 0; k < def->part_count; k++) {
			struct raw r = last_of(d, e->gun, def->part[k]);

			if (r.quality != Q_GOOD ||
				__builtin_add_overflow(sum.value, r.value, &sum.value)) {
				sum.quality = Q_INVALID;
			}
			for (size_t m = 0; m < got; m++) {
				fresh |= out[m].point == def->part[k] && out[m].gun == e->gun;
			}
		}
		if (fresh) {
			fill(&out[n++], def, e->gun, sum);
		}
	}
	return n;
}

/* First entry at or after a register. */
static size_t first_entry(const struct profile *p, uint8_t function, uint16_t address)
{
	size_t lo = 0, hi = p->read_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct entry *e = &p->entries[mid];

		if (e->function < function || (e->function == function && e->address < address)) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return lo;
}

static bool inside(const struct profile *p, size_t i, uint8_t function, uint32_t end)
{
	return i < p->read_count && p->entries[i].function == function &&
	       p->entries[i].address < end;
}

/* Ratios of a block first, so that the values beside them are right at once. */
static void take_ratios(struct decoder *d, size_t first, uint8_t function, uint16_t address,
	const uint16_t *registers, uint32_t end)
{
	const struct profile *p = d->profile;

	for (size_t i = first; inside(p, i, function, end); i++) {
		const struct entry *e = &p->entries[i];

		if (e->ratio && (uint32_t)e->address + e->count <= end) {
			d->last[i] = decode_number(&p->defs[e->def], e->shift,
				p->defs[e->def].times, registers + (e->address - address));
		}
	}
}

size_t decoder_block(struct decoder *d, uint8_t function, uint16_t address,
	const uint16_t *registers, uint16_t count, struct decoded *out, size_t cap)
{
	const struct profile *p = d->profile;
	uint32_t end = (uint32_t)address + count;
	size_t first = first_entry(p, function, address), i, n = 0;
	bool shared = false;

	if (p->has_ratios) {
		take_ratios(d, first, function, address, registers, end);
	}
	for (i = first; inside(p, i, function, end); i++) {
		const struct entry *e = &p->entries[i];
		const struct point_def *def = &p->defs[e->def];
		const uint16_t *at = registers + (e->address - address);
		struct raw r;
		int64_t times;

		if ((uint32_t)e->address + e->count > end || n == cap) {
			continue;
		}
		if (point_info((enum point)def->point)->unit == UNIT_TEXT) {
			fill(&out[n], def, e->gun, (struct raw){Q_GOOD, 0});
			out[n].quality = decode_text(def, at, out[n].text).quality;
			n++;
			continue;
		}
		times = def->times;
		if (def->times_count > 0 && !ratios(d, def, &times)) {
			continue;
		}
		r = decode_number(def, e->shift, times, at);
		d->last[i] = r;
		if (e->shared) {
			shared = true;
			continue;
		}
		fill(&out[n++], def, e->gun, r);
	}
	if (shared) {
		n = put_shared(d, first, i, out, n, cap);
	}
	if (p->entry_count > p->read_count) {
		n = put_sums(d, n, out, n, cap);
	}
	return n;
}

size_t decoder_refused(struct decoder *d, uint8_t function, uint16_t address, uint16_t count,
	struct decoded *out, size_t cap)
{
	const struct profile *p = d->profile;
	uint32_t end = (uint32_t)address + count;
	size_t n = 0;

	for (size_t i = first_entry(p, function, address); inside(p, i, function, end) && n < cap;
		i++) {
		const struct entry *e = &p->entries[i];

		d->last[i] = (struct raw){Q_UNSUPPORTED, 0};
		fill(&out[n++], &p->defs[e->def], e->gun, d->last[i]);
	}
	return n;
}

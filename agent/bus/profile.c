/* Profiles in use: what a model gives and takes, writes and their read-back. */
#include "profile_def.h"

#include <string.h>

const struct profile_info *profile_info(const struct profile *profile)
{
	return &profile->info;
}

const struct point_def *profile_def(
	const struct profile *profile, int gun, enum point p, bool write)
{
	for (size_t i = 0; i < profile->def_count; i++) {
		const struct point_def *def = &profile->defs[i];

		if (def->point == p && def->device == (gun == 0) && gun <= profile->info.guns &&
			(write ? def->write.function != 0 : def->reads || def->part_count > 0)) {
			return def;
		}
	}
	return NULL;
}

bool profile_reads(const struct profile *profile, enum point p)
{
	return profile_def(profile, 0, p, false) != NULL ||
	       profile_def(profile, 1, p, false) != NULL;
}

bool profile_writes(const struct profile *profile, enum point p)
{
	return profile_def(profile, 0, p, true) != NULL || profile_def(profile, 1, p, true) != NULL;
}

bool profile_writes_gun(const struct profile *profile, int gun, enum point p)
{
	return gun >= 0 && profile_def(profile, gun, p, true) != NULL;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int allowed(const struct write_def *w, int64_t value)
{
	if (w->zero && value == 0) {
		return 0;
	}
	return value < w->min || value > w->max ? ERR_RANGE : 0;
}

/* The raw number of a value, rounded towards less: a limit must not end up above what was asked. */
static int to_raw(const struct write_def *w, int64_t value, int64_t *raw)
{
	const struct scale *s = &w->scale;
	int64_t v = floor_div(value, w->step) * w->step;

	if (__builtin_sub_overflow(v, s->offset, &v) || __builtin_mul_overflow(v, s->den, &v)) {
		return ERR_RANGE;
	}
	*raw = floor_div(v, s->num);
	return 0;
}

static bool fits(uint8_t type, int64_t raw)
{
	switch (type) {
	case VT_U16:
		return raw >= 0 && raw <= UINT16_MAX;
	case VT_S16:
		return raw >= INT16_MIN && raw <= INT16_MAX;
	case VT_U32:
		return raw >= 0 && raw <= UINT32_MAX;
	case VT_S32:
		return raw >= INT32_MIN && raw <= INT32_MAX;
	case VT_U64:
		return raw >= 0;
	case VT_BIT:
		return raw == 0 || raw == 1;
	default:
		return true;
	}
}

/* The bits of a float that holds the value itself, not a rounded raw number. */
static uint64_t float_bits(const struct scale *s, int64_t value)
{
	double d = (double)(value - s->offset) * (double)s->den / (double)s->num;
	uint64_t bits = 0;

	if (s->type == VT_F32) {
		float f = (float)d;
		uint32_t b;

		memcpy(&b, &f, sizeof b);
		bits = b;
	} else {
		memcpy(&bits, &d, sizeof bits);
	}
	return bits;
}

static void spread(const struct scale *s, uint64_t bits, uint16_t *out)
{
	for (int i = 0; i < s->words; i++) {
		int word = s->low_word_first ? i : s->words - 1 - i;
		uint16_t w = (uint16_t)(bits >> (16 * word));

		out[i] = s->low_byte_first ? (uint16_t)(w << 8 | w >> 8) : w;
	}
}

static uint16_t write_address(const struct profile *profile, const struct point_def *def,
	const struct write_def *w, int gun)
{
	if (def->device || gun < 1) {
		return w->at;
	}
	return (uint16_t)(w->at + profile->stride * (gun - 1));
}

int profile_write(
	const struct profile *profile, int gun, enum point p, int64_t value, struct plan_write *out)
{
	const struct point_def *def = gun < 0 ? NULL : profile_def(profile, gun, p, true);
	const struct write_def *w;
	int64_t raw;

	if (def == NULL) {
		return ERR_UNSUPPORTED;
	}
	w = &def->write;
	memset(out, 0, sizeof *out);
	out->function = w->function;
	out->address = write_address(profile, def, w, gun);
	if (w->fixed_count > 0) {
		out->count = w->fixed_count;
		memcpy(out->values, w->fixed, w->fixed_count * sizeof w->fixed[0]);
	} else {
		uint64_t bits;

		if (allowed(w, value) != 0 || to_raw(w, value, &raw) != 0) {
			return ERR_RANGE;
		}
		bits = (uint64_t)raw;
		if (w->scale.type == VT_F32 || w->scale.type == VT_F64) {
			bits = float_bits(&w->scale, value);
		} else if (!fits(w->scale.type, raw)) {
			return ERR_RANGE;
		}
		out->count = w->scale.words;
		spread(&w->scale, bits, out->values);
	}
	if (w->back) {
		out->back_function = def->function;
		out->back_address = profile_address(profile, def, gun);
		out->back_count = def->scale.words;
		out->back_delay_us = w->delay_us;
	}
	/* A limit runs out: it must be there before. */
	out->every_us = p == PT_KEEPALIVE ? w->every_us : w->every_us - w->every_us / 5;
	return 0;
}

int profile_round(
	const struct profile *profile, int gun, enum point p, int64_t value, int64_t *rounded)
{
	const struct point_def *def = gun < 0 ? NULL : profile_def(profile, gun, p, true);
	const struct scale *s;
	int64_t raw;

	if (def == NULL) {
		return ERR_UNSUPPORTED;
	}
	s = &def->write.scale;
	if (def->write.fixed_count > 0 || s->type == VT_F32 || s->type == VT_F64) {
		*rounded = value;
		return 0;
	}
	if (allowed(&def->write, value) != 0 || to_raw(&def->write, value, &raw) != 0 ||
		!fits(s->type, raw) || __builtin_mul_overflow(raw, s->num, &raw)) {
		return ERR_RANGE;
	}
	*rounded = raw / s->den + s->offset;
	return 0;
}

int profile_read_back(const struct profile *profile, int gun, enum point p,
	const uint16_t *registers, uint16_t count, int64_t *value)
{
	const struct point_def *def = gun < 0 ? NULL : profile_def(profile, gun, p, false);
	struct raw raw;

	if (def == NULL || !def->reads || count < def->scale.words) {
		return ERR_UNSUPPORTED;
	}
	raw = decode_number(def, (uint8_t)(def->bit_lo + def->gun_bits * (gun > 0 ? gun - 1 : 0)),
		def->times, registers);
	if (raw.quality != Q_GOOD) {
		return ERR_RANGE;
	}
	*value = raw.value;
	return 0;
}

int profile_keepalive(const struct profile *profile, int gun, struct plan_write *out)
{
	return profile_write(profile, gun, PT_KEEPALIVE, 1, out);
}

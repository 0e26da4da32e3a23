/* The effective profile as text that loads again. */
#include <inttypes.h>
#include <string.h>

#include "core/site.h"
#include "profile_def.h"
#include "state.h"

/* num/den in decimal; den, at least 1, divides a power of ten, as it came from a decimal. */
static void decimal(FILE *out, int64_t num, int64_t den)
{
	int64_t whole = num / den, rest = num % den;

	if (num < 0) {
		fputc('-', out);
		whole = -whole;
		rest = -rest;
	}
	fprintf(out, "%" PRId64, whole);
	if (rest != 0) {
		fputc('.', out);
	}
	for (int i = 0; i < 18 && rest != 0; i++) {
		int64_t digit = rest * 10 / den;

		fputc((int)('0' + digit), out);
		rest = rest * 10 - digit * den;
	}
}

/* A value with its unit; the house's m°C is written in °C. */
static void quantity(FILE *out, enum unit unit, int64_t num, int64_t den)
{
	const char *suffix = unit == UNIT_MC ? "C" : unit_suffix(unit);

	decimal(out, num, unit == UNIT_MC ? den * 1000 : den);
	fprintf(out, "%s%s", *suffix != '\0' ? " " : "", suffix);
}

static void quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\') {
			fputc('\\', out);
		}
		fputc(*text, out);
	}
	fputc('"', out);
}

static bool has_scale(const struct point_def *def, enum unit unit)
{
	return *unit_suffix(unit) != '\0' && def->map_count == 0 && !def->has_else;
}

static void scale(FILE *out, const struct point_def *def, const struct scale *s)
{
	enum unit unit = point_info((enum point)def->point)->unit;

	fprintf(out, ", type: %s", profile_types[s->type]);
	if (s->type >= VT_TEXT) {
		fprintf(out, ", length: %d", s->words);
	}
	if (s->low_word_first) {
		fputs(", words: low-first", out);
	}
	if (s->low_byte_first) {
		fputs(", bytes: low-first", out);
	}
	if (has_scale(def, unit) || s->num != 1 || s->den != 1) {
		fputs(", unit: ", out);
		quantity(out, unit, s->num, s->den);
	}
	if (s->offset != 0) {
		fputs(", offset: ", out);
		quantity(out, unit, s->offset, 1);
	}
}

static void meaning(FILE *out, const struct point_def *def, int64_t value)
{
	enum unit unit = point_info((enum point)def->point)->unit;

	switch (unit) {
	case UNIT_STATE:
		fputs(state_info((enum gun_state)value)->token, out);
		break;
	case UNIT_BOOL:
		fputs(value != 0 ? "yes" : "no", out);
		break;
	case UNIT_CODE:
		if (value == 0 && def->point == PT_FAULT) {
			fputs("none", out);
		} else {
			fprintf(out, "%" PRId64, value);
		}
		break;
	default:
		quantity(out, unit, value, 1);
		break;
	}
}

static void map(FILE *out, const struct point_def *def)
{
	const char *comma = "";

	if (def->map_count == 0 && !def->has_else) {
		return;
	}
	fputs(def->flags ? ", flags: {" : ", map: {", out);
	for (size_t i = 0; i < def->map_count; i++) {
		const struct map_row *row = &def->map[i];

		fputs(comma, out);
		if (def->scale.type >= VT_TEXT) {
			quoted(out, row->text);
		} else if (row->lo == row->hi) {
			fprintf(out, "%" PRId64, row->lo);
		} else {
			fprintf(out, "%" PRId64 "..%" PRId64, row->lo, row->hi);
		}
		fputs(": ", out);
		meaning(out, def, row->value);
		comma = ", ";
	}
	if (def->has_else) {
		fprintf(out, "%selse: ", comma);
		meaning(out, def, def->else_value);
	}
	fputc('}', out);
}

static void factors(FILE *out, const struct point_def *def)
{
	const char *comma = "";

	if (def->times == 1 && def->times_count == 0) {
		return;
	}
	fputs(", times: [", out);
	if (def->times != 1) {
		fprintf(out, "%" PRId64, def->times);
		comma = ", ";
	}
	for (int i = 0; i < def->times_count; i++) {
		fprintf(out, "%s%s", comma, point_info((enum point)def->times_point[i])->name);
		comma = ", ";
	}
	fputc(']', out);
}

static void place(FILE *out, const struct profile *p, const struct point_def *def)
{
	if (!def->listed) {
		fprintf(out, "at: 0x%04X", def->at);
		return;
	}
	fputs("at: [", out);
	for (int i = 0; i < p->info.guns; i++) {
		fprintf(out, "%s0x%04X", i > 0 ? ", " : "", def->addresses[i]);
	}
	fputc(']', out);
}

static void markers(FILE *out, const struct point_def *def)
{
	int width = def->scale.words * 16;
	uint64_t ones = width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;

	for (int i = 0; i < def->invalid_count; i++) {
		fputs(i == 0 ? ", invalid: [" : ", ", out);
		if (def->invalid[i] == ones) {
			fputs("ones", out);
		} else if (def->invalid[i] == (ones >> 1) + 1) {
			fputs("min", out);
		} else {
			fprintf(out, "0x%" PRIX64, def->invalid[i]);
		}
	}
	fputs(def->invalid_count > 0 ? "]" : "", out);
}

static void reading(FILE *out, const struct profile *p, const struct point_def *def)
{
	enum unit unit = point_info((enum point)def->point)->unit;

	place(out, p, def);
	fprintf(out, ", read: %d", def->function);
	scale(out, def, &def->scale);
	if (def->bit_count > 0) {
		fprintf(out, ", bits: %d..%d", def->bit_lo, def->bit_lo + def->bit_count - 1);
	}
	if (def->gun_bits > 0) {
		fprintf(out, ", gun_bits: %d", def->gun_bits);
	}
	factors(out, def);
	markers(out, def);
	if (def->min != -INT64_MAX) {
		fputs(", min: ", out);
		quantity(out, unit, def->min, 1);
	}
	if (def->max != INT64_MAX) {
		fputs(", max: ", out);
		quantity(out, unit, def->max, 1);
	}
	map(out, def);
	fprintf(out, ", poll: %s", profile_groups[def->group]);
}

static void write_part(FILE *out, const struct point_def *def)
{
	const struct write_def *w = &def->write;
	enum unit unit = point_info((enum point)def->point)->unit;

	fprintf(out, "write: {at: 0x%04X, function: %d", w->at, w->function);
	scale(out, def, &w->scale);
	if (w->fixed_count > 0) {
		for (int i = 0; i < w->fixed_count; i++) {
			fprintf(out, "%s0x%04X", i == 0 ? ", value: [" : ", ", w->fixed[i]);
		}
		fputc(']', out);
	} else {
		fputs(", min: ", out);
		quantity(out, unit, w->min, 1);
		if (w->max != INT64_MAX) {
			fputs(", max: ", out);
			quantity(out, unit, w->max, 1);
		}
		fputs(", step: ", out);
		quantity(out, unit, w->step, 1);
		fprintf(out, ", zero: %s", w->zero ? "yes" : "no");
	}
	fprintf(out, ", back: %s, delay: %" PRId64 " us", w->back ? "yes" : "no", w->delay_us);
	if (w->every_us > 0) {
		fprintf(out, ", every: %" PRId64 " us", w->every_us);
	}
	fputc('}', out);
}

static void definition(FILE *out, const struct profile *p, const struct point_def *def)
{
	fputc('{', out);
	if (def->reads) {
		reading(out, p, def);
	}
	for (int i = 0; i < def->part_count; i++) {
		fprintf(out, "%s%s%s", i == 0 ? "sum: [" : ", ",
			point_info((enum point)def->part[i])->name,
			i + 1 == def->part_count ? "]" : "");
	}
	if (def->write.function != 0) {
		fputs(def->reads || def->part_count > 0 ? ", " : "", out);
		write_part(out, def);
	}
	fputc('}', out);
}

static void points(FILE *out, const struct profile *p, bool device)
{
	for (size_t i = 0; i < p->def_count; i++) {
		const struct point_def *def = &p->defs[i];
		bool again = i > 0 && def[-1].point == def->point && def[-1].device == def->device;
		bool more = i + 1 < p->def_count && def[1].point == def->point &&
			    def[1].device == def->device;

		if (def->device != device) {
			continue;
		}
		if (!again) {
			fprintf(out, "  %s:%s", point_info((enum point)def->point)->name,
				more ? "\n" : " ");
		}
		fputs(again || more ? "    - " : "", out);
		definition(out, p, def);
		fputc('\n', out);
	}
}

static bool any(const struct profile *p, bool device)
{
	for (size_t i = 0; i < p->def_count; i++) {
		if (p->defs[i].device == device) {
			return true;
		}
	}
	return false;
}

static void head(FILE *out, const struct profile *p)
{
	static const char *const kinds[] = {[DEVICE_AC_PILE] = "ac-pile",
		[DEVICE_DC_PILE] = "dc-pile",
		[DEVICE_METER] = "meter"};
	const struct profile_info *info = &p->info;

	fputs("profile: ", out);
	quoted(out, info->name);
	fputs("\nmaker: ", out);
	quoted(out, info->maker);
	fputs("\nmodel: ", out);
	quoted(out, info->model);
	fprintf(out, "\nkind: %s\n", kinds[info->kind]);
	if (info->rated_w > 0) {
		fprintf(out, "rated: %" PRId64 " W\n", info->rated_w);
	}
	if (info->max_w > 0) {
		fprintf(out, "gun: {max: %" PRId64 " W, min: %" PRId64 " W}\n", info->max_w,
			info->min_w);
	}
	if (info->unit_each) {
		fputs("guns: {each: unit}\n", out);
	} else if (info->kind != DEVICE_METER) {
		fprintf(out, "guns: {count: %d, stride: %d}\n", info->guns, p->stride);
	}
}

static void modbus(FILE *out, const struct profile *p)
{
	const struct profile_info *info = &p->info;

	fprintf(out,
		"modbus:\n  max_read: %d\n  max_gap: %d\n  single: %s\n  pause: %" PRId64
		" us\n  fast: %" PRId64 " us\n  slow: %" PRId64 " us\n",
		info->max_read, info->max_gap, info->single ? "yes" : "no", info->pause_us,
		info->fast_us, info->slow_us);
	if (p->block_count > 0) {
		fputs("  blocks:\n", out);
	}
	for (size_t i = 0; i < p->block_count; i++) {
		const struct block *b = &p->blocks[i];

		fprintf(out, "    - {read: %d, at: 0x%04X, count: %d, poll: %s}\n", b->function,
			b->address, b->count, profile_groups[b->group]);
	}
}

void profile_show(const struct profile *p, FILE *out)
{
	static const char *const sources[] = {[ESRC_REGISTER] = "register",
		[ESRC_METER] = "meter",
		[ESRC_SESSION] = "session",
		[ESRC_NONE] = "none"};
	bool meter = p->info.kind == DEVICE_METER;

	head(out, p);
	modbus(out, p);
	fprintf(out, "energy: {source: %s, wrap: %" PRId64 " Wh, resolution: %" PRId64 " Wh}\n",
		sources[p->info.energy_source], p->info.wrap_wh, p->info.resolution_wh);
	if (p->info.watchdog_s != VALUE_NONE) {
		fprintf(out, "watchdog: %" PRId64 " s\n", p->info.watchdog_s);
	}
	fputs(any(p, meter) ? "points:\n" : "points: {}\n", out);
	points(out, p, meter);
	if (!meter && any(p, true)) {
		fputs("device:\n", out);
		points(out, p, true);
	}
}

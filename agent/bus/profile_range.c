/* From definitions to entries in the order of their registers, and to the ranges to poll. */
#include <stdlib.h>
#include <string.h>

#include "profile_def.h"

uint16_t profile_address(const struct profile *profile, const struct point_def *def, int gun)
{
	if (def->device || gun < 1 || def->gun_bits > 0) {
		return def->at;
	}
	if (def->listed) {
		return def->addresses[gun - 1];
	}
	return (uint16_t)(def->at + profile->stride * (gun - 1));
}

/* Sums last; else by function and address; the order of the file where they are the same. */
static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	unsigned fx = x->function == 0 ? 99 : x->function, fy = y->function == 0 ? 99 : y->function;

	if (fx != fy) {
		return fx < fy ? -1 : 1;
	}
	if (x->address != y->address) {
		return x->address < y->address ? -1 : 1;
	}
	if (x->count != y->count) {
		return x->count < y->count ? -1 : 1;
	}
	if (x->gun != y->gun) {
		return x->gun < y->gun ? -1 : 1;
	}
	return x->def < y->def ? -1 : x->def > y->def;
}

static void make_entries(struct profile *p)
{
	for (size_t i = 0; i < p->def_count; i++) {
		const struct point_def *def = &p->defs[i];
		int first = def->device ? 0 : 1, last = def->device ? 0 : p->info.guns;

		if (!def->reads && def->part_count == 0) {
			continue;
		}
		for (int gun = first; gun <= last; gun++) {
			struct entry *e = &p->entries[p->entry_count++];

			*e = (struct entry){.function = def->function,
				.gun = (uint8_t)gun,
				.shift = (uint8_t)(def->bit_lo +
						   (gun > 0 ? def->gun_bits * (gun - 1) : 0)),
				.def = (uint16_t)i};
			if (def->reads) {
				e->address = profile_address(p, def, gun);
				e->count = def->scale.words;
				p->read_count++;
			}
		}
	}
	qsort(p->entries, p->entry_count, sizeof *p->entries, compare_entries);
	for (size_t i = 0; i < p->entry_count; i++) {
		for (size_t k = 0; k < p->entry_count && !p->entries[i].shared; k++) {
			p->entries[i].shared = k != i && p->entries[k].gun == p->entries[i].gun &&
					       p->defs[p->entries[k].def].point ==
						       p->defs[p->entries[i].def].point;
		}
	}
}

/* Finds the reading behind each ratio. */
static void link_ratios(struct profile *p)
{
	for (size_t i = 0; i < p->def_count; i++) {
		for (int k = 0; k < p->defs[i].times_count; k++) {
			for (size_t m = 0; m < p->read_count; m++) {
				struct entry *e = &p->entries[m];

				if (e->gun == 0 &&
					p->defs[e->def].point == p->defs[i].times_point[k]) {
					p->defs[i].times_entry[k] = (uint16_t)m;
					e->ratio = true;
					p->has_ratios = true;
				}
			}
		}
	}
}

static bool covered(const struct profile *p, const struct entry *e, enum poll_group group)
{
	for (size_t i = 0; i < p->block_count; i++) {
		const struct block *b = &p->blocks[i];

		if (b->function == e->function && b->address <= e->address && b->group <= group &&
			(uint32_t)e->address + e->count <= (uint32_t)b->address + b->count) {
			return true;
		}
	}
	return false;
}

static void add_range(struct profile *p, const struct entry *e, uint8_t group)
{
	struct plan_range *last = p->range_count > 0 ? &p->ranges[p->range_count - 1] : NULL;
	uint32_t end = (uint32_t)e->address + e->count, last_end;

	if (last != NULL && last->function == e->function &&
		last->group == (enum poll_group)group) {
		last_end = (uint32_t)last->address + last->count;
		if (end <= last_end) {
			return;
		}
		/* neighbours are one range already here, unless the device wants each alone */
		if ((!p->info.single && e->address <= last_end &&
			    end - last->address <= p->info.max_read) ||
			e->address < last_end) {
			last->count = (uint16_t)(end - last->address);
			return;
		}
	}
	p->ranges[p->range_count++] =
		(struct plan_range){e->function, e->address, e->count, (enum poll_group)group};
}

static int compare_ranges(const void *a, const void *b)
{
	const struct plan_range *x = a, *y = b;

	if (x->function != y->function) {
		return x->function < y->function ? -1 : 1;
	}
	return x->address < y->address ? -1 : x->address > y->address;
}

static int make_ranges(struct profile *p)
{
	p->ranges = calloc(p->entry_count + p->block_count + 1, sizeof *p->ranges);
	if (p->ranges == NULL) {
		return ERR_NOMEM;
	}
	for (int group = POLL_FAST; group <= POLL_ONCE; group++) {
		for (size_t i = 0; i < p->read_count; i++) {
			const struct entry *e = &p->entries[i];

			if (p->defs[e->def].group == group &&
				!covered(p, e, (enum poll_group)group)) {
				add_range(p, e, (uint8_t)group);
			}
		}
	}
	for (size_t i = 0; i < p->block_count; i++) {
		const struct block *b = &p->blocks[i];

		p->ranges[p->range_count++] = (struct plan_range){
			b->function, b->address, b->count, (enum poll_group)b->group};
	}
	qsort(p->ranges, p->range_count, sizeof *p->ranges, compare_ranges);
	return 0;
}

int profile_expand(struct profile *p)
{
	size_t guns = p->info.guns > 0 ? (size_t)p->info.guns : 1;

	p->entries = calloc(p->def_count * guns + 1, sizeof *p->entries);
	if (p->entries == NULL) {
		return ERR_NOMEM;
	}
	make_entries(p);
	link_ratios(p);
	return make_ranges(p);
}

size_t profile_ranges(const struct profile *profile, struct plan_range *out, size_t cap)
{
	size_t n = profile->range_count < cap ? profile->range_count : cap;

	if (n > 0) {
		memcpy(out, profile->ranges, n * sizeof *out);
	}
	return profile->range_count;
}

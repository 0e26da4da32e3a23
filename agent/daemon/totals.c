/* Sessions and charging time of each pile in total: counted by the store, and anew when a record
 * has changed. */
#include "internal.h"

#define DELAY_US  (5 * US_PER_S) /* the record is on disk by then, and more may have come */
#define PILES_MAX 16             /* in one second: the loop must not wait for long */

static int add_gun(void *arg, const struct view_energy *row)
{
	struct pile_total *total = arg;

	total->sessions += row->sessions;
	total->charged_s += row->charging_s;
	return 0;
}

void daemon_totals_changed(struct daemon *d, const char *gun)
{
	struct target target;
	struct pile_total *total;

	if (site_find(d->plant.site, gun, &target) != 0 || target.kind != TGT_GUN) {
		return;
	}
	total = &d->plant.totals[daemon_pile_of(d, target.index)];
	if (!total->changed) {
		total->changed = true;
		total->due = mono_add_us(mono_now(), DELAY_US);
	}
}

static void count(struct daemon *d, size_t pile, struct store_reader *reader)
{
	struct pile_total sum = {0};

	if (store_totals(reader, (struct wall){0}, (struct wall){0},
		    d->plant.config->piles[pile].id, add_gun, &sum) == 0) {
		sum.known = true;
		d->plant.totals[pile] = sum;
	}
}

void daemon_totals(struct daemon *d, struct moment now)
{
	struct store_reader *reader = NULL;
	size_t counted = 0;

	for (size_t i = 0; i < d->plant.config->pile_count && counted < PILES_MAX; i++) {
		struct pile_total *total = &d->plant.totals[i];

		if (!total->changed || mono_before(now.mono, total->due)) {
			continue;
		}
		total->due = mono_add_us(now.mono, DELAY_US); /* should it fail */
		if (reader == NULL && store_reader_open(d->data, &reader) != 0) {
			return;
		}
		count(d, i, reader);
		counted++;
	}
	store_reader_close(reader);
}

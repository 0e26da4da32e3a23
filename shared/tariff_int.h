#ifndef PILED_TARIFF_INT_H
#define PILED_TARIFF_INT_H
/* What the files that read a tariff's text share. */
#include "tariff_file.h"

struct tariff_text {
	const struct yaml_doc *doc;
	struct tariff *t;
	/* Which prices were given, and where: a schedule may ask for one that was not. */
	const struct yaml_node *price_node[TARIFF_SETS];
	bool has_elec[TARIFF_SETS][PERIOD_COUNT_];
	bool has_service[TARIFF_SETS][PERIOD_COUNT_];
};

/* The maps of the text and their keys, NULL-terminated. */
enum tariff_map {
	TMAP_ROOT,
	TMAP_PRICES,
	TMAP_DAY,
	TMAP_INSIDE,
	TMAP_PERIODS,
	TMAP_PARKING,
	TMAP_WINDOW,
	TMAP_RESERVATION,
	TMAP_CLASSES,
	TMAP_CLASS,
	TMAP_COUNT_
};
const char *const *tariff_keys(enum tariff_map map);

/* "months: [1, 2, 11-12]" as bits, January lowest; all where the key is absent. 0 on an error. */
unsigned tariff_read_months(struct tariff_text *x, const struct yaml_node *map);

/* "07:00-08:30", "22:00-06:00", "00:00-24:00" in minutes that are multiples of `grid`. */
int tariff_read_range(struct tariff_text *x, const struct yaml_node *node, int32_t grid,
	int32_t *from_min, int32_t *to_min);

/* "0.7124" yuan in 1e-5 yuan. */
int tariff_read_price(
	struct tariff_text *x, const struct yaml_node *node, const char *what, int32_t *e5);

/* A share of a price, rounded half up. */
int32_t tariff_share(int32_t e5, int64_t pm);

/* The parts: prices (first), days, prices that days ask for, classes (last). */
void tariff_read_prices(struct tariff_text *x);
void tariff_read_days(struct tariff_text *x);
void tariff_check_prices(struct tariff_text *x);
void tariff_read_classes(struct tariff_text *x);

#endif

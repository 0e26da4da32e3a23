/* The prices of a tariff's text, and what they are for classes of accounts. */
#include "tariff_int.h"

#include <string.h>

#include "fmt.h"
#include "money.h"

int32_t tariff_share(int32_t e5, int64_t pm)
{
	return (int32_t)(((int64_t)e5 * pm + 500) / 1000);
}

int tariff_read_price(
	struct tariff_text *x, const struct yaml_node *node, const char *what, int32_t *e5)
{
	int64_t value;
	int err = money_price_parse(yaml_text(node), &value);

	if (err != 0) {
		yaml_error(x->doc, node,
			"'%s': read '%.40s', allowed is 0 to 100 yuan with up to 5 decimals%s%s",
			what, yaml_text(node), err == ERR_PRECISION ? ": " : "",
			err == ERR_PRECISION ? err_text(err) : "");
		return err;
	}
	*e5 = (int32_t)value;
	return 0;
}

/* "+70 %" or "-90 %": a share of the flat price. */
static int read_relative(struct tariff_text *x, const struct yaml_node *node, const char *what,
	bool has_flat, int32_t flat_e5, int32_t *e5)
{
	const char *text = yaml_text(node);
	int64_t pm, price;

	if (fmt_parse(text + 1, UNIT_PM, 0, text[0] == '-' ? 1000 : 100000, &pm) != 0) {
		yaml_error(x->doc, node,
			"'%s': read '%.40s', allowed is a share of the flat price such as +70 %% "
			"or "
			"-90 %%",
			what, text);
		return ERR_SYNTAX;
	}
	if (!has_flat) {
		yaml_error(x->doc, node, "'%s': '%.40s' needs a flat price to be a share of", what,
			text);
		return ERR_SYNTAX;
	}
	price = ((int64_t)flat_e5 * (1000 + (text[0] == '-' ? -pm : pm)) + 500) / 1000;
	if (price > PRICE_MAX_E5) {
		yaml_error(x->doc, node, "'%s': '%.40s' is above 100 yuan", what, text);
		return ERR_RANGE;
	}
	*e5 = (int32_t)price;
	return 0;
}

/* One component: one price for all periods, or a map by period. */
static void read_component(struct tariff_text *x, const struct yaml_node *node, const char *what,
	int32_t e5[PERIOD_COUNT_], bool has[PERIOD_COUNT_])
{
	const struct yaml_node *flat;

	if (yaml_kind_of(node) == YAML_SCALAR) {
		int32_t one;

		for (int p = 0; tariff_read_price(x, node, what, &one) == 0 && p < PERIOD_COUNT_;
			p++) {
			e5[p] = one;
			has[p] = true;
		}
		return;
	}
	if (yaml_keys(x->doc, node, tariff_keys(TMAP_PERIODS)) != 0) {
		return;
	}
	flat = yaml_get(x->doc, node, "flat");
	if (flat != NULL) {
		has[PERIOD_FLAT] = tariff_read_price(x, flat, "flat", &e5[PERIOD_FLAT]) == 0;
	}
	for (int p = 0; p < PERIOD_COUNT_; p++) {
		const char *token = period_info((unsigned)p)->token;
		const struct yaml_node *item = yaml_get(x->doc, node, token);
		char sign = item != NULL ? yaml_text(item)[0] : '\0';

		if (item == NULL || p == PERIOD_FLAT) {
			continue;
		}
		if (sign == '+' || sign == '-') {
			has[p] = read_relative(x, item, token, has[PERIOD_FLAT], e5[PERIOD_FLAT],
					 &e5[p]) == 0;
		} else {
			has[p] = tariff_read_price(x, item, token, &e5[p]) == 0;
		}
	}
}

/* Electricity and service of one map. */
static void read_set(struct tariff_text *x, const struct yaml_node *map,
	struct price price[PERIOD_COUNT_], bool has_elec[PERIOD_COUNT_],
	bool has_service[PERIOD_COUNT_])
{
	int32_t elec[PERIOD_COUNT_] = {0}, service[PERIOD_COUNT_] = {0};
	const struct yaml_node *node;

	if (yaml_keys(x->doc, map, tariff_keys(TMAP_PRICES)) != 0) {
		return;
	}
	for (int i = 0; i < 2; i++) {
		const char *what = i == 0 ? "electricity" : "service";

		node = yaml_get(x->doc, map, what);
		if (node == NULL) {
			yaml_error(x->doc, map, "'%s' is missing", what);
		} else {
			read_component(x, node, what, i == 0 ? elec : service,
				i == 0 ? has_elec : has_service);
		}
	}
	for (int p = 0; p < PERIOD_COUNT_; p++) {
		price[p] = (struct price){elec[p], service[p]};
	}
}

static void assign_months(struct tariff_text *x, const struct yaml_node *node, unsigned months,
	unsigned set, int line[12])
{
	for (int m = 0; m < 12; m++) {
		if ((months >> m & 1) == 0) {
			continue;
		}
		if (line[m] != 0) {
			yaml_error(x->doc, node, "month %d has prices already, given in line %d",
				m + 1, line[m]);
			return;
		}
		line[m] = yaml_line(node);
		x->t->set_of[m] = (uint8_t)set;
	}
}

void tariff_read_prices(struct tariff_text *x)
{
	const struct yaml_node *root = yaml_root(x->doc), *node = yaml_get(x->doc, root, "prices");
	bool list = node != NULL && yaml_kind_of(node) == YAML_LIST;
	size_t count = list ? yaml_length(node) : 1;
	int line[12] = {0};

	if (node == NULL || count == 0 || count > TARIFF_SETS) {
		yaml_error(x->doc, node != NULL ? node : root,
			"'prices' must be a map, or a list of 1 to %d for months", TARIFF_SETS);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct yaml_node *map = list ? yaml_at(x->doc, node, i) : node;

		x->price_node[i] = map;
		read_set(x, map, x->t->price[i][CLASS_ORDINARY], x->has_elec[i], x->has_service[i]);
		assign_months(x, map, tariff_read_months(x, map), (unsigned)i, line);
	}
	for (int m = 0; m < 12 && yaml_error_count(x->doc) == 0; m++) {
		if (line[m] == 0) {
			yaml_error(x->doc, node, "month %d has no prices", m + 1);
		}
	}
}

void tariff_check_prices(struct tariff_text *x)
{
	bool told[TARIFF_SETS][PERIOD_COUNT_] = {{false}};

	for (int i = 0; i < 12 * DAY_KINDS * CAL_SLOTS; i++) {
		int m = i / (DAY_KINDS * CAL_SLOTS), k = i / CAL_SLOTS % DAY_KINDS;
		unsigned set = x->t->set_of[m];
		unsigned p = x->t->schedule[x->t->schedule_of[m][k]][i % CAL_SLOTS];

		if (told[set][p] || (x->has_elec[set][p] && x->has_service[set][p])) {
			continue;
		}
		told[set][p] = true;
		yaml_error(x->doc, x->price_node[set], "'%s' has no %s price, month %d needs it",
			period_info(p)->token, x->has_elec[set][p] ? "service" : "electricity",
			m + 1);
	}
}

/* "80 %" of the ordinary price; all of it where the key is absent. */
static int64_t read_share(struct tariff_text *x, const struct yaml_node *map, const char *key)
{
	int64_t pm;

	yaml_quantity(x->doc, map, key, UNIT_PM, 0, 1000, 1000, &pm);
	return pm;
}

static void read_class(struct tariff_text *x, const struct yaml_node *map, unsigned class)
{
	const struct yaml_node *own = yaml_get(x->doc, map, "prices");
	bool has_elec[PERIOD_COUNT_] = {false}, has_service[PERIOD_COUNT_] = {false};
	int64_t elec, service, parking;

	if (yaml_keys(x->doc, map, tariff_keys(TMAP_CLASS)) != 0) {
		return;
	}
	elec = read_share(x, map, "electricity");
	service = read_share(x, map, "service");
	parking = read_share(x, map, "parking");
	for (int i = 0; i < TARIFF_SETS * PERIOD_COUNT_; i++) {
		struct price *p = &x->t->price[i / PERIOD_COUNT_][class][i % PERIOD_COUNT_];

		p->elec_e5 = tariff_share(p->elec_e5, elec);
		p->service_e5 = tariff_share(p->service_e5, service);
	}
	for (uint32_t i = 0; i < x->t->windows; i++) {
		int32_t *e5 = &x->t->window[i].per_min_e5[class];

		*e5 = tariff_share(*e5, parking);
	}
	if (own == NULL) {
		return;
	}
	if (yaml_get(x->doc, map, "electricity") != NULL ||
		yaml_get(x->doc, map, "service") != NULL) {
		yaml_error(x->doc, own,
			"prices of its own and shares of the ordinary ones exclude "
			"each other");
		return;
	}
	read_set(x, own, x->t->price[0][class], has_elec, has_service);
	for (int p = 0; p < PERIOD_COUNT_; p++) {
		if ((x->has_elec[0][p] && !has_elec[p]) ||
			(x->has_service[0][p] && !has_service[p])) {
			yaml_error(
				x->doc, own, "'%s' has no price", period_info((unsigned)p)->token);
		}
	}
	for (int s = 1; s < TARIFF_SETS; s++) {
		memcpy(x->t->price[s][class], x->t->price[0][class], sizeof x->t->price[s][class]);
	}
}

void tariff_read_classes(struct tariff_text *x)
{
	const struct yaml_node *map = yaml_get(x->doc, yaml_root(x->doc), "classes");

	for (int s = 0; s < TARIFF_SETS; s++) {
		for (int c = 1; c < CLASS_COUNT_; c++) {
			memcpy(x->t->price[s][c], x->t->price[s][0], sizeof x->t->price[s][c]);
		}
	}
	if (map == NULL || yaml_keys(x->doc, map, tariff_keys(TMAP_CLASSES)) != 0) {
		return;
	}
	for (unsigned c = 0; c < CLASS_COUNT_; c++) {
		const struct yaml_node *node = yaml_get(x->doc, map, class_token(c));

		if (node != NULL && c == CLASS_ORDINARY) {
			yaml_error(x->doc, node, "'ordinary' is what the prices are given for");
		} else if (node != NULL) {
			read_class(x, node, c);
		}
	}
}

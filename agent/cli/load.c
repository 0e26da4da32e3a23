/* Load management as a tree: what each limit carries, and what each gun gets of it. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "fmt.h"
#include "print.h"
#include "text.h"
#include "why.h"

#define NAME_COLUMNS   18
#define NUMBER_COLUMNS 9
#define DEPTH_MAX      4

static void cell(const char *text, int columns, enum text_align align)
{
	char padded[256];

	text_cell(padded, sizeof padded, text, columns, align);
	printf("%s", padded);
}

static void number(enum unit unit, int64_t value)
{
	char text[32];

	fmt_value(text, sizeof text, unit, value, false);
	cell(text, NUMBER_COLUMNS, TEXT_RIGHT);
}

static void name(int depth, const char *id)
{
	char clean[64], text[96];

	text_clean(clean, sizeof clean, id);
	snprintf(text, sizeof text, "%*s%s", 2 * depth, "", clean);
	cell(text, NAME_COLUMNS, TEXT_LEFT);
}

static void print_head(void)
{
	static const char *const heads[] = {N_("limit kVA"), N_("load kVA"), N_("load %"), "L1 %",
		"L2 %", "L3 %", N_("grant kW")};

	cell(_("node"), NAME_COLUMNS, TEXT_LEFT);
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		char text[32];

		/* At least one blank between the columns. */
		snprintf(text, sizeof text, " %s", _(heads[i]));
		cell(text, NUMBER_COLUMNS + 1, TEXT_RIGHT);
	}
	putchar('\n');
}

static int64_t lesser(int64_t a, int64_t b)
{
	return a == VALUE_NONE || (b != VALUE_NONE && b < a) ? b : a;
}

static void print_node(const struct view_node *n, int depth)
{
	const int64_t shares[] = {n->load_pm, n->load_l1_pm, n->load_l2_pm, n->load_l3_pm};

	name(depth, n->id);
	putchar(' ');
	number(UNIT_VA, lesser(n->limit_va, n->outside_va));
	putchar(' ');
	number(UNIT_VA, n->other_va == VALUE_NONE ? n->counted_va : n->other_va + n->counted_va);
	for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
		putchar(' ');
		number(UNIT_PM, shares[i]);
	}
	putchar(' ');
	number(UNIT_W, n->granted_w);
	putchar('\n');
}

static void print_gun(const struct view_gun *g, int depth)
{
	char text[WHY_MAX];

	name(depth, g->id);
	printf(" %*s", 6 * (NUMBER_COLUMNS + 1) - 1, "");
	putchar(' ');
	number(UNIT_W, g->grant_w);
	why_row(text, sizeof text, g);
	printf("  %s\n", text);
}

static int depth_of(const struct rows *nodes, const struct view_node *n)
{
	int depth = 0;

	for (size_t i = 0; i < nodes->count && n->parent[0] != '\0' && depth < DEPTH_MAX;) {
		const struct view_node *up = row_at(nodes, i++);

		if (strcmp(up->id, n->parent) == 0) {
			n = up;
			depth++;
			i = 0;
		}
	}
	return depth;
}

static void print_tree(const struct rows *nodes, const struct rows *guns)
{
	print_head();
	for (size_t i = 0; i < nodes->count; i++) {
		const struct view_node *n = row_at(nodes, i);
		int depth = depth_of(nodes, n);

		print_node(n, depth);
		for (size_t k = 0; strcmp(n->kind, "pile") == 0 && k < guns->count; k++) {
			const struct view_gun *g = row_at(guns, k);

			if (strcmp(g->pile, n->id) == 0) {
				print_gun(g, depth + 1);
			}
		}
	}
}

static void print_line(const struct rows *guns)
{
	bool any = false;

	for (int64_t place = 1; place <= (int64_t)guns->count; place++) {
		for (size_t i = 0; i < guns->count; i++) {
			const struct view_gun *g = row_at(guns, i);
			char text[WHY_MAX], clean[WHY_MAX], id[64];

			if (g->place != place) {
				continue;
			}
			if (!any) {
				printf("\n%s\n", _("waiting line"));
			}
			any = true;
			why_gun(text, sizeof text, g, wall_now());
			text_clean(clean, sizeof clean, text);
			text_clean(id, sizeof id, g->id);
			printf("  %s: %s\n", id, clean);
		}
	}
}

/* The rule of the contract, as it stands now. */
static void print_contract(const cJSON *object)
{
	char text[WHY_MAX];
	struct view_site site;

	view_clear(VIEW_site, &site);
	if (view_from_json(VIEW_site, &site, object) == 0) {
		why_contract(text, sizeof text, &site);
		printf("%s%s%s", text[0] == '\0' ? "" : "\n", text, text[0] == '\0' ? "" : "\n");
	}
}

static int print_load(const struct cli *cli, const cJSON *answer)
{
	struct rows nodes = {0}, guns = {0}, limits = {0};
	int rc = rows_take(VIEW_node, cJSON_GetObjectItemCaseSensitive(answer, "nodes"), &nodes);

	if (rc == 0) {
		rc = rows_take(VIEW_gun, cJSON_GetObjectItemCaseSensitive(answer, "guns"), &guns);
	}
	if (rc == 0) {
		rc = rows_take(
			VIEW_slimit, cJSON_GetObjectItemCaseSensitive(answer, "limits"), &limits);
	}
	if (rc == 0 && nodes.count == 0) {
		printf("%s\n", _("the site is not under load management"));
	} else if (rc == 0) {
		print_tree(&nodes, &guns);
		print_contract(cJSON_GetObjectItemCaseSensitive(answer, "site"));
		print_line(&guns);
	}
	if (rc == 0 && limits.count > 0) {
		printf("\n%s\n", _("limits from outside"));
		slimit_print(cli, &limits);
	}
	rows_free(&nodes);
	rows_free(&guns);
	rows_free(&limits);
	return rc;
}

int cmd_load(struct cli *cli)
{
	return print_answer(cli, "load", NULL, print_load);
}

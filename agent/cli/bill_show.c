#include "bill_show.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <qrencode.h>
#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "money.h"
#include "tariff.h"
#include "text.h"
#include "till.h"

#define CODE_MAX 160
/* Light modules around a code. */
#define QUIET 2

static const char *of_hello(const struct cli *cli, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(link_hello(cli->link), name);

	return cJSON_IsString(v) ? v->valuestring : "";
}

/* ---- The code ---- */

int bill_code_write(const struct cli *cli, const struct view_bill *b, char *dst, size_t size)
{
	int n = snprintf(dst, size, "PILED1:%s:%" PRId64 ":%" PRId64 ":%s", of_hello(cli, "site"),
		b->id, b->total_fen, b->hash);

	return n < 0 || (size_t)n >= size ? ERR_TOOLONG : 0;
}

/* Cuts the next field off, which ends at a colon or the end. */
static int field(const char **text, char *dst, size_t size)
{
	size_t n = strcspn(*text, ":");

	if (n == 0 || n >= size) {
		return ERR_SYNTAX;
	}
	memcpy(dst, *text, n);
	dst[n] = '\0';
	*text += n + ((*text)[n] == ':');
	return 0;
}

int bill_code_read(const char *text, struct bill_code *out)
{
	char mark[8], number[24], total[24];
	struct bill_code c;

	if (field(&text, mark, sizeof mark) != 0 || strcmp(mark, "PILED1") != 0 ||
		field(&text, c.site, sizeof c.site) != 0 ||
		field(&text, number, sizeof number) != 0 ||
		text_int(number, 1, INT64_C(1000000000000), &c.number) != 0 ||
		field(&text, total, sizeof total) != 0 ||
		text_int(total, 0, INT64_C(1000000000000), &c.total_fen) != 0 ||
		field(&text, c.hash, sizeof c.hash) != 0 || *text != '\0') {
		return ERR_SYNTAX;
	}
	*out = c;
	return 0;
}

int bill_qr(const struct cli *cli, const struct view_bill *bill)
{
	char text[CODE_MAX];
	QRcode *code;
	int rc = bill_code_write(cli, bill, text, sizeof text);

	if (rc != 0) {
		return rc;
	}
	code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	if (code == NULL) {
		return ERR_NOMEM;
	}
	/* dark on light: where a terminal is dark, light modules are drawn */
	for (int y = -QUIET; y < code->width + QUIET; y += 2) {
		for (int x = -QUIET; x < code->width + QUIET; x++) {
			bool in = x >= 0 && x < code->width;
			bool top = in && y >= 0 && y < code->width &&
				   (code->data[y * code->width + x] & 1) != 0;
			bool low = in && y + 1 >= 0 && y + 1 < code->width &&
				   (code->data[(y + 1) * code->width + x] & 1) != 0;

			fputs(top ? (low ? " " : "▄") : (low ? "▀" : "█"), stdout);
		}
		putchar('\n');
	}
	QRcode_free(code);
	puts(text);
	return 0;
}

/* ---- The receipt ---- */

static void rule(int columns)
{
	for (int i = 0; i < columns; i++) {
		putchar('-');
	}
	putchar('\n');
}

static void centre(const char *text, int columns)
{
	char cell[256];

	text_cell(cell, sizeof cell, text, columns, TEXT_CENTRE);
	puts(cell);
}

/* A name at the left and a value at the right; on two rows where they do not fit on one. */
static void pair(const char *name, const char *value, int columns)
{
	int room = columns - text_width(name) - text_width(value);

	if (room >= 1) {
		printf("%s%*s%s\n", name, room, "", value);
	} else {
		room = columns - text_width(value);
		printf("%s\n%*s%s\n", name, room > 0 ? room : 0, "", value);
	}
}

static void amount(const char *name, int64_t fen, int columns)
{
	char value[32];

	money_format(value, sizeof value, fen);
	pair(name, value, columns);
}

static void moment(const char *name, int64_t ms, int columns)
{
	char value[40];

	fmt_wall(value, sizeof value, (struct wall){ms});
	pair(name, value, columns);
}

static void energy_line(const struct view_line *l, int columns)
{
	char name[64], value[64], kwh[24], price[24], from[40], to[40];
	enum period period = PERIOD_FLAT;

	period_find(l->period, &period);
	fmt_value(kwh, sizeof kwh, UNIT_WH, l->energy_wh, true);
	fmt_wall(from, sizeof from, (struct wall){l->from});
	fmt_wall(to, sizeof to, (struct wall){l->to});
	snprintf(name, sizeof name, "%s %.5s-%.5s", _(period_info(period)->label),
		strlen(from) > 11 ? from + 11 : from, strlen(to) > 11 ? to + 11 : to);
	snprintf(value, sizeof value, "%s%s", kwh, strcmp(l->quality, "good") == 0 ? "" : " *");
	pair(name, value, columns);
	money_price_format(price, sizeof price, l->elec_e5);
	snprintf(name, sizeof name, "  %s %s", _("electricity"), price);
	amount(name, l->elec_fen, columns);
	money_price_format(price, sizeof price, l->service_e5);
	snprintf(name, sizeof name, "  %s %s", _("service"), price);
	amount(name, l->service_fen, columns);
}

static void parking_line(const struct view_line *l, int columns)
{
	char name[64];

	snprintf(name, sizeof name, _("parking, %lld min"), (long long)l->minutes);
	amount(name, l->parking_fen, columns);
}

void bill_receipt(
	const struct cli *cli, const struct view_bill *b, const struct rows *lines, int columns)
{
	char text[96];
	bool substitute = false;
	int64_t parking_fen = 0;

	centre(of_hello(cli, "name"), columns);
	snprintf(text, sizeof text, _("bill %lld"), (long long)b->id);
	centre(text, columns);
	rule(columns);
	pair(_("gun"), b->gun, columns);
	if (b->account[0] != '\0') {
		pair(_("account"), b->account, columns);
	}
	moment(_("began"), b->start, columns);
	moment(_("ended"), b->end, columns);
	if (strcmp(b->kind, "parking") != 0) {
		fmt_value(text, sizeof text, UNIT_WH, b->start_wh, true);
		pair(_("register at start"), text, columns);
		fmt_value(text, sizeof text, UNIT_WH, b->end_wh, true);
		pair(_("register at end"), text, columns);
	}
	rule(columns);
	for (size_t i = 0; i < lines->count; i++) {
		const struct view_line *l = row_at(lines, i);

		if (l->period[0] != '\0') {
			energy_line(l, columns);
			substitute |= strcmp(l->quality, "good") != 0;
		} else {
			parking_line(l, columns);
			parking_fen += l->parking_fen;
		}
	}
	if (b->parking_fen < parking_fen) {
		amount(_("  not above the cap"), b->parking_fen - parking_fen, columns);
	}
	rule(columns);
	amount(_("total, yuan"), b->total_fen, columns);
	if (b->refunded_fen != VALUE_NONE) {
		amount(_("refunded"), b->refunded_fen, columns);
	}
	if (substitute) {
		puts(_("* a register was computed, not read"));
	}
	printf("%.32s\n%s\n", b->hash, b->hash + (strlen(b->hash) > 32 ? 32 : strlen(b->hash)));
}

int receipt_columns(struct cli *cli, int *columns)
{
	int64_t width;
	int rc = cli_option_int(cli, "width", 58, 80, 58, &width);

	if (rc == 0 && width != 58 && width != 80) {
		rc = cli_fail(cli, CLI_USAGE, _("--width: 58 or 80"));
	}
	*columns = width == 58 ? 32 : 48;
	return rc;
}

/* "11-21 21:46  charge" and what the balance became by it. */
static void posting_line(const struct view_posting *p, int columns)
{
	char at[40], kind[64], name[96], value[32];

	fmt_wall(at, sizeof at, (struct wall){p->at});
	cell_txkind(kind, sizeof kind, p);
	snprintf(name, sizeof name, "%.11s %s", strlen(at) > 16 ? at + 5 : at, kind);
	money_format(value, sizeof value, p->change_fen);
	pair(name, value, columns);
}

void statement_receipt(
	const struct cli *cli, const char *account, const struct rows *rows, int columns)
{
	const struct view_posting *oldest = NULL, *newest = NULL;

	centre(of_hello(cli, "name"), columns);
	centre(_("statement"), columns);
	rule(columns);
	pair(_("account"), account, columns);
	for (size_t i = rows->count; i-- > 0;) {
		const struct view_posting *p = row_at(rows, i);

		if (p->change_fen == VALUE_NONE || p->balance_fen == VALUE_NONE) {
			continue;
		}
		oldest = oldest == NULL ? p : oldest;
		newest = p;
	}
	if (oldest == NULL) {
		rule(columns);
		puts(_("no transactions"));
		return;
	}
	moment(_("begins"), oldest->at, columns);
	moment(_("to"), newest->at, columns);
	rule(columns);
	amount(_("opening balance"), oldest->balance_fen - oldest->change_fen, columns);
	for (size_t i = rows->count; i-- > 0;) {
		const struct view_posting *p = row_at(rows, i);

		if (p->change_fen != VALUE_NONE && p->balance_fen != VALUE_NONE) {
			posting_line(p, columns);
		}
	}
	rule(columns);
	amount(_("closing balance"), newest->balance_fen, columns);
}

#include "notice.h"

#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "i18n.h"
#include "money.h"
#include "text.h"
#include "timex.h"

#define HOUR_MS (3600 * MS_PER_S)

static const struct notice_info table[] = {
#define NOTICE(sym, token, label, hours, optional) {token, label, (hours)*HOUR_MS, optional},
#include "notice.def"
#undef NOTICE
};

const struct notice_info *notice_info(enum notice kind)
{
	return &table[(unsigned)kind < NOTICE_COUNT_ ? kind : NOTICE_WORDS];
}

const struct notice_info *notice_find(const char *token)
{
	for (size_t i = 0; i < NOTICE_COUNT_; i++) {
		if (strcmp(table[i].token, token) == 0) {
			return &table[i];
		}
	}
	return &table[NOTICE_WORDS];
}

void notice_text(char *dst, size_t size, const struct view_message *m)
{
	const struct notice_info *kind = notice_find(m->kind);
	char fen[32], balance[32], energy[32], price[32];

	money_format(fen, sizeof fen, m->fen);
	money_format(balance, sizeof balance, m->balance_fen);
	fmt_value(energy, sizeof energy, UNIT_WH, m->energy_wh, true);
	money_price_format(price, sizeof price, m->price_e5);
	switch ((enum notice)(kind - table)) {
	case NOTICE_BEGUN:
		snprintf(dst, size,
			_("charge begun at %s; price now %s yuan/kWh, %s yuan held in advance"),
			m->gun, price, fen);
		break;
	case NOTICE_ENDED:
		snprintf(dst, size,
			_("charge ended at %s: %s, %s yuan; balance %s yuan; bill %lld"), m->gun,
			energy, fen, balance, (long long)m->bill);
		break;
	case NOTICE_LOW:
		snprintf(dst, size, _("the balance is low: %s yuan; please top up"), balance);
		break;
	case NOTICE_TOPUP:
		snprintf(dst, size, _("%s yuan topped up; balance %s yuan"), fen, balance);
		break;
	case NOTICE_REFUND:
		snprintf(dst, size, _("%s yuan refunded; balance %s yuan"), fen, balance);
		break;
	case NOTICE_DEBT:
		snprintf(dst, size,
			_("%s yuan could not be taken from the balance and is owed; please top up"),
			fen);
		break;
	case NOTICE_PIN:
		snprintf(dst, size, "%s",
			_("too many wrong PINs: it is refused for a time; if that was not you, ask "
			  "the site for a new one"));
		break;
	default:
		text_clean(dst, size, m->text);
		break;
	}
}

#include "reportwords.h"

#include <string.h>

#include "i18n.h"
#include "tariff.h"

const char *report_word(const char *token)
{
	static const struct {
		const char *token, *text;
	} words[] = {{"total", N_("charges")}, {"session", N_("sessions")},
		{"parking", N_("parking")}, {"period", N_("by tariff period")},
		{"pile", N_("by pile")}, {"kind", N_("AC and DC")}, {"ac", N_("AC")},
		{"dc", N_("DC")}, {"load", N_("load")}, {"registers", N_("guns' registers")},
		{"peak", N_("peak load")}, {"valley", N_("lowest load")},
		{"use", N_("use of the guns")}, {"guns", N_("guns")}, {"revenue", N_("revenue")},
		{"revenue_elec", N_("electricity")}, {"revenue_service", N_("service")},
		{"revenue_parking", N_("parking")}, {"revenue_fee", N_("fees")},
		{"revenue_noshow", N_("nobody came")}, {"noshow", N_("fee, nobody came")},
		{"refunds", N_("refunds, reversals")}, {"saved", N_("saved")},
		{"flat_price", N_("against the flat price")}, {"carbon", N_("CO2")},
		{"slot", N_("over time")}, {"funds", N_("customers' money")},
		{"opening", N_("opening balance")}, {"closing", N_("closing balance")},
		{"ledger", N_("the ledger's own balance")}, {"cash", N_("cash")},
		{"topup", N_("top-up")}, {"withdraw", N_("withdrawal")},
		{"hold", N_("prepayment held")}, {"release", N_("prepayment released")},
		{"settle", N_("charge")}, {"fee", N_("fee")}, {"refund", N_("refund")},
		{"reverse", N_("reversal")}, {"writeoff", N_("debt written off")},
		{"rating", N_("what drivers say")}, {"5", N_("5 stars")}, {"4", N_("4 stars")},
		{"3", N_("3 stars")}, {"2", N_("2 stars")}, {"1", N_("1 star")}};
	enum period p;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i].token, token) == 0) {
			return _(words[i].text);
		}
	}
	return period_find(token, &p) == 0 ? _(period_info(p)->label) : token;
}

const char *report_item_word(const struct view_report *r)
{
	enum period p;

	/* "peak" and "valley" are of the load, and tariff periods. */
	if (strcmp(r->section, "period") == 0 && period_find(r->item, &p) == 0) {
		return _(period_info(p)->label);
	}
	if (strcmp(r->item, "total") == 0) {
		return _("in total");
	}
	return strcmp(r->section, "pile") == 0 ? r->item : report_word(r->item);
}

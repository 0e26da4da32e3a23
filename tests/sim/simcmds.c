#include <inttypes.h>
#include <string.h>

#include "fmt.h"
#include "sim_int.h"
#include "simcmds.h"
#include "simopt.h"
#include "text.h"
#include "timex.h"

#define CARD_MAX 16
#define VIN_MAX  17

static const char *const STATES[] = {"idle", "plugged", "charging", "suspended-pile",
	"suspended-car", "finished", "fault", "reserved", "booting"};

/* Reads an option with a unit added; absent leaves *out. */
static int quantity(const struct simopts *o, enum simopt opt, const char *unit_text, enum unit unit,
	int64_t min, int64_t max, int64_t *out, FILE *reply)
{
	char text[64];

	if (!o->value[opt]) {
		return 0;
	}
	snprintf(text, sizeof text, "%.40s%s", o->value[opt], unit_text);
	int err = fmt_parse(text, unit, min, max, out);

	if (err) {
		fprintf(reply, "error \"%s\": %s\n", text, err_text(err));
	}
	return err;
}

/* Letters and digits, so many at most. */
static bool is_token(const char *text, size_t most)
{
	size_t length = strlen(text);

	return length > 0 && length <= most &&
	       strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
		       length;
}

static int plug_order(struct sim *sim, const struct simopts *o, struct car_order *order, FILE *out)
{
	const struct sim_pile *pile = sim_pile_of(sim, o->words[0]);
	bool dc = pile && pile->dc;

	*order = car_any();
	order->stay_s = order->linger_s = 0;
	if (quantity(o, SO_KWH, " kWh", UNIT_WH, 1, 1000000, &order->asked_wh, out) < 0 ||
		quantity(o, SO_SOC, " %", UNIT_PM, 0, 1000, &order->soc_pm, out) < 0 ||
		quantity(o, SO_CAPACITY, " kWh", UNIT_WH, 5000, 1000000, &order->capacity_wh, out) <
			0 ||
		quantity(o, SO_MAX, "", dc ? UNIT_W : UNIT_MA, dc ? 1000 : 6000,
			dc ? 1000000 : 80000, dc ? &order->max_w : &order->max_ma, out) < 0) {
		return ERR_SYNTAX;
	}
	if (o->value[SO_STAY] && text_int(o->value[SO_STAY], 1, 10000000, &order->stay_s) < 0) {
		fputs("error --stay is 1..10000000 seconds\n", out);
		return ERR_SYNTAX;
	}
	if (o->value[SO_PHASES] &&
		(text_int(o->value[SO_PHASES], 1, 3, &order->phases) < 0 || order->phases == 2)) {
		fputs("error --phases is 1 or 3\n", out);
		return ERR_SYNTAX;
	}
	if (o->value[SO_VIN] && (!dc || !is_token(o->value[SO_VIN], VIN_MAX))) {
		fputs("error --vin is 1 to 17 letters and digits, on a DC gun\n", out);
		return ERR_SYNTAX;
	}
	order->vin = o->value[SO_VIN];
	return 0;
}

static void done(int err, const char *what, FILE *out)
{
	if (err) {
		fprintf(out, "error %s: %s\n", what, err_text(err));
	} else {
		fputs("ok\n", out);
	}
}

static void do_fault(struct sim *sim, const struct simopts *o, FILE *out)
{
	int64_t arg = VALUE_NONE, for_s = 0;
	char why[160];

	if (o->value[SO_LIST]) {
		fputs("ok\n", out);
		sim_fault_list(out);
	} else if (o->count < 2) {
		fputs("error fault needs KIND TARGET; pilesim fault --list shows the kinds\n", out);
	} else if (o->count > 2 && text_int(o->words[2], INT32_MIN, INT32_MAX, &arg) < 0) {
		fprintf(out, "error \"%s\" is no whole number\n", o->words[2]);
	} else if (o->value[SO_FAULT_FOR] &&
		   text_int(o->value[SO_FAULT_FOR], 1, 10000000, &for_s) < 0) {
		fputs("error --for is 1..10000000 seconds\n", out);
	} else if (sim_fault(sim, o->words[0], o->words[1], arg, for_s, why, sizeof why) < 0) {
		fprintf(out, "error %s\n", why);
	} else {
		fputs("ok\n", out);
	}
}

static void status_gun(struct sim *sim, const char *id, bool json, bool first, FILE *out)
{
	const struct sim_gun *gun = sim_gun_of(sim, id);
	const struct sim_pile *pile = sim_pile_of(sim, id);
	unsigned g = (unsigned)(gun - pile->guns);
	int soc = gun->plugged ? car_soc_pm(&gun->car) : -1;

	if (json) {
		fprintf(out,
			"%s{\"gun\":\"%s\",\"state\":\"%s\",\"plugged\":%s,\"power_w\":%d,"
			"\"soc_pm\":%d,\"energy_wh\":%" PRId64 ",\"limit\":%" PRId64
			",\"fault\":%d,\"session_no\":%d,\"plug_no\":%d}",
			first ? "" : ",\n", id, STATES[gun->state], gun->plugged ? "true" : "false",
			gun->draw.power_w, soc, simgun_register_wh(pile, g), simpile_limit(pile, g),
			gun->fault, gun->session_no, gun->plug_no);
		return;
	}
	char energy[32], limit[32], power[32], charge[16] = "-";

	fmt_value(energy, sizeof energy, UNIT_WH, simgun_register_wh(pile, g), true);
	fmt_value(limit, sizeof limit, pile->dc ? UNIT_W : UNIT_MA, simpile_limit(pile, g), true);
	fmt_value(power, sizeof power, UNIT_W, gun->draw.power_w, true);
	if (soc >= 0) {
		fmt_value(charge, sizeof charge, UNIT_PM, soc, true);
	}
	fprintf(out, "%-12s %-15s %10s %8s %16s %10s %5d %6d\n", id, STATES[gun->state], power,
		charge, energy, limit, gun->fault, gun->session_no);
}

static void status_faults(struct sim *sim, bool json, FILE *out)
{
	for (size_t i = 0; i < sim->fault_count; i++) {
		const struct sim_fault *f = &sim->faults[i];
		char target = sim_fault_info(f->kind)->target;
		const char *id = target == 'B'   ? sim->site.buses[f->target].id
				 : target == 'G' ? sim->piles[f->target].guns[f->gun].spec.id
						 : sim->devices[f->target].id;

		fprintf(out, json ? "%s{\"kind\":\"%s\",\"target\":\"%s\"}" : "%s%s %s\n",
			json && i > 0 ? "," : (json ? "" : "fault: "),
			sim_fault_info(f->kind)->name, id);
	}
}

static void do_status(struct sim *sim, bool json, FILE *out)
{
	const struct sim_site *site = sim_site_of(sim);
	char when[40];
	int64_t w[3], ws[3];

	fputs("ok\n", out);
	sim_meter_truth(sim, w, ws);
	fmt_wall(when, sizeof when, sim_wall(sim, sim_now(sim)));
	if (json) {
		fprintf(out,
			"{\"site\":\"%s\",\"at_ms\":%" PRId64 ",\"meter_w\":[%" PRId64 ",%" PRId64
			",%" PRId64 "],\"guns\":[",
			site->id, sim_wall(sim, sim_now(sim)).ms, w[0], w[1], w[2]);
	} else {
		fprintf(out,
			"%s  %s  meter %" PRId64 " W (%" PRId64 ", %" PRId64 ", %" PRId64 ")\n",
			site->id, when, w[0] + w[1] + w[2], w[0], w[1], w[2]);
		fprintf(out, "%-12s %-15s %10s %8s %16s %10s %5s %6s\n", "gun", "state", "power",
			"SoC", "register", "limit", "fault", "sess.");
	}
	for (unsigned i = 0; i < site->pile_count; i++) {
		for (unsigned g = 0; g < site->piles[i].gun_count; g++) {
			status_gun(sim, site->piles[i].guns[g].id, json, i + g == 0, out);
		}
	}
	fputs(json ? "],\"faults\":[" : "", out);
	status_faults(sim, json, out);
	fputs(json ? "]}\n" : "", out);
}

static void do_building(struct sim *sim, const char *power, FILE *out)
{
	int64_t w = -1;

	if (strcmp(power, "day") != 0 && fmt_parse(power, UNIT_W, 0, 100000000, &w) < 0) {
		fputs("error building is a power of 0 kW to 100 MW, like \"180 kW\", or day\n",
			out);
		return;
	}
	sim_building(sim, w);
	fputs("ok\n", out);
}

bool simcmd_run(struct sim *sim, int argc, const char *const *argv, FILE *out)
{
	struct simopts o;
	struct car_order order;
	char why[200];

	if (simopt_parse(argc, argv, &o, why, sizeof why) < 0) {
		fprintf(out, "error %s\n", why);
		return false;
	}
	switch (o.command) {
	case SC_FAULT:
		do_fault(sim, &o, out);
		break;
	case SC_CLEAR:
		fprintf(out, "ok\n%d cleared\n", sim_clear(sim, o.count ? o.words[0] : NULL));
		break;
	case SC_PLUG:
		if (plug_order(sim, &o, &order, out) == 0) {
			done(sim_plug(sim, o.words[0], &order), o.words[0], out);
		}
		break;
	case SC_UNPLUG:
		done(sim_unplug(sim, o.words[0]), o.words[0], out);
		break;
	case SC_CARD:
		if (is_token(o.words[1], CARD_MAX)) {
			done(sim_card(sim, o.words[0], o.words[1]), o.words[0], out);
		} else {
			fputs("error a card is 1 to 16 letters and digits\n", out);
		}
		break;
	case SC_BUILDING:
		do_building(sim, o.words[0], out);
		break;
	case SC_STATUS:
		do_status(sim, o.value[SO_JSON] != NULL, out);
		break;
	case SC_BOOK:
		fputs("ok\n", out);
		if (o.value[SO_MARKS] != NULL) {
			book_print_marks(sim_book(sim), o.value[SO_BOOK_JSON] != NULL, out);
		} else {
			book_print(sim_book(sim), sim_wall(sim, (struct mono){0}).ms,
				o.value[SO_BOOK_JSON] != NULL, out);
		}
		break;
	case SC_STOP:
		fputs("ok\n", out);
		return true;
	default:
		fprintf(out, "error %s cannot be sent to a running site\n", argv[0]);
	}
	return false;
}

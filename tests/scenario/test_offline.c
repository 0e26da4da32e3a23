/* What becomes of a paid charge when the pile, the agent, the machine or the ledger fails in the
 * middle: row by row the table of piled(8), "When something fails". */
#include "offrig.h"

#define HELD 1000 /* fen: 10 kWh at the valley price */

/* The gun charges for so many seconds, 2 Wh in each. */
static int64_t charge(struct offrig *f, int gun, int64_t wh, int seconds)
{
	for (int k = 0; k < seconds; k++) {
		pass(&f->o, 1000);
		read_gun(&f->o, gun, GUN_CHARGING, 7000, wh += 2);
	}
	return wh;
}

static int64_t begin(struct offrig *f, int gun, int seconds)
{
	plug(&f->o, gun, 5000);
	assert_int_equal(off_order(f, "O1", gun, HELD), 0);
	assert_int_equal(off_payer(f).held_fen, HELD);
	return charge(f, gun, 5000, seconds);
}

static void silent(struct offrig *f, int pile, int64_t seconds)
{
	rig_link(&f->o.r, TGT_PILE, pile, false);
	while (seconds-- > 0) {
		pass(&f->o, 1000);
		f->o.r.count -= f->o.r.count > RIG_ACTIONS / 2 &&
				f->o.r.kept[f->o.r.count - 1].kind == ACT_LOG;
	}
}

static void uptime(struct offrig *f, int pile, int64_t s)
{
	rig_add(&f->o.r, TGT_PILE, pile, PT_UPTIME, s);
	rig_send(&f->o.r);
}

/* The pile answers again and has ended the charge at this register. */
static void back_and_done(struct offrig *f, int gun, int pile, int64_t wh)
{
	rig_link(&f->o.r, TGT_PILE, pile, true);
	for (int k = 0; k < 4; k++) {
		uptime(f, pile, 60 + k);
		read_gun(&f->o, gun, GUN_FINISHED, 0, wh);
		pass(&f->o, 1000);
	}
	off_keep(f);
}

static int64_t billed(struct offrig *f)
{
	return off_int(f, "SELECT total_fen FROM bill WHERE session ="
			  " (SELECT session FROM \"order\" WHERE id = 'O1')");
}

/* What was held is gone, the bill is paid by nobody but the account, to the fen. */
static void settled(struct offrig *f, int64_t wh, int64_t fen)
{
	assert_int_equal(off_int(f, "SELECT energy_wh FROM bill"), wh);
	assert_int_equal(billed(f), fen);
	assert_int_equal(off_payer(f).held_fen, 0);
	assert_int_equal(off_payer(f).balance_fen, 2000 - fen);
	assert_string_equal(order_of_id(&f->o, "O1")->state, "ended");
}

static void reviewed(struct offrig *f, const char *kind)
{
	assert_true(off_odd(f, kind));
	assert_int_equal(billed(f), VALUE_NONE);
	assert_int_equal(off_payer(f).held_fen, HELD);
	assert_string_equal(order_of_id(&f->o, "O1")->state, "ended");
}

static void a_pile_loses_power_and_keeps_its_register(void **state)
{
	struct offrig *f = *state;
	int64_t wh;

	uptime(f, 1, 90000);
	wh = begin(f, B11, 300);
	silent(f, 1, 120);
	/* What flowed after the last reading is in the register. */
	back_and_done(f, B11, 1, wh + 4);
	settled(f, 604, 60);
	assert_true(rig_flag(rig_session(&f->o.r, B11, "closed", 0), "gap"));
	assert_true(rig_flag(rig_session(&f->o.r, B11, "closed", 0), "reboot"));
	assert_true(off_odd(f, "power"));
}

static void a_pile_loses_power_and_its_register(void **state)
{
	struct offrig *f = *state;

	uptime(f, 1, 90000);
	begin(f, B11, 300);
	silent(f, 1, 120);
	back_and_done(f, B11, 1, 3);
	reviewed(f, "jump");
	assert_true(rig_flag(rig_session(&f->o.r, B11, "closed", 0), "reset"));
}

static void a_pile_loses_power_and_its_charge_goes_on(void **state)
{
	struct offrig *f = *state;
	int64_t wh;

	uptime(f, 1, 90000);
	wh = begin(f, B11, 300);
	silent(f, 1, 120);
	rig_link(&f->o.r, TGT_PILE, 1, true);
	uptime(f, 1, 60);
	charge(f, B11, wh, 300);
	assert_string_equal(order_of_id(&f->o, "O1")->state, "charging");
	assert_int_equal(rig_closed(&f->o.r, B11), 0);
	back_and_done(f, B11, 1, wh + 600);
	settled(f, 1200, 120);
}

/* The pile answers after 3 hours; it went on until its car was full. */
static void three_hours_of_silence(struct offrig *f)
{
	begin(f, B11, 60);
	silent(f, 1, 3 * 3600);
	/* Told to stop in time, and now and then since. */
	assert_in_range(writes_of(&f->o, PT_STOP, 0), 2, 40);
	assert_string_equal(gun_now(&f->o, B11).order, "O1");
	back_and_done(f, B11, 1, 5000 + 21000);
	assert_true(billed(f) > 2000);
	assert_int_equal(off_payer(f).held_fen, 0);
	assert_int_equal(off_payer(f).balance_fen, 0);
	assert_true(rig_flag(rig_session(&f->o.r, B11, "closed", 0), "substitute"));
}

static void silence_beyond_the_prepayment_is_a_debt(void **state)
{
	struct offrig *f = *state;

	three_hours_of_silence(f);
	assert_int_equal(off_payer(f).debt_fen, billed(f) - 2000);
}

static void silence_beyond_the_prepayment_is_a_loss(void **state)
{
	struct offrig *f = *state;

	three_hours_of_silence(f);
	assert_int_equal(off_payer(f).debt_fen, 0);
	assert_int_equal(off_int(f, "SELECT b.fen FROM ledger_balance b JOIN ledger_account a"
				    " ON a.id = b.account WHERE a.kind = 'loss'"),
		billed(f) - 2000);
}

static int setup_loss(void **state)
{
	return off_setup_with(state, true);
}

/* 06:13:20 + 10 min, away until 07:03: the price doubled at 06:30, and nobody read it. */
static void the_agent_is_dead_over_a_change_of_price(void **state)
{
	struct offrig *f = *state;
	int64_t wh = begin(f, B11, 600), fen;

	off_restart(f, 2400, "boot-1");
	wh += 2400 * 2;
	wh = charge(f, B11, wh, 60);
	assert_string_equal(gun_now(&f->o, B11).order, "O1");
	fen = gun_now(&f->o, B11).cost_fen;
	back_and_done(f, B11, 1, wh);
	settled(f, wh - 5000, fen);
	assert_int_equal(off_int(f, "SELECT count(*) FROM bill_line"), 2);
	assert_int_equal(
		off_int(f, "SELECT count(*) FROM bill_line WHERE quality = 'substitute'"), 2);
	/* Computed between the readings on its two sides: 2 Wh each second. */
	assert_in_range(off_int(f, "SELECT energy_wh FROM bill_line WHERE n = 1"), 1990, 2010);
	assert_true(rig_flag(rig_session(&f->o.r, B11, "closed", 0), "restart"));
	assert_true(off_odd(f, "power"));
}

static void the_machine_loses_power(void **state)
{
	struct offrig *f = *state;
	struct event e = {.kind = EV_CLOCK};
	int64_t wh = begin(f, B11, 300);

	off_restart(f, 120, "boot-2");
	e.clock.synced = false;
	rig_event(&f->o.r, &e);
	wh = charge(f, B11, wh + 240, 60);
	assert_string_equal(gun_now(&f->o, B11).order, "O1");
	back_and_done(f, B11, 1, wh);
	settled(f, wh - 5000, (wh - 5000 + 5) / 10);
	/* Durations come from the wall clock. */
	assert_in_range(off_int(f, "SELECT duration_s FROM session"), 470, 500);
	assert_true(off_odd(f, "unsynced"));
	assert_true(off_odd(f, "power"));
}

static void the_agent_dies_before_the_pile_began(void **state)
{
	struct offrig *f = *state;

	plug(&f->o, B11, 5000);
	f->o.mute = true;
	assert_int_equal(off_order(f, "O1", B11, HELD), 0);
	/* Held, and the agent died before the core was told. */
	assert_int_equal(
		off_money(f,
			(struct money_op){
				.kind = MONEY_HOLD, .account = "C000001", .ref = "O2", .fen = 500})
			.err,
		0);
	off_restart(f, 30, "boot-1");
	assert_int_equal(off_payer(f).held_fen, HELD);
	f->o.mute = false;
	read_gun(&f->o, B11, GUN_PLUGGED, 0, 5000);
	pass(&f->o, 1000);
	assert_int_equal(writes_of(&f->o, PT_START, 0), 1);
	charge(f, B11, 5000, 30);
	back_and_done(f, B11, 1, 5060);
	settled(f, 60, 6);
}

/* The order's end is on disk, the release of what was held for it is not. */
static void the_agent_dies_after_a_start_that_failed(void **state)
{
	struct offrig *f = *state;

	plug(&f->o, B11, 5000);
	f->o.write_rc = ERR_EXCEPTION;
	assert_int_equal(off_order(f, "O1", B11, HELD), 0);
	pass(&f->o, 1000);
	assert_string_equal(order_of_id(&f->o, "O1")->state, "failed");
	off_keep(f);
	assert_int_equal(off_payer(f).held_fen, HELD);
	off_restart(f, 30, "boot-1");
	assert_int_equal(off_payer(f).held_fen, 0);
	assert_int_equal(off_payer(f).balance_fen, 2000);
}

static void a_fault_ends_the_charge(void **state)
{
	struct offrig *f = *state;
	int64_t wh = begin(f, B11, 300);

	for (int k = 0; k < 90; k++) {
		pass(&f->o, 1000);
		read_gun(&f->o, B11, GUN_FAULT, 0, wh);
	}
	off_keep(f);
	settled(f, 600, 60);
	assert_string_equal(order_of_id(&f->o, "O1")->stop_cause, "fault");
}

static void the_end_register_is_never_read(void **state)
{
	struct offrig *f = *state;

	begin(f, B11, 300);
	for (int k = 0; k < 300; k++) {
		pass(&f->o, 1000);
		rig_gun(&f->o.r, B11, PT_STATE, GUN_IDLE);
		rig_send(&f->o.r);
		answer(&f->o);
	}
	off_keep(f);
	reviewed(f, "no_end");
}

static void the_clock_jumps(void **state)
{
	struct offrig *f = *state;
	struct event e = {.kind = EV_CLOCK};
	int64_t wh = begin(f, B11, 300);

	f->o.r.now.wall.ms += 7200 * MS_PER_S;
	e.clock.step_ms = 7200 * MS_PER_S;
	e.clock.synced = true;
	rig_event(&f->o.r, &e);
	wh = charge(f, B11, wh, 30);
	back_and_done(f, B11, 1, wh);
	reviewed(f, "clock");
}

static void the_ledger_is_broken(void **state)
{
	struct offrig *f = *state;
	sqlite3 *db = NULL;
	char path[96];
	int64_t wh = begin(f, B11, 300);

	off_keep(f);
	snprintf(path, sizeof path, "%s/" STORE_SITE_FILE, f->folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				 "DROP TRIGGER ledger_tx_no_update;"
				 "UPDATE ledger_tx SET fen = 9 WHERE kind = 'topup'",
				 NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	off_restart(f, 10, "boot-1");
	assert_non_null(strstr(f->broken, "ledger_tx"));
	/* Nothing new is held; what runs goes on and is settled. */
	plug(&f->o, A11, 5000);
	assert_int_not_equal(off_order(f, "O2", A11, 100), 0);
	assert_int_equal(off_payer(f).held_fen, HELD);
	wh = charge(f, B11, wh + 20, 60);
	assert_string_equal(gun_now(&f->o, B11).order, "O1");
	back_and_done(f, B11, 1, wh);
	settled(f, wh - 5000, (wh - 5000 + 5) / 10);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, off_setup, off_teardown)
	const struct CMUnitTest tests[] = {
		T(a_pile_loses_power_and_keeps_its_register),
		T(a_pile_loses_power_and_its_register),
		T(a_pile_loses_power_and_its_charge_goes_on),
		T(silence_beyond_the_prepayment_is_a_debt),
		cmocka_unit_test_setup_teardown(
			silence_beyond_the_prepayment_is_a_loss, setup_loss, off_teardown),
		T(the_agent_is_dead_over_a_change_of_price),
		T(the_machine_loses_power),
		T(the_agent_dies_before_the_pile_began),
		T(the_agent_dies_after_a_start_that_failed),
		T(a_fault_ends_the_charge),
		T(the_end_register_is_never_read),
		T(the_clock_jumps),
		T(the_ledger_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

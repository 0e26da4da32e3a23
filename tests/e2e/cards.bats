#!/usr/bin/env bats
# Cards held to the reader of a pile and VINs that cars tell: who charges, who is refused and why,
# and what becomes of a car that begins by itself.

load lib

setup() {
	site_setup
}
teardown() {
	site_teardown
}

# start_billing UNPAID AUTH: a site that bills; cars begin by themselves (auto) or not (remote).
start_billing() {
	start_billed "$2" "{tariff: shandong, unpaid: $1}"
	piled tariff import "$TOP/agent/examples/shandong-2026.yaml" --reason "first"
}

sim() {
	pilesim "$@" --dir "$SITE/sim"
}

# customer ACCOUNT YUAN CARD: the next account, with a balance and a card.
customer() {
	piled account open "Customer $1"
	piled account topup "$1" "$2"
	piled account card "$1" "$3"
}

# plugged GUN [OPTION...]: a car is plugged in and seen.
plugged() {
	sim plug "$@"
	wait_until gun_is "$1" state plugged
}

# has FILTER: an order as gojq describes it.
has() {
	piled orders --json | gojq -e "any(.[]; $1)"
}

purse() {
	piled account show "$1" --json | gojq ".account.$2"
}

purse_is() {
	[ "$(purse "$1" "$2")" -eq "$3" ]
}

charged() {
	[ "$(gun "$1" session_wh)" -gt "$2" ]
}

@test "a card starts a paid charge; only a card of its payer ends it" {
	start_billing refuse remote
	customer C000001 50 04A1B2C3
	customer C000002 50 04D4E5F6
	plugged A1.1
	sim card A1.1 04A1B2C3
	wait_until has '.state == "charging" and .account == "C000001" and .card == "04A1B2C3" and .hold_fen == 5000'
	purse_is C000001 balance_fen 0
	purse_is C000001 held_fen 5000
	wait_until charged A1.1 10

	sim card A1.1 04D4E5F6
	wait_until has '.card == "04D4E5F6" and .state == "failed" and .error == "busy"'
	gun_is A1.1 state charging
	purse_is C000002 balance_fen 5000

	sim card A1.1 04A1B2C3
	wait_until has '.card == "04A1B2C3" and .state == "ended" and .stop_cause == "person"'
	wait_until purse_is C000001 held_fen 0
	spent=$((5000 - $(purse C000001 balance_fen)))
	[ "$spent" -gt 0 ]
	[ "$(piled bill list --json | gojq 'length')" -eq 1 ]
	[ "$(piled bill list --json | gojq '.[0].total_fen')" -eq "$spent" ]
	piled ledger verify
}

@test "a card on a serial line, too" {
	start_billing refuse remote
	customer C000001 20 04A1B2C3
	plugged B1.1
	sim card B1.1 04A1B2C3
	wait_until has '.gun == "B1.1" and .state == "charging" and .account == "C000001"'
}

@test "a card that may not charge is refused, and it is shown why" {
	start_billing refuse remote
	customer C000001 50 04000001
	piled account freeze C000001 --reason lost
	customer C000002 0.5 04000002
	sim card A1.1 04000002
	wait_until has '.card == "04000002" and .state == "failed" and .reason == "no car is plugged in"'
	plugged A1.1
	sim card A1.1 04999999
	wait_until has '.card == "04999999" and .state == "failed" and .error == "not_found"'
	sim card A1.1 04000001
	wait_until has '.card == "04000001" and .state == "failed" and .error == "frozen"'
	sim card A1.1 04000002
	wait_until has '.card == "04000002" and .state == "failed" and .error == "insufficient_balance"'
	piled orders | grep -q 04999999
	piled orders | grep -q "no account has this card"
	gun_is A1.1 state plugged
	purse_is C000001 held_fen 0
	purse_is C000002 held_fen 0
}

@test "a registered car begins when it is plugged in, once" {
	start_billing refuse remote
	customer C000001 50 LSIM0000000000017
	plugged A2.1 --vin LSIM0000000000099
	sim plug A1.1 --vin LSIM0000000000017
	wait_until has '.gun == "A1.1" and .state == "charging" and .account == "C000001" and .card == "LSIM0000000000017" and .by == "VIN ****0017"'
	wait_until charged A1.1 10
	piled orders cancel "$(piled orders --json | gojq -r '.[0].id')"
	wait_until has '.gun == "A1.1" and .state == "ended"'
	# The agent starts anew and finds the car still there.
	stop_program piled
	start_agent
	wait_until gun_is A1.1 state finished
	# A car that nobody registered is refused nothing, and charges nothing.
	gun_is A2.1 state plugged
	[ "$(piled orders --json | gojq length)" -eq 1 ]
}

@test "a car that begins by itself is free, refused or unknown, and never silent" {
	start_billing free auto
	sim plug A1.1
	wait_until has '.gun == "A1.1" and .kind == "free" and .state == "charging"'
	wait_until charged A1.1 10
	stop_program piled

	sed -i 's/unpaid: free/unpaid: unknown/' "$SITE/billing.yaml"
	start_agent
	sim plug A2.1
	wait_until has '.gun == "A2.1" and .kind == "unknown" and .state == "charging"'
	wait_until unpaid A2.1
	sim unplug A2.1
	wait_until has '.gun == "A2.1" and .state == "ended" and .stop_cause == "unplugged"'
	stop_program piled

	sed -i 's/unpaid: unknown/unpaid: refuse/' "$SITE/billing.yaml"
	start_agent
	sim plug A3.1
	wait_until has '.gun == "A3.1" and .kind == "unknown" and .state == "ended" and .stop_cause == "refused"'
	gun_is A3.1 state finished
	# A card in time: it is asked about first, and pays for what began.
	customer C000001 50 04A1B2C3
	sim plug A4.1
	sim card A4.1 04A1B2C3
	wait_until has '.gun == "A4.1" and .account == "C000001" and .state == "charging"'
	piled ledger verify
}

@test "a card takes over a charge that nobody pays, from its start on; a free one it leaves alone" {
	start_billing unknown auto
	customer C000001 50 04A1B2C3
	sim plug A1.1
	wait_until has '.gun == "A1.1" and .kind == "unknown" and .state == "charging"'
	wait_until charged A1.1 50
	sim card A1.1 04A1B2C3
	wait_until has '.gun == "A1.1" and .account == "C000001" and .state == "charging"'
	has '.gun == "A1.1" and .kind == "unknown" and .state == "cancelled" and (.reason | contains("takes its charge over"))'
	wait_until charged A1.1 300
	sim card A1.1 04A1B2C3
	wait_until purse_is C000001 held_fen 0
	[ "$(piled bill list --json | gojq -c '[.[] | [.account, .start_wh == .end_wh]]')" = '[["C000001",false]]' ]
	[ "$(piled bill list --json | gojq '.[0].energy_wh')" -eq "$(piled sessions --json | gojq '.[0].energy_wh')" ]
	[ "$(piled bill list --json | gojq '.[0].total_fen')" -eq $((5000 - $(purse C000001 balance_fen))) ]
	piled bill verify 1
	code=$(piled bill receipt 1 --qr | tail -1)
	piled bill verify "$code"
	piled ledger verify
	stop_program piled
	# with no agent, from the file and what the driver's paper says
	piled bill verify "$code" --db "$SITE/data/site.db"
	run piled bill verify "${code/:1:/:2:}" --db "$SITE/data/site.db"
	[ "$status" -eq 1 ]

	sed -i 's/unpaid: unknown/unpaid: free/' "$SITE/billing.yaml"
	start_agent
	sim plug A2.1
	wait_until has '.gun == "A2.1" and .kind == "free" and .state == "charging"'
	sim card A2.1 04A1B2C3
	wait_until has '.gun == "A2.1" and .card == "04A1B2C3" and .state == "failed" and .reason == "the charge at this gun is free"'
	gun_is A2.1 state charging
}

unpaid() {
	piled faults --active --json | gojq -e ".[] | select(.code == 1017 and .target == \"$1\")"
}

#!/usr/bin/env bats
# Paid charges over a killed agent, a pile that loses its power and its register, and a ledger that
# was changed: the money is there after it, or waits for a person.

load lib

setup() {
	site_setup
	start_billed remote '{tariff: shandong, unpaid: refuse}'
	piled tariff import "$TOP/agent/examples/shandong-2026.yaml" --reason "first"
	piled account open "Li Lei"
	piled account topup C000001 50
}
teardown() {
	site_teardown
}

sim() {
	pilesim "$@" --dir "$SITE/sim"
}

# has FILTER: an order as gojq describes it.
has() {
	piled orders --json | gojq -e "any(.[]; $1)"
}

purse() {
	piled account show C000001 --json | gojq ".account.$1"
}

purse_is() {
	[ "$(purse "$1")" -eq "$2" ]
}

charged() {
	[ "$(gun "$1" session_wh)" -gt "$2" ]
}

# The bill of the only session is paid, no more and no less.
paid() {
	wait_until purse_is held_fen 0
	[ "$(piled bill list --json | gojq length)" -eq 1 ]
	[ "$(piled bill list --json | gojq '.[0].total_fen')" -eq $((5000 - $(purse balance_fen))) ]
	piled ledger verify
}

# begin ID: a paid charge of 20 yuan at A1.1 runs.
begin() {
	sim plug A1.1
	wait_until gun_is A1.1 state plugged
	piled charge A1.1 --account C000001 --amount 20 --id "$1"
	wait_until has ".id == \"$1\" and .state == \"charging\""
	wait_until charged A1.1 10
	purse_is held_fen 2000
}

register() {
	sim status --json | gojq '.guns[] | select(.gun == "A1.1") | .energy_wh'
}

beyond() {
	[ "$(register)" -gt "$1" ]
}

@test "what ends while the agent is dead is billed by its registers" {
	begin o1
	stop_program piled KILL
	wait_until beyond $(($(register) + 60))
	sim unplug A1.1
	start_agent
	wait_until has '.id == "o1" and .state == "ended"'
	paid
	[ "$(piled bill list --json | gojq '.[0].energy_wh')" -eq "$(sim book --json | gojq '.[-1].energy_wh')" ]
	piled abnormal list --json | gojq -e 'any(.[]; .kind == "power")'
}

@test "a pile that falls silent is billed by its register when it answers again" {
	begin o1
	before=$(register)
	sim fault silent A1 --for 20
	wait_until gun_is A1.1 state offline
	purse_is held_fen 2000
	piled orders --json | gojq -e 'any(.[]; .id == "o1" and .state == "charging")'
	wait_until charged A1.1 100
	beyond "$before"
	sim unplug A1.1
	wait_until has '.id == "o1" and .state == "ended"'
	paid
	[ "$(piled bill list --json | gojq '.[0].energy_wh')" -eq "$(sim book --json | gojq '.[-1].energy_wh')" ]
	session=$(piled bill list --json | gojq -r '.[0].session')
	piled session "$session" --json | gojq -e '.. | .flags? // empty | contains("gap")'
}

@test "a pile that lost its register leaves the charge to a person" {
	begin o1
	sim fault register-reset A1.1
	sim fault reboot A1
	wait_until rebooted
	sim unplug A1.1
	wait_until has '.id == "o1" and .state == "ended"'
	purse_is held_fen 2000
	[ "$(piled bill list --json | gojq length)" -eq 0 ]
	entry=$(piled abnormal list --json | gojq '.[] | select(.kind == "jump") | .id')
	piled abnormal void "$entry" --reason "the pile lost its register"
	purse_is held_fen 0
	purse_is balance_fen 5000
	piled ledger verify
}

rebooted() {
	grep -q "A1.1: .* -> suspended" "$SITE/piled.log"
}

@test "with a broken ledger nobody begins, and what runs ends and is paid" {
	begin o1
	stop_program piled KILL
	sqlite3 "$SITE/data/site.db" 'DROP TRIGGER ledger_tx_no_update; UPDATE ledger_tx SET fen = 5 WHERE kind = "topup"'
	start_agent
	wait_until alarmed
	sim plug A2.1
	wait_until gun_is A2.1 state plugged
	run piled charge A2.1 --account C000001 --amount 5
	[ "$status" -eq 1 ]
	[[ $output == *"ledger"* ]]
	gun_is A1.1 order o1
	wait_until charged A1.1 60
	piled orders cancel o1
	wait_until has '.id == "o1" and .state == "ended"'
	wait_until purse_is held_fen 0
	[ "$(piled bill list --json | gojq '.[0].total_fen')" -eq $((5000 - $(purse balance_fen))) ]
}

alarmed() {
	piled faults --active --json | gojq -e '.[] | select(.code == 1019)'
}

#!/usr/bin/env bats
# The simulator as a program: its folder, its commands, its manual.

load lib

setup() {
	site_setup
	export PILESIM_DIR=$SITE/sim
}

teardown() {
	site_teardown
}

sim_up() {
	alive pilesim && [ -s "$PILESIM_DIR/ready" ]
}

run_sim() {
	spawn pilesim "$PILED_BUILD/pilesim" run --port 0 "$@"
	wait_until sim_up
}

state_is() {
	[ "$(pilesim status --json | gojq -r ".guns[] | select(.gun == \"$1\") | .state")" = "$2" ]
}

@test "a site opens its lines, answers commands and clears up" {
	run_sim
	grep -q '^dc tcp 127.0.0.1 [0-9]*$' "$PILESIM_DIR/ready"
	[ -c "$PILESIM_DIR/line-1" ]
	[ -c "$PILESIM_DIR/line-3" ]
	[ "$(pilesim status --json | gojq '.guns | length')" -eq 24 ]
	[ "$(pilesim status --json | gojq -r '.faults[0].kind')" = gun-fault ]
	run pilesim run --port 0
	[ "$status" -eq 1 ]
	[[ "$output" == *"another pilesim runs here"* ]]
	pilesim stop
	wait_until gone pilesim
	[ ! -e "$PILESIM_DIR/ready" ]
	[ ! -e "$PILESIM_DIR/line-1" ]
	[ ! -e "$PILESIM_DIR/pilesim.sock" ]
}

@test "a car comes, charges what it asks for and goes into the book" {
	run_sim --no-arrivals --speed 200
	pilesim plug B1.1 --kwh 2 --phases 1 --max "32 A"
	wait_until state_is B1.1 finished
	pilesim unplug B1.1
	wait_until state_is B1.1 idle
	run pilesim book --json
	[ "$(gojq 'length' <<<"$output")" -eq 1 ]
	[ "$(gojq -r '.[0].reason' <<<"$output")" = energy ]
	[ "$(gojq '.[0].end_wh - .[0].start_wh == .[0].energy_wh' <<<"$output")" = true ]
	[ "$(gojq '.[0].asked_wh' <<<"$output")" -eq 2000 ]
	[ "$(pilesim book | wc -l)" -eq 2 ]
}

@test "a remote site waits for its start command" {
	run_sim --no-arrivals --speed 50 --auth remote
	pilesim plug A1.1
	wait_until state_is A1.1 plugged
	[ "$(pilesim book | wc -l)" -eq 1 ]
}

@test "faults come, end by themselves and are cleared; a lost device comes back" {
	run_sim --no-arrivals --speed 20
	pilesim fault gun-fault A1.2 18 --for 100
	state_is A1.2 fault
	wait_until state_is A1.2 idle
	pilesim fault adapter-gone line-2
	wait_until test ! -e "$PILESIM_DIR/line-2"
	[ "$(pilesim clear)" = "1 cleared" ]
	wait_until test -c "$PILESIM_DIR/line-2"
	run pilesim fault nonsense A1
	[ "$status" -eq 1 ]
	[[ "$output" == *"no kind of fault"* ]]
}

@test "recorded cars come at their time" {
	cat >"$SITE/cars.csv" <<-END
		session_id,station_id,plugged_in,unplugged,energy_kwh
		1,S-1,2026-03-01T08:00:10,2026-03-01T08:10:00,0.5
		2,S-1,2026-03-01T08:10:00,2026-03-01T08:20:00,0.4
	END
	run_sim --sessions "$SITE/cars.csv" --start 2026-03-01T08:00 --speed 500 --link tcp
	both_gone() {
		[ "$(pilesim book --json | gojq 'map(select(.unplug_ms)) | length')" -eq 2 ]
	}
	wait_until both_gone
	[ "$(pilesim book --json | gojq -c 'map(.asked_wh)')" = "[500,400]" ]
}

@test "wrong options and files are refused with their place" {
	run pilesim run --prot 1
	[ "$status" -eq 2 ]
	pilesim run --help | grep -q -- --delivery
	run pilesim runn
	[ "$status" -eq 2 ]
	[[ "$output" == *'did you mean "run"'* ]]
	run pilesim run --speed 0
	[ "$status" -eq 2 ]
	printf 'head\na,S,2026-03-01,2026-03-02,x\n' >"$SITE/cars.csv"
	run pilesim run --sessions "$SITE/cars.csv"
	[ "$status" -eq 2 ]
	[[ "$output" == *"cars.csv:2: "* ]]
	run pilesim status
	[ "$status" -eq 1 ]
	[[ "$output" == *"no site runs"* ]]
}

@test "the manual names every command, option and fault" {
	local word
	for word in $(pilesim --help | grep -oE -e '^ +--[a-z-]+' | sort -u | tr -d ' -' ); do
		tr -d -- '- ' <"$TOP/man/pilesim.1" | grep -qE "Fl$word" || echo "option $word"
	done >"$SITE/missing"
	for word in $(pilesim --help | sed -n 's/^  \([a-z]*\) .*/\1/p') $(pilesim fault --list | cut -d' ' -f1); do
		grep -qE "^(\.It )?\.?Cm $word( |\$)|^\.It Cm $word( |\$)" "$TOP/man/pilesim.1" || echo "word $word"
	done >>"$SITE/missing"
	cat "$SITE/missing"
	[ ! -s "$SITE/missing" ]
}

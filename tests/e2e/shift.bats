#!/usr/bin/env bats
# Notes, and the hand-over between shifts.
load lib

setup() { site_setup; }
teardown() { site_teardown; }

all_polled() {
	[ "$(piled guns --json | gojq '[.[] | select(.seen != null and .stale == 0)] | length')" -eq 24 ]
}

@test "notes are kept with person and place, and written once" {
	start_site --calm --no-arrivals
	wait_until all_polled
	piled note A1.2 "cable is worn"
	piled note A1.2 "cable is worn" --id n1
	piled note A1.2 "cable is worn" --id n1
	run piled note A1.2 "something else" --id n1
	[ "$status" -eq 1 ]
	piled note site "grid company called"
	run piled note Z9.9 x
	[ "$status" -eq 1 ]
	run piled note A1.2 ""
	[ "$status" -eq 2 ]
	[ "$(piled notes A1.2 --json | gojq -c '[.[] | [.target, .by, .text]] | unique')" = '[["A1.2","root","cable is worn"]]' ] || [ "$(id -u)" -ne 0 ]
	[ "$(piled notes --json | gojq length)" -eq 3 ]
	[ "$(piled notes demo --json | gojq -r '.[0].text')" = "grid company called" ]
	stop_program piled KILL
	start_agent
	[ "$(piled notes --json | gojq length)" -eq 3 ]
	run piled notes
	[[ "$output" == *"cable is worn"* ]]
}

@test "the console writes a note on a gun, and shows the newest on its page" {
	start_site --calm --no-arrivals
	wait_until all_polled
	piled note A1.2 "cable is worn"
	printf '%s\n' 'wait A1.2' / 'type A1.2' Enter Enter 'wait cable is worn' N 'wait Note: _' Enter \
		'wait cannot stay empty' 'type 已换线，a long remark that goes on and on to the edge of the box' Enter \
		'wait Everybody who looks' y 'wait 已换线' >"$SITE/script"
	piletop --socket "$PILED_SOCKET" --write --script "$SITE/script" --size 80x24 --lang en
	[ "$(piled notes A1.2 --json | gojq -r 'sort_by(.at)[-1].text')" = "已换线，a long remark that goes on and on to the edge of the box" ]
	printf '%s\n' 'wait A1.2' N 'wait Read-only' >"$SITE/script"
	piletop --socket "$PILED_SOCKET" --script "$SITE/script" --size 80x24 --lang en
}

@test "the shift report tells what happened since the last one ended" {
	start_site --calm --no-arrivals
	wait_until all_polled
	piled note B1.1 "before"
	piled shift end "B1.1 waits for a spare part"
	piled tag B1.1 --reason "spare part"
	piled note B1.1 "ordered"
	run piled shift report
	[ "$status" -eq 0 ]
	[[ "$output" == *"B1.1 waits for a spare part"* ]]
	[[ "$output" == *"ordered"* ]]
	[[ "$output" == *"tag"* ]]
	[[ "$output" != *"before"* ]]
	piled shift report --json | gojq -e '.commands | length == 1'
	piled shift report --json | gojq -e '.before.text == "B1.1 waits for a spare part"'
	piled shift report --from -1h --json | gojq -e '[.notes[].text] | contains(["before"])'
	run piled shift report --from -1h --to -2h
	[ "$status" -eq 2 ]
}

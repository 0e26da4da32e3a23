#!/usr/bin/env bats
# Tariffs: checked as files, taken in by the agent, never changed afterwards.
load lib

setup() {
	site_setup
}
teardown() { site_teardown; }

EXAMPLE=agent/examples/shandong-2026.yaml

# tariff NAME FROM FLAT: a text.
tariff() {
	sed -e "s/^tariff: .*/tariff: $1/" -e "s/^from: .*/from: $2/" -e "s/flat: 0.7000/flat: $3/" \
		"$TOP/$EXAMPLE" >"$SITE/$1-$2.yaml"
	echo "$SITE/$1-$2.yaml"
}

@test "a file is checked and shown without an agent, each error with its line" {
	cd "$TOP"
	run piled tariff check "$EXAMPLE"
	[ "$status" -eq 0 ]
	[[ "$output" == *"good: shandong, in force from 2026-01-01"* ]]
	run piled tariff show "$EXAMPLE" --on 2026-01-05 --ascii --zone Asia/Shanghai
	[ "$status" -eq 0 ]
	[[ "$output" == *"====--------==++++==--......--==######++++======"* ]]
	run piled tariff show "$EXAMPLE" --on 2026-01-05 --lang zh
	[[ "$output" == *"深"* && "$output" == *"尖"* ]]
	[ "$(piled tariff show "$EXAMPLE" --on 2026-07-01 --json | gojq '[.day.prices[].total_e5] | max')" -eq 180000 ]
	sed 's/07:00-09:00, 16:00-21:00/07:00-09:00, 08:30-21:00/' "$EXAMPLE" >"$SITE/bad.yaml"
	run piled tariff check "$SITE/bad.yaml"
	[ "$status" -eq 1 ]
	[[ "$output" == *"bad.yaml:23: 08:30-09:00 is peak already"* ]]
	run piled tariff check "$SITE/none.yaml"
	[ "$status" -eq 1 ]
}

@test "versions follow each other, the past is never changed" {
	start_site --calm --no-arrivals
	run piled tariff list
	[[ "$output" == *"no tariffs"* ]]
	first=$(tariff shandong 2026-01-01 0.7000)
	next=$(tariff shandong 2090-01-01 0.8000)
	run piled tariff import "$first" --dry-run
	[ "$status" -eq 0 ]
	[[ "$output" == *"shandong/1 would come into force on 2026-01-01"* ]]
	[ "$(piled tariff list --json | gojq length)" -eq 0 ]
	run piled tariff import "$first" --reason "new year"
	[ "$status" -eq 0 ]
	[[ "$output" == *"shandong/1 is taken in"* ]]
	run piled tariff import "$first"
	[[ "$output" == *"this text already; nothing changes"* ]]
	run piled tariff import "$(tariff shandong 2026-02-01 0.9)"
	[ "$status" -eq 1 ]
	[[ "$output" == *"prices of the past are never changed"* ]]
	piled tariff import "$next"
	run piled tariff import "$(tariff shandong 2089-01-01 0.9)"
	[ "$status" -eq 1 ]
	[[ "$output" == *"--replace takes its place"* ]]
	run piled tariff import "$SITE/shandong-2089-01-01.yaml" --replace --dry-run
	[[ "$output" == *"it takes the place of version 2"* ]]
	[[ "$output" == *"ordinary, flat, electricity: 0.7000 -> 0.9000"* ]]
	piled tariff import "$SITE/shandong-2089-01-01.yaml" --replace
	[ "$(piled tariff list --json | gojq -c '[.[] | [.version, .state, .reason]]')" = \
		'[[1,"in_force","new year"],[2,"replaced",""],[3,"planned",""]]' ]
	[ "$(piled tariff show shandong --on 2089-06-01 --json | gojq .tariff.version)" -eq 3 ]
	[ "$(piled tariff show --json | gojq .tariff.version)" -eq 1 ]
	piled tariff show shandong/1 --text | cmp - "$first"
	run piled tariff diff shandong/1 "$next"
	[[ "$output" == *"flat, electricity: 0.7000 -> 0.8000"* ]]
	run piled tariff show nothing
	[ "$status" -eq 1 ]
	# After a restart they are there, and nobody can change them.
	stop_program piled
	start_agent
	[ "$(piled tariff list --json | gojq length)" -eq 3 ]
	run sqlite3 "$SITE/data/site.db" "DELETE FROM tariff"
	[ "$status" -ne 0 ]
}

# play STEP...: the console, by a script.
play() {
	printf '%s\n' "$@" >"$SITE/script"
	piletop --socket "$PILED_SOCKET" --script "$SITE/script" --size 100x30 --lang en "${OPTIONS[@]}"
}

versions() {
	piled tariff list --json | gojq -c '[.[] | [.version, .state, .reason]]'
}

@test "the console takes a file in: errors with their line, what it would do, a reason, the site's id" {
	start_site --calm --no-arrivals
	OPTIONS=()
	play 'wait A1.1' T i 'wait Read-only'
	OPTIONS=(--write)
	sed 's/flat: 0.7000/flat: 0.712345/' "$TOP/$EXAMPLE" >"$SITE/bad.yaml"
	mkfifo "$SITE/fifo"
	play 'wait A1.1' T 'wait No tariff is known' i "type $SITE/fifo" Enter 'wait There is no such file' \
		Esc i "type $SITE/bad.yaml" Enter "wait bad.yaml:12: 'flat': read '0.712345'" Enter \
		'wait bad.yaml_' Esc 'wait Cancelled' i "type $TOP/$EXAMPLE" Enter \
		'wait shandong/1 would come into force on 2026-01-01' Enter 'wait A reason is needed' \
		'type new year' Enter 'type dem' Enter 'wait not the site' 'type o' Enter \
		'wait shandong/1 is taken in' 'wait in force'
	[ "$(versions)" = '[[1,"in_force","new year"]]' ]
	piled tariff show shandong/1 --text | cmp - "$TOP/$EXAMPLE"
	piled audit --json | gojq -e '.[] | select(.method == "tariff_import" and .result == "ok") | select(.params | contains("new year"))'
}

@test "the console changes one price from a date on, and says which planned version that replaces" {
	start_site --calm --no-arrivals
	piled tariff import "$TOP/$EXAMPLE" --reason first
	piled tariff import "$(tariff shandong 2090-01-01 0.8000)"
	OPTIONS=(--write)
	play 'wait A1.1' T 'wait in force' e 'wait service' f 'type 0.45' Enter Backspace Backspace Backspace \
		Backspace Backspace Backspace Backspace Backspace Backspace Backspace 'type 2089-06-01' Enter \
		'wait on 2089-06-01' 'wait place of version 2' 'wait service: 0.4000 -> 0.4500' 'type rent' \
		Enter 'type demo' Enter 'wait shandong/3 is taken in'
	[ "$(versions)" = '[[1,"in_force","first"],[2,"replaced",""],[3,"planned","rent"]]' ]
	piled tariff show shandong/3 --text |
		diff - <(sed -e 's/^from: .*/from: 2089-06-01/' -e 's/service: 0.4000/service: 0.45/' "$TOP/$EXAMPLE")
}

@test "a text with errors is refused whole, with the lines, also by the agent" {
	start_site --calm --no-arrivals
	text=$(sed 's/flat: 0.7000/flat: 0.712345/' "$TOP/$EXAMPLE" | gojq -Rs .)
	answer=$(echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tariff_import\",\"params\":{\"name\":\"x.yaml\",\"text\":$text}}" |
		piled attach | tail -n 1)
	[[ "$(gojq -r '.error.data.errors[0]' <<<"$answer")" == "x.yaml:12: 'flat': read '0.712345'"* ]]
	[ "$(piled tariff list --json | gojq length)" -eq 0 ]
	wait_until audited
}

audited() {
	[ "$(piled audit --json | gojq '[.[] | select(.method == "tariff_import" and .result == "syntax")] | length')" -eq 1 ]
}

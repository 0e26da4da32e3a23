#!/usr/bin/env bats
# Commands for the whole site, and commands that are undone unless confirmed.
load lib

setup() { site_setup; }
teardown() { site_teardown; }

all_polled() {
	[ "$(piled guns --json | gojq '[.[] | select(.seen != null and .stale == 0)] | length')" -eq 24 ]
}

charging() {
	[ "$(piled status --json | gojq .guns_charging)" -ge "$1" ]
}

none_charging() {
	[ "$(piled status --json | gojq .guns_charging)" -eq 0 ]
}

tagged_by() {
	[ "$(piled gun B1.1 --json | gojq -r .gun.tag_by)" = "$1" ]
}

# It began to charge, and was told to stop in the name of the stop before.
stopped_again() {
	[ "$(piled commands "$1" --json | gojq '[.[] | select(.verb == "stop" and .state == "verified" and (.reason | contains("held by a stop")))] | length')" -ge 1 ]
}

trial_is() {
	[ "$(piled trials --json | gojq -r '.[0].state')" = "$1" ]
}

@test "stopping the site is shown, needs a reason and a yes, and stops every gun" {
	start_site --calm --no-arrivals
	wait_until all_polled
	run piled stop site --yes
	[ "$status" -eq 2 ]
	[[ "$output" == *"24 guns"* ]]
	[[ "$output" == *"--reason"* ]]
	run piled stop site --reason smoke </dev/null
	[ "$status" -eq 2 ]
	[[ "$output" == *"--yes"* ]]
	run piled stop site --reason smoke --yes --confirm-within 5m
	[ "$status" -eq 2 ]

	[ "$(piled commands --json | gojq length)" -eq 0 ]
	run piled stop site --reason smoke --yes
	[ "$status" -eq 0 ]
	[ "$(piled commands --json | gojq -r '.[-1] | [.verb, .target, .state, .reason] | join(" ")' | cut -c 1-25)" = "stop demo verified smoke;" ]
	run piled attach <<<'{"jsonrpc":"2.0","id":1,"method":"do","params":{"verb":"tag","target":"site"}}'
	[[ "$output" == *"needs a reason"* ]]
}

@test "what charges on a busy site is stopped as one" {
	start_site --calm --no-arrivals
	wait_until all_polled
	for gun in B1.1 B2.1 B7.1; do
		pilesim plug "$gun" --kwh 5 --dir "$SITE/sim"
	done
	wait_until charging 3
	piled stop site --reason "drill" --yes --timeout 60s
	none_charging
	[ "$(piled commands --json | gojq -r '[.[] | select(.verb == "stop" and .target == "demo")][0].state')" = verified ]
	[ "$(piled commands --json | gojq '[.[] | select(.verb == "stop" and .target != "demo")] | length')" -eq 3 ]
}

@test "after a stop of the site nothing begins until a person says so, over a restart too" {
	start_site --calm --no-arrivals
	wait_until all_polled
	pilesim plug B1.1 --kwh 5 --dir "$SITE/sim"
	wait_until charging 1
	piled stop site --reason "fire drill" --yes --timeout 60s
	none_charging
	[ "$(piled gun B2.1 --json | gojq -r '.gun | [.halt, .halt_by != ""] | join(" ")')" = "fire drill true" ]
	stop_program piled KILL
	start_agent
	wait_until all_polled
	[[ "$(piled why B2.1)" == *"fire drill"* ]]
	pilesim plug B2.1 --kwh 5 --dir "$SITE/sim"
	wait_until stopped_again B2.1
	none_charging
	# one gun by its start, the others by a release
	piled start B1.1 --timeout 60s
	[ "$(piled gun B1.1 --json | gojq -r .gun.halt_by)" = "" ]
	run piled release site --yes
	[ "$status" -ne 0 ]
	piled release site --reason "drill over" --yes
	[ "$(piled gun B2.1 --json | gojq -r .gun.halt_by)" = "" ]
	run piled release site --reason "drill over" --yes
	[ "$status" -ne 0 ]
	[[ "$output" == *"holds it"* ]]
}

@test "a tag that nobody confirms is undone, also when the agent was killed meanwhile" {
	start_site --calm --no-arrivals
	wait_until all_polled
	run piled tag site --reason "feeder work" --yes --confirm-within 2s
	[ "$status" -eq 0 ]
	[[ "$output" == *"piled confirm "* ]]
	wait_until trial_is reverted
	tagged_by ""
	piled tag site --reason "feeder work" --yes --confirm-within 3s
	stop_program piled KILL
	start_agent
	wait_until tagged_by ""
	wait_until trial_is reverted
}

@test "what is confirmed stays" {
	start_site --calm --no-arrivals
	wait_until all_polled
	piled tag site --reason "feeder work" --yes --confirm-within 1h --id work-1
	[ "$(piled trials --active --json | gojq -r '.[0].id')" = work-1 ]
	stop_program piled KILL
	start_agent
	trial_is waiting
	run piled confirm work-2
	[ "$status" -eq 1 ]
	run piled confirm work-1
	[ "$status" -eq 0 ]
	piled confirm work-1
	trial_is confirmed
	[ "$(piled trials --active --json | gojq length)" -eq 0 ]
	[ "$(piled gun B1.1 --json | gojq -r .gun.tag)" = "feeder work" ]
	piled untag site --reason "work done" --yes
}

# play STEP...: the console, by a script.
play() {
	printf '%s\n' "$@" >"$SITE/script"
	piletop --socket "$PILED_SOCKET" --script "$SITE/script" --size 100x30 --lang en "${OPTIONS[@]}"
}

@test "the console asks for the whole site, shows what is concerned, and confirms" {
	start_site --calm --no-arrivals
	wait_until all_polled
	OPTIONS=()
	play 'wait A1.1' X 'wait Read-only'
	OPTIONS=(--write)
	play 'wait A1.1' X 'wait the whole site' t 'wait Reason' Enter 'wait A reason is needed' \
		'type feeder work' Enter 'wait unless confirmed within' 'type soon' Enter 'wait Type minutes' \
		Backspace Backspace Backspace Backspace 'type 30' Enter 'wait 18 piles, 24 guns' 'wait Reason: feeder work' \
		'type dem' Enter 'wait not the site' 'type o' Enter 'wait out of use' \
		'wait unless confirmed: Y' Y 'gone unless confirmed: Y'
	trial_is confirmed
	[ "$(piled gun B1.1 --json | gojq -r .gun.tag)" = "feeder work" ]
	play 'wait A1.1' X u 'wait Reason' 'type done' Enter Enter 'wait To go on' Esc 'wait Cancelled'
	[ "$(piled gun B1.1 --json | gojq -r .gun.tag)" = "feeder work" ]
}

@test "the console shows the audit log to administrators" {
	start_site --calm --no-arrivals
	wait_until all_polled
	OPTIONS=()
	piled tag A1.1 --reason "cable damaged"
	play 'wait A1.1' L 'wait cable damaged'
	rows=$(piled audit --json | gojq length)
	sed 's/"role":"[a-z]*"/"role":"operator"/' "$TOP/tests/e2e/demo.rec" >"$SITE/rec"
	spawn fake "$PILED_BUILD/tests/e2e/fake_agent" "$SITE/fake.sock" "$SITE/rec"
	wait_until test -S "$SITE/fake.sock"
	printf '%s\n' 'wait A1.1' L 'wait for administrators' >"$SITE/script"
	piletop --socket "$SITE/fake.sock" --script "$SITE/script" --size 100x30 --lang en
	[ "$(piled audit --json | gojq length)" -eq "$rows" ]
}

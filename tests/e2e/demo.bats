#!/usr/bin/env bats
# make demo without a terminal, as a script would run it, and what it leaves behind: nothing.
load lib

setup() {
	site_setup
	unset PILED_SOCKET PILED_PROFILES
	export XDG_STATE_HOME=$SITE/state BUILD=$PILED_BUILD DEMO_SECONDS=1000
}

teardown() {
	site_teardown
}

demo() {
	spawn demo "$TOP/agent/examples/demo.sh"
}

# The processes that a demo started are in its folder.
nobody_left() {
	! pgrep -f -- "$XDG_STATE_HOME/piled/demo" >/dev/null
}

@test "every gun is polled and stored, and it says where the data lies" {
	DEMO_SECONDS=5 run "$TOP/agent/examples/demo.sh"
	[ "$status" -eq 0 ]
	[[ $output == *"24 of 24 guns polled, readings of 24 stored"* ]]
	[[ $output == *"$XDG_STATE_HOME/piled/demo"* ]]
	nobody_left
}

@test "a second demo at once is refused, the first goes on" {
	demo
	wait_until grep -q ready "$XDG_STATE_HOME/piled/demo/pilesim.log"
	run "$TOP/agent/examples/demo.sh"
	[ "$status" -eq 1 ]
	[[ $output == *"runs already"* ]]
	alive demo
	stop_program demo
	[ "$STATUS" -eq 143 ]
	wait_until nobody_left
}

@test "an agent that ends early fails the demo with its log" {
	demo
	wait_until test -S "$XDG_STATE_HOME/piled/demo/piled.sock"
	pkill -KILL -f -- "run --config $XDG_STATE_HOME/piled/demo/demo.yaml"
	wait_until gone_or_zombie
	wait "$(cat "$SITE/demo.pid")" || STATUS=$?
	rm "$SITE/demo.pid"
	[ "$STATUS" -eq 1 ]
	grep -q 'piled.*ended' "$SITE/demo.log"
	wait_until nobody_left
}

gone_or_zombie() {
	gone demo || grep -q '^State:.Z' "/proc/$(cat "$SITE/demo.pid")/status"
}

#!/usr/bin/env bats
# Why a gun gets what it gets, now and at any past moment, with and without an agent.

load lib

setup() {
	site_setup
	export PILESIM_DIR=$SITE/sim
}

teardown() {
	site_teardown
}

# gets GUN RULE WATTS
gets() {
	gun_is "$1" rule "$2" && gun_is "$1" grant_w "$3"
}

gets_more_than() {
	[ "$(gun "$1" grant_w)" -gt "$2" ]
}

# second_after MS: the wall clock's second that begins behind it, once that has come.
second_after() {
	local next=$(($1 / 1000 + 1))
	[ "$(date +%s)" -gt "$next" ] && date -d "@$next" +%Y-%m-%dT%H:%M:%S
}

# decided GUN: time of its newest decision.
decided() {
	piled decisions "$1" --limit 1 --json | gojq '.[0].at'
}

@test "a past moment is explained in the sentence of that moment" {
	local later at sentence
	export TZ=Asia/Shanghai # the site's, for --data too
	start_sim --calm --no-arrivals
	start_agent
	pilesim plug A1.1
	wait_until gets_more_than A1.1 40000
	piled limit-site add --kw 20 --node A1.1 --to +2h --source grid --id night
	wait_until gets A1.1 outside 20000
	sentence=$(piled why A1.1)
	[[ $sentence == *"limited from outside by grid until"* ]]
	at=$(decided A1.1)
	wait_until second_after "$at"
	later=$(second_after "$at")
	piled limit-site cancel night
	wait_until gets_more_than A1.1 40000
	[ "$(piled why A1.1 --at "$later")" = "$sentence" ]
	[ "$(piled why A1.1)" != "$sentence" ]
	[ "$(piled why A1.1 --at "$later" --json | gojq -r '.rule, .to_w')" = $'outside\n20000' ]
	run piled decisions A1.1
	[[ $output == *"20.0  limited from outside by grid until "* ]]
	[ "$(piled decisions A1 --json | gojq -r '[.[].gun] | unique[]')" = $'A1.1\nA1.2' ]
	# each begins where the one before ended
	piled decisions A1.1 --json | gojq -e 'reverse | . as $d |
		all(range(1; length); $d[.].from_w == $d[. - 1].to_w)'
	run piled why A1.1 --at yesterday
	[ "$status" -eq 1 ]
	[[ $output == *"no decision of that time or before is kept"* ]]
	run piled why A1.1 --at +1h
	[ "$status" -eq 2 ]
	# the console's pages have it, the site's and the gun's own
	printf '%s\n' 'wait A1.1' 6 'wait limited from outside by grid' \
		1 / 'type A1.1' Enter Enter 'wait Last decisions' \
		'wait limited from outside' >"$SITE/script"
	piletop --socket "$PILED_SOCKET" --script "$SITE/script" --size 120x40
	stop_program piled
	[ "$(piled why A1.1 --at "$later" --data "$SITE/data")" = "$sentence" ]
	[ "$(piled export decisions --data "$SITE/data" | grep -c '"\?A1.1-.*,outside,')" -eq 1 ]
	run piled why A1.1 --at "$later"
	[ "$status" -eq 3 ]
}

@test "what was decided before a restart is still told" {
	local before
	start_sim --calm --no-arrivals
	start_agent
	pilesim plug A1.1
	wait_until gets_more_than A1.1 40000
	before=$(piled decisions A1.1 --json | gojq -r '.[0].id')
	stop_program piled KILL
	start_agent
	piled decisions --json | gojq -e --arg id "$before" 'any(.id == $id)'
	# also to those who subscribe
	printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"views":"decision"}}' |
		socat -t 5 - "UNIX-CONNECT:$PILED_SOCKET" | grep -q "$before"
}

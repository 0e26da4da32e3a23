#!/usr/bin/env bats
# The agent is lost: what the piles then do by themselves was set before.

load lib

setup() {
	site_setup
	export PILESIM_DIR=$SITE/sim
}

teardown() {
	site_teardown
}

# limit_above GUN VALUE: the limit that the pile really has in force, W or mA.
limit_above() {
	local limit
	limit=$(pilesim status --json | gojq -r ".guns[] | select(.gun == \"$1\") | .limit")
	[ "$limit" -gt "$2" ]
}

all_fallen() {
	[ "$(pilesim status --json | gojq '[.guns[] | select(.limit > (if .gun[0:1] == "A" then
		5000 else 6000 end))] | length')" -eq 0 ]
}

# watchdog_is UNIT ADDRESS: its watchdog register reads 5 s.
watchdog_is() {
	[ "$(piled bus read "$1" "$2" 1 --json | gojq '.. | numbers' | grep -cx 5)" -ge 1 ]
}

@test "a killed agent leaves every gun at its fail-safe power" {
	start_sim --calm --no-arrivals
	sed -e "s/127\.0\.0\.1:15020/127.0.0.1:$PORT/" -e 's/profile: sim-.c,/& watchdog: 5 s,/' \
		"$TOP/agent/examples/demo.yaml" >"$SITE/lease.yaml"
	CONFIG=$SITE/lease.yaml start_agent
	pilesim plug A6.1
	pilesim plug B1.1
	wait_until limit_above A6.1 5000
	wait_until limit_above B1.1 6000
	# The watchdogs are set by now, at least with the second slow poll.
	wait_until watchdog_is dc:6 200
	wait_until watchdog_is line-1:1 44
	stop_program piled KILL
	[ "$STATUS" -eq 137 ]
	wait_until all_fallen
	# and when the agent is back they get more again
	CONFIG=$SITE/lease.yaml start_agent
	wait_until limit_above A6.1 5000
}

# has_limit GUN WATTS: the pile's own.
has_limit() {
	[ "$(pilesim status --json | gojq -r ".guns[] | select(.gun == \"$1\") | .limit")" -eq "$2" ]
}

@test "a limit by command outlives a killed agent and a rebooted pile" {
	start_sim --calm --no-arrivals
	sed -e "s/127\.0\.0\.1:15020/127.0.0.1:$PORT/" -e 's/^load: .*/load: {policy: none}/' \
		"$TOP/agent/examples/demo.yaml" >"$SITE/plain.yaml"
	CONFIG=$SITE/plain.yaml start_agent
	wait_until gun_is A1.1 state idle
	piled limit A1.1 20kW --reason "cable is warm"
	piled limit A1.2 30kW --reason test
	piled limit A1.2 off --reason test
	wait_until has_limit A1.1 20000
	stop_program piled KILL
	pilesim fault reboot A1
	wait_until has_limit A1.1 120000
	CONFIG=$SITE/plain.yaml start_agent
	wait_until gun_is A1.1 grant_w 20000
	wait_until has_limit A1.1 20000
	gun_is A1.2 grant_w null
	# and a reload
	piled reload
	wait_until gun_is A1.1 grant_w 20000
}

#!/usr/bin/env bats
# Recorded cars over real sockets, faster than the clock: the agent's sessions are those of the
# simulator's own book, to the watt-hour.

load lib

setup() {
	site_setup
	export PILESIM_DIR=$SITE/sim
	export PILED_PROFILES=$TOP/agent/profiles
}

teardown() {
	site_teardown
}

sim_up() {
	alive pilesim && [ -s "$PILESIM_DIR/ready" ]
}

# The book's ended sessions and the agent's, one a line: gun, number of the device, Wh.
book_lines() {
	pilesim book --json | gojq -r '.[] | select(.unplug_ms) | "\(.gun) \(.session_no) \(.energy_wh)"' | sort
}

agent_lines() {
	piled sessions --limit 1000 --json |
		gojq -r '.[] | select(.end) | "\(.gun) \(.device_no) \(.energy_wh)"' | sort
}

same_sessions() {
	[ "$(book_lines | wc -l)" -eq "$1" ] && diff <(book_lines) <(agent_lines)
}

# The second car of S-1 comes in the instant at which the first one leaves.
@test "recorded sessions have the energy of the simulator's book" {
	cat >"$SITE/cars.csv" <<-END
		session_id,station_id,plugged_in,unplugged,energy_kwh
		1,S-1,2026-03-01T08:01:00,2026-03-01T08:03:00,0.1
		2,S-1,2026-03-01T08:03:00,2026-03-01T08:05:00,5
		3,S-2,2026-03-01T08:01:30,2026-03-01T08:04:00,0.25
		4,S-3,2026-03-01T08:02:00,2026-03-01T08:04:30,1
	END
	spawn pilesim "$PILED_BUILD/pilesim" run --port 0 --sessions "$SITE/cars.csv" \
		--start 2026-03-01T08:00 --speed 15 --link tcp --guns-per-bus 2
	wait_until sim_up
	CONFIG=$PILESIM_DIR/piled.yaml start_agent
	wait_until same_sessions 4
}

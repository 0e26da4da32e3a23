#!/usr/bin/env bats
# The rule of the contract, gun by gun: above half of the transformer's power a new start gets half
# of its own, above four fifths it waits in line, begins by itself, and is forgotten when it leaves.

load lib

setup() {
	site_setup
	export PILESIM_DIR=$SITE/sim
}

teardown() {
	site_teardown
}

# says TEXT COMMAND...: its output holds the text.
says() {
	local text=$1
	shift
	[[ "$("$@")" == *"$text"* ]]
}

building_is() {
	pilesim building "$1"
	wait_until says "$2" piled load
}

@test "half power above 50 %, a line above 80 %, place and time, by itself, and cancelled" {
	start_sim --calm --no-arrivals
	sed -e "s/127\.0\.0\.1:15020/127.0.0.1:$PORT/" -e 's/limit: 80 %/limit: 100 %/' \
		"$TOP/agent/examples/demo.yaml" >"$SITE/contract.yaml"
	CONFIG=$SITE/contract.yaml start_agent
	wait_until says "new starts get full power: the transformer is at" piled load

	# 330 kW of the building are 56 % of 630 kVA
	building_is "330 kW" "new starts get 50 % of their power: the transformer is at 5"
	pilesim plug A1.1
	wait_until gun_is A1.1 admission half
	gun_is A1.1 cap_w 60000
	wait_until gun_is A1.1 grant_w 60000
	wait_until gun_is A1.1 state charging
	[[ $(piled why A1.1) =~ ^A1\.1:\ 60\.0\ of\ 120\.0\ kW:\ half\ power:\ started\ at\ [0-9:]+\ with\ the\ transformer\ above\ 50\ %$ ]]
	[[ $(piled load) == *"A1.1"*"60.0  half power: started under high load"* ]]
	# the load falls: it gets more, and nothing is said of a half any more
	building_is "100 kW" "new starts get full power"
	wait_until gun_is A1.1 admission full
	gun_is A1.1 cap_w null
	pilesim unplug A1.1
	wait_until gun_is A1.1 rule idle

	# 486 kW are 83 %
	building_is "486 kW" "new starts wait: the transformer is at 8"
	pilesim plug A2.1
	wait_until gun_is A2.1 place 1
	pilesim plug A3.1
	wait_until gun_is A3.1 place 2
	pilesim plug B1.1
	wait_until gun_is B1.1 place 3
	gun_is A3.1 grant_w 0
	gun_is A3.1 admission waiting
	[[ $(piled why A2.1) =~ ^A2\.1:\ 1st\ in\ line\ to\ start,\ since\ [0-9:]+:\ the\ transformer\ is\ at\ 8[0-9.]*\ %,\ above\ 80\ %$ ]]
	[[ $(piled why A3.1) == "A3.1: 2nd in line to start, since "* ]]
	[[ $(piled load) == *"waiting line"*"A2.1: 1st"*"A3.1: 2nd"*"B1.1: 3rd"* ]]

	# the first one leaves: who stands behind moves up
	pilesim unplug A2.1
	wait_until gun_is A2.1 rule idle
	gun_is A2.1 place null
	wait_until gun_is A3.1 place 1
	wait_until gun_is B1.1 place 2

	# there is room again: it begins by itself, at half or full as the load is then
	building_is "200 kW" "new starts get"
	wait_until gun_is A3.1 state charging
	wait_until gun_is B1.1 state charging
	gun_is A3.1 place null
	says "1st in line to start" piled decisions A3.1
}

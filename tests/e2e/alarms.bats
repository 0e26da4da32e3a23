#!/usr/bin/env bats
# Alarms with real programs: raised, acknowledged, shelved, kept over a kill, explained.

load lib

setup() {
	site_setup
	export PILESIM_DIR=$SITE/sim
}

teardown() {
	site_teardown
}

all_polled() {
	[ "$(piled guns --json | jq '[.[] | select(.seen != null and .stale == 0)] | length')" -eq 24 ]
}

# alarm NAME FIELD: of the alarm TARGET-CODE that is not over.
alarm() {
	piled alarms --all --json | jq -r --arg name "$1-" "
		[.[] | select(.id | startswith(\$name))][0].$2"
}

alarm_is() {
	[ "$(alarm "$1" "$2")" = "$3" ]
}

# The newest record of it, over or not.
record_is() {
	[ "$(piled alarms --from -1h --json | jq -r --arg name "$1-" "
		[.[] | select(.id | startswith(\$name))][0].$2")" = "$3" ]
}

@test "an alarm is acknowledged, outlives a kill, and ends when its cause does" {
	start_site --calm --no-arrivals
	wait_until all_polled
	pilesim fault gun-fault A2.2 10
	wait_until alarm_is A2.2-10 state unack
	[ "$(piled status --json | jq .alarms_unack)" -ge 1 ]
	run piled ack A2.2-10
	[ "$status" -eq 0 ]
	[[ $output == "A2.2-10: 10 AC breaker fault: acknowledged" ]]
	run piled ack A2.2-10
	[ "$status" -eq 1 ]
	[[ $output == *"nothing to acknowledge"* ]]
	id=$(alarm A2.2-10 id)
	by=$(alarm A2.2-10 acked_by)
	[ -n "$by" ]
	stop_program piled KILL
	start_agent
	wait_until alarm_is A2.2-10 state acked
	[ "$(alarm A2.2-10 id)" = "$id" ]
	[ "$(alarm A2.2-10 acked_by)" = "$by" ]
	pilesim clear
	wait_until record_is A2.2-10 state normal
	record_is A2.2-10 id "$id"
	alarm_is A2.2-10 id null
}

@test "a shelf has a reason and an end, and outlives a kill; a latching alarm needs a reset" {
	start_site --calm --no-arrivals
	wait_until all_polled
	pilesim fault gun-fault A2.2 10
	pilesim fault gun-fault A2.1 9
	wait_until alarm_is A2.2-10 state unack
	wait_until alarm_is A2.1-9 state unack
	run piled shelve A2.2-10 --for 2h
	[ "$status" -eq 2 ]
	run piled shelve A2.2-10 --for 2 --reason x
	[ "$status" -eq 2 ]
	run piled shelve all --for 2h --reason x
	[ "$status" -eq 1 ]
	[[ $output == *"several alarms"* ]]
	run piled shelve A2.1-9 --for 9h --reason "smoke is only steam"
	[ "$status" -eq 1 ]
	[[ $output == *"8 h at most"* ]]
	piled shelve A2.2-10 --for 2h --reason "electrician is on the way"
	stop_program piled KILL
	start_agent
	wait_until alarm_is A2.2-10 state shelved
	[ "$(alarm A2.2-10 reason)" = "electrician is on the way" ]
	# Put aside, it does not stand in the list, but is counted below it.
	run piled alarms
	[[ $output != *A2.2-10* ]]
	[[ $output == *"1 shelved"* ]]
	piled unshelve A2.2-10
	alarm_is A2.2-10 state unack
	pilesim clear
	wait_until alarm_is A2.1-9 state latched
	piled ack A2.1
	alarm_is A2.1-9 state held
	piled alarms reset A2.1-9
	record_is A2.1-9 state normal
}

@test "each alarm is explained in both languages, by code and by name" {
	run piled fault explain 18
	[ "$status" -eq 0 ]
	[[ $output == *"gun over temperature"*"act at once"*"what to do"* ]]
	run piled fault explain gun-hot --lang zh
	[[ $output == *充电枪过温*立即处理*处理方法* ]]
	run piled fault explain nonsense
	[ "$status" -eq 1 ]
	[[ $output == *"piled fault list"* ]]
	[ "$(piled fault list --json | jq 'map(select(.meaning == "" or .cause == "" or .action == "")) | length')" -eq 0 ]
}

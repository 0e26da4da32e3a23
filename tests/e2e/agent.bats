#!/usr/bin/env bats
# The agent with a simulated site: polled, commanded, killed, told nonsense, reconfigured.

load lib

setup() {
	site_setup
	export PILESIM_DIR=$SITE/sim
}

teardown() {
	site_teardown
}

all_polled() {
	[ "$(piled guns --json | gojq '[.[] | select(.seen != null and .stale == 0)] | length')" -eq 24 ]
}

state_is() {
	gun_is "$1" state "$2"
}

# charge GUN: a car that takes long comes and charges.
charge() {
	pilesim plug "$1" --soc 20 --capacity 200
	wait_until state_is "$1" charging
}

fault_active() {
	[ "$(piled faults --active --json | gojq "any(.target == \"$1\" and .code == $2)")" = true ]
}

fault_cleared() {
	[ "$(piled faults --active --json | gojq "any(.target == \"$1\" and .code == $2)")" = false ]
}

open_session() {
	gun "$1" session
}

# call LINE: sends one line to the agent and prints what comes after the greeting.
call() {
	printf '%s\n' "$1" | piled attach | tail -n +2
}

error_of() {
	call "$1" | gojq -r '.error.code'
}

# start_managed [OPTION...]: the demo site under load management.
start_managed() {
	start_sim "$@"
	sed -e "s/127\.0\.0\.1:15020/127.0.0.1:$PORT/" -e 's/^load: .*/load: {other_load: 60 kVA}/' \
		"$TOP/agent/examples/demo.yaml" >"$SITE/managed.yaml"
	CONFIG=$SITE/managed.yaml start_agent
}

@test "every gun is polled and every number carries its age" {
	start_site --calm --no-arrivals
	wait_until all_polled
	[ "$(piled status --json | gojq .guns_total)" -eq 24 ]
	[ "$(piled status --json | gojq .guns_offline)" -eq 0 ]
	[ "$(piled bus --json | gojq '.buses | length')" -eq 4 ]
	[ "$(piled gun A1.1 --json | gojq '.points | length > 10')" = true ]
	run piled status
	[[ "$output" == *"630.0 kVA"* ]]
	run piled status --lang zh
	[ "$status" -eq 0 ]
	run piled gun Z9.9
	[ "$status" -eq 1 ]
}

@test "start, stop and limit wait for their effect and say how long it took" {
	start_site --calm --no-arrivals
	wait_until all_polled
	charge A1.1
	run piled limit A1.1 20kW --reason test
	[ "$status" -eq 0 ]
	[[ "$output" =~ ^"A1.1: limit in force, 20.0 kW, "[0-9]+\.[0-9]+" s"$ ]]
	run piled stop A1.1 --id my-stop
	[ "$status" -eq 0 ]
	[[ "$output" =~ ^"A1.1: stopped, "[0-9]+\.[0-9]+" s"$ ]]
	[ "$(gun A1.1 state)" != charging ]
	run piled stop A1.1 --id my-stop
	[ "$status" -eq 0 ]
	run piled start A1.1
	[ "$status" -eq 0 ]
	wait_until state_is A1.1 charging
	charge B1.1
	run piled stop B1.1
	[ "$status" -eq 0 ]
	id=$(piled start B1.1 --no-wait)
	in_commands() {
		[ "$(piled commands --json | gojq -r ".[] | select(.id == \"$id\") | .state")" = verified ]
	}
	wait_until in_commands
	[ "$(piled commands --json | gojq '[.[] | select(.id == "my-stop")] | length')" -eq 1 ]
}

@test "departure and energy are said with the start or later, and kept with the visit" {
	start_site --calm --no-arrivals
	wait_until all_polled
	run piled depart A1.1 17:30
	[ "$status" -eq 1 ]
	[[ "$output" =~ "no car is plugged in" ]]
	charge A1.1
	run piled stop A1.1
	[ "$status" -eq 0 ]
	run piled start A1.1 --departs +3h --energy 20kWh
	[ "$status" -eq 0 ]
	[ "$(gun A1.1 wants_wh)" -eq 20000 ]
	[ "$(gun A1.1 remaining_wh)" -le 20000 ]
	local said
	said=$(gun A1.1 departs)
	[ "$said" -gt "$(date +%s)000" ]
	run piled start A1.1 --departs soon
	[ "$status" -eq 2 ]
	[ "$(gun A1.1 departs)" -eq "$said" ]
	stop_program piled KILL
	start_agent
	wait_until all_polled
	[ "$(gun A1.1 departs)" -eq "$said" ]
	[ "$(gun A1.1 wants_wh)" -eq 20000 ]
	run piled depart A1.1 off
	[ "$status" -eq 0 ]
	[[ "$output" =~ ^"A1.1: departure noted, " ]]
	[ "$(gun A1.1 departs)" = null ]
}

@test "what cannot be done is refused with its reason" {
	start_site --calm --no-arrivals
	wait_until all_polled
	run piled limit A1.1 60
	[ "$status" -eq 2 ]
	[[ "$output" == *"kW"* ]]
	run piled limit A1.1 900MW
	[ "$status" -eq 2 ]
	run piled stop Z1
	[ "$status" -eq 1 ]
	charge A2.1
	pilesim fault deaf A2.1
	run piled stop A2.1 --timeout 2s
	[ "$status" -ne 0 ]
	[[ "$output" == *"A2.1"* ]]
	run piled tag A3.1
	[ "$status" -eq 2 ]
	piled tag A3.1 --reason "plug broken"
	[ "$(gun A3.1 tag)" = "plug broken" ]
	piled untag A3.1
	[ "$(gun A3.1 tag)" = "" ]
}

@test "faults are raised and cleared: a silent unit, a fault of a gun" {
	start_site --calm --no-arrivals
	wait_until all_polled
	pilesim fault gun-fault A2.2 18
	wait_until fault_active A2.2 18
	state_is A2.2 fault
	pilesim fault silent B3
	wait_until state_is B3.1 offline
	wait_until fault_active B3 1001
	pilesim clear
	wait_until fault_cleared A2.2 18
	wait_until fault_cleared B3 1001
	wait_until state_is B3.1 idle
}

@test "killed in mid-session, the agent goes on with the same session" {
	start_site --calm --no-arrivals
	wait_until all_polled
	charge A1.1
	session=$(open_session A1.1)
	start_wh=$(piled session "$session" --json | gojq .start_wh)
	piled limit A1.1 100kW --id before-the-kill
	pilesim fault silent A2
	piled limit A2.1 50kW --id under-way --no-wait
	stop_program piled KILL
	pilesim clear
	start_agent
	wait_until all_polled
	wait_until state_is A1.1 charging
	[ "$(open_session A1.1)" = "$session" ]
	# A retry of what was asked before the restart does nothing, however far it had come.
	run piled start A1.1 --id before-the-kill
	[ "$(piled commands --json | gojq -r '.[] | select(.id == "before-the-kill") | .verb')" = limit ]
	# What was under way then has ended: nobody saw its effect.
	[ "$(piled commands --json | gojq -r '.[] | select(.id == "under-way") | .state')" = failed ]
	[ "$(piled commands --json | gojq -r '.[] | select(.id == "under-way") | .ended')" != null ]
	piled stop A1.1
	pilesim unplug A1.1
	closed() {
		[ "$(piled session "$session" --json | gojq .end)" != null ]
	}
	wait_until closed
	[ "$(piled session "$session" --json | gojq .start_wh)" = "$start_wh" ]
	[ "$(piled sessions A1.1 --json | gojq length)" -eq 1 ]
	# What the agent says is what the simulator's own book says.
	[ "$(piled session "$session" --json | gojq .end_wh)" = \
		"$(pilesim book --json | gojq '.[] | select(.gun == "A1.1") | .end_wh')" ]
}

@test "a pile's totals and the curves reach the present, and outlive a restart" {
	start_site --calm --no-arrivals
	wait_until all_polled
	local to=
	rows() {
		call '{"jsonrpc":"2.0","id":1,"method":"curve","params":{"series":"'"$1"'","point":"'"$2"'","from":1,"to":'"${to:-$(date +%s)999}"',"max":5000}}' |
			gojq '[.result.rows[] | select(.[1] != null and .[4] == "good")] | length'
	}
	has_rows() {
		[ "$(rows "$1" "$2")" -gt "$3" ]
	}
	total() {
		piled gun A1.1 --json | gojq ".pile.$1"
	}
	total_is() {
		[ "$(total "$1")" = "$2" ]
	}
	wait_until total_is sessions 0
	charge A1.1
	# Rows of the last seconds, long before the store writes by itself.
	WAIT_MAX=30 wait_until has_rows T1 apparent_va 2
	WAIT_MAX=30 wait_until has_rows A1.1 power_w 2
	# Peak power of all, of a pile with two guns, of the gun itself: the car ramps up.
	has_peak() {
		[ "$(piled energy "$1" --json | gojq '[.[].peak_w] | max > 1000')" = true ]
	}
	for target in site A1 A1.1; do
		wait_until has_peak "$target"
	done
	session=$(open_session A1.1)
	piled stop A1.1
	pilesim unplug A1.1
	closed() {
		[ "$(piled session "$session" --json | gojq .end)" != null ]
	}
	wait_until closed
	wait_until total_is sessions 1
	wait_until total_is charged_s "$(piled session "$session" --json | gojq .duration_s)"
	to=$(date +%s)000
	stop_program piled
	start_agent
	wait_until all_polled
	wait_until has_rows T1 apparent_va 2
	wait_until has_rows A1.1 power_w 2
	wait_until total_is sessions 1
}

@test "nonsense on the socket gets an error each, and the connection lives" {
	start_site --calm --no-arrivals
	[ "$(error_of 'no json')" = -32700 ]
	[ "$(error_of '[]')" = -32600 ]
	[ "$(error_of '{"jsonrpc":"2.0","id":1}')" = -32600 ]
	[ "$(error_of '{"id":1,"method":"status"}')" = -32600 ]
	[ "$(error_of '{"jsonrpc":"2.0","id":{},"method":"status"}')" = -32600 ]
	[ "$(error_of '{"jsonrpc":"2.0","id":1,"method":"nothing"}')" = -32601 ]
	[ "$(error_of '{"jsonrpc":"2.0","id":1,"method":"gun"}')" = -32602 ]
	[ "$(error_of '{"jsonrpc":"2.0","id":1,"method":"gun","params":{"id":7}}')" = -32602 ]
	[ "$(error_of '{"jsonrpc":"2.0","id":1,"method":"gun","params":{"id":"A1.1","x":1}}')" = -32602 ]
	[ "$(error_of '{"jsonrpc":"2.0","id":1,"method":"status","params":[1]}')" = -32602 ]
	{
		head -c 70000 /dev/zero | tr '\0' x
		printf '\n{"jsonrpc":"2.0","id":2,"method":"version"}\n'
	} | piled attach | tail -n +2 >"$SITE/answers"
	[ "$(sed -n 1p "$SITE/answers" | gojq .error.code)" = -32700 ]
	[ "$(sed -n 2p "$SITE/answers" | gojq .result.protocol)" = 1 ]
	alive piled
}

@test "a subscriber gets a snapshot, a mark and numbered changes" {
	start_site --calm --no-arrivals
	wait_until all_polled
	mkfifo "$SITE/in"
	spawn attach sh -c "piled=\"$PILED_BUILD/piled\"; exec \"\$piled\" attach <\"$SITE/in\""
	exec 8>"$SITE/in"
	echo '{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"views":"gun,site","period_ms":100}}' >&8
	has() {
		gojq -es "$1" "$SITE/attach.log"
	}
	wait_until has 'any(.method == "synced")'
	wait_until has '[.[] | select(.method == "delta")] | length > 3'
	exec 8>&-
	wait_until gone attach
	has '[.[] | select(.method == "snapshot" and .params.view == "gun") | .params.rows[]] | length == 24'
	has '[.[] | select(.method == "delta") | .params.seq] | . == [range(.[0]; .[0] + length)]'
}

@test "a second agent is refused, on the socket and on the database" {
	start_site --calm --no-arrivals
	run piled run --config "$SITE/demo.yaml" --data "$SITE/other" --socket "$PILED_SOCKET"
	[ "$status" -eq 1 ]
	[[ "$output" == *"another agent"* ]]
	run piled run --config "$SITE/demo.yaml" --data "$SITE/data" --socket "$SITE/other.sock"
	[ "$status" -eq 1 ]
	[[ "$output" == *"$SITE/data"* ]]
	piled status
}

@test "a good configuration is swapped in, a bad one changes nothing" {
	start_site --calm --no-arrivals
	wait_until all_polled
	charge A1.1
	session=$(open_session A1.1)
	sed -i 's/limit: 80 %/limit: 70 %/' "$SITE/demo.yaml"
	piled reload
	[ "$(piled status --json | gojq .limit_va)" -eq 441000 ]
	wait_until state_is A1.1 charging
	[ "$(open_session A1.1)" = "$session" ]
	sed -i 's/limit: 70 %/limit: 60 %/; s/profile: sim-ac/profil: sim-ac/' "$SITE/demo.yaml"
	run piled reload
	[ "$status" -eq 1 ]
	[[ "$output" == *"demo.yaml:"*"profil"* ]]
	[ "$(piled status --json | gojq .limit_va)" -eq 441000 ]
	kill -HUP "$(cat "$SITE/piled.pid")"
	said() {
		piled log | grep -q 'the old configuration stays in force'
	}
	wait_until said
	[ "$(open_session A1.1)" = "$session" ]
}

@test "replay makes the same decisions from the journal" {
	start_site --calm --no-arrivals
	wait_until all_polled
	charge A1.1
	piled stop A1.1
	opened=$(piled sessions A1.1 --json | gojq -r '.[0].id')
	stop_program piled
	[ "$STATUS" -eq 0 ]
	run piled replay "$SITE"/data/journal/*.pj
	[ "$status" -eq 0 ]
	[[ "$output" == *"session $opened"* ]]
	[[ "$output" == *"command "*"stop A1.1 verified"* ]]
	piled replay "$SITE"/data/journal/*.pj 2>&1 | cksum >"$SITE/one"
	piled replay "$SITE"/data/journal/*.pj 2>&1 | cksum >"$SITE/two"
	cmp "$SITE/one" "$SITE/two"
}

@test "a script's pipe has the answers that take their time, and all of a long one" {
	start_site --calm --no-arrivals
	wait_until all_polled
	# A probe waits for its place on the bus, and the input has ended long before.
	printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"probe","params":{"unit":"A1"}}' \
		'{"jsonrpc":"2.0","id":2,"method":"probe","params":{"unit":"A2"}}' \
		'{"jsonrpc":"2.0","id":3,"method":"sessions"}' |
		timeout 60 "$PILED_BUILD/piled" attach >"$SITE/answers"
	[ "$(gojq -s '[.[] | select(.id != null and .result != null) | .id] | sort | @csv' -r "$SITE/answers")" = 1,2,3 ]
	# The last line's end may be missing; half a request is told from a whole one.
	[ "$(printf '%s' '{"jsonrpc":"2.0","id":7,"method":"version"}' | piled attach |
		gojq -c 'select(.id == 7) | .result.protocol')" = 1 ]
	[ "$(printf '%s' '{"jsonrpc":"2.0","id":7,"method":"ver' | piled attach | tail -n +2 |
		gojq .error.code)" = -32700 ]
	# More than a socket holds.
	for i in $(seq 60); do
		printf '{"jsonrpc":"2.0","id":%d,"method":"status"}\n' "$i"
	done | timeout 60 "$PILED_BUILD/piled" attach >"$SITE/answers"
	[ "$(gojq -s '[.[] | select(.result != null)] | length' "$SITE/answers")" -eq 60 ]
}

@test "raw registers, probe and scan for the technician" {
	start_site --calm --no-arrivals
	wait_until all_polled
	[ "$(piled bus read A1 0 8 --json | gojq length)" -eq 8 ]
	run piled bus read A1 70000
	[ "$status" -eq 2 ]
	probed() {
		[ "$(piled probe T1 --json | gojq 'any(.name == "voltage_l1_mv" and .quality == "good")')" = true ]
	}
	wait_until probed
	piled probe --tcp "127.0.0.1:$PORT" --unit 1 --profile sim-dc | grep -q plausible
	# through the agent too, and the guns told apart
	[ "$(piled probe A1 --json | gojq -r '.[] | select(.name == "2.energy_wh").verdict')" = plausible ]
	[ "$(piled bus scan --tcp "127.0.0.1:$PORT" --first 1 --last 8 --json | gojq length)" -eq 6 ]
}

@test "without an agent a script learns it by the exit code" {
	run piled guns
	[ "$status" -eq 3 ]
	run piled gnus
	[ "$status" -eq 2 ]
	[[ "$output" == *'did you mean "guns"'* ]]
	run piled profile
	[ "$status" -eq 2 ]
	[[ "$output" == *'piled profile check FILE'* ]]
	run piled limit A1.2 -5kW
	[ "$status" -eq 2 ]
	[[ "$output" == *'no option -5'* ]]
	run piled guns --jsno
	[ "$status" -eq 2 ]
	[[ "$output" == *'--json'* ]]
	run piled run --config "$SITE/none.yaml"
	[ "$status" -eq 2 ]
}

@test "why tells the rule that decides a gun's power" {
	start_site --calm --no-arrivals
	wait_until all_polled
	run piled why A1.1
	[ "$status" -eq 0 ]
	[[ "$output" == "A1.1: "* ]]
	[ "$(piled why A1.1 --json | gojq -r .why)" = "${output#A1.1: }" ]
	run piled why Z9.9
	[ "$status" -eq 1 ]
}

@test "load shows the tree of limits with what each carries" {
	start_managed --calm --no-arrivals
	wait_until all_polled
	[ "$(piled load --json | gojq -c '[.nodes[0].kind, (.nodes | length), (.guns | length)]')" = '["site",19,24]' ]
	run piled load
	[ "$status" -eq 0 ]
	[[ "$output" == *"504.0"* ]]
	[[ "$output" == *"A1.1"* ]]
	[ "$(printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"views":"node"}}' |
		piled attach | gojq -c 'select(.method == "snapshot") | .params.rows | length' | head -1)" -eq 19 ]
}

@test "a limit from outside is given once, outlives a kill, and is cancelled" {
	start_managed --calm --no-arrivals
	wait_until all_polled
	run piled limit-site add --kw 180
	[ "$status" -eq 2 ]
	run piled limit-site add --kw 180 --from +2h --to +1h --id grid-1
	[ "$status" -eq 1 ]
	run piled limit-site add --kw 180 --to +1h --id grid-1 --node Z9
	[ "$status" -eq 1 ]
	to=$(date -d '+30 hours' +%Y-%m-%dT%H:%M:%S) # ahead in every zone
	run piled limit-site add --kw 180 --to "$to" --source grid --id grid-1 --reason "peak hours"
	[ "$status" -eq 0 ]
	[[ "$output" == "grid-1: demo, 180.0 kW"* ]]
	piled limit-site add --kw 180 --to "$to" --source grid --id grid-1
	run piled limit-site add --kw 90 --to "$to" --source grid --id grid-1
	[ "$status" -eq 1 ]
	in_force() {
		[ "$(piled load --json | gojq '.nodes[0].outside_va')" = 180000 ]
	}
	wait_until in_force
	stop_program piled KILL
	CONFIG=$SITE/managed.yaml start_agent
	wait_until in_force
	piled reload
	wait_until in_force
	[ "$(piled limit-site list --active --json | gojq -r '.[].source')" = grid ]
	run piled load
	[[ "$output" == *"grid-1"* ]]
	piled limit-site cancel grid-1
	lifted() {
		[ "$(piled load --json | gojq '.nodes[0].outside_va')" = null ]
	}
	wait_until lifted
	[ "$(piled limit-site list --json | gojq -r '.[].state')" = cancelled ]
	[ "$(piled limit-site list --active --json | gojq length)" -eq 0 ]
	run piled limit-site add --kw 400 --window 7min --to "$to" --id demand
	[ "$status" -eq 2 ]
	[ "$(piled limit-site add --kw 400 --window 15min --to "$to" --id demand --json | gojq .window_s)" -eq 900 ]
	run piled limit-site cancel nothing
	[ "$status" -eq 1 ]
	run piled limit-site add --kw 180 --to "$to" --source grid --id grid-1
	[[ "$output" == *"cancelled"* ]]
}

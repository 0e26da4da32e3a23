# shellcheck shell=bash
# Helpers of the end-to-end tests: real programs, each test in a folder and on ports of its own.
#
#   load lib
#   setup() { site_setup; }
#   teardown() { site_teardown; }
#
#   @test "..." {
#           start_site                      # pilesim and piled on the demo site
#           piled guns --json | gojq ...
#   }
#
# Tests wait for conditions (wait_until), never for times. $PILED_BUILD names the build to test.

: "${PILED_BUILD:=$BATS_TEST_DIRNAME/../../build}"
PILED_BUILD=$(cd "$PILED_BUILD" && pwd)
TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
# How long a condition may take: generous, for sanitizers and loaded machines.
: "${WAIT_MAX:=60}"

piled() {
	"$PILED_BUILD/piled" "$@"
}

piletop() {
	"$PILED_BUILD/piletop" "$@"
}

pilesim() {
	"$PILED_BUILD/pilesim" "$@"
}

# wait_until COMMAND...: until it succeeds; fails after $WAIT_MAX seconds and shows its output.
wait_until() {
	local end=$((SECONDS + WAIT_MAX)) pause=50 out
	until out=$("$@" 2>&1); do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "not within $WAIT_MAX s: $*"
			echo "$out"
			logs
			return 1
		fi
		# To look is work, of which a long wait need not be full.
		sleep "0.$(printf %03d $pause)"
		pause=$((pause < 400 ? pause * 3 / 2 : pause))
	done
}

# spawn NAME COMMAND...: runs it in the background; its id is in $SITE/NAME.pid, its output in
# $SITE/NAME.log.
spawn() {
	local name=$1
	shift
	"$@" >"$SITE/$name.log" 2>&1 </dev/null 3>&- &
	echo $! >"$SITE/$name.pid"
}

alive() {
	kill -0 "$(cat "$SITE/$1.pid")" 2>/dev/null
}

gone() {
	! alive "$1"
}

# stop_program NAME [SIGNAL]: ends it and waits; its exit status is in $STATUS. One that does not
# go in time is killed, and its status says so (137).
stop_program() {
	local pid end
	pid=$(cat "$SITE/$1.pid")
	kill -s "${2:-TERM}" "$pid" 2>/dev/null || true
	end=$((SECONDS + WAIT_MAX))
	while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$end" ]; do
		sleep 0.05
	done
	kill -s KILL "$pid" 2>/dev/null || true
	STATUS=0
	wait "$pid" 2>/dev/null || STATUS=$?
	rm -f "$SITE/$1.pid"
}

# The logs of all programs, for a failing test.
logs() {
	local f
	for f in "$SITE"/*.log; do
		[ ! -f "$f" ] || {
			echo "---- ${f##*/}"
			tail -30 "$f"
		}
	done
}

site_setup() {
	SITE=$BATS_TEST_TMPDIR/site
	mkdir -p "$SITE"
	PORT=15020
	PILED_SOCKET=$SITE/piled.sock
	LANG=C.UTF-8 LC_ALL=C.UTF-8
	STATUS=0
	PILED_PROFILES=$TOP/agent/profiles
	export SITE PORT STATUS PILED_SOCKET PILED_PROFILES LANG LC_ALL
}

site_teardown() {
	local f
	[ -n "${BATS_TEST_COMPLETED:-}" ] || logs
	for f in "$SITE"/*.pid; do
		[ ! -f "$f" ] || stop_program "$(basename "$f" .pid)"
	done
}

# start_sim [OPTION...]: the simulated demo site on its lines in $SITE/sim and a free $PORT. The file
# `ready` lists where each bus is.
start_sim() {
	spawn pilesim "$PILED_BUILD/pilesim" run --dir "$SITE/sim" --port 0 "$@"
	wait_until sim_ready
	PORT=$(awk '$2 == "tcp" { print $4; exit }' "$SITE/sim/ready")
}

sim_ready() {
	alive pilesim || return 1
	[ -s "$SITE/sim/ready" ]
}

# start_agent [OPTION...]: the agent on $CONFIG (where unset, the demo site's on this test's port).
start_agent() {
	sed "s/127\.0\.0\.1:15020/127.0.0.1:$PORT/" "$TOP/agent/examples/demo.yaml" >"$SITE/demo.yaml"
	spawn piled "$PILED_BUILD/piled" run --config "${CONFIG:-$SITE/demo.yaml}" --data "$SITE/data" \
		--socket "$PILED_SOCKET" "$@"
	wait_until agent_ready
}

agent_ready() {
	alive piled || return 1
	piled status
}

start_site() {
	start_sim "$@"
	start_agent
}

# start_billed AUTH BILLING: the demo site without arrivals, with this section `billing`; its cars wait
# for a start, or do not (pilesim's --auth). The configuration is $CONFIG.
start_billed() {
	start_sim --calm --no-arrivals --auth "$1"
	CONFIG=$SITE/billing.yaml
	sed "s/127\.0\.0\.1:15020/127.0.0.1:$PORT/" "$TOP/agent/examples/demo.yaml" |
		grep -v '^billing:' >"$CONFIG"
	echo "billing: $2" >>"$CONFIG"
	start_agent
}

# gun ID FIELD: one field of a gun, as the wire has it.
gun() {
	piled gun "$1" --json | gojq -r ".gun.$2"
}

gun_is() {
	[ "$(gun "$1" "$2")" = "$3" ]
}

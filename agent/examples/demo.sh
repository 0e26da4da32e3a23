#!/bin/sh
# The demo: a simulated site, its agent and the console, in a folder of its own (make demo).
#
# On a terminal the console opens; quitting it stops everything. Without one it runs for $DEMO_SECONDS
# (20), prints `piled status` and `piled guns`, and exits 0 only if every gun was polled and readings
# were stored.
set -u

here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build}
case $build in
/*) ;;
*) build=$here/../../$build ;;
esac
dir=${XDG_STATE_HOME:-$HOME/.local/state}/piled/demo
seconds=${DEMO_SECONDS:-20}
case $seconds in
'' | *[!0-9]*)
	echo "DEMO_SECONDS=$seconds: not a number of seconds" >&2
	exit 2
	;;
esac

mkdir -p "$dir" || exit 1
exec 9>"$dir/lock"
if ! flock -n 9; then
	echo "A demo runs already in $dir; quit its console first." >&2
	exit 1
fi

sim=
bad=0
agent=
# stop PID NAME: asks it to end; kills it when it does not within 10 s.
stop() {
	[ -n "$1" ] || return 0
	kill -TERM "$1" 2>/dev/null || return 0
	for _ in $(seq 100); do
		kill -0 "$1" 2>/dev/null || break
		sleep 0.1
	done
	if kill -KILL "$1" 2>/dev/null; then
		echo "$2 did not end by itself and was killed; see $dir/$2.log" >&2
	fi
	wait "$1" 2>/dev/null
	ended=$?
	if [ "$ended" -ne 0 ]; then
		echo "$2 ended with status $ended; see $dir/$2.log" >&2
		bad=1
	fi
}
stop_all() {
	trap '' INT TERM HUP
	stop "$agent" piled
	stop "$sim" pilesim
	agent='' sim=''
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# fail NAME MESSAGE: says so with the end of its log.
fail() {
	echo "$2; the end of $dir/$1.log:" >&2
	tail -15 "$dir/$1.log" >&2
	exit 1
}

# until_true PID NAME COMMAND...: waits for the condition while the process lives.
until_true() {
	pid=$1 name=$2
	shift 2
	for _ in $(seq 300); do
		"$@" >/dev/null 2>&1 && return 0
		kill -0 "$pid" 2>/dev/null || fail "$name" "$name ended at once"
		sleep 0.1
	done
	fail "$name" "$name was not ready within 30 s"
}

# The site begins anew each time.
rm -rf "$dir/sim" "$dir/data"
PILED_SOCKET=$dir/piled.sock
PILED_PROFILES=$here/../profiles
export PILED_SOCKET PILED_PROFILES

"$build/pilesim" run --dir "$dir/sim" --port 0 >"$dir/pilesim.log" 2>&1 </dev/null 9>&- &
sim=$!
until_true "$sim" pilesim test -s "$dir/sim/ready"
port=$(awk '$2 == "tcp" { print $4; exit }' "$dir/sim/ready")
# Paths in a configuration are relative to its folder: the copy finds the lines in sim/.
sed "s/127\.0\.0\.1:15020/127.0.0.1:$port/" "$here/demo.yaml" >"$dir/demo.yaml"
# The cars of the demo start by themselves: each charge is free here; C charges for an account.
echo 'billing: {tariff: shandong, unpaid: free}' >>"$dir/demo.yaml"
terminal=yes
if [ ! -t 0 ] || [ ! -t 1 ]; then
	terminal=no
	# Telemetry reaches the disk within a minute; here it must within the few seconds.
	echo 'store: {tail: 2 s}' >>"$dir/demo.yaml"
fi
"$build/piled" run --config "$dir/demo.yaml" --data "$dir/data" --socket "$PILED_SOCKET" \
	>"$dir/piled.log" 2>&1 </dev/null 9>&- &
agent=$!
until_true "$agent" piled "$build/piled" status

# money COMMAND...: prices and customers, so that the pages of money have something to show.
money() {
	"$build/piled" "$@" >>"$dir/money.log" 2>&1 && return
	sleep 0.2
	kill -0 "$agent" 2>/dev/null || fail piled 'piled ended early'
	fail money "piled $1 $2 was refused"
}
: >"$dir/money.log"
money tariff import "$here/shandong-2026.yaml" --reason demo
money account open '王芳' --phone 13812341234 --plate '鲁A·12345' --class member
money account topup C000001 200
money account open 'Li Wei' --phone 13900420042
money account topup C000002 35.50

if [ "$terminal" = yes ]; then
	"$build/piletop" 9>&-
	status=$?
	stop_all
	echo "The demo has stopped. Its data and logs lie in $dir"
	exit "$status"
fi

# Without a terminal: watch that both live on.
left=$seconds
while [ "$left" -gt 0 ]; do
	sleep 1
	left=$((left - 1))
	kill -0 "$sim" 2>/dev/null || fail pilesim 'pilesim ended early'
	kill -0 "$agent" 2>/dev/null || fail piled 'piled ended early'
done
"$build/piled" status || exit 1
"$build/piled" guns || exit 1

# One gun an object: "seen" is the time of its last reading; "start_wh" of its energy comes from the
# database.
count() {
	"$build/piled" "$1" --json | tr '{' '\n' | grep -cE "$2"
}
all=$(count guns '"id":')
polled=$(count guns '"seen": *[0-9]')
stored=$(count energy '"start_wh": *[0-9]')
stop_all
echo "$polled of $all guns polled, readings of $stored stored. Data and logs lie in $dir"
[ "$all" -gt 0 ] && [ "$polled" -eq "$all" ] && [ "$stored" -eq "$all" ] && [ "$bad" -eq 0 ]

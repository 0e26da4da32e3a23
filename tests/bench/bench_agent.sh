#!/bin/sh
# What the agent costs: CPU and memory with the demo site and with 1,000 guns, CPU of a TCP
# transaction of 40 registers against a bare libmodbus loop, and the time of a stop command. CPU
# time is the kernel's, of all threads (schedstat, nanoseconds).
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
build=${PILED_BUILD:-$top/build}
dir=$(mktemp -d)
sim='' agent='' client=''

end() {
	for pid in $client $agent $sim; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	sim='' agent='' client=''
}
finish() {
	end
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

export PILED_SOCKET="$dir/piled.sock" PILESIM_DIR="$dir/sim" LC_ALL=C

until_true() {
	n=0
	until "$@" >/dev/null 2>&1; do
		n=$((n + 1))
		[ "$n" -lt 600 ] || {
			echo "not within 60 s: $*" >&2
			tail -n 5 "$dir/sim.log" "$dir/piled.log" >&2
			exit 1
		}
		sleep 0.1
	done
}

# start_sim OPTION...: the simulator and its configuration for the agent.
start_sim() {
	rm -rf "$dir/sim" "$dir/data"
	"$build/pilesim" run --port 0 "$@" >"$dir/sim.log" 2>&1 &
	sim=$!
	until_true test -s "$dir/sim/ready"
}

all_polled() {
	[ "$("$build/piled" guns --json | gojq 'all(.seen != null and .stale == 0)')" = true ]
}

start_agent() {
	"$build/piled" run --config "$dir/sim/piled.yaml" --data "$dir/data" >"$dir/piled.log" 2>&1 &
	agent=$!
	until_true all_polled
}

# A console's subscription: all views, once a second.
start_client() {
	mkfifo "$dir/in"
	"$build/piled" attach <"$dir/in" >/dev/null 2>&1 &
	client=$!
	exec 8>"$dir/in"
	echo '{"jsonrpc":"2.0","id":1,"method":"subscribe"}' >&8
}

cpu_ns() {
	cat "/proc/$agent"/task/*/schedstat | awk '{ s += $1 } END { printf "%.0f", s }'
}

transactions() {
	"$build/piled" bus --json | gojq '[.buses[].transactions] | add'
}

resident_mb() {
	awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$agent/status"
}

# measure SECONDS: CPU in per cent of a core -> $cpu
measure() {
	before=$(cpu_ns)
	sleep "$1"
	after=$(cpu_ns)
	cpu=$(awk "BEGIN { printf \"%.2f\", ($after - $before) / $1 / 1e7 }")
}

# figure NAME VALUE UNIT LIMIT
figure() {
	verdict=$(awk "BEGIN { print ($2 <= $4) ? \"ok\" : \"short\" }")
	echo "$1 $2 $3 <=$4 $verdict"
}

# ---- The demo site with a console attached ----
start_sim --delivery fifo
start_agent
start_client
sleep 5
measure 30
figure agent_demo_cpu "$cpu" % 0.7
figure agent_demo_resident "$(resident_mb)" MB 12
exec 8>&-
end
rm -f "$dir/in"

# ---- 1,000 guns at 1 Hz on 50 TCP buses ----
start_sim --site field:50x20:ac
start_agent
sleep 5
measure 20
figure agent_1000_guns_cpu "$cpu" % 8
figure agent_1000_guns_resident "$(resident_mb)" MB 32
worst=0
for _ in $(seq 20); do
	late=$("$build/piled" guns --json | gojq '[.[] | (now * 1000 - .seen)] | max | floor')
	[ "$late" -le "$worst" ] || worst=$late
	sleep 0.21
done
figure agent_1000_guns_oldest_reading "$worst" ms 1200
end

# ---- A transaction of 40 registers, decode, core, store and RPC included ----
bare=$("$build/bench/bench_tcp" | awk '$1 == "tcp_bare_libmodbus" { print $2 }')
sed "s/count: 64/count: 40/; s/count: 2, stride/count: 1, stride/; s/fast: 1 s/fast: 100 ms/" \
	agent/profiles/sim-dc.yaml >"$dir/sim-dc.yaml"
start_sim --site field:10x20
mkdir -p "$dir/sim/profiles"
mv "$dir/sim-dc.yaml" "$dir/sim/profiles/"
start_agent
sleep 3
first=$(transactions)
measure 15
last=$(transactions)
cost=$(awk "BEGIN { printf \"%.1f\", $cpu * 1e4 * 15 / ($last - $first) }")
echo "# $(((last - first) / 15)) transactions a second, bare libmodbus loop $bare us"
echo "agent_tcp_transaction $cost us - ok"
figure agent_tcp_transaction_ratio "$(awk "BEGIN { printf \"%.2f\", $cost / $bare }")" x 2
end

# ---- From the stop command to its read-back ----
# stop_ms GUN...: the longest of them.
stop_ms() {
	for gun; do
		"$build/pilesim" plug "$gun" --soc 20 --capacity 200 >/dev/null
	done
	worst=0
	for gun; do
		until_true charging "$gun"
	done
	for gun; do
		"$build/piled" stop "$gun" --id "bench-$gun" >/dev/null
		ms=$("$build/piled" commands --json |
			gojq ".[] | select(.id == \"bench-$gun\") | .read_back - .asked")
		[ "$ms" -le "$worst" ] || worst=$ms
	done
	echo "$worst"
}
charging() {
	[ "$("$build/piled" gun "$1" --json | gojq -r .gun.state)" = charging ]
}
start_sim --calm --no-arrivals
sed -i 's/profile: sim-ac,/profile: sim-ac, poll: {fast: 100 ms},/' "$dir/sim/piled.yaml"
start_agent
figure agent_stop_tcp "$(stop_ms A1.1 A2.1 A3.1 A4.1 A5.1 A6.1)" ms 100
figure agent_stop_9600 "$(stop_ms B1.1 B2.1 B3.1 B4.1 B5.1 B6.1)" ms 400

#!/bin/bash
# What a site elsewhere costs: from the start of the console to the first full frame through a real
# sshd on loopback and at a round trip of 150 ms, bytes on the line, a stop over it, and the console's
# CPU and memory with forty sites. The line's delay is a proxy's, which holds back what is sent but
# not the opening of a connection: one round trip is added for that.
set -eu
cd "$(dirname "$0")/../.."
BATS_TEST_DIRNAME=$PWD/tests/e2e
BUILD_DIR=${PILED_BUILD:-$PWD/build}
PILED_BUILD=$BUILD_DIR
WAIT_MAX=120
SITE=$(mktemp -d)
# shellcheck source=tests/e2e/lib.bash
. tests/e2e/lib.bash
# shellcheck source=tests/e2e/sshd.bash
. tests/e2e/sshd.bash
export SITE LC_ALL=C.UTF-8 PILED_PROFILES=$PWD/agent/profiles PILED_SOCKET=$SITE/piled.sock
export PILESIM_DIR=$SITE/sim TERM=xterm-256color
SITES=40

finish() {
	local f
	tmux -S "$SITE/tmux" kill-server 2>/dev/null || true
	for f in "$SITE"/*.pid; do
		[ ! -f "$f" ] || stop_program "$(basename "$f" .pid)"
	done
	rm -rf "$SITE"
}
trap finish EXIT
trap 'exit 130' INT TERM

# figure NAME VALUE UNIT LIMIT
figure() {
	echo "$1 $2 $3 <=$4 $(awk "BEGIN { print ($2 <= $4) ? \"ok\" : \"short\" }")"
}

now_ms() {
	awk '{ printf "%d", $1 * 1000 }' /proc/uptime
}

# line DELAY_MS: host "site" through a proxy with the delay each way.
line() {
	[ ! -f "$SITE/line.pid" ] || stop_program line
	spawn line "$PILED_BUILD/tests/e2e/slow_proxy" "$SSH_PORT" "$1" -1
	wait_until grep -q '^port ' "$SITE/line.log"
	LINE_PORT=$(awk '$1 == "port" { print $2 }' "$SITE/line.log")
	ssh_config "$LINE_PORT"
	echo "[127.0.0.1]:$LINE_PORT $(cut -d' ' -f1,2 "$SSH/host.pub")" >"$SSH/known_hosts"
}

console() {
	"$PILED_BUILD/piletop" --ssh-config "$SSH/config" --lang en "$@"
}

# median VALUE...
median() {
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# first_frame EXTRA_MS: seconds from the start to a frame with all guns, the median of five.
first_frame() {
	local all=() start
	printf 'wait 24 guns\nwait A1.1\n' >"$SITE/script"
	for _ in 1 2 3 4 5; do
		start=$(date +%s%N)
		console --size 120x50 --script "$SITE/script" site
		all+=($((($(date +%s%N) - start) / 1000000 + $1)))
	done
	awk "BEGIN { printf \"%.3f\", $(median "${all[@]}") / 1000 }"
}

charging() {
	[ "$("$PILED_BUILD/piled" gun "$1" --json | gojq -r .gun.state)" = charging ]
}

# stop_s GUN ARG...: seconds from the key to the verified stop, on a console that is up.
stop_s() {
	local gun=$1 start
	shift
	"$PILED_BUILD/pilesim" plug "$gun" --soc 20 --capacity 200 >/dev/null
	wait_until charging "$gun"
	rm -f "$SITE/pipe" "$SITE/ready" "$SITE/stopped"
	mkfifo "$SITE/pipe"
	console --write --size 120x50 --script "$SITE/pipe" "$@" 8>&- &
	exec 8>"$SITE/pipe"
	printf '%s\n' "wait $gun" settle / "type $gun" Enter 'gone B9.1' x 'wait stops charging' \
		"snap $SITE/ready" >&8
	wait_until test -s "$SITE/ready"
	start=$(date +%s%N)
	printf '%s\n' y 'wait done' "snap $SITE/stopped" >&8
	wait_until test -s "$SITE/stopped"
	awk "BEGIN { printf \"%.3f\", ($(date +%s%N) - $start) / 1e9 }"
	exec 8>&-
	wait
}

# bytes SECONDS: payload a second on the line, both ways.
bytes() {
	kill -s HUP "$(cat "$SITE/line.pid")"
	sleep "$1"
	kill -s HUP "$(cat "$SITE/line.pid")"
	sleep 0.5
	awk -v s="$1" '/^bytes/ { v = ($2 + $3) / s } END { printf "%.0f", v }' "$SITE/line.log"
}

# screen ARG...: the console in a terminal of its own.
screen() {
	tmux -S "$SITE/tmux" -f /dev/null new-session -d -x 160 -y 60 \
		"$PILED_BUILD/piletop --ssh-config $SSH/config --lang en $*"
}

shows() {
	tmux -S "$SITE/tmux" capture-pane -p | grep -q "$1"
}

console_pid() {
	tmux -S "$SITE/tmux" display -p '#{pane_pid}'
}

cpu_ns() {
	cat "/proc/$1"/task/*/schedstat | awk '{ s += $1 } END { printf "%.0f", s }'
}

ssh_keys
SSH_SUBSYSTEM="$PILED_BUILD/piled attach --socket $PILED_SOCKET"
start_sim --calm --no-arrivals
spawn piled "$PILED_BUILD/piled" run --config "$SITE/sim/piled.yaml" --data "$SITE/data"
wait_until agent_ready
start_sshd 'MaxStartups 200' 'MaxSessions 200'
trust_host

# ---- First frame ----
figure ssh_first_frame_loopback "$(first_frame 0)" s 0.25
line 75
figure ssh_first_frame_150ms "$(first_frame 150)" s 1.6

# ---- A stop over the line ----
here=$(stop_s A1.1 "$PILED_SOCKET")
far=$(stop_s A2.1 site)
echo "# key to verified stop: $here s here, $far s at 150 ms"
figure ssh_stop_150ms_beyond_local "$(awk "BEGIN { printf \"%.3f\", $far - $here }")" s 1

# ---- Bytes ----
line 0
screen site
wait_until shows '24 guns'
# The console finds out that nothing goes on.
sleep 30
figure ssh_bytes_idle "$(bytes 20)" B/s 100
for gun in $("$PILED_BUILD/piled" guns --json | gojq -r '.[].id'); do
	"$PILED_BUILD/pilesim" plug "$gun" --soc 20 --capacity 200 >/dev/null 2>&1 || true
	"$PILED_BUILD/piled" start "$gun" >/dev/null 2>&1 || true
done
sleep 20
echo "# $("$PILED_BUILD/piled" guns --json | gojq '[.[] | select(.state == "charging")] | length') guns charge"
figure ssh_bytes_24_charging "$(bytes 30)" B/s 1500
tmux -S "$SITE/tmux" kill-server
stop_program piled
stop_program pilesim

# ---- Forty sites, each with a simulator and an agent of its own ----
{
	echo "Host *"
	echo "HostName 127.0.0.1"
	echo "Port $SSH_PORT"
	echo "User $(id -un)"
	echo "UserKnownHostsFile $SSH/known_hosts"
} >"$SSH/config.all"
trust_host
: >"$SSH/config"
: >"$SSH/authorized_keys"
hosts=
for i in $(seq "$SITES"); do
	dir=$SITE/many/$i
	mkdir -p "$dir"
	ssh-keygen -q -t ed25519 -N '' -f "$dir/id"
	echo "restrict,command=\"$PILED_BUILD/piled attach --socket $dir/s\" $(cat "$dir/id.pub")" >>"$SSH/authorized_keys"
	printf 'Host site%s\nIdentityFile %s\n' "$i" "$dir/id" >>"$SSH/config"
	spawn "sim$i" "$PILED_BUILD/pilesim" run --dir "$dir/sim" --port 0 --site field:1x4:ac --calm
	hosts="$hosts site$i"
done
cat "$SSH/config.all" >>"$SSH/config"
for i in $(seq "$SITES"); do
	dir=$SITE/many/$i
	wait_until test -s "$dir/sim/ready"
	spawn "agent$i" "$PILED_BUILD/piled" run --config "$dir/sim/piled.yaml" --data "$dir/data" --socket "$dir/s"
done
for i in $(seq "$SITES"); do
	wait_until test -S "$SITE/many/$i/s"
done
# The hosts are words on purpose.
# shellcheck disable=SC2086
screen $hosts
wait_until shows "$SITES sites, $SITES linked"
pid=$(console_pid)
sleep 5
before=$(cpu_ns "$pid")
sleep 30
after=$(cpu_ns "$pid")
figure ssh_40_sites_cpu "$(awk "BEGIN { printf \"%.2f\", ($after - $before) / 30 / 1e7 }")" % 5
figure ssh_40_sites_resident "$(awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$pid/status")" MB 20

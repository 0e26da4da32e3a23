# shellcheck shell=bash
# An OpenSSH server of one's own on loopback, run as the test's user, for tests that go through SSH.
# Behind `load lib`; $SITE is the test's folder.
#
#   ssh_keys                 host key, user key, ~/.ssh of the test in $SSH
#   start_sshd [LINE...]     sshd on $SSH_PORT, with further lines of sshd_config
#   trust_host               its key into known_hosts
#   far_setup                $SITE, $SSH and all that the following want
#   agent [FILE]             plays a recording at $SOCK
#   play STEP...             the console at host "site" (or $SITES) with a script of keys
#
# The client's configuration is $SSH/config: host "site" is the server.

ssh_keys() {
	SSH=$SITE/ssh
	mkdir -p "$SSH"
	ssh-keygen -q -t ed25519 -N '' -f "$SSH/host"
	ssh-keygen -q -t ed25519 -N '' -f "$SSH/id"
	cp "$SSH/id.pub" "$SSH/authorized_keys"
	# A server run by root wants this folder.
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
}

# What the server takes for the subsystem; a test may set another.
: "${SSH_SUBSYSTEM:=}"

start_sshd() {
	local line tries=0
	while :; do
		SSH_PORT=$((20000 + RANDOM % 20000))
		{
			echo "Port $SSH_PORT"
			echo "ListenAddress 127.0.0.1"
			echo "HostKey $SSH/host"
			echo "PidFile none"
			echo "AuthorizedKeysFile $SSH/authorized_keys"
			echo "StrictModes no"
			echo "UsePAM no"
			echo "PermitRootLogin yes"
			echo "PasswordAuthentication no"
			echo "KbdInteractiveAuthentication no"
			[ -z "${SSH_SUBSYSTEM-}" ] || echo "Subsystem piled $SSH_SUBSYSTEM"
			for line; do
				echo "$line"
			done
		} >"$SSH/sshd_config"
		spawn sshd /usr/sbin/sshd -D -e -f "$SSH/sshd_config"
		wait_until sshd_settled
		! grep -q 'Cannot bind' "$SITE/sshd.log" || {
			tries=$((tries + 1))
			[ "$tries" -lt 20 ] || return 1
			continue
		}
		break
	done
	alive sshd
	ssh_config "$SSH_PORT"
}

sshd_settled() {
	gone sshd || grep -q 'Server listening' "$SITE/sshd.log"
}

# ssh_config PORT [LINE...]: the client's configuration, with further lines for the host.
ssh_config() {
	local port=$1 line
	shift
	{
		echo "Host site"
		echo "HostName 127.0.0.1"
		echo "Port $port"
		echo "User $(id -un)"
		echo "IdentityFile $SSH/id"
		echo "UserKnownHostsFile $SSH/known_hosts"
		echo "GlobalKnownHostsFile /dev/null"
		for line; do
			echo "$line"
		done
	} >"$SSH/config"
}

trust_host() {
	echo "[127.0.0.1]:$SSH_PORT $(cut -d' ' -f1,2 "$SSH/host.pub")" >"$SSH/known_hosts"
}

# ---- A console through it ----

REC=$BATS_TEST_DIRNAME/demo.rec
HELPERS=$PILED_BUILD/tests/e2e
# The moment of the recording, 2026-03-01 18:05:00 in China.
CLOCK=1772359500000

far_setup() {
	export TZ=CST-8 TERM=xterm-256color LC_ALL=C.UTF-8
	unset SSH_AUTH_SOCK PILED_SOCKET
	SITE=$(mktemp -d "$BATS_TEST_TMPDIR/site.XXXXXX")
	SOCK=$SITE/s OPTIONS=()
	ssh_keys
}

# agent [FILE]: plays a recording at $SOCK.
agent() {
	spawn agent "$HELPERS/fake_agent" "$SOCK" "${1:-$REC}"
	wait_until test -S "$SOCK"
}

# play STEP...: a script of keys at host "site" (or $SITES).
play() {
	printf '%s\n' "$@" >"$SITE/script"
	# shellcheck disable=SC2086
	piletop --ssh-config "$SSH/config" --script "$SITE/script" --clock $CLOCK --size 100x30 \
		--lang en "${OPTIONS[@]}" ${SITES:-site}
}

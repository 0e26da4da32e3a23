#!/usr/bin/env bats
# Who one is to a host: passwords, questions, keys and both, and hosts that ask badly. The server is
# the tests' own, since sshd asks an account of the machine for its password.
# shellcheck disable=SC2030,SC2031

load lib
load sshd

setup() {
	far_setup
}

teardown() {
	site_teardown
}

# host STEPS: a server that wants these (see ssh_server.c), with a site behind it.
host() {
	agent
	spawn host "$HELPERS/ssh_server" "$SSH/host" "$SSH/id.pub" "$1" \
		"$PILED_BUILD/piled" attach --socket "$SOCK"
	wait_until grep -q '^port ' "$SITE/host.log"
	SSH_PORT=$(awk '$1 == "port" { print $2 }' "$SITE/host.log")
	ssh_config "$SSH_PORT"
	trust_host
}

# said WORDS: how often the server was told this.
said() {
	grep -cx "$1" "$SITE/host.log" || true
}

@test "keyboard-interactive: two prompts of one round, what is secret stays so" {
	host code
	play 'wait The host asks' 'wait Password:' 'type open sesame' 'wait ***********_' \
		"snap $SITE/secret" Enter 'wait One-time code' 'type 123456' 'wait 123456_' Enter 'wait A1.1'
	run grep -q sesame "$SITE/secret"
	[ "$status" -ne 0 ]
	[ "$(said questions)" -eq 1 ]
}

@test "a wrong answer: asked again, three times and no more" {
	host code
	play 'wait Password:' 'gone That was wrong' 'type wrong' Enter 'wait One-time' 'type 1' Enter \
		'wait ! That was wrong; once more.' 'wait Password:' 'type open sesame' Enter 'wait One-time' 'gone That was wrong' 'type 123456' Enter 'wait A1.1'
	[ "$(said 'wrong answer')" -eq 1 ]
	play 'wait Password:' Enter 'wait One-time' Enter 'wait Password:' Enter 'wait One-time' Enter \
		'wait Password:' Enter 'wait One-time' Enter 'wait lets nobody in' \
		'wait keyboard-interactive' 'wait R tries'
	[ "$(said 'wrong answer')" -eq 4 ]
}

@test "password: right, wrong, none; who is asked for is said" {
	host password
	play 'wait Password of' "wait $(id -un)@127.0.0.1" 'type no' Enter 'wait That was wrong' 'wait Password of' \
		'type open sesame' 'wait ***********_' Enter 'wait A1.1'
	[ "$(said password)" -eq 2 ]
	play 'wait Password of' Esc 'wait lets nobody in' 'wait R tries'
	[ "$(said password)" -eq 2 ]
}

@test "without any key the host is asked what it takes" {
	host password
	rm "$SSH/id" "$SSH/id.pub"
	play 'wait Password of' 'type open sesame' Enter 'wait A1.1'
}

@test "Esc at a question ends the login: nothing else is asked" {
	host code,password
	play 'wait Password:' Esc 'wait lets nobody in' 'gone Password of' 'wait R tries'
	[ "$(said password)" -eq 0 ]
}

@test "questions refused, then the password" {
	host code,password
	play 'wait Password:' Enter 'wait One-time' Enter 'wait Password:' Enter 'wait One-time' Enter \
		'wait Password:' Enter 'wait One-time' Enter 'wait Password of' 'gone That was wrong' 'type open sesame' \
		Enter 'wait A1.1'
}

@test "partial success: a key, then a code; a password, then a key" {
	host key+code
	play 'wait Password:' 'type open sesame' Enter 'wait One-time' 'type 123456' Enter 'wait A1.1'
	[ "$(said partial)" -eq 1 ]
	stop_program host
	stop_program agent
	host password+key
	play 'wait Password of' 'type open sesame' Enter 'wait A1.1'
	[ "$(said partial)" -eq 1 ]
}

@test "many rounds, one of them without a prompt" {
	host rounds
	play 'wait Go on?' 'type yes' Enter 'wait Go on?' 'type yes' Enter 'wait Go on?' 'type yes' Enter \
		'wait Go on?' 'type yes' Enter 'wait Go on?' 'type yes' Enter 'wait A1.1'
	[ "$(said 'right answer')" -eq 6 ]
}

@test "a host that asks without end, or for a hundred things at once" {
	local steps=()
	host endless
	for _ in $(seq 12); do
		steps+=('wait Go on?' 'type yes' Enter)
	done
	play "${steps[@]}" 'wait asks more than anybody would answer' 'wait R tries'
	[ "$(said 'right answer')" -eq 12 ]
	stop_program host
	stop_program agent
	host many
	play 'wait asks more than anybody would answer' 'wait R tries'
}

@test "long words before the prompt leave it room; escape sequences go to no terminal" {
	host wordy
	play 'wait wordy prompt?' "snap $SITE/screen" 'type yes' Enter 'wait A1.1'
	run grep -nP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$SITE/screen"
	[ "$status" -eq 1 ]
}

@test "a host that breaks the login off is not asked again by itself, and its words are shown" {
	host strict
	play 'wait Password:' Enter 'wait One-time' Enter 'wait the login was broken off' \
		'wait Too many authentication failures' 'wait R tries'
}

@test "a passphrase is asked for three times" {
	host key
	ssh-keygen -q -p -P '' -N 'open sesame' -f "$SSH/id"
	play 'wait Passphrase' 'gone was wrong' 'type wrong' Enter 'wait That was wrong' 'type wrong' Enter 'wait That was wrong' \
		'type open sesame' Enter 'wait A1.1'
	play 'wait Passphrase' Enter 'wait Passphrase' Enter 'wait Passphrase' Enter 'wait lets nobody in'
}

@test "a public key file that is none spoils neither the others nor the password" {
	host password
	ssh-keygen -q -p -P '' -N 'open sesame' -f "$SSH/id"
	echo nonsense >"$SSH/id.pub"
	play 'wait Password of' 'type open sesame' Enter 'wait A1.1'
	play 'wait Password of' Esc 'wait lets nobody in' 'wait ssh/id.pub'
}

@test "known_hosts that cannot be written: said once, not asked for ever" {
	host key
	rm -f "$SSH/known_hosts"
	ssh_config "$SSH_PORT"
	sed -i "s|^UserKnownHostsFile.*|UserKnownHostsFile $SITE/s/known_hosts|" "$SSH/config"
	play 'wait not known yet' y 'wait the host key cannot be kept' 'wait R tries'
}

# waiting STEP...: the console goes on with these steps while the test looks at it.
waiting() {
	mkfifo "$SITE/pipe"
	spawn piletop "$PILED_BUILD/piletop" --ssh-config "$SSH/config" --script "$SITE/pipe" \
		--size 100x30 --lang en site
	exec 8>"$SITE/pipe"
	printf '%s\n' "$@" >&8
}

# The sockets of the console: one try has both ends of a pair and the line.
few_sockets() {
	[ "$(find "/proc/$(cat "$SITE/piletop.pid")/fd" -lname 'socket:*' | wc -l)" -le 3 ]
}

@test "a configuration that libssh cannot use leaves no socket behind at each try" {
	host key
	ssh_config "$SSH_PORT" "IdentityFile $SSH/%z"
	sed -i "1,/IdentityFile/{/IdentityFile/d}" "$SSH/config"
	waiting 'wait nothing of the kind'
	tries() { [ "$(said 'key exchange failed')" -ge "$1" ]; }
	wait_until tries 4
	few_sockets
	exec 8>&-
}

@test "a connection that is ended here is closed, each time" {
	local steps=()
	host password
	for _ in 1 2 3 4 5; do
		steps+=('wait Password of' Esc 'wait R tries' R)
	done
	waiting "${steps[@]}" 'wait Password of' "snap $SITE/over"
	wait_until test -s "$SITE/over"
	few_sockets
	exec 8>&-
}

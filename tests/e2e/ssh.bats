#!/usr/bin/env bats
# The console through a real sshd on loopback: keys, host keys, bad hosts, bad lines.
# shellcheck disable=SC2030,SC2031

load lib
load tmux
load sshd

setup() {
	far_setup
	export SSH_SUBSYSTEM="$PILED_BUILD/piled attach --socket $SOCK"
}

teardown() {
	[ -z "${TMUX_SOCK-}" ] || close_tmux
	site_teardown
}

# line DELAY_MS FREEZE_AFTER: a slow or bad line before the server; host "site" goes through it.
line() {
	spawn line "$HELPERS/slow_proxy" "$SSH_PORT" "$1" "$2"
	wait_until grep -q '^port ' "$SITE/line.log"
	LINE_PORT=$(awk '$1 == "port" { print $2 }' "$SITE/line.log")
	ssh_config "$LINE_PORT"
	echo "[127.0.0.1]:$LINE_PORT $(cut -d' ' -f1,2 "$SSH/host.pub")" >"$SSH/known_hosts"
}

line_signal() {
	kill -s "$1" "$(cat "$SITE/line.pid")"
}

# begin: the same, with the steps as they are written to descriptor 8; `step` writes one.
begin() {
	rm -f "$SITE/pipe"
	mkfifo "$SITE/pipe"
	# shellcheck disable=SC2086
	spawn piletop "$PILED_BUILD/piletop" --ssh-config "$SSH/config" --script "$SITE/pipe" \
		--clock $CLOCK --size 100x30 --lang en "${OPTIONS[@]}" ${SITES:-site}
	exec 8>"$SITE/pipe"
}

step() {
	printf '%s\n' "$@" >&8
}

finish() {
	exec 8>&-
	wait_until gone piletop
	stop_program piletop
	[ "$STATUS" -eq 0 ]
}

# program NAME TEXT: a shell script.
program() {
	printf '#!/bin/sh\n%s\n' "$2" >"$SITE/$1"
	chmod +x "$SITE/$1"
}

# A step that has been reached: the screen is in a file.
reached() {
	step "snap $SITE/$1"
	wait_until test -s "$SITE/$1"
}

@test "the subsystem of sshd shows the site" {
	agent
	start_sshd
	trust_host
	play 'wait A1.1' settle "snap $SITE/screen"
	grep -q 'read-only' "$SITE/screen"
	grep -q 'subsystem request for piled' "$SITE/sshd.log" || grep -q 'Accepted publickey' "$SITE/sshd.log"
}

@test "without the subsystem the program is run" {
	SSH_SUBSYSTEM=
	agent
	start_sshd "SetEnv PATH=$PILED_BUILD:/usr/bin:/bin PILED_SOCKET=$SOCK"
	trust_host
	play 'wait A1.1'
}

@test "a restricted key with a forced command is enough" {
	agent
	echo "restrict,command=\"$PILED_BUILD/piled attach --socket $SOCK\" $(cat "$SSH/id.pub")" >"$SSH/authorized_keys"
	SSH_SUBSYSTEM=
	start_sshd
	trust_host
	play 'wait A1.1'
}

@test "addresses: user@host, ssh:// with a port, and what is none" {
	agent
	start_sshd "AllowUsers $(id -un)"
	echo "[127.0.0.1]:$SSH_PORT $(cut -d' ' -f1,2 "$SSH/host.pub")" >"$SSH/known_hosts"
	sed -i 's/^Host .*/Host */; /^HostName/d; /^Port/d; /^User /d' "$SSH/config"
	SITES="ssh://$(id -un)@127.0.0.1:$SSH_PORT" play 'wait A1.1'
	sed -i "/^Host/aPort $SSH_PORT" "$SSH/config"
	SITES="$(id -un)@127.0.0.1" play 'wait A1.1'
	for bad in 'ssh://' 'ops@' 'ssh://ops@host:99999' '-oProxyCommand=x' 'a b' "ops@x;y"; do
		run piletop --once -- "$bad"
		[ "$status" -eq 2 ]
		[[ $output == *"no address like user@host"* ]]
	done
}

@test "the server renews its keys again and again" {
	agent
	start_sshd "RekeyLimit 1K"
	trust_host
	play 'wait A1.1' End 'wait A6.2' Home '?' End 'wait Chinese or English'
}

@test "an unknown host key is shown and asked for, refused or kept" {
	agent
	start_sshd
	local print
	print=$(ssh-keygen -l -f "$SSH/host.pub" | cut -d' ' -f2)
	play 'wait not known yet' "wait $print" Esc 'wait the host key was not accepted' \
		'wait R tries again' R 'wait not known yet' y 'wait A1.1'
	grep -q "^\[127.0.0.1\]:$SSH_PORT ssh-ed25519" "$SSH/known_hosts"
	play 'wait A1.1'
}

@test "a changed host key is refused, whatever the configuration says" {
	agent
	ssh-keygen -q -t ed25519 -N '' -f "$SITE/other"
	start_sshd
	echo "[127.0.0.1]:$SSH_PORT $(cut -d' ' -f1,2 "$SITE/other.pub")" >"$SSH/known_hosts"
	echo 'StrictHostKeyChecking no' >>"$SSH/config"
	cp "$SSH/known_hosts" "$SITE/before"
	play 'wait the host key has changed' 'wait R tries again'
	cmp "$SITE/before" "$SSH/known_hosts"
	run grep -q Accepted "$SITE/sshd.log"
	[ "$status" -ne 0 ]
}

@test "an unknown host key is asked for even where the configuration says not to" {
	agent
	start_sshd
	echo 'StrictHostKeyChecking no' >>"$SSH/config"
	play 'wait not known yet' Esc 'wait was not accepted'
	run test -s "$SSH/known_hosts"
	[ "$status" -ne 0 ]
}

@test "no key that the host takes: one clear line, no endless tries" {
	agent
	echo >"$SSH/authorized_keys"
	start_sshd
	trust_host
	play 'wait lets nobody in' 'wait publickey' 'wait R tries'
	cp "$SSH/id.pub" "$SSH/authorized_keys"
	play 'wait A1.1'
}

@test "a passphrase is asked for, and never shown" {
	agent
	ssh-keygen -q -p -P '' -N 'open sesame' -f "$SSH/id"
	start_sshd
	trust_host
	play 'wait Passphrase of the key' "wait /ssh/id" 'type open sesame' 'wait ***********_' \
		"snap $SITE/typed" Enter 'wait A1.1'
	run grep -q sesame "$SITE/typed"
	[ "$status" -ne 0 ]
	play 'wait Passphrase of the key' Esc 'wait lets nobody in'
}

@test "the agent of keys opens the door" {
	agent
	start_sshd
	trust_host
	spawn keys ssh-agent -D -a "$SITE/keys"
	wait_until test -S "$SITE/keys"
	export SSH_AUTH_SOCK=$SITE/keys
	ssh-add -q "$SSH/id"
	rm "$SSH/id" "$SSH/id.pub"
	play 'wait A1.1'
}

@test "a certificate beside the key is shown" {
	agent
	ssh-keygen -q -t ed25519 -N '' -f "$SITE/ca"
	ssh-keygen -q -s "$SITE/ca" -I test -n "$(id -un)" "$SSH/id.pub"
	echo >"$SSH/authorized_keys"
	start_sshd "TrustedUserCAKeys $SITE/ca.pub"
	trust_host
	play 'wait A1.1'
	grep -q 'Accepted publickey.*ED25519-CERT' "$SITE/sshd.log"
}

@test "a proxy command carries the connection; its complaint is shown" {
	agent
	start_sshd
	trust_host
	ssh_config "$SSH_PORT" "ProxyCommand socat - TCP:%h:%p"
	play 'wait A1.1'
	ssh_config "$SSH_PORT" "ProxyCommand echo no way to %n >&2; exit 3"
	play 'wait no SSH connection' 'wait no way to site'
}

@test "a name that nobody knows, a port where nobody listens" {
	ssh_config 1
	play 'wait the host cannot be reached' 'wait Connection refused'
	sed -i 's/^HostName.*/HostName no-such-host.invalid/' "$SSH/config"
	play 'wait the name of the host cannot be looked up'
}

@test "no agent behind sshd: what it says there is shown here, without its control characters" {
	start_sshd
	trust_host
	play 'wait no agent answers' 'wait no agent at'
	stop_program sshd
	program far 'printf "\033]0;owned\007\033[2J broken\n" >&2; exit 1'
	SSH_SUBSYSTEM=
	start_sshd "ForceCommand $SITE/far"
	trust_host
	play 'wait the far end of the SSH connection has ended' 'wait broken' "snap $SITE/screen"
	run grep -nP '[\x00-\x09\x0b-\x1f\x7f]' "$SITE/screen"
	[ "$status" -eq 1 ]
}

@test "an older and a newer agent: which side to update is said" {
	sed 's/"protocol":1/"protocol":2/' "$REC" >"$SITE/newer"
	agent "$SITE/newer"
	# attach itself would speak to an agent of its own version only.
	SSH_SUBSYSTEM="$(command -v socat) - UNIX-CONNECT:$SOCK"
	start_sshd
	trust_host
	play 'wait update this console'
	stop_program agent
	sed 's/"protocol":1/"protocol":0/' "$REC" >"$SITE/older"
	agent "$SITE/older"
	play 'wait update the agent'
}

@test "an agent that floods, sends no line's end or nonsense leaves the console alive" {
	local flood
	SSH_SUBSYSTEM=
	start_sshd "ForceCommand $SITE/far"
	trust_host
	for flood in "yes '{\"method\":\"delta\"}'" 'tr "\0" x </dev/zero' 'cat /dev/urandom' 'sleep 1000'; do
		program far "exec 2>/dev/null; $flood"
		play 'wait connecting' '?' End 'wait Chinese or English' 1 'gone Chinese or English' \
			'wait does not greet'
	done
}

@test "sshd hangs at any stage: told within the step's time, other sites go on" {
	agent
	start_sshd
	OPTIONS=(--size 160x30)
	for bytes in 0 10 60 1300 1700; do
		line 0 "$bytes"
		sed "s/^Host .*/Host good/; s/^Port .*/Port $SSH_PORT/" "$SSH/config" >"$SITE/good"
		cat "$SITE/good" >>"$SSH/config"
		echo "[127.0.0.1]:$SSH_PORT $(cut -d' ' -f1,2 "$SSH/host.pub")" >>"$SSH/known_hosts"
		SITES='site good' play 'wait 1 of 2 linked' / 'type good' Enter Enter 'wait A1.1' settle \
			Esc Esc 'wait no answer in time' 'wait 1 of 2 linked'
		stop_program line
	done
}

@test "a cut line: the reason, the old values, and back by itself" {
	agent
	start_sshd
	line 5 -1
	begin
	step 'wait A1.1'
	reached first
	line_signal USR2
	step 'wait all values are' 'wait A1.1'
	reached down
	step 'gone all values are' 'wait A1.1'
	reached again
	finish
}

@test "a line that goes dead is seen, and a new one made" {
	echo '*1000 {"jsonrpc":"2.0","method":"delta","params":{"seq":$seq,"now":$now}}' |
		cat "$REC" - >"$SITE/rec"
	agent "$SITE/rec"
	start_sshd
	line 5 -1
	begin
	step 'wait A1.1' settle
	reached first
	line_signal USR1
	step 'wait fallen silent'
	reached silent
	line_signal USR2
	step 'gone fallen silent' 'wait A1.1'
	reached again
	finish
}

@test "in a real terminal: the host key's question, the site, and the terminal back" {
	agent
	start_sshd
	in_tmux 80 24 "$PILED_BUILD/piletop --ssh-config $SSH/config --clock $CLOCK --lang en site; echo code \$?"
	wait_until screen_has 'not known yet'
	tmux -S "$TMUX_SOCK" send-keys -t t y
	wait_until screen_has 'emergency stop'
	tmux -S "$TMUX_SOCK" send-keys -t t q
	wait_until screen_has 'code 0'
	screen_lacks 'emergency stop'
}

# ---- piled --host ----

# far_site: a real agent behind sshd; `piled` without a path is this build's there.
far_site() {
	site_setup
	start_site
	ssh_keys
	SSH_SUBSYSTEM=
	start_sshd "SetEnv PATH=$PILED_BUILD:/usr/bin:/bin PILED_SOCKET=$PILED_SOCKET PILED_PROFILES=$PILED_PROFILES"
	trust_host
	unset PILED_SOCKET
	export PILED_SSH="ssh -F $SSH/config"
}

@test "--host: the agent of another machine answers as here, with its exit status" {
	far_site
	[ "$(piled --host site guns --json | gojq length)" -eq 24 ]
	piled guns --host site | grep -q A1.1
	run piled --host site gun Z9.9
	[ "$status" -eq 1 ]
	run piled --host site stop A1.1 --reason "two words, 'quoted' \$HOME"
	[ "$status" -ne 3 ]
	run piled --host site --lang en gun
	[ "$status" -eq 2 ]
	run piled --host site --lang en --socket "$SITE/no socket" guns
	[ "$status" -eq 3 ]
	[[ $output == *"$SITE/no socket"* ]]
}

@test "--host: what looks at the machine runs there, its arguments as they were given" {
	far_site
	local folder="$SITE/it's \$(touch $SITE/bad) \"here\""
	mkdir -p "$folder"
	cp "$SITE/demo.yaml" "$folder/a b.yaml"
	run piled --host site --lang en check --config "$folder/a b.yaml"
	[ "$status" -eq 0 ]
	[[ $output == *"it's \$(touch $SITE/bad) \"here\"/a b.yaml: good: 24 guns"* ]]
	echo 'sight: {}' >>"$folder/a b.yaml"
	run piled --host site --lang en check --config "$folder/a b.yaml"
	[ "$status" -eq 1 ]
	[ ! -e "$SITE/bad" ]
	run piled --host site --lang en run
	[ "$status" -eq 2 ]
	[[ $output == *"another machine"* ]]
}

@test "--host: a file of here and standard input go there, large answers come whole" {
	far_site
	local tariff=$TOP/agent/examples/shandong-2026.yaml
	run piled --host site --lang en tariff import "$tariff" --dry-run
	[ "$status" -eq 0 ]
	run piled --host site --lang en tariff import /dev/stdin --dry-run <"$tariff"
	[ "$status" -eq 0 ]
	# What runs there reads what comes in here.
	run piled --host site --lang en tariff check /dev/stdin <"$tariff"
	[ "$status" -eq 0 ]
	[[ $output == *"/dev/stdin: good"* ]]
	# Far more than a pipe holds, and the reader is slow.
	yes 'some: [text' | head -c 3000000 >"$SITE/large"
	program far "cat $SITE/large; exit 4"
	STATUS=0
	PILED_SSH=$SITE/far piled --host site check >"$SITE/copy" || STATUS=$?
	[ "$STATUS" -eq 4 ]
	cmp "$SITE/large" "$SITE/copy"
	# Nobody reads on: it ends, and does not hang.
	PILED_SSH=$SITE/far piled --host site check | head -1 | grep -q 'some: '
}

@test "--host: no way there is 3, what is no host is 2" {
	ssh_config 1
	export PILED_SSH="ssh -F $SSH/config"
	run piled --host site guns
	[ "$status" -eq 3 ]
	run piled --host site check
	[ "$status" -eq 3 ]
	for bad in -oProxyCommand=x 'a b' ''; do
		run piled "--host=$bad" guns
		[ "$status" -eq 2 ]
	done
}

@test "a command given over a line that dies is not given twice; what became of it is told" {
	far_site
	gun_idle() { [ "$(PILED_SOCKET=$SITE/piled.sock piled gun B1.1 --json | gojq -r .gun.state)" != unknown ]; }
	wait_until gun_idle
	line 5 -1
	OPTIONS=(--write)
	rm -f "$SITE/pipe"
	mkfifo "$SITE/pipe"
	spawn piletop "$PILED_BUILD/piletop" --ssh-config "$SSH/config" --script "$SITE/pipe" --size 100x30 --lang en --write site
	exec 8>"$SITE/pipe"
	step 'wait B1.1' settle / 'type B1.1' Enter
	reached first
	# Neither way: it never gets there.
	line_signal USR1
	step t 'type cut' Enter y 'wait service'
	reached given
	step 'wait no answer yet'
	line_signal USR2
	step 'wait it never reached the agent' 
	reached never
	[ -z "$(PILED_SOCKET=$SITE/piled.sock piled gun B1.1 --json | gojq -r .gun.tag)" ]
	# The answer is lost on its way back.
	line_signal ALRM
	step t 'type cable' Enter y 'wait no answer yet'
	reached again
	line_signal USR2
	step 'wait done'
	reached over
	finish
	# A tag stops what charges: that stop is a command of its own.
	[ "$(PILED_SOCKET=$SITE/piled.sock piled commands B1.1 --json | gojq '[.[] | select(.verb == "tag")] | length')" -eq 1 ]
}

@test "a top-up over a line that dies is paid in once, and what became of it is told" {
	far_site
	here() { PILED_SOCKET=$SITE/piled.sock piled "$@"; }
	balance_is() { [ "$(here account show C000001 --json | gojq .account.balance_fen)" -eq "$1" ]; }
	here account open Li
	line 5 -1
	OPTIONS=(--write)
	rm -f "$SITE/pipe"
	mkfifo "$SITE/pipe"
	spawn piletop "$PILED_BUILD/piletop" --ssh-config "$SSH/config" --script "$SITE/pipe" --size 100x30 --lang en --write site
	exec 8>"$SITE/pipe"
	step 'wait B1.1' u 'wait C000001' settle
	reached first
	# Neither way: it never gets there. Nothing else is sent until that is known.
	line_signal USR1
	step + 'type 20' Enter y 'wait top up: ? no answer yet'
	reached given
	line_signal USR2
	step 'wait top up: ! it never reached the agent; nothing was done'
	reached never
	balance_is 0
	# The answer is lost on its way back.
	line_signal ALRM
	step + 'type 30' Enter y 'wait top up: ? no answer yet'
	reached again
	balance_is 3000
	line_signal USR2
	step 'wait top up: it was done; only the answer was lost'
	reached over
	finish
	balance_is 3000
}

@test "a subscription may leave views out" {
	site_setup
	start_site
	views() {
		printf '{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"views":"%s"}}\n' "$1" |
			piled attach | gojq -r 'select(.method == "snapshot").params.view, .error.message // empty' | sort -u | xargs
	}
	[[ " $(views -bus,-unit) " == *" gun "* ]]
	[[ " $(views -bus,-unit) " != *" bus "* ]]
	[ "$(views gun,site)" = 'gun site' ]
	[ "$(views gun,-gun,site)" = site ]
	[[ "$(views -nothing)" == *'some of'* ]]
}

#!/usr/bin/env bats
# No word of a site, a device or a file is a command to the terminal: every command of the agent's
# command line, behind an agent that ends each of its texts with escape sequences.
load lib

setup() { site_setup; }
teardown() { site_teardown; }

# raw FILE: whether something is in it that a terminal must not get.
raw() {
	LC_ALL=C.UTF-8 grep -nP '[\x00-\x08\x0b-\x1f\x7f-\x{9f}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]' "$1"
}

# Commands of a site's agent and what they are about.
words() {
	case $1 in
	gun | why | start | stop | tag | untag | unlock | decisions | want | depart | quote) echo "$1 A1.1" ;;
	charge) echo "$1 A1.1 --account 10001" ;;
	note) echo "$1 A1.1 remark" ;;
	rate) echo "$1 1 4" ;;
	session | bill\ show | bill\ verify | bill\ receipt | abnormal\ show) echo "$1 1" ;;
	ack | shelve | unshelve | confirm | orders\ cancel | limit-site\ cancel) echo "$1 1" ;;
	account\ show | account\ statement | account\ freeze | account\ unfreeze) echo "$1 10001" ;;
	limit) echo "$1 A1.1 --kw 7" ;;
	limit-site\ add) echo "$1 site --kw 100" ;;
	tariff\ simulate) echo "$1 default" ;;
	probe) echo "$1 A1" ;;
	*) echo "$1" ;;
	esac
}

@test "no command prints what a terminal obeys, as text, as JSON or as an error" {
	local command seen=0
	start_site
	piled account open 'Li Wei' --phone 13800000000 --plate A12345 --notes 'pays in cash'
	piled note A1.1 'cable damaged'
	piled tag A1.1 --reason 'cable damaged'
	spawn evil "$PILED_BUILD/tests/e2e/evil_proxy" "$SITE/evil" "$PILED_SOCKET"
	wait_until test -S "$SITE/evil"
	piled help | sed -n '/^Commands:/,/^Options/s/^  \([a-z][a-z-]*\( [a-z]*\)\{0,1\}\)  .*/\1/p' >"$SITE/commands"
	[ "$(wc -l <"$SITE/commands")" -gt 60 ]
	while read -r command; do
		case $command in
		run | attach | replay | check) continue ;;
		esac
		for form in '' --json; do
			# The words of a command are some on purpose.
			# shellcheck disable=SC2046
			timeout 5 "$PILED_BUILD/piled" $(words "$command") $form --lang en --socket "$SITE/evil" \
				>"$SITE/out" 2>&1 </dev/null || true
			if raw "$SITE/out"; then
				echo "piled $command $form"
				return 1
			fi
			! grep -q owned "$SITE/out" || seen=$((seen + 1))
		done
	done <"$SITE/commands"
	echo "$seen outputs had words of the agent"
	[ "$seen" -gt 40 ]
}

@test "a file's words and the command line's own" {
	printf 'site: {name: "\\e[2Jname"}\nsi\\x1b: 1\n"\\e]0;x\\a": 2\n' >"$SITE/bad.yaml"
	for args in "check --config $SITE/bad.yaml" "tariff check $SITE/bad.yaml" "profile check $SITE/bad.yaml" \
		$'\033[2J' $'guns --\033[2J' $'gun \033[2J\302\23331m'; do
		# shellcheck disable=SC2086
		"$PILED_BUILD/piled" $args >"$SITE/out" 2>&1 || true
		[ -s "$SITE/out" ]
		run raw "$SITE/out"
		[ "$status" -eq 1 ]
	done
}

@test "what another machine prints itself" {
	printf '%s\n' '#!/bin/sh' 'printf "\033[2Jout\n"; printf "\033]0;x\007err\n" >&2; exit 4' >"$SITE/far"
	chmod +x "$SITE/far"
	STATUS=0
	PILED_SSH=$SITE/far piled --host ops@site-7 check >"$SITE/out" 2>"$SITE/err" || STATUS=$?
	[ "$STATUS" -eq 4 ]
	grep -qx '?\[2Jout' "$SITE/out"
	grep -qx '?\]0;x?err' "$SITE/err"
}

#!/usr/bin/env bats
# bash completion offers what the table of commands holds.
load lib

setup() {
	site_setup
	# shellcheck source=agent/piled.bash
	source "$TOP/agent/piled.bash"
}

teardown() {
	site_teardown
}

# offers WORD...: what is offered for the last word, one a line.
offers() {
	COMP_WORDS=(piled "$@")
	COMP_CWORD=$#
	_piled "$PILED_BUILD/piled" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	printf '%s\n' "${COMPREPLY[@]}"
}

@test "every command is offered, and nothing else" {
	offers "" | sort -u >"$SITE/offered"
	LC_ALL=C LANGUAGE=en piled --help | sed -n '/^Commands:/,/^$/p' | awk '/^  [a-z]/ { print $1 }' | sort -u >"$SITE/real"
	[ -s "$SITE/real" ]
	diff "$SITE/real" "$SITE/offered"
}

@test "second words and options follow the command" {
	offers profile "" | grep -qx check
	offers bus sc | grep -qx scan
	offers start --no | grep -qx -- --no-wait
	offers bus scan --f | grep -qx -- --first
	run offers status --no
	[[ $output != *no-wait* ]]
}

@test "guns follow a command that takes one, of one word or two" {
	_piled_ids() {
		echo A1.1
	}
	offers start "" | grep -qx A1.1
	offers reserve add "" | grep -qx A1.1
	[ -z "$(offers bus scan "")" ]
}

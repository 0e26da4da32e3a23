#!/bin/sh
# Scripts, man pages and the unit file.
. "$(dirname "$0")/tap.inc"

scripts() {
	sources | while read -r f; do
		case $f in
		*.bats | *.bash | *.sh | *.inc) echo "$f" ;;
		*.[ch] | *.def | *.yaml | *.po | *.md | *.csv) ;;
		*) ! head -c 64 "$f" | head -n 1 | grep -aqE '^#!.*\b(sh|bash|bats)$' || echo "$f" ;;
		esac
	done
}

shellchecked() {
	scripts | xargs shellcheck -x -P SCRIPTDIR
}

# -W warning: a page must render right everywhere.
pages() {
	sources 'man/*.[1-8]' | while read -r f; do
		mandoc -T lint -W warning "$f"
	done
}

unit() {
	sed "s,@PREFIX@/bin/piled,/bin/true,g" agent/piled.service >"$BUILD/piled.service"
	systemd-analyze verify --man=no "$BUILD/piled.service"
}

executable() {
	scripts | grep -vE '\.(inc|bash|bats)$' | while read -r f; do
		[ -x "$f" ] || echo "$f: not executable"
	done
}

check 'shellcheck' shellchecked
check 'scripts are executable' none executable
check 'mandoc lint' none pages
[ ! -f agent/piled.service ] || check 'systemd unit' unit
finish

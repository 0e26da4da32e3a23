#!/bin/sh
# The form of the sources: clang-format, length of files, words and calls that do not belong.
. "$(dirname "$0")/tap.inc"

formatted() {
	sources '*.c' '*.h' | xargs -P "$JOBS" -n 20 clang-format --dry-run -Werror
}

# 800 lines is where a file holds more than one concern.
short() {
	sources '*.c' '*.h' | xargs awk 'FNR > 800 { print FILENAME ": more than 800 lines"; nextfile }'
}

# Unbounded or unchecked: strings go through shared/text.h, numbers through its ranged readers.
calls() {
	sources '*.c' '*.h' | xargs grep -nE \
		'\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|atoi|atol|atoll|atof|sscanf|strtok|alloca|system|popen|tmpnam|mktemp|sleep|usleep) *\(' |
		grep -vE -e '^[^:]*:[0-9]*:[ \t]*(\*|/\*|//)' -e '^tests/unit/[^:]*:[0-9]*:.*\bsystem *\('
}

words() {
	sources '*.c' '*.h' '*.def' '*.sh' '*.bats' '*.yaml' Makefile | grep -v '^tests/lint/format.sh$' |
		xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b'
}

# Include direction beyond what the include paths enforce.
includes() {
	sources 'agent/core/*.[ch]' | xargs -r grep -nE \
		'#include <(unistd|time|pthread|sys/|fcntl|signal|uv|sqlite3|modbus|poll|curses)[./a-z0-9]*'
	sources 'agent/*.[ch]' 'console/*.[ch]' 'shared/*.[ch]' 'tests/*.[ch]' |
		xargs grep -n '#include <sqlite3' | grep -v '^tests/'
	sources '*.[ch]' | grep -v -e '^agent/bus/modbus' -e '^tests/' | xargs grep -n '#include <modbus'
	sources '*.[ch]' | grep -v '^console/term' | xargs grep -nE '#include <n?curses'
	sources 'console/*.[ch]' | xargs -r grep -nE '#include "(store|site|bus/|rpc/|core/)'
}

# Money and energy are integers.
doubles() {
	sources 'agent/core/*.[ch]' 'db/*.[ch]' | xargs -r grep -nE '\b(double|float)\b' |
		grep -vE '^[^:]*:[0-9]*:[ \t]*(\*|/\*|//)'
}

check 'clang-format' formatted
check 'no file above 800 lines' none short
check 'no forbidden calls' none calls
check 'no unfinished work' none words
check 'includes follow the layers' none includes
check 'no floating point in core and store' none doubles
finish

#!/bin/sh
# The core is pure: its objects reach nothing that does I/O, reads a clock or starts a thread.
. "$(dirname "$0")/tap.inc"

# What the core may call of the C library.
allowed='memcpy memmove memset memcmp memchr strlen strnlen strcmp strncmp strchr strrchr
snprintf vsnprintf malloc calloc realloc free qsort bsearch abort __assert_fail __stack_chk_fail
_GLOBAL_OFFSET_TABLE_'

# And of shared: names by prefix of their module.
shared='err|fault|point|quality|unit|state|view|text|mono|wall|zone|cal|tariff|class|price|bill|parking|money|pack|period|fmt|rng|method|role|period|order|class|pauses|phrase'

foreign() {
	lib=$BUILD/libcore.a
	nm -g --defined-only "$lib" | awk 'NF == 3 { print $3 }' | sort -u >"$BUILD/core.defined"
	nm -u "$lib" | awk '$1 == "U" { print $2 }' | sort -u >"$BUILD/core.undefined"
	# Fortified calls (__memcpy_chk) are the plain ones.
	comm -13 "$BUILD/core.defined" "$BUILD/core.undefined" | sed 's/^__\([a-z]*\)_chk$/\1/' |
		grep -vE "^($shared)_" | while read -r symbol; do
		echo "$allowed" | tr ' ' '\n' | grep -qx "$symbol" || echo "agent/core calls $symbol()"
	done
}

check 'agent/core is pure' none foreign
finish

#!/bin/sh
# Static analysis of every source, on the compile commands of clang's build.
. "$(dirname "$0")/tap.inc"
db=$BUILD/asan

commands() {
	{
		echo '['
		# Only of sources that are still there: an older build may have left others.
		sources '*.c' | while read -r f; do
			[ ! -f "$db/${f%.c}.json" ] || cat "$db/${f%.c}.json"
		done | sed '$s/,$//'
		echo ']'
	} >"$db/compile_commands.json"
	sources '*.c' | grep -v '^tests/fuzz/' >"$db/sources"
	while read -r f; do
		[ ! -f "$db/${f%.c}.json" ] || echo "$f"
	done <"$db/sources" >"$db/analysed"
	[ -s "$db/analysed" ]
}

# tidy OPTION...: the files named on standard input, one a run: with several the analyser mixes up
# their va_lists (LLVM 14).
tidy() {
	if ! xargs -P "$JOBS" -n 1 clang-tidy -p "$db" --quiet "$@" >"$db/tidy.log" 2>/dev/null; then
		grep -E '(error|warning): ' "$db/tidy.log" || tail -40 "$db/tidy.log"
		return 1
	fi
}

product() {
	grep -v '^tests/' "$db/analysed" | tidy
}

# The paths through a test are walked by the test itself, under sanitizers.
of_tests() {
	grep '^tests/' "$db/analysed" | tidy '--checks=-clang-analyzer-*'
}

cpp() {
	mkdir -p "$db/cppcheck"
	cppcheck -q -j "$JOBS" --project="$db/compile_commands.json" --cppcheck-build-dir="$db/cppcheck" \
		--enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		-DPILED_PREFIX='"/usr"' --suppressions-list=tests/lint/cppcheck.txt --template='{file}:{line}: {id}: {message}'
}

check 'compile commands' commands
check 'clang-tidy' product
check 'clang-tidy of the tests' of_tests
check 'cppcheck' cpp
finish

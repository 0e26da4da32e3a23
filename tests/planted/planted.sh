#!/bin/sh
# Sees to it that a finding of a sanitizer fails the run, also where the program ran in the
# background of a test that passed.
# $PLANTED is the program, $KINDS what to try.
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
failed=0
for kind in $KINDS; do
	number=$((number + 1))
	# A test that starts the program and does not look at its end.
	printf '#!/bin/sh\n"%s" %s >/dev/null 2>&1\necho "ok 1 - passes"\n' \
		"$PLANTED" "$kind" >"$work/test"
	chmod +x "$work/test"
	if TESTS_TALLY='' SAN_LOGS="$work/reports" tests/run "$work/test" >"$work/log" 2>&1 ||
		! grep -qx '1 passed, [1-9][0-9]* failed' "$work/log"; then
		echo "not ok $number - a planted $kind is found"
		sed 's/^/# /' "$work/log"
		failed=1
	else
		echo "ok $number - a planted $kind is found"
	fi
done
echo "1..$number"
exit "$failed"

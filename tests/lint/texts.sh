#!/bin/sh
# Every text exists in every language.
. "$(dirname "$0")/tap.inc"

template() {
	$MAKE -s BUILD="$BUILD" "$BUILD/piled.pot"
}

check 'texts are extracted' template
for po in shared/po/*.po; do
	check "$po is complete" msgcmp "$po" "$BUILD/piled.pot"
	check "$po is well formed" msgfmt --check -o /dev/null "$po"
done
finish

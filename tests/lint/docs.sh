#!/bin/sh
# What is written twice for the reader's sake must agree.
. "$(dirname "$0")/tap.inc"

packages() {
	sed -e '/^#/d' -e '/^$/d' tests/packages | awk -F '[ \t]*[|][ \t]*' "$1"
}

# README: the lines "| `package` | ... |" of its dependency table.
readme_packages() {
	packages '{ print $1 }' | sort >"$BUILD/packages.real"
	sed -n '/^## Dependencies/,/^## Where/s/^| `\([a-z0-9+.-]*\)` |.*/\1/p' README.md | sort >"$BUILD/packages.readme"
	diff "$BUILD/packages.real" "$BUILD/packages.readme"
}

# Each library that the Makefile links comes from a package, and each library package is used.
linked_packages() {
	packages '{ n = split($3, l, " "); for (i = 1; i <= n; i++) print l[i] }' | sort -u >"$BUILD/libs.packages"
	grep -oE -e '[ (,]-l[a-z0-9]+' Makefile | sed 's/^.-l//' | grep -vxE 'm|pthread|util|dl|rt' |
		sort -u >"$BUILD/libs.makefile"
	diff "$BUILD/libs.packages" "$BUILD/libs.makefile"
}

# Every folder that the README's map names exists, and every one of the first two levels is named.
readme_map() {
	sources | sed -n 's,^\([a-z]*\)/.*,\1/,p' | sort -u | while read -r d; do
		grep -qF "$d" README.md || echo "README.md does not name $d"
	done
}

# skeleton PAGE: its headings, options, keys and literal examples, which a translation keeps.
# What follows in a table is text.
skeleton() {
	awk '/^\.Bd -literal/ { literal = 1 }
		literal || /^\.(Sh|Ss|Dl|It (Fl|Cm|Ev|Pa|Ic))( |$)/ { sub(/ Ta .*/, ""); print }
		/^\.Ed/ { literal = 0 }' "$1"
}

translated_pages() {
	for original in man/*.[1-8]; do
		page=man/zh_CN/${original##*/}
		skeleton "$original" >"$BUILD/page.en"
		skeleton "$page" | diff "$BUILD/page.en" - >"$BUILD/page.diff" ||
			sed "s,^,${page##*/}: ," "$BUILD/page.diff"
		mandoc -T lint -W warning "$page"
	done
}

# A line break in the source is a space on the screen, which has no place beside full-width
# punctuation. What is installed has the same text, and places where its lines may break.
chinese_pages() {
	for page in man/zh_CN/*.[1-8]; do
		mandoc -T utf8 "$page" | sed 's/.\x08//g' | LC_ALL=C.UTF-8 grep -nE '[，、：；（“] |[^ ] [，、：；。）”]' |
			sed "s,^,${page##*/}: a space beside punctuation: ,"
		awk -v page="${page##*/}" 'open && !/^\.(B[dl]|Pp|It)/ { print page ":" FNR ": no line ends in " open }
			{ open = match($0, /(，|、|：|；|（|“)$/) ? substr($0, RSTART) : "" }' "$page"
		LC_ALL=C sed -E -f man/zh_CN/break.sed "$page" >"$BUILD/page.installed"
		sed 's/\\://g' "$BUILD/page.installed" | cmp - "$page"
		grep -q '字\\:\|行\\:' "$BUILD/page.installed" || echo "${page##*/}: no line may break"
		mandoc -T lint -W warning "$BUILD/page.installed"
	done
}

check 'README lists the real dependencies' readme_packages
check 'packages match the linked libraries' linked_packages
check 'README names every folder' none readme_map
check 'a translated page has what the original has' none translated_pages
check 'Chinese pages space text and break lines well' none chinese_pages
finish

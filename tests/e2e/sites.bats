#!/usr/bin/env bats
# Several sites in one console: the list, one of them, back, alarms of all, the same command at some.
# shellcheck disable=SC2030,SC2031

load lib

REC=$BATS_TEST_DIRNAME/demo.rec
HELPERS=$PILED_BUILD/tests/e2e
CLOCK=1772359500000

setup() {
	export TZ=CST-8 LC_ALL=C.UTF-8
	unset PILED_SOCKET
	SITE=$(mktemp -d "$BATS_TEST_TMPDIR/site.XXXXXX")
	CONF=$SITE/sites.conf
	ALARM='{"method":"snapshot","params":{"view":"alarm","rows":[{"id":"5 A2.1","code":2,"target":"A2.1","severity":1,"state":"unack","raised":1772359000000,"count":1}]}}'
	cat >"$CONF" <<-END
		sites:
		  east: {address: $SITE/east, group: north, tags: [dc, night], production: yes}
		  west: {address: $SITE/west, group: south, tags: [dc]}
		  lab: {address: $SITE/lab, group: south}
	END
}

teardown() {
	site_teardown
}

# agent NAME [SED]: plays the recording at $SITE/NAME, changed by the script.
agent() {
	{
		echo "${ALARM//A2.1/$1}"
		sed "s/^\(.*\)\"Demo site[^\"]*\"/\1\"$1\"/; ${2:-}" "$REC"
	} >"$SITE/$1.rec"
	spawn "$1" "$HELPERS/fake_agent" "$SITE/$1" "$SITE/$1.rec"
	wait_until test -S "$SITE/$1"
}

# play WORDS STEP...: a script at the sites that the words name.
play() {
	local words=$1
	shift
	printf '%s\n' "$@" >"$SITE/script"
	# shellcheck disable=SC2086
	piletop --sites "$CONF" --script "$SITE/script" --clock $CLOCK --size 120x30 --lang en $words
}

# line NAME FILE: the site's line on a screen.
line() {
	grep -E "^[* ]*$1 " "$2"
}

@test "a line a site, and their sums" {
	agent east
	agent west
	agent lab
	play all 'wait 3 of 3 linked' 'wait 72 guns' 'wait 5526.90' "snap $SITE/screen"
	grep -q '3 sites, 3 linked   72 guns   > 33   ! 3   x 6' "$SITE/screen"
	grep -q 'today 4296.3 kWh, 5526.90 yuan' "$SITE/screen"
	line east "$SITE/screen" | grep -q '68  11   3   7   1   2   190.9    1432.1  1842.30'
	line west "$SITE/screen" | grep -q 'south'
	# By the money of today: it is there on the narrowest screen too.
	play dc 'wait 2 of 2 linked' 'size 80x24' 'wait 3684.60 yuan' "snap $SITE/small"
	[ "$(grep -c '1842.30' "$SITE/small")" -eq 2 ]
	agent rich '/^@report_home/s/"charged_fen":184230/"charged_fen":9900000/'
	play "all $SITE/rich" 'wait 99000.00' s s s s s s s s s s r 'wait yuan▾' "snap $SITE/sorted"
	awk '/site .*yuan/ { getline; print }' "$SITE/sorted" | grep -q 99000.00
}

@test "names, groups and tags choose; a site that two words mean is there once" {
	agent east
	agent west
	agent lab
	play dc 'wait 2 of 2 linked' 'gone lab '
	play 'south east' 'wait 3 of 3 linked'
	play 'dc west' 'wait 2 of 2 linked'
	play west 'wait A1.1'
	play "west $SITE/east" 'wait 2 of 2 linked' "wait ${SITE:0:12}"
}

@test "no word is no site; addresses that begin alike are two" {
	run piletop --sites "$CONF" --once -- ''
	[ "$status" -eq 2 ]
	[[ $output == *"no address like"* ]]
	local host=a-host-with-a-long-name.in-a-long-domain.of-a-long-company.invalid
	play "ssh://ops@$host:2201 ssh://ops@$host:2202" 'wait 2 sites'
}

@test "into a site and back: the line, the order and the filter are kept" {
	agent east
	agent west
	agent lab
	play all 'wait 3 of 3 linked' s 'wait site▴' G Enter 'wait A1.1' settle "snap $SITE/in" Esc \
		'wait site▴' Enter 'wait A1.1' Esc 'wait site▴' Up Enter 'wait A1.1' "snap $SITE/other"
	head -1 "$SITE/in" | grep -q west
	head -1 "$SITE/other" | grep -q lab
}

@test "the alarms of all sites are one list, and lead to their site" {
	agent east
	agent west
	play dc 'wait 2 of 2 linked' 9 'wait Alarms of all sites' "wait east" "snap $SITE/screen" \
		/ 'type west' Enter 'wait 6 of 12' Enter 'wait shelved' "snap $SITE/in"
	# Four new ones of each, the newest being the site's own.
	[ "$(grep -c '^ *east .* new ' "$SITE/screen")" -eq 4 ]
	[ "$(grep -c '^ *west .* new ' "$SITE/screen")" -eq 4 ]
	head -1 "$SITE/in" | grep -q west
}

@test "the worst alarm and why there is no link stand in the line" {
	agent east
	play 'east lab' 'wait 1 of 2 linked' 'wait no agent answers' "snap $SITE/screen"
	line east "$SITE/screen" | grep -q '! east'
	line lab "$SITE/screen" | grep -q 'x no link .*no agent answers'
}

@test "the same command at chosen sites: asked once, a result for each" {
	agent west
	agent lab '/^@do/d; /^+do/d; 1i @do !{"code":-32001,"message":"denied","data":{"error":"denied","role":"operator"}}'
	play south 'wait 2 of 2 linked' w 'wait Commands are allowed' Space Space \
		'wait 2 sites are chosen' x 'wait 22 guns charging, 381.8 kW' Enter \
		'wait A reason is needed' 'type feeder work' Enter 'wait Every car there stops' y \
		'wait ! not permitted' 'wait done' "snap $SITE/screen"
	line west "$SITE/screen" | grep -q 'done'
	line lab "$SITE/screen" | grep -q '! not permitted'
}

@test "a limit for whole sites: power and time are read, the agent's answer is the result" {
	agent west '1i @limit_add {"id":"$id","node":"demo","state":"active"}'
	agent lab
	play south 'wait 2 of 2 linked' w Space Space p 'type 180' Enter 'wait like: 180 2h' \
		'type  2h' Enter 'type grid' Enter 'wait at most 180.0 kW in all, for 120 min' y \
		'wait in force'
}

@test "nothing is sent to a site while read-only" {
	agent west
	agent lab
	play south 'wait 2 of 2 linked' x 'wait Read-only: press w'
}

@test "a production site wants its name for each command" {
	agent east
	agent west
	play 'dc' 'wait 2 of 2 linked' w Space Space x 'type test' Enter y \
		"wait type the site's name, east" 'type west' Enter 'wait This is not its name' \
		Esc 'wait Cancelled' x 'type test' Enter y "wait the site's name" 'type east' Enter 'wait done'
	play 'east' 'wait A1.1' settle w / 'type A1.1' Enter x 'wait stops charging now' y \
		"wait type the site's name, east" 'type east' Enter 'wait done +2.34 s'
}

@test "an alarm of another site is understood, acknowledged and put aside in its row" {
	agent west
	play south 'wait 1 of 2 linked' 9 'wait Alarms of all sites' / 'type A2.1' Enter 'wait 2 of 6' \
		'wait Find out why, make the place safe' A 'wait Read-only: press w' w A 'wait Done.' \
		'wait acknowledged by operator' "snap $SITE/screen" z 'wait west: A2.1' 'type known' Enter \
		'wait 1 of 5'
	grep -q '^ *west  *A2.1 .* acknowledged ' "$SITE/screen"
}

@test "money, alarms and orders at a production site want its name too" {
	agent east '1i @account_money {}
		s/"role":"operator"/"role":"operator+cashier"/'
	play dc 'wait 1 of 2 linked' w 9 / 'type A2.1' Enter 'wait 2 of 6' A \
		"wait type the site's name, east" 'type west' Enter 'wait This is not its name' Esc \
		'wait Cancelled' z 'wait For how long' 'type known' Enter "wait the site's name, east" \
		'type east' Enter 'wait 1 of 5'
	play east 'wait A1.1' w u 'wait C000001' + 'wait Amount' 'type 20' Enter 'wait y: yes' y \
		"wait type the site's name, east" 'type east' Enter 'wait Done.'
}

@test "a task whose answer is lost stands in the line of its site" {
	agent east
	agent lab '1i @account_money -
		1i @fate {"state":"pending"}
		s/"role":"operator"/"role":"cashier"/'
	play all 'wait 2 of 3 linked' w / 'type lab' Enter Enter 'wait A1.1' u 'wait C000001' + \
		'type 20' Enter y 'wait C000001: top up: ?' Esc Esc 'wait 2 of 3 linked' 'wait C000001: top up: ? no'
}

@test "a site that stalls does not slow the others" {
	agent east
	# Takes connections and says nothing.
	spawn west socat "UNIX-LISTEN:$SITE/west,fork" EXEC:'sleep 1000'
	wait_until test -S "$SITE/west"
	# Says the same without end.
	spawn lab socat "UNIX-LISTEN:$SITE/lab,fork" SYSTEM:"yes '{\"method\":\"delta\"}'"
	wait_until test -S "$SITE/lab"
	play all 'wait 1 of 3 linked' / 'type east' Enter Enter 'wait A1.1' settle Esc 'wait 1 of 3 linked'
}

@test "a wrong sites.conf: each error with file and line" {
	cat >"$CONF" <<-END
		sites:
		  east: {address: ops@site-7, grup: north}
		  'a b': {address: ops@site-8}
		  west: {address: 'ops@'}
		  lab: {group: south}
		  far: {address: ops@far, production: perhaps, tags: night}
	END
	run piletop --sites "$CONF" --once all
	[ "$status" -eq 2 ]
	[[ $output == *"$CONF:2: "*grup*group* ]]
	[[ $output == *"$CONF:3: "*"a b"* ]]
	[[ $output == *"$CONF:4: "*"ops@"* ]]
	[[ $output == *"$CONF:5: "*address* ]]
	[[ $output == *"$CONF:6: "*production* ]]
	[[ $output == *"$CONF:6: "*tags* ]]
	run piletop --sites "$SITE/nothing" --once all
	[ "$status" -eq 2 ]
	[[ $output == *"$SITE/nothing"* ]]
	run env XDG_CONFIG_HOME="$SITE" HOME="$SITE" "$PILED_BUILD/piletop" --once all
	[ "$status" -eq 2 ]
	[[ $output == *"no sites.conf"* ]]
}

@test "the user's own sites.conf is found" {
	agent west
	mkdir -p "$SITE/config/piletop"
	cp "$CONF" "$SITE/config/piletop/sites.conf"
	XDG_CONFIG_HOME=$SITE/config piletop --once --size 80x24 --clock $CLOCK west | grep -q A1.1
}

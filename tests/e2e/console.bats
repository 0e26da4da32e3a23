#!/usr/bin/env bats
# The console against a recorded site: screens, keys, commands, and a real terminal.
# shellcheck disable=SC2030,SC2031

load lib
load tmux

GOLDEN=$BATS_TEST_DIRNAME/golden
REC=$BATS_TEST_DIRNAME/demo.rec
# The moment of the recording, 2026-03-01 18:05:00 in China.
CLOCK=1772359500000

setup() {
	export TZ=CST-8 TERM=xterm-256color
	unset LANG LC_ALL LC_MESSAGES LANGUAGE NO_COLOR
	SITE=$(mktemp -d "$BATS_TEST_TMPDIR/site.XXXXXX")
	SOCK=$SITE/s
}

teardown() {
	[ -z "${TMUX_SOCK-}" ] || close_tmux
	if [ -n "${AGENT-}" ]; then
		kill "$AGENT" 2>/dev/null || true
		wait "$AGENT" 2>/dev/null || true
	fi
}

fake_agent() {
	"$PILED_BUILD/tests/e2e/fake_agent" "$SOCK" "${1:-$REC}" 3>&- 8>&- &
	AGENT=$!
	wait_until test -S "$SOCK"
}

stop_agent() {
	kill "$AGENT"
	wait "$AGENT" 2>/dev/null || true
	AGENT=
	rm -f "$SOCK"
}

play() {
	printf '%s\n' "$@" >"$SITE/script"
	piletop --socket "$SOCK" --script "$SITE/script" --clock $CLOCK "${OPTIONS[@]}"
}

# golden NAME FILE: the screen is the one that was looked at. BLESS=1 takes the new one.
golden() {
	if [ -n "${BLESS-}" ]; then
		cp "$2" "$GOLDEN/$1.txt"
	fi
	diff -u "$GOLDEN/$1.txt" "$2"
}

pages() {
	local name=$1
	OPTIONS=(--size "$2" --lang "$3")
	play 'wait A1.1' settle "snap $SITE/overview" 2 settle "snap $SITE/alarms" \
		3 settle "snap $SITE/sessions" 4 settle "snap $SITE/commands" \
		5 settle "snap $SITE/buses" 6 settle "snap $SITE/load" \
		m settle "snap $SITE/money" b settle settle "snap $SITE/bills" \
		u settle settle "snap $SITE/accounts" n settle "snap $SITE/worklist" \
		T settle settle "snap $SITE/tariffs" '?' "snap $SITE/help" \
		1 / 'type A1.1' Enter Enter settle settle "snap $SITE/gun"
	for page in overview alarms sessions commands buses load money bills accounts worklist tariffs help gun; do
		golden "$name-$page" "$SITE/$page"
	done
}

@test "golden screens, English, 80x24" {
	fake_agent
	pages en-80x24 80x24 en
}

@test "golden screens, Chinese, 80x24" {
	fake_agent
	pages zh-80x24 80x24 zh
}

@test "golden screens, English, 120x40" {
	fake_agent
	pages en-120x40 120x40 en
}

@test "golden screens, Chinese, 120x40" {
	fake_agent
	pages zh-120x40 120x40 zh
}

@test "golden screens, English, 200x60" {
	fake_agent
	pages en-200x60 200x60 en
}

@test "golden screens, Chinese, 200x60" {
	fake_agent
	pages zh-200x60 200x60 zh
}

# prices SIZE LANG: the forms of the page Tariffs.
prices() {
	OPTIONS=(--size "$2" --lang "$3" --write)
	sed 's/flat: 0.7000/flat: 0.7500/' "$TOP/agent/examples/shandong-2026.yaml" >"$SITE/new.yaml"
	play 'wait A1.1' T 'wait shandong/1' i "type $SITE/new.yaml" Enter 'wait shandong/4' \
		'wait 0.7000 -> 0.7500' 'type March' "snap $SITE/file" Esc e 'wait 0.7000' "snap $SITE/prices"
	HOME=$SITE play 'wait A1.1' m settle '<' settle d 'wait 9f2c41d07ab3e855' "snap $SITE/closing" Enter \
		'wait demo-2026-02-28.txt' d settle Enter 'wait ~/' Esc
	golden "$1-closing" "$SITE/closing"
	grep -q '^tx 3120 9f2c41d07ab3e85519aa' "$SITE/demo-2026-02-28.txt"
	golden "$1-tariff-file" "$SITE/file"
	golden "$1-tariff-prices" "$SITE/prices"
}

@test "golden screens of prices to come and of a closing, in both languages" {
	fake_agent
	prices en-80x24 80x24 en
	prices zh-80x24 80x24 zh
}

# forms SIZE LANG: those of a cashier at a gun, with what they would cost.
forms() {
	OPTIONS=(--size "$2" --lang "$3" --write)
	sed 's/"role":"operator"/"role":"operator+cashier"/' "$REC" >"$SITE/rec"
	fake_agent "$SITE/rec"
	play 'wait A1.1' / 'type A1.1' Enter C 'wait 1.38600' 'type C000001' Enter 'wait 182.50' \
		'type 20' 'wait 14.4 kWh' "snap $SITE/charge" Enter "snap $SITE/asks" Esc \
		h 'wait 5.00' 'type C000001' Enter 'type 18:30' Enter 'wait 182.50' 'type +1h' Enter \
		'wait 19:30' "snap $SITE/reserve" Esc
	golden "$1-form-charge" "$SITE/charge"
	golden "$1-form-asks" "$SITE/asks"
	golden "$1-form-reserve" "$SITE/reserve"
	stop_agent
}

@test "golden screens of a cashier's forms, in both languages" {
	forms en-80x24 80x24 en
	forms zh-80x24 80x24 zh
}

# every_size: the steps that draw what is shown at sizes down to a single cell. A canvas that is too
# low or too narrow has once divided by the rows that were left.
every_size() {
	local rows cols

	for rows in 1 2 3 4 5 6 7 8 9 11 14 24 40; do
		for cols in 1 2 9 20 40 80 121 200; do
			printf '%s\n' "size ${cols}x$rows" 'snap /dev/null'
		done
	done
	echo 'size 80x24'
}

@test "every page and form is drawn at every size, and none ends the console" {
	sed 's/"role":"operator"/"role":"admin"/' "$REC" >"$SITE/rec"
	fake_agent "$SITE/rec"
	OPTIONS=(--write)
	for lang in en zh; do
		{
			echo 'wait A1.1'
			for page in 1 2 3 4 5 6 m b u n T L '?'; do
				printf '%s\n' "$page" settle settle
				every_size
				echo End
				every_size
			done
			printf '%s\n' 1 / 'type A1.1' Enter
			for form in c x p N t X C h / Y; do
				echo "$form"
				every_size
				echo Esc
			done
			printf '%s\n' Enter settle settle
			every_size
			printf '%s\n' u settle o
			every_size
			printf '%s\n' Esc T settle e
			every_size
			printf '%s\n' Esc 1 "wait A2.1" "snap $SITE/$lang"
		} >"$SITE/steps"
		piletop --socket "$SOCK" --script "$SITE/steps" --clock $CLOCK --lang $lang "${OPTIONS[@]}"
		grep -q "A2\.1" "$SITE/$lang"
	done
}

@test "a report says how many piles it has no room for" {
	fake_agent
	OPTIONS=(--size 120x34 --lang en)
	play 'wait A1.1' m 'wait  more: piled report station' 'gone B12 ' "snap $SITE/low" \
		'size 120x40' 'gone more: piled' 'wait B12 '
	# What is shown and what is not are all.
	local shown more
	shown=$(grep -cE ' (A|B)[0-9]+  +[0-9]+\.[0-9] ' "$SITE/low")
	more=$(sed -n 's/.* \([0-9]*\) more: piled.*/\1/p' "$SITE/low")
	[ $((shown + more)) -eq 18 ]
}

@test "help tells every key on a small screen too" {
	fake_agent
	OPTIONS=(--size 80x24 --lang en)
	play 'wait A1.1' '?' 'wait 0 above' 'wait one line up' 'gone Chinese or English' End \
		'wait Chinese or English' 'gone one line up' 'wait 0 below' Home 'wait one line up'
}

@test "what a charge costs follows its form; no answer, and one to another form, are not shown" {
	sed 's/"role":"operator"/"role":"cashier"/' "$REC" >"$SITE/rec"
	fake_agent "$SITE/rec"
	OPTIONS=(--size 100x30 --lang en)
	play 'wait A1.1' / 'type A1.1' Enter w 'wait C charge' C 'wait next price' 'gone balance' \
		'type C000001' Enter 'wait 20.00 yuan: 14.4 kWh, at least 0:07:13' \
		'type 20 kW' Enter 'wait Type an amount, an energy or a time' 'type h' Enter \
		'wait y: yes, charge' Esc \
		C 'type C000002' Enter 'wait ! C000002  frozen  1.20 yuan, debt 3.50' \
		'wait ! the balance does not suffice' Esc \
		C 'type C000008' Enter 'wait ! no such account' 'gone price now' Esc \
		C 'type C000001' Enter 'wait 14.4 kWh' Esc C 'type C000009' Enter \
		'wait ! The agent has not answered what it costs' 'gone 14.4 kWh' "snap $SITE/late" y Esc
	grep -q 'For how much (20 yuan, 10 kWh, 45 min): _' "$SITE/late"
}

@test "a reservation's times are checked, and a form that the role forbids does not open" {
	sed 's/"role":"operator"/"role":"cashier"/' "$REC" >"$SITE/rec"
	fake_agent "$SITE/rec"
	OPTIONS=(--size 100x30 --lang en)
	play 'wait A1.1' / 'type A1.1' Enter w H 'wait The gun is not reserved' h 'type C000001' Enter \
		'type 25:00' Enter 'wait Type a time: 14:30' Backspace Backspace Backspace Backspace \
		Backspace 'type 18:30' Enter 'type 18:30' Enter 'wait 18:30 - 03-02 18:30, held until 18:45' Esc N \
		'wait note: it needs the role operator, yours is cashier'
}

# task STEP...: a top-up of 50 yuan, then what is to be seen.
task() {
	sed 's/"role":"operator"/"role":"cashier"/' "$REC" >"$SITE/rec"
	printf '%s\n' "${LINES_MORE[@]}" >>"$SITE/rec"
	fake_agent "$SITE/rec"
	OPTIONS=(--size 100x30 --lang en --write)
	play 'wait A1.1' u 'wait C000001' + 'type 50' Enter y "$@"
	stop_agent
}

@test "a task whose answer is lost with the link is asked for by its id, and told" {
	LINES_MORE=('@account_money -' '@fate {"state":"done"}')
	task 'wait top up: it was done; only the answer was lost' "snap $SITE/done" Right 'gone only the answer'
	LINES_MORE=('@account_money -' '@fate {"state":"never"}')
	task 'wait top up: ! it never reached the agent; nothing was done' + 'wait Amount, yuan'
	LINES_MORE=('@account_money -' '@fate {"state":"refused","error":"frozen","message":"frozen"}')
	task 'wait top up: ! the account is frozen'
	# An agent that does not know the question.
	LINES_MORE=('@account_money -' '@fate !{"code":-32601,"message":"unknown method","data":{"error":"not_found"}}')
	task 'wait C000001: top up: ! the agent cannot say; look before it is done again'
	# Until it is known nothing else is sent.
	LINES_MORE=('@account_money -' '@fate {"state":"pending"}')
	task 'wait ? no answer yet; the agent is asked' + 'wait top up: ? no answer yet' 'gone Amount, yuan'
	# Who leaves meanwhile is told, once.
	task 'wait top up: ? no answer yet' q 'wait top up: it is not known yet' 'wait q leaves all the same' \
		Down 'gone q leaves' q 'wait q leaves' "snap $SITE/asked" q "snap $SITE/left"
	[ -e "$SITE/asked" ] && [ ! -e "$SITE/left" ]
	# An order that could not begin is no success.
	LINES_MORE=('@account_money {"id":"o1","state":"failed","error":"busy"}')
	task 'wait busy' 'gone Done.'
}

@test "who was refused last at a gun, and why, with the card masked" {
	{
		cat "$REC"
		echo '@orders {"rows":[{"id":"o2","gun":"A1.1","account":"","card":"04A1B2C3D4","kind":"paid","limit":"full","state":"failed","error":"not_found","by":"card 04A1B2C3D4","asked":1772358050000},{"id":"o1","gun":"A1.1","account":"C000001","state":"ended","error":"","asked":1772350000000}]}'
	} >"$SITE/rec"
	fake_agent "$SITE/rec"
	OPTIONS=(--size 80x24 --lang en)
	play 'wait A1.1' / 'type A1.1' Enter Enter 'wait ! 17:40 refused card' "snap $SITE/gun"
	grep -q '\*\*\*\*\*\*C3D4: no' "$SITE/gun"
	run grep -q 04A1 "$SITE/gun"
	[ "$status" -ne 0 ]
	stop_agent
	# Somebody could, since then.
	sed 's/"asked":1772350000000/"asked":1772359000000/' "$SITE/rec" >"$SITE/rec2"
	fake_agent "$SITE/rec2"
	play 'wait A1.1' / 'type A1.1' Enter Enter 'wait power / grant' settle 'gone refused card'
}

@test "--once prints the first frame, ASCII where asked" {
	fake_agent
	piletop --socket "$SOCK" --once --size 80x24 --clock $CLOCK >"$SITE/once"
	golden en-80x24-overview "$SITE/once"
	piletop --socket "$SOCK" --once --size 80x24 --clock $CLOCK --ascii >"$SITE/ascii"
	golden en-80x24-ascii "$SITE/ascii"
}

@test "columns line up in Chinese: every line is as wide as the screen allows" {
	fake_agent
	piletop --socket "$SOCK" --once --size 80x24 --clock $CLOCK --lang zh |
		LC_ALL=C.UTF-8 awk '/A1.1/ { print index($0, ">") }' >"$SITE/columns"
	piletop --socket "$SOCK" --once --size 80x24 --clock $CLOCK --lang en |
		LC_ALL=C.UTF-8 awk '/A1.1/ { print index($0, ">") }' | diff - "$SITE/columns"
}

@test "filter shows what holds the text, Esc takes it away" {
	fake_agent
	OPTIONS=(--size 100x30 --lang en)
	play 'wait A1.1' / 'type emerg' 'gone A1.1' 'wait A2.1' Enter 'wait filter "emerg": 1 of 24' \
		Esc 'wait A1.1'
}

@test "sort by a column, reverse, and back to the abnormal first" {
	fake_agent
	OPTIONS=(--size 100x40 --lang en)
	play 'wait A1.1' s 'wait gun▴' "snap $SITE/up" r 'wait gun▾' "snap $SITE/down" a 'gone gun▾'
	[ "$(awk '$2 ~ /^[!x>=*or#-]$/ {print $1; exit}' "$SITE/up")" = A1.1 ]
	[ "$(awk '$2 ~ /^[!x>=*or#-]$/ {print $1; exit}' "$SITE/down")" = B12.1 ]
}

@test "an alarm is understood, acknowledged and put aside in four keys" {
	fake_agent
	OPTIONS=(--size 80x24 --lang en)
	# It stands on every page until somebody knows of it.
	play 'wait ! 4 new: A2.1 emergency stop, safety, act at once' 2 \
		'wait Find out why, make the place safe' w A 'wait acknowledged by operator' \
		'gone ! new          A2.1' z 'wait For how long, and why: 2h _' Enter \
		'wait A reason is needed' 'type known' "snap $SITE/shelve" Enter \
		'wait shelved by operator until 20:05: known'
	golden en-80x24-shelve "$SITE/shelve"
}

@test "alarms are not touched while read-only, and a refusal is told" {
	sed '/^[@+]alarm_/d' "$REC" >"$SITE/rec"
	echo '@alarm_ack !{"code":-32001,"message":"x","data":{"error":"denied","role":"operator"}}' \
		>>"$SITE/rec"
	fake_agent "$SITE/rec"
	OPTIONS=(--size 100x30 --lang en)
	play 'wait A1.1' 2 'wait emergency stop' A 'wait press w to allow commands' z \
		'wait press w to allow commands' w A 'wait it needs the role operator'
}

@test "nothing is sent while read-only" {
	fake_agent
	OPTIONS=(--size 80x24 --lang en)
	play 'wait A1.1' x 'wait Read-only: press w'
}

@test "stop asks, naming gun and effect, and shows the command's life" {
	fake_agent
	OPTIONS=(--size 100x30 --lang en)
	play 'wait A1.1' settle w 'wait Commands are allowed' / 'type A1.1' Enter x \
		'wait A1.1: stop charging' 'wait The car stops charging now' 'wait 58.4 kW' \
		settle "snap $SITE/dialog" y 'wait done +2.34 s' "snap $SITE/life"
	golden en-100x30-dialog "$SITE/dialog"
	grep -q 'queued → sent +0.03 s → read back +0.09 s → done +2.34 s' "$SITE/life"
}

@test "a limit is checked before it is asked" {
	fake_agent
	OPTIONS=(--size 80x24 --lang en --write)
	play 'wait A1.1' / 'type A1.1' Enter p 'type 9999' Enter 'wait Type a power from 0 to 120.0 kW' \
		Backspace Backspace Enter 'wait Power limit: 99.0 kW' 'wait at most this power' Esc \
		'wait Cancelled; nothing was sent'
}

@test "out of service needs a reason" {
	fake_agent
	OPTIONS=(--size 80x24 --lang en --write)
	play 'wait A1.1' / 'type A1.1' Enter t Enter 'wait A reason is needed' 'type 换线' Enter \
		'wait Reason: 换线' 'wait takes no new car' y 'wait done'
}

@test "a refusal says which role is needed" {
	sed '/^@do/d; /^+do/d' "$REC" >"$SITE/rec"
	echo '@do !{"code":-32001,"message":"denied","data":{"error":"denied","role":"operator"}}' >>"$SITE/rec"
	fake_agent "$SITE/rec"
	OPTIONS=(--size 100x24 --lang en --write)
	play 'wait A1.1' / 'type A1.1' Enter x y 'wait not permitted: it needs the role operator'
}

@test "the agent goes away: banner, old values stay, and it comes back" {
	fake_agent
	OPTIONS=(--size 100x30 --lang en)
	mkfifo "$SITE/pipe"
	piletop --socket "$SOCK" --script "$SITE/pipe" --clock $CLOCK --size 100x30 3>&- &
	local top=$!
	exec 8>"$SITE/pipe"
	echo 'wait A1.1' >&8
	echo "snap $SITE/before" >&8
	wait_until test -s "$SITE/before"
	stop_agent
	printf 'wait all values are\nwait A1.1\nsnap %s\n' "$SITE/down" >&8
	wait_until test -s "$SITE/down"
	grep -q 'no link' "$SITE/down"
	fake_agent
	echo 'gone all values are' >&8
	exec 8>&-
	wait "$top"
}

@test "no agent: --once says where it looked" {
	run piletop --socket "$SITE/nothing" --once --lang en
	[ "$status" -eq 1 ]
	[[ $output == *"$SITE/nothing: no agent answers (No such file or directory)"* ]]
}

@test "bad options: what was read and what is allowed" {
	run piletop --size 80
	[ "$status" -eq 2 ]
	[[ $output == *"--size 80: must be like 80x24"* ]]
	run piletop --lang fr
	[ "$status" -eq 2 ]
	run piletop --nonsense
	[ "$status" -eq 2 ]
	run piletop 'no;host'
	[ "$status" -eq 2 ]
}

@test "no control character of a hostile site reaches the terminal" {
	sed 's/"tag":"cable cut[^"]*"/"tag":"\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m\\u202eevil"/' "$REC" >"$SITE/rec"
	fake_agent "$SITE/rec"
	piletop --socket "$SOCK" --once --size 120x40 --clock $CLOCK >"$SITE/once"
	grep -q 'owned' "$SITE/once"
	run grep -nP '[\x00-\x09\x0b-\x1f\x7f]' "$SITE/once"
	[ "$status" -eq 1 ]
	run env LC_ALL=C.UTF-8 grep -nP '[\x{80}-\x{9f}\x{202a}-\x{202e}]' "$SITE/once"
	[ "$status" -eq 1 ]
}

# ---- in a real terminal ----

top_command() {
	echo "$PILED_BUILD/piletop --socket $SOCK --clock $CLOCK --lang en; echo code \$?; stty -a >$SITE/stty.after"
}

@test "a real terminal shows the golden screen" {
	fake_agent
	in_tmux 80 24 "$(top_command)"
	wait_until screen_has 'emergency stop'
	wait_until screen_has 'limit 567 kVA'
	capture() { tmux -S "$TMUX_SOCK" capture-pane -p -t t | sed 's/ *$//' >"$SITE/screen"; }
	same() { capture && diff "$GOLDEN/en-80x24-overview.txt" "$SITE/screen"; }
	wait_until same
}

@test "it follows the size of its terminal" {
	fake_agent
	in_tmux 80 24 "$(top_command)"
	wait_until screen_has 'emergency stop'
	tmux -S "$TMUX_SOCK" resize-window -t t -x 200 -y 50
	wait_until screen_has 'Somebody pressed the emergency stop'
	tmux -S "$TMUX_SOCK" resize-window -t t -x 60 -y 15
	wait_until screen_lacks 'Somebody pressed'
	wait_until screen_has 'emergency stop'
}

@test "q gives the terminal back" {
	fake_agent
	in_tmux 80 24 "$(top_command)"
	wait_until screen_has 'emergency stop'
	tmux -S "$TMUX_SOCK" send-keys -t t q
	wait_until screen_has 'code 0'
	screen_lacks 'emergency stop'
	wait_until test -s "$SITE/stty.after"
	diff "$SITE/stty.before" "$SITE/stty.after"
	[ "$(tmux -S "$TMUX_SOCK" display -p -t t '#{alternate_on} #{cursor_flag}')" = "0 1" ]
}

killed_gives_terminal_back() {
	fake_agent
	in_tmux 80 24 "$(top_command)"
	wait_until screen_has 'emergency stop'
	local shell
	shell=$(tmux -S "$TMUX_SOCK" display -p -t t '#{pane_pid}')
	kill "-$1" "$(pgrep -P "$shell" piletop)"
	wait_until screen_has "code $2"
	screen_lacks 'emergency stop'
	wait_until test -s "$SITE/stty.after"
	diff "$SITE/stty.before" "$SITE/stty.after"
	[ "$(tmux -S "$TMUX_SOCK" display -p -t t '#{alternate_on} #{cursor_flag}')" = "0 1" ]
}

@test "TERM gives the terminal back" {
	killed_gives_terminal_back TERM 143
}

@test "a crash gives the terminal back" {
	killed_gives_terminal_back SEGV 139
}

@test "the language changes by a key" {
	fake_agent
	in_tmux 80 24 "$(top_command)"
	wait_until screen_has 'emergency stop'
	tmux -S "$TMUX_SOCK" send-keys -t t l
	wait_until screen_has '急停'
	tmux -S "$TMUX_SOCK" send-keys -t t l
	wait_until screen_has 'emergency stop'
}

@test "without colour nothing is lost" {
	fake_agent
	in_tmux 80 24 "NO_COLOR=1 $(top_command)"
	wait_until screen_has '! fault'
	run tmux -S "$TMUX_SOCK" capture-pane -p -e -t t
	[[ ! $output =~ $'\e'\[[0-9\;]*3[0-7] ]]
}

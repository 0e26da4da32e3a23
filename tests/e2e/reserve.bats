# Reservations: kept, missed, cancelled, over a killed agent; the fee in the ledger.

load lib

setup() {
	site_setup
}
teardown() {
	site_teardown
}

# A site that bills, with a fee of 2 yuan for who does not come within $GRACE, else 2 s; cars wait for a start.
start_billing() {
	start_billed remote '{tariff: fees, reservation: {grace: '"${GRACE:-2 s}"'}}'
	cat >"$SITE/fees.yaml" <<-END
		tariff: fees
		from: 2026-01-01
		prices: {electricity: {flat: 0.7}, service: 0.4}
		days: [{periods: {flat: rest}}]
		reservation: {no_show: 2.00}
	END
	piled tariff import "$SITE/fees.yaml"
	for name in Li Wang; do
		piled account open "$name"
		piled account topup "C00000$((++n))" 50 --id "t$n"
	done
}

# reserved_is ID FIELD VALUE
reserved_is() {
	[ "$(piled reserve list --json | gojq -r ".[] | select(.id == \"$1\") | .$2")" = "$3" ]
}

# purse ACCOUNT FIELD FEN
purse() {
	[ "$(piled account show "$1" --json | gojq -r ".account.${2}_fen // .${2}_fen")" -eq "$3" ]
}

@test "who comes has the gun, who does not pays for it" {
	start_billing
	pilesim plug A1.1 --dir "$SITE/sim"
	wait_until gun_is A1.1 state plugged

	run piled reserve add A1.1 --account C000001 --from +5min --until +1h --id r1
	[ "$status" -eq 0 ]
	[[ $output == *"A1.1"*"C000001"*"2.00"* ]]
	purse C000001 held 200
	# Again: the same one. Another at the same time: refused with the time that is taken.
	piled reserve add A1.1 --account C000001 --from +5min --until +1h --id r1
	run piled reserve add A1.1 --account C000002 --from +5min --until +1h --id r1
	[ "$status" -eq 1 ]
	[ "$(piled reserve list --json | gojq length)" -eq 1 ]
	run piled reserve add A1.1 --account C000002 --from +30min --until +1h
	[ "$status" -eq 1 ]
	[[ $output == *"A1.1 is reserved from "*" to "* ]]
	run piled guns --json
	[[ $(gojq -r '.[] | select(.id == "A1.1") | .reservation' <<<"$output") == r1 ]]
	run piled guns
	[[ $output == *"A1.1 "*"reserved "*", C000001"* ]]

	run piled charge A1.1 --account C000002 --amount 5
	[ "$status" -eq 1 ]
	[[ $output == *"A1.1 is reserved from "* ]]
	purse C000002 held 0

	# The agent dies; who reserved comes.
	stop_program piled KILL
	start_agent
	wait_until gun_is A1.1 state plugged
	reserved_is r1 state planned
	purse C000001 held 200
	piled charge A1.1 --account C000001 --amount 5 --id o1
	wait_until reserved_is r1 state kept
	reserved_is r1 order o1
	wait_until purse C000001 held 500

	# Nobody comes.
	piled reserve add A1.2 --account C000002 --until +1h --id r2
	wait_until reserved_is r2 state lapsed
	reserved_is r2 cause no_show
	purse C000002 balance 4800
	purse C000002 held 0
	run piled ledger balance --json
	[ "$(gojq '.[] | select(.kind == "revenue_noshow") | .fen' <<<"$output")" -eq -200 ]

	# It was the site's fault after all.
	tx=$(piled account statement C000002 --json | gojq '.[] | select(.kind == "noshow") | .id')
	piled ledger reverse "$tx" --id back --reason "barrier was closed"
	purse C000002 balance 5000

	# Cancelled in time.
	piled reserve add A1.2 --account C000002 --from +1h --until +1h --id r3
	purse C000002 held 200
	piled reserve cancel r3
	reserved_is r3 cause person
	purse C000002 balance 5000
	run piled ledger verify
	[ "$status" -eq 0 ]

	# The journal tells the same story.
	stop_program piled TERM
	files=("$SITE"/data/journal/*.pj)
	run piled replay "${files[-1]}"
	[ "$status" -eq 0 ]
	[[ $output == *"reservation r1 on A1.1 kept"* ]]
	[[ $output == *"reservation r2 on A1.2 lapsed no_show"* ]]
}

@test "what makes no sense is refused, with nothing held" {
	start_billing
	for bad in "--account C000009 --until +1h" "--account C000001 --until +3h" \
		"--account C000001 --from 2026-01-01 --until +1h" \
		"--account C000001 --from 2099-01-01 --until +1h"; do
		# shellcheck disable=SC2086
		run piled reserve add A1.1 $bad
		[ "$status" -eq 1 ]
	done
	run piled reserve add A9.9 --account C000001 --until +1h
	[ "$status" -eq 1 ]
	run piled reserve add A1.1 --account C000001 --until soon
	[ "$status" -eq 2 ]
	run piled reserve add A1.1 --until +1h
	[ "$status" -eq 2 ]
	piled account freeze C000002 --reason "lost card" --id f1
	run piled reserve add A1.1 --account C000002 --until +1h
	[ "$status" -eq 1 ]
	[[ $output == *frozen* ]]
	run piled reserve cancel nothing
	[ "$status" -eq 1 ]
	[ "$(piled reserve list --json | gojq length)" -eq 0 ]
	purse C000001 held 0
}

# console STEP...: keys at an 80x24 screen, on gun A1.1.
console() {
	printf '%s\n' 'wait A1.1' / 'type A1.1' Enter "$@" >"$SITE/script"
	piletop --socket "$PILED_SOCKET" --write --script "$SITE/script" --size 80x24 --lang en
}

@test "a gun is reserved and given up at the console, with what that costs" {
	GRACE="15 min"
	start_billing
	console h 'wait 2:00:00 at most' Esc h 'type C000001' Enter 'type +5min' Enter 'type +1h' Enter \
		'wait fee if nobody comes 2.00 yuan' 'wait held until' y 'wait Done.' 'wait reserved'
	purse C000001 held 200
	# The time is taken, and who asks is told which.
	console h 'type C000002' Enter 'type +10min' Enter 'type +5min' Enter y 'wait the gun is reserved'
	console H 'wait It has not begun: the fee goes back' Enter 'wait Others may charge' y 'wait Done.'
	purse C000001 held 0
	# Begun: waived with a reason, else due.
	console h 'type C000001' Enter Enter 'type +1h' Enter y 'wait Done.'
	console H 'wait It has begun: the fee is due' 'type the gun is needed' Enter y 'wait Done.'
	purse C000001 held 0
	purse C000001 balance 5000
}

# Charges with an order: by a tariff that was taken in, stopped at their limit, over a crash of the
# agent; refused where nobody pays.

load lib

setup() {
	site_setup
}
teardown() {
	site_teardown
}

# A site that bills, with its tariff in force; cars wait for a start.
start_billing() {
	start_billed remote '{tariff: shandong, unpaid: refuse}'
	piled tariff import "$TOP/agent/examples/shandong-2026.yaml" --reason "first"
}

# order_is ID FIELD VALUE
order_is() {
	[ "$(piled orders --json | gojq -r ".[] | select(.id == \"$1\") | .$2")" = "$3" ]
}

flowed() {
	[ "$(piled guns --json | gojq ".[] | select(.id == \"$1\") | .session_wh // 0")" -gt "$2" ]
}

session_of() {
	piled orders --json | gojq -r ".[] | select(.id == \"$1\") | .session"
}

@test "a charge by energy goes on over a killed agent and is stopped at its limit" {
	start_billing
	pilesim plug A1.1 --dir "$SITE/sim"
	wait_until gun_is A1.1 state plugged

	run piled start A1.1
	[ "$status" -eq 1 ]
	[[ $output == *"piled charge"* ]]

	piled charge A1.1 --free --reason "opening day" --energy 600Wh --id e1
	wait_until order_is e1 state charging
	wait_until flowed A1.1 20
	session=$(session_of e1)

	stop_program piled KILL
	start_agent
	wait_until flowed A1.1 60
	order_is e1 state charging
	[ "$(session_of e1)" = "$session" ]

	wait_until order_is e1 state ended
	order_is e1 stop_cause limit
	wh=$(piled session "$session" --json | gojq .energy_wh)
	[ "$wh" -gt 300 ]
	[ "$wh" -le 600 ]
	# The same id again does nothing.
	piled charge A1.1 --free --reason "opening day" --energy 600Wh --id e1
	[ "$(piled orders --json | gojq length)" -eq 1 ]
}

@test "what cannot begin is refused in a sentence, with nothing left behind" {
	start_billing
	run piled charge A1.1 --account C000001 --amount 5
	[ "$status" -eq 1 ]
	[[ $output == *"no car is plugged in"* ]]
	pilesim plug A1.1 --dir "$SITE/sim"
	wait_until gun_is A1.1 state plugged
	run piled charge A1.1 --account C000001 --amount 5
	[[ $output == *"no such account"* ]]
	for amount in 5,5 -5 5.555 99999999999999; do
		run piled charge A1.1 --account C000001 --amount "$amount"
		[ "$status" -eq 2 ]
	done
	run piled charge A1.1
	[ "$status" -eq 2 ]
	[ "$(piled orders --json | gojq length)" -eq 0 ]
	run piled quote A1.1
	[ "$status" -eq 0 ]
	[[ $output == *"yuan/kWh"* ]]
}

@test "a card in the hand says who pays, and what it buys, before the charge" {
	start_billing
	piled account open "Li"
	piled account topup C000001 50 --id t1
	piled account card C000001 04A1B2C3D4E5F60718293A --id k1
	pilesim plug A1.1 --dir "$SITE/sim"
	wait_until gun_is A1.1 state plugged
	run piled quote A1.1 --account 04A1B2C3D4E5F60718293A --amount 5
	[ "$status" -eq 0 ]
	[[ $output == *"balance"*"C000001  50.00 yuan, buys "*" kWh"* ]]
	[[ $output == *"prepayment"*"5.00 yuan: "*" kWh, at least "* ]]
	run piled quote A1.1 --account C000001 --amount 60
	[ "$status" -eq 0 ]
	[[ $output == *"! the balance does not suffice"* ]]
	# Half an hour at full power, and what it costs at most.
	piled quote A1.1 --account C000001 --time 30min --json |
		gojq -e '.hold_s == 1800 and .hold_fen > 0 and .hold_wh > 0 and .held_fen == 0'
	run piled quote A1.1 --account 04 --amount 5
	[ "$status" -eq 1 ]
	[[ $output == *"no such account"* ]]
	piled charge A1.1 --account 04A1B2C3D4E5F60718293A --amount 5 --id o1
	piled orders --json | gojq -e '.[0] | .account == "C000001" and .card == "04A1B2C3D4E5F60718293A"'
}

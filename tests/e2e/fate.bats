# What became of a call whose answer was lost: asked by its id, also after a restart, and one that is
# said never to have happened does not happen later.

load lib

setup() {
	site_setup
}
teardown() {
	site_teardown
}

start_billing() {
	start_billed remote '{tariff: shandong}'
	piled tariff import "$TOP/agent/examples/shandong-2026.yaml" --reason "first"
	piled account open "Li"
}

# fate METHOD ID: its state, and the error of a refusal.
fate() {
	local bridge
	mkfifo "$SITE/ask"
	piled attach <"$SITE/ask" >"$SITE/answer" 3>&- &
	bridge=$!
	exec 8>"$SITE/ask"
	printf '{"jsonrpc":"2.0","id":1,"method":"fate","params":{"method":"%s","id":"%s"}}\n' "$1" "$2" >&8
	wait_until grep -q '"id":1' "$SITE/answer"
	exec 8>&-
	wait "$bridge" || true
	grep '"id":1' "$SITE/answer" |
		gojq -r '(.result.state // .error.data.error), (.result.error // empty)'
	rm "$SITE/ask" "$SITE/answer"
}

# fate_is METHOD ID WORDS
fate_is() {
	local got
	got=$(fate "$1" "$2" | paste -sd ' ')
	[ "$got" = "$3" ] || {
		echo "$1 $2: $got"
		return 1
	}
}

balance() {
	piled account show C000001 --json | gojq .account.balance_fen
}

@test "a lost answer is found by the id, before and after a restart; what never was stays so" {
	start_billing
	piled account topup C000001 50 --id t1
	run piled account withdraw C000001 99 --id w1
	[ "$status" -eq 1 ]
	piled account freeze C000001 --reason "card lost" --id f1
	piled account unfreeze C000001 --reason "found" --id f2
	pilesim plug A1.1 --dir "$SITE/sim"
	piled reserve add A1.2 --account C000001 --from +1h --until +1h --id r1
	fate_is account_money t1 "done"
	fate_is account_money w1 "refused insufficient_balance"
	fate_is account_status f1 "done"
	fate_is reserve_add r1 "done"
	fate_is reserve_cancel r1 never
	fate_is bill_rate t1 never
	fate_is nothing t1 invalid
	# It was told that nothing had come: what comes then does nothing.
	fate_is account_money late never
	run piled account topup C000001 7 --id late
	[ "$status" -eq 4 ]
	[[ $output == *"comes too late"* ]]
	fate_is account_money late never
	[ "$(balance)" -eq 5000 ]
	piled account topup C000001 7 --id again
	[ "$(balance)" -eq 5700 ]
	# Whose id is that of what it is done to may come again.
	piled reserve cancel r1
	stop_program piled
	start_agent
	fate_is account_money t1 "done"
	fate_is account_money again "done"
	fate_is account_money w1 never
	fate_is account_status f2 "done"
	fate_is reserve_add r1 "done"
	fate_is reserve_cancel r1 "done"
	fate_is charge t1 never
}

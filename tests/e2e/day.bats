#!/usr/bin/env bats
# A day at the demo site, run from the console alone: whatever is done to the site is a key. The
# shell is the cars and the trouble, and at the end the stranger who checks.
load lib

setup() {
	site_setup
	export TZ=Asia/Shanghai HOME=$SITE
}
teardown() { site_teardown; }

# A site that bills, without a tariff yet; cars wait for a start.
start_billing() {
	start_billed remote '{tariff: shandong, unpaid: refuse}'
}

# console STEP...: keys at an 80x24 screen.
console() {
	printf '%s\n' "$@" >"$SITE/script"
	piletop --socket "$PILED_SOCKET" --write --script "$SITE/script" --size 80x24 --lang "${SPEAKS:-en}"
}

balance() {
	piled account show C000001 --json | gojq .account.balance_fen
}

bills() {
	piled bill list --json | gojq length
}

billed() {
	[ "$(bills)" -eq "$1" ]
}

listed() {
	piled abnormal list --json | gojq -e ".[] | select(.kind == \"$1\" and .state == \"open\")"
}

flows() {
	[ "$(piled gun "$1" --json | gojq '.gun.session_wh // 0')" -gt 20 ]
}

same_money() {
	piled report finance today --json | gojq -e '
		([.[] | select(.section == "funds" and .item == "closing") | .fen] | add) ==
		([.[] | select(.section == "ledger" and .item == "closing") | .fen] | add)'
}

day() {
	start_billing
	# The price.
	cat >"$SITE/price.yaml" <<-'EOT'
		tariff: shandong
		from: 2026-01-01
		prices: {electricity: 4.5, service: 0.5}
		days: [{periods: {flat: rest}}]
	EOT
	console 'wait A1.1' T i 'type ~/price.yaml' Enter 'wait shandong/1' 'type 2026' Enter 'type demo' \
		Enter 'wait 2026-01-01' 'wait 5.0000'
	# An account, with money.
	console 'wait A1.1' u o 'type 王芳' Enter 'type 13812345678' Enter Enter y 'wait C000001' + 'type 50' Enter \
		y 'wait 50.00'
	# A charge by amount, to its end.
	pilesim plug A1.1 --dir "$SITE/sim"
	console 'wait A1.1' / 'type A1.1' Enter 'wait A1.1   o' C 'type C000001' Enter 'type 1' Enter y 'wait A1.1   >'
	wait_until billed 1
	console 'wait A1.1' b 'wait C000001' 'wait A1.1'
	# Trouble in the middle of another: the register jumps.
	pilesim plug A2.1 --dir "$SITE/sim"
	console 'wait A1.1' / 'type A2.1' Enter 'wait A2.1   o' C 'type C000001' Enter 'type 20' Enter y 'wait A2.1   >'
	wait_until flows A2.1
	pilesim fault register-jump A2.1 --dir "$SITE/sim"
	console 'wait A1.1' / 'type A2.1' Enter 'wait A2.1   ' x 'wait stops charging now' y 'wait done +'
	wait_until listed jump
	[ "$(bills)" -eq 1 ]
	# It is on the list, and decided.
	console 'wait A1.1' n 'wait A2.1' / 'type jump' Enter 'wait A2.1' - 'type the register jumped' Enter y \
		'gone open'
	billed 1
	# A refund.
	before=$(balance)
	console 'wait A1.1' b 'wait C000001' f Enter 'type charged too slowly' Enter y 'wait C000001' settle
	[ "$(balance)" -gt "$before" ]
	[ "$(balance)" -eq 5000 ]
	# What the driver says of it.
	console 'wait A1.1' b 'wait C000001' '*' 'type 6' Enter 'wait Type 1, 2, 3, 4 or 5' Backspace 'type 2' Enter \
		'type no shade' Enter y 'wait ! 2 of 5 stars' 'wait no shade' m 'wait ratings 1: 2.0 of 5'
	console 'wait A1.1' 3 'wait A2.1' / 'type A1.1' Enter 'wait filter "A1.1": 1 of 2' '*' 'type 4' Enter Enter y settle b 'wait 4 of 5 stars'
	# The day is closed: on screen, and in a file.
	console 'wait A1.1' m d 'wait 50.00' "snap $SITE/closing" Enter "wait ~/demo-$(date +%F).txt"
}

@test "price, account, top-up, charge by amount, trouble, refund, closing: by the console alone" {
	day
	grep -q 'top-up .*50.00' "$SITE/demo-$(date +%F).txt"
	grep -q "The closing is the ledger's own balance: 50.00" "$SITE/demo-$(date +%F).txt"
	same_money
	# By a stranger: with the agent gone and only the file to read.
	piled bill verify 1
	stop_program piled
	cp "$SITE/data/site.db" "$SITE/copy.db"
	chmod 0444 "$SITE/copy.db"
	run piled ledger verify --db "$SITE/copy.db"
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 bills"* ]]
}

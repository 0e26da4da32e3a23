#!/usr/bin/env bats
# Messages to customers: written with the money, delivered by a hook in the customer's language,
# not lost and not doubled by a kill.
load lib

setup() { site_setup; }
teardown() { site_teardown; }

# A site that bills and tells; the hook writes down what it is given.
start_telling() {
	cat >"$SITE/hook" <<-END
		#!/bin/sh
		text=\$(cat)
		echo "\$PILED_ID|\$PILED_KIND|\$1|\$PILED_ACCOUNT|\$text" >>$SITE/begun
		while [ -e $SITE/hang ]; do sleep 0.1; done
		[ ! -e $SITE/broken ] || exit 3
		echo "\$PILED_KIND|\$1|\$text" >>$SITE/delivered
	END
	chmod +x "$SITE/hook"
	touch "$SITE/delivered" "$SITE/begun"
	start_sim --calm --no-arrivals --auth remote
	{
		sed "s/127\.0\.0\.1:15020/127.0.0.1:$PORT/" "$TOP/agent/examples/demo.yaml" |
			grep -v '^billing:'
		printf 'billing:\n  tariff: shandong\n  unpaid: refuse\n  messages: {hook: hook%s}\n' "${1-}"
	} >"$SITE/telling.yaml"
	export CONFIG=$SITE/telling.yaml
	start_agent
	piled tariff import "$TOP/agent/examples/shandong-2026.yaml" --reason "first"
	piled account open 'Li Lei' --phone 13812345678
}

delivered_are() {
	[ "$(cut -d '|' -f 1 "$SITE/delivered" | sort | xargs)" = "$1" ]
}

states_are() {
	[ "$(piled outbox --json | gojq -r '[.[].state] | sort | join(" ")')" = "$1" ]
}

@test "a charge is told from its beginning to its bill, in the customer's language" {
	start_telling ', low: 50 yuan'
	piled check --config "$CONFIG" --print >"$SITE/printed.yaml"
	grep -q 'events: \[words, begun, ended, low, topup, refund, debt, pin\]' "$SITE/printed.yaml"
	piled check --config "$SITE/printed.yaml"
	piled account set C000001 --language zh
	piled account topup C000001 50
	pilesim plug A1.1 --dir "$SITE/sim"
	wait_until gun_is A1.1 state plugged
	piled charge A1.1 --account C000001 --energy 300Wh --id c1
	wait_until delivered_are "begun ended low topup"
	grep '^begun|13812345678|' "$SITE/delivered" | grep -q 'A1.1 开始充电；当前电价 .* 元/度，预付 1\..* 元'
	grep '^ended|' "$SITE/delivered" | grep -q 'A1.1 充电结束：0\..* kWh，0\..* 元；余额 49\..* 元；账单 1'
	# What was taken is read before what is left.
	[ "$(cut -d '|' -f 1 "$SITE/delivered" | xargs)" = "topup begun ended low" ]
	# The same facts in the reader's language.
	piled account show C000001 --lang en | grep -q 'charge ended at A1.1: 0\..* kWh'
	[ "$(piled account show C000001 --json | gojq '.messages | length')" -eq 4 ]
	# Neither a restart nor the records that it reads back tell anything again.
	stop_program piled KILL
	start_agent
	piled account message C000001 'your cable is at the desk'
	wait_until delivered_are "begun ended low topup words"
	grep -q '^words|.*: your cable is at the desk$' "$SITE/delivered"
}

@test "what a killed agent had written is told by the next one, once" {
	start_telling
	touch "$SITE/hang"
	piled account topup C000001 50 --id slip-1
	stop_program piled KILL
	rm "$SITE/hang"
	start_agent
	piled account topup C000001 50 --id slip-1
	wait_until delivered_are "topup"
	piled account topup C000001 60 --id slip-2
	wait_until delivered_are "topup topup"
	[ "$(cut -d '|' -f 1 "$SITE/begun" | sort -u | wc -l)" -eq 2 ]
	# The gateway is away: tried again, then delivered.
	touch "$SITE/broken"
	piled account topup C000001 70 --id slip-3
	failed() { piled outbox --json | gojq -e '.[0] | .state == "queued" and .tries > 0'; }
	wait_until failed
	rm "$SITE/broken"
	wait_until delivered_are "topup topup topup"
	# The number is in no log.
	run grep -r 13812345678 "$SITE"/*.log
	[ "$status" -ne 0 ]
}

@test "a customer is not flooded, and may do without" {
	start_telling ', most_an_hour: 2'
	for slip in 1 2 3 4; do
		piled account topup C000001 "$slip" --id "slip-$slip"
	done
	wait_until states_are "merged merged queued sent sent"
	summary=$(piled outbox --json | gojq -r '.[] | select(.kind == "summary") | .text')
	[[ $summary == *"3.00"*$'\n'*"4.00"* ]]
	piled account set C000001 --messages needed
	piled account topup C000001 5
	piled account open 'Han Mei' --phone 13900000000
	piled account topup C000002 6
	wait_until states_are "merged merged queued sent sent sent"
	[ "$(piled account show C000001 --json | gojq '.messages | length')" -eq 5 ]
	run piled account set C000001 --language fr
	[ "$status" -ne 0 ]
	[[ $output == *"zh, en"* ]]
}

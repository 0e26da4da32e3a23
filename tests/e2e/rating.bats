#!/usr/bin/env bats
# What a driver says of a charge: noted with its bill, found when it is low, counted in the report,
# its words for cashiers alone.
load lib

setup() { site_setup; }
teardown() { site_teardown; }

# A site that bills, with one charge that has its bill; whoever is in "users" looks on.
start_billed() {
	start_sim --calm --no-arrivals --auth remote
	{
		sed "s/127\.0\.0\.1:15020/127.0.0.1:$PORT/" "$TOP/agent/examples/demo.yaml" |
			grep -v '^billing:'
		echo 'billing: {tariff: shandong, unpaid: refuse}'
		echo 'roles: {viewer: users, operator: operator, cashier: cdrom, admin: staff}'
	} >"$SITE/billing.yaml"
	export CONFIG=$SITE/billing.yaml
	start_agent
	piled tariff import "$TOP/agent/examples/shandong-2026.yaml" --reason "first"
	piled account open 'Li Lei'
	piled account topup C000001 50
	pilesim plug A1.1 --dir "$SITE/sim"
	wait_until plugged
	piled charge A1.1 --account C000001 --energy 300Wh --id c1
	wait_until billed
	session=$(piled orders --json | gojq -r '.[0].session')
}

plugged() {
	[ "$(piled guns --json | gojq -r '.[] | select(.id == "A1.1") | .state')" = plugged ]
}

billed() {
	[ "$(piled bill list --json | gojq length)" -eq 1 ]
}

# said STATUS TEXT COMMAND...
said() {
	local status_is=$1 text=$2
	shift 2
	run piled "$@"
	[ "$status" -eq "$status_is" ]
	[[ "$output" == *"$text"* ]] || { echo "$output"; return 1; }
}

@test "stars and a remark are noted with the bill; the newest counts and none is lost" {
	start_billed
	for stars in 0 6 -1 3.5 '' five; do
		said 2 'stars are 1, 2, 3, 4 or 5' rate 1 -- "$stars"
	done
	said 1 'no such bill' rate 7 3
	said 1 'the session has no bill' rate s-nowhere 3
	said 1 'remark 199' rate 1 3 --remark "$(printf 'x%.0s' {1..200})"
	said 2 'without control characters' rate 1 3 --remark $'\033[31mred'
	said 2 'without control characters' rate 1 3 --remark $'two\nlines'
	[ "$(piled bill show 1 --json | gojq '.ratings | length')" -eq 0 ]

	said 0 'bill 1: 2 of 5 stars noted' rate 1 2 --remark '充得慢, slow' --id slip-1
	said 0 'done before' rate 1 2 --remark '充得慢, slow' --id slip-1
	said 1 "another rating's" rate 1 3 --remark '充得慢, slow' --id slip-1
	[ "$(piled bill show 1 --json | gojq '.ratings | length')" -eq 1 ]
	piled bill show 1 --json | gojq -e '.bill.stars == 2 and .bill.remark == "充得慢, slow" and .bill.rated > 0'
	piled bill list --rating-max 2 | grep -q '充得慢, slow'
	[ "$(piled bill list --rating-max 1 --json | gojq length)" -eq 0 ]
	said 2 '--rating-max' bill list --rating-max 9
	piled report station today --json | gojq -e '
		(.[] | select(.section == "rating" and .item == "total") | .ratings == 1 and .stars_e1 == 20) and
		(.[] | select(.section == "rating" and .item == "2") | .ratings == 1) and
		(.[] | select(.section == "pile" and .item == "A1") | .stars_e1 == 20)'

	# The driver thinks better of it; the charge's session names the bill as well.
	[ "$(piled rate "$session" 5 --json | gojq .bill)" -eq 1 ]
	[ "$(piled bill list --rating-max 4 --json | gojq length)" -eq 0 ]
	piled bill show 1 | grep -qE '^stars +5$'
	piled bill show 1 | grep -q '充得慢, slow'
	[ "$(piled bill show 1 --json | gojq -c '[.ratings[].stars]')" = '[5,2]' ]
	piled report station today | grep -qE '^A1 .* 1 +5\.0$'
	piled report station today --csv | grep -q '^rating/5,'
	piled report station today --json | gojq -e '
		any(.[]; .section == "rating" and .item == "5" and .ratings == 1)'
	piled audit --json | gojq -e 'map(select(.method == "bill_rate" and .result == "ok")) | length >= 2'

	# The words are for cashiers.
	if [ "$(id -u)" -eq 0 ]; then
		chmod 0711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." "$SITE"
		cp "$PILED_BUILD/piled" "$SITE/client"
		as=(setpriv --reuid 65534 --regid 65534 --groups users "$SITE/client")
		[ "$("${as[@]}" bill show 1 --json | gojq -c '[.ratings[].remark]')" = '["","***"]' ]
		run "${as[@]}" rate 1 1
		[ "$status" -eq 1 ]
		[[ "$output" == *"needs the role cashier"* ]]
	fi

	# They are proved as money is.
	piled ledger verify
	stop_program piled
	sqlite3 "$SITE/data/site.db" 'DROP TRIGGER rating_no_update; UPDATE rating SET stars = 5 WHERE id = 1'
	said 1 'rating 1 is wrong' ledger verify --db "$SITE/data/site.db"
}

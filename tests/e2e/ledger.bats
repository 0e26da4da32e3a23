#!/usr/bin/env bats
# Accounts and the ledger, by the command line of a running agent.
load lib

setup() {
	site_setup
	cat >"$SITE/small.yaml" <<-'EOT'
		site: {id: east, name: East Gate}
		transformer: {rated: 630 kVA, limit: 80 %}
		load: {policy: none}
		buses: {g: {tcp: 127.0.0.1:9}}
		piles: {B1: {profile: heidelberg-ec, bus: g, unit: 7}}
	EOT
	export CONFIG=$SITE/small.yaml
}
teardown() { site_teardown; }

balance() {
	piled account show C000001 --json | gojq .account.balance_fen
}

transactions() {
	piled account statement --json | gojq length
}

@test "what is wrong with an amount or account is said, and nothing is posted" {
	start_agent
	piled account open 'Li Lei' --phone 13812345678
	for amount in 1.234 -5 0 12x '' 99999999999; do
		run piled account topup C000001 -- "$amount"
		[ "$status" -eq 2 ]
	done
	run piled account topup C000009 5
	[ "$status" -eq 1 ]
	[[ "$output" == *"no such account"* ]]
	piled account topup C000001 50 --id slip-1
	run piled account withdraw C000001 50.01
	[ "$status" -eq 1 ]
	[[ "$output" == *"balance does not suffice"* ]]
	piled account freeze C000001 --reason lost
	run piled account topup C000001 1
	[ "$status" -eq 1 ]
	[[ "$output" == *"frozen"* ]]
	piled account unfreeze C000001 --reason found
	[ "$(transactions)" -eq 1 ]
	[ "$(balance)" -eq 5000 ]
}

@test "a statement goes to a receipt printer: each line fits, from the first balance to the last" {
	start_agent
	piled account open '李雷'
	piled account topup C000001 100
	piled account withdraw C000001 12.50
	for mm in 58 80; do
		for lang in zh en; do
			run env LC_ALL=C.UTF-8 "$PILED_BUILD/piled" --lang $lang account statement C000001 --receipt --width $mm
			[ "$status" -eq 0 ]
			[[ "$output" == *" 100.00"* ]]
			[[ "${lines[-1]}" == *" 87.50" ]]
			# a Chinese character takes two columns
			[ "$(iconv -f UTF-8 -t GB18030 <<<"$output" | LC_ALL=C awk '{ if (length > n) n = length } END { print n }')" -eq $((mm == 58 ? 32 : 48)) ]
		done
	done
	run piled account statement --receipt
	[ "$status" -eq 2 ]
	run piled account statement C000099
	[ "$status" -eq 1 ]
	[[ "$output" == *"no such account"* ]]
	run piled bill list --account C000099
	[ "$status" -eq 1 ]
}

@test "a retry with the same id does it once; a reversal happens once" {
	start_agent
	piled account open 'Li Lei'
	piled account topup C000001 50 --id slip-1
	run piled account topup C000001 50 --id slip-1
	[ "$status" -eq 0 ]
	[[ "$output" == *"done before"* ]]
	run piled account topup C000001 51 --id slip-1
	[ "$status" -eq 1 ]
	[ "$(balance)" -eq 5000 ]
	run piled ledger reverse 1
	[ "$status" -eq 2 ]
	piled ledger reverse 1 --reason typo
	run piled ledger reverse 1 --reason typo
	[ "$status" -eq 1 ]
	[[ "$output" == *"reversed"* ]]
	[ "$(balance)" -eq 0 ]
	[ "$(piled ledger balance --json | gojq 'map(.fen) | add')" -eq 0 ]
}

@test "a PIN is checked, and written down nowhere" {
	start_agent
	piled account open 'Li Lei'
	echo 482915 | piled account pin C000001
	echo 482915 | piled account pin C000001 --check
	run piled account pin C000001 --check <<<482916
	[ "$status" -eq 1 ]
	wrong=$output
	run piled account pin C000009 --check <<<482916
	[ "$status" -eq 1 ]
	[ "$output" = "$wrong" ]
	stop_program piled
	run grep -rla 482915 "$SITE/data" "$SITE/piled.log"
	[ "$status" -eq 1 ]
}

@test "after five wrong PINs the right one is refused too, over a restart, until it is set anew" {
	start_agent
	piled account open 'Li Lei'
	echo 482915 | piled account pin C000001
	for i in 1 2 3 4; do
		run piled account pin C000001 --check <<<"99$i$i"
		[ "$status" -eq 1 ]
	done
	[ "$(piled account show C000001 --json | gojq .account.pin_until)" = null ]
	run piled account pin C000001 --check <<<9955
	[ "$status" -eq 1 ]
	[[ "$output" == *"too many wrong PINs"* ]]
	wait_until audited denied 4
	wait_until audited pin_locked 1
	stop_program piled KILL
	start_agent
	run piled account pin C000001 --check <<<482915
	[ "$status" -eq 1 ]
	[[ "$output" == *"too many wrong PINs"* ]]
	[ "$(piled account show C000001 --json | gojq '.account.pin_until > .account.opened')" = true ]
	wait_until audited pin_locked 2
	printf '%s\n' 'wait B1.1' u 'wait ! PIN' >"$SITE/script"
	piletop --socket "$PILED_SOCKET" --script "$SITE/script" --size 80x24 --lang en
	echo 1357 | piled account pin C000001
	echo 1357 | piled account pin C000001 --check
	[ "$(piled account show C000001 --json | gojq .account.pin_until)" = null ]
}

audited() {
	[ "$(piled audit --json | gojq --arg result "$1" '[.[] | select(.result == $result)] | length')" -eq "$2" ]
}

@test "a changed row is named, with the agent and without; new prepayments end, an alarm tells" {
	start_agent
	piled account open 'Li Lei'
	for i in 1 2 3; do
		piled account topup C000001 "$i"
	done
	piled ledger verify
	piled ledger verify --db "$SITE/data/site.db"
	stop_program piled
	piled ledger verify --db "$SITE/data/site.db"
	sqlite3 "$SITE/data/site.db" 'DROP TRIGGER ledger_tx_no_update; UPDATE ledger_tx SET fen = 5 WHERE id = 2'
	run piled ledger verify --db "$SITE/data/site.db"
	[ "$status" -eq 1 ]
	[[ "$output" == *"ledger_tx 2"* ]]
	start_agent
	wait_until grep -q 'ledger_tx 2 is not as it was written' "$SITE/piled.log"
	wait_until alarmed
	run piled ledger verify
	[ "$status" -eq 1 ]
	[[ "$output" == *"ledger_tx 2"* ]]
	piled account topup C000001 4
}

@test "the end of a day that somebody kept tells what was changed since" {
	start_agent
	piled account open 'Li Lei'
	piled account topup C000001 1
	[ "$(piled ledger head --json)" = '[]' ]
	stop_program piled
	cp "$SITE/data/site.db" "$SITE/copy.db"
	sqlite3 "$SITE/copy.db" "INSERT INTO ledger_head SELECT '2026-01-01', 1, t.id, t.hash, l.id, l.hash, zeroblob(64)
		FROM ledger_tx t, ledger_log l ORDER BY t.id DESC, l.id DESC LIMIT 1"
	sqlite3 -json "$SITE/copy.db" "SELECT day, at, '' AS before, tx, lower(hex(hash)) AS hash, log,
		lower(hex(log_hash)) AS log_hash, lower(hex(signature)) AS signature FROM ledger_head" >"$SITE/heads.json"
	run piled ledger verify --db "$SITE/copy.db" --head "$SITE/heads.json"
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 ends of days that were kept: each is in it"* ]]
	sed -i 's/"hash":"./"hash":"x/' "$SITE/heads.json"
	run piled ledger verify --db "$SITE/copy.db" --head "$SITE/heads.json"
	[ "$status" -eq 1 ]
	[[ "$output" == *"the end of 2026-01-01 is not the one that was kept"* ]]
	run piled ledger verify --db "$SITE/data/site.db" --head "$SITE/heads.json"
	[ "$status" -eq 1 ]
	[[ "$output" == *"the end of 2026-01-01 that was kept is not in the ledger"* ]]
	echo '{' >"$SITE/heads.json"
	run piled ledger verify --db "$SITE/data/site.db" --head "$SITE/heads.json"
	[ "$status" -eq 1 ]
	[[ "$output" == *"heads.json: it is not what"* ]]
	run piled ledger verify --db "$SITE/data/site.db" --head "$SITE/none"
	[ "$status" -eq 1 ]
}

alarmed() {
	piled faults --active --json | gojq -e '.[] | select(.code == 1019 and .detail == "ledger_tx 2")'
}

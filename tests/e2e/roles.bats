#!/usr/bin/env bats
# Who may do what, by the Unix groups of real processes. The groups are some that every Debian has.
load lib

setup() {
	[ "$(id -u)" -eq 0 ] || skip "needs root to be somebody else"
	site_setup
}
teardown() { [ "$(id -u)" -ne 0 ] || site_teardown; }

start_with_roles() {
	start_sim --calm --no-arrivals
	sed "s/127\.0\.0\.1:15020/127.0.0.1:$PORT/" "$TOP/agent/examples/demo.yaml" >"$SITE/roles.yaml"
	echo "roles: {viewer: users, operator: [operator, games], cashier: cdrom, admin: staff}" >>"$SITE/roles.yaml"
	CONFIG=$SITE/roles.yaml start_agent
	chmod 0711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." "$SITE"
	cp "$PILED_BUILD/piled" "$SITE/client"
	wait_until all_polled
}

all_polled() {
	[ "$(piled guns --json | gojq '[.[] | select(.seen != null and .stale == 0)] | length')" -eq 24 ]
}

# as GROUPS COMMAND...: with these groups (comma between them), first or not, and nothing else.
as() {
	local groups=$1
	shift
	if [ "$groups" = none ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "$SITE/client" "$@"
	else
		setpriv --reuid 65534 --regid 65534 --groups "$groups" "$SITE/client" "$@"
	fi
}

# refused GROUPS ROLE COMMAND...: needs this role, and says which group gives it.
refused() {
	local groups=$1 role=$2
	shift 2
	run as "$groups" "$@"
	[ "$status" -eq 1 ]
	[[ "$output" == *"needs the role $role"* ]]
	[[ "$output" == *"adduser nobody "* ]]
}

role_of() {
	as "$1" attach </dev/null | gojq -r 'select(.method == "hello") | .params.role'
}

@test "groups give roles; what is missing is said, with the group that gives it" {
	start_with_roles
	[ "$(role_of none)" = nobody ]
	[ "$(role_of users)" = viewer ]
	[ "$(role_of games)" = operator ]
	[ "$(role_of cdrom)" = cashier ]
	[ "$(role_of staff)" = admin ]
	[ "$(role_of operator,users,cdrom)" = operator+cashier ]
	as none version
	refused none viewer guns
	[ "$(as users guns --json | gojq length)" -eq 24 ]
	[ "$(as cdrom guns --json | gojq length)" -eq 24 ]
	refused users operator tag A1.1 --reason x
	[[ "$output" == *"adduser nobody operator"* ]]
	refused cdrom operator tag A1.1 --reason x
	refused games admin reload
	[[ "$output" == *"adduser nobody staff"* ]]
	[ "$(piled commands --json | gojq length)" -eq 0 ]
	as games tag A1.1 --reason "cable damaged"
	as staff reload
	[ "$(piled commands --json | gojq -r '.[0].by')" = nobody ]
}

@test "a changed configuration gives and takes roles at once" {
	start_with_roles
	sed -i 's/viewer: users/viewer: [users, games]/; s/operator: .operator, games./operator: operator/' "$SITE/roles.yaml"
	piled reload
	refused games operator tag A1.1 --reason x
	[ "$(as games guns --json | gojq length)" -eq 24 ]
}

@test "a group that the machine does not know gives nobody a role, and is named" {
	start_with_roles
	sed -i 's/viewer: users/viewer: no-such-group/' "$SITE/roles.yaml"
	piled reload
	refused users viewer guns
	grep -q "no group 'no-such-group'" "$SITE/piled.log"
}

@test "who does not see a customer's number does not find it by trying" {
	local search
	start_with_roles
	piled account open "Li Wei" --phone 13900420042 --plate 鲁A12345
	[ "$(as cdrom account list 0420 --json | gojq -r '.[0].phone')" = 13900420042 ]
	[ "$(as users account list --json | gojq -r '.[0].phone')" = '139****0042' ]
	for search in 0420 13900420042 'Li W' A123; do
		[ "$(as users account list "$search" --json | gojq length)" -eq 0 ]
	done
	[ "$(as users account list C000001 --json | gojq length)" -eq 1 ]
}

# shown GROUPS: the card of the newest order, as they see it.
shown() {
	as "$1" orders --json | gojq -r '.[0].card'
}

card_read() {
	[ "$(shown cdrom)" = "$1" ]
}

subscribed() {
	printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"views":"order"}}' |
		as "$1" attach | gojq -r 'select(.method == "snapshot") | .params.rows[].card'
}

@test "who does not need to know a card sees its end only, also who subscribes and in the log" {
	start_with_roles
	piled tariff import "$TOP/agent/examples/shandong-2026.yaml" --reason first
	sed -i 's/^billing:.*/billing: {tariff: shandong, unpaid: refuse}/' "$SITE/roles.yaml"
	grep -q '^billing:' "$SITE/roles.yaml" || echo 'billing: {tariff: shandong, unpaid: refuse}' >>"$SITE/roles.yaml"
	piled reload
	piled account open "Li Wei"
	piled account topup C000001 50
	piled account card C000001 04A1B2C3
	pilesim plug A1.1 --dir "$SITE/sim"
	wait_until gun_is A1.1 state plugged
	pilesim card A1.1 04A1B2C3 --dir "$SITE/sim"
	wait_until card_read 04A1B2C3
	[ "$(shown users)" = '****B2C3' ]
	[ "$(shown games)" = '****B2C3' ]
	[ "$(subscribed cdrom)" = 04A1B2C3 ]
	[ "$(subscribed users)" = '****B2C3' ]
	as users orders | grep -q 'card \*\*\*\*B2C3'
	as cdrom orders | grep -q 'card 04A1B2C3'
	wait_until gun_is A1.1 state charging
	[ "$(as users session "$(piled sessions --json | gojq -r '.[0].id')" --json | gojq -r .started_by)" = 'card ****B2C3' ]
	[ "$(as users log | grep -c 04A1B2C3)" -eq 0 ]
	[ "$(as users commands | grep -c 04A1B2C3)" -eq 0 ]
}

@test "the audit log says who did what and what was refused; a changed row is found" {
	start_with_roles
	as games tag A1.1 --reason "cable damaged"
	refused users operator untag A1.1
	refused games admin audit
	[ "$(piled audit --json | gojq -r '.[1] | [.person, .role, .method, .result] | join(" ")')" = "nobody viewer do denied" ]
	run piled audit --by nobody
	[[ "$output" == *"cable damaged"* ]]
	run piled audit verify
	[ "$status" -eq 0 ]
	head=$(tail -1 <<<"$output")
	refused users operator untag A1.1
	piled audit verify --head "$head"
	stop_program piled
	piled audit verify --db "$SITE/data/site.db" --head "$head"
	sqlite3 "$SITE/data/site.db" "DROP TRIGGER audit_no_update; UPDATE audit SET person = 'li' WHERE id = 2"
	run piled audit verify --db "$SITE/data/site.db"
	[ "$status" -eq 1 ]
	[[ "$output" == *"row 2 is wrong"* ]]
	CONFIG=$SITE/roles.yaml start_agent
	run piled audit verify
	[ "$status" -eq 1 ]
	[[ "$output" == *"row 2 is wrong"* ]]
}

# at USER GROUP COMMAND...: as the account of this number.
at() {
	local user=$1 group=$2
	shift 2
	setpriv --reuid "$user" --regid "$group" --clear-groups "$@"
}

@test "of those who share an account each has a name; an account with a shell cannot claim one" {
	start_with_roles
	games=$(id -u games)
	echo 'attach_as: [games, root, nobody-at-all]' >>"$SITE/roles.yaml"
	piled reload
	grep -q "attach_as: 'root' has the shell" "$SITE/piled.log"
	grep -q "no account 'nobody-at-all'" "$SITE/piled.log"
	tag='{"jsonrpc":"2.0","id":1,"method":"do","params":{"verb":"tag","target":"A1.1","reason":"x"}}'
	export SSH_CONNECTION='10.0.0.5 50000 10.0.0.7 22'
	: >"$SITE/answer"
	# The answer is waited for before the input ends.
	# shellcheck disable=SC2094
	{
		echo "$tag"
		wait_until grep -q '"id":1' "$SITE/answer"
	} | at "$games" games "$SITE/client" attach --as alice >"$SITE/answer"
	[ "$(gojq -r 'select(.id == 1) | .result.by' "$SITE/answer")" = alice ]
	[ "$(piled audit --json | gojq -r '.[0] | [.person, .origin] | join(" ")' | sed 's/, pid.*//')" = "alice ssh 10.0.0.5 (claimed), account games" ]
	run at 65534 games "$SITE/client" attach --as alice </dev/null
	[ "$status" -eq 1 ]
	[[ "$output" == *"attach_as"* ]]
	run piled attach --as alice </dev/null
	[ "$status" -eq 1 ]
	[ "$(piled audit --json | gojq -r '.[0] | [.person, .method, .result] | join(" ")')" = "root identify denied" ]
	run at "$games" games "$SITE/client" attach --as 'alice smith' </dev/null
	[ "$status" -ne 0 ]
}

@test "the login shell talks to the agent and does nothing else" {
	start_with_roles
	ln -s client "$SITE/piled-shell"
	shell() {
		at 65534 users "$SITE/piled-shell" "$@"
	}
	[ "$(shell -c "piled attach" </dev/null | gojq -r .params.role)" = viewer ]
	[ "$(shell -c "/usr/bin/piled  'guns' \"--json\"" | gojq length)" -eq 24 ]
	run shell
	[ "$status" -ne 0 ]
	for line in "sh" "cat /etc/passwd" "piled" "piled run" "piled replay /etc/passwd" "piled audit verify --db x" \
		"piled guns; sh" "sh -c piled" "piled guns --host localhost" "piled guns --hos=localhost" "piled 'guns" "piled guns | cat" 'piled `sh`' "/usr/lib/sftp-server"; do
		run shell -c "$line"
		[ "$status" -ne 0 ]
	done
	# No file of this machine is read, no other socket joined; standard input is the caller's own.
	cp "$TOP/agent/examples/shandong-2026.yaml" "$SITE/tariff.yaml"
	chmod a+r "$SITE/tariff.yaml"
	for line in "piled tariff import $SITE/tariff.yaml" "piled tariff simulate $SITE/tariff.yaml" \
		"piled tariff show $SITE/tariff.yaml" "piled tariff diff - $SITE/tariff.yaml" \
		"piled tariff check $SITE/tariff.yaml" "piled why A1.1 --data $SITE/data" \
		"piled export sessions --data=$SITE/data" "piled decisions --dat $SITE/data" \
		"piled ledger verify --db $SITE/data/site.db" "piled guns --socket $PILED_SOCKET" \
		"piled guns -s$PILED_SOCKET" "piled --socket $PILED_SOCKET guns" "piled attach --socket $PILED_SOCKET"; do
		run shell -c "$line" <"$SITE/tariff.yaml"
		[ "$status" -eq 1 ]
		[[ $output == *"this account may"* ]]
	done
	shell -c "piled tariff show - --lang en" <"$SITE/tariff.yaml" | grep -q shandong
	run shell -c "piled tariff import -" <"$SITE/tariff.yaml"
	[[ $output == *"it needs the role admin"* ]]
	shell -c "piled why A1.1 --lang en" | grep -q '^A1.1'
}

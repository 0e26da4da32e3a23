#!/usr/bin/env bats
# Alarms with real programs: raised, acknowledged, shelved, kept over a kill, explained.

load lib

setup() {
	site_setup
	export PILESIM_DIR=$SITE/sim
}

teardown() {
	site_teardown
}

all_polled() {
	[ "$(piled guns --json | gojq '[.[] | select(.seen != null and .stale == 0)] | length')" -eq 24 ]
}

# alarm NAME FIELD: of the alarm TARGET-CODE that is not over.
alarm() {
	piled alarms --all --json | gojq -r --arg name "$1-" "
		[.[] | select(.id | startswith(\$name))][0].$2"
}

alarm_is() {
	[ "$(alarm "$1" "$2")" = "$3" ]
}

# The newest record of it, over or not.
record_is() {
	[ "$(piled alarms --from -1h --json | gojq -r --arg name "$1-" "
		[.[] | select(.id | startswith(\$name))][0].$2")" = "$3" ]
}

@test "an alarm is acknowledged, outlives a kill, and ends when its cause does" {
	start_site --calm --no-arrivals
	wait_until all_polled
	pilesim fault gun-fault A2.2 10
	wait_until alarm_is A2.2-10 state unack
	[ "$(piled status --json | gojq .alarms_unack)" -ge 1 ]
	run piled ack A2.2-10
	[ "$status" -eq 0 ]
	[[ $output == "A2.2-10: 10 AC breaker fault: acknowledged" ]]
	run piled ack A2.2-10
	[ "$status" -eq 1 ]
	[[ $output == *"nothing to acknowledge"* ]]
	id=$(alarm A2.2-10 id)
	by=$(alarm A2.2-10 acked_by)
	[ -n "$by" ]
	stop_program piled KILL
	start_agent
	wait_until alarm_is A2.2-10 state acked
	[ "$(alarm A2.2-10 id)" = "$id" ]
	[ "$(alarm A2.2-10 acked_by)" = "$by" ]
	pilesim clear
	wait_until record_is A2.2-10 state normal
	record_is A2.2-10 id "$id"
	alarm_is A2.2-10 id null
	[ "$(piled alarms kpi --json | gojq -r '.actors[] | select(.id == "A2.2-10") | .alarms')" -eq 1 ]
	[ "$(piled alarms kpi --json | gojq '.kpi.standing')" -eq 0 ]
}

@test "a shelf has a reason and an end, and outlives a kill; a latching alarm needs a reset" {
	start_site --calm --no-arrivals
	wait_until all_polled
	pilesim fault gun-fault A2.2 10
	pilesim fault gun-fault A2.1 9
	wait_until alarm_is A2.2-10 state unack
	wait_until alarm_is A2.1-9 state unack
	run piled shelve A2.2-10 --for 2h
	[ "$status" -eq 2 ]
	run piled shelve A2.2-10 --for 2 --reason x
	[ "$status" -eq 2 ]
	run piled shelve all --for 2h --reason x
	[ "$status" -eq 1 ]
	[[ $output == *"several alarms"* ]]
	run piled shelve A2.1-9 --for 9h --reason "smoke is only steam"
	[ "$status" -eq 1 ]
	[[ $output == *"8 h at most"* ]]
	piled shelve A2.2-10 --for 2h --reason "electrician is on the way"
	stop_program piled KILL
	start_agent
	wait_until alarm_is A2.2-10 state shelved
	[ "$(alarm A2.2-10 reason)" = "electrician is on the way" ]
	# Put aside, it does not stand in the list, but is counted below it.
	run piled alarms
	[[ $output != *A2.2-10* ]]
	[[ $output == *"1 shelved"* ]]
	piled unshelve A2.2-10
	alarm_is A2.2-10 state unack
	pilesim clear
	wait_until alarm_is A2.1-9 state latched
	piled ack A2.1
	alarm_is A2.1-9 state held
	piled alarms reset A2.1-9
	record_is A2.1-9 state normal
}

@test "each alarm is explained in both languages, by code and by name" {
	run piled fault explain 18
	[ "$status" -eq 0 ]
	[[ $output == *"gun over temperature"*"act at once"*"what to do"* ]]
	run piled fault explain gun-hot --lang zh
	[[ $output == *充电枪过温*立即处理*处理方法* ]]
	run piled fault explain nonsense
	[ "$status" -eq 1 ]
	[[ $output == *"piled fault list"* ]]
	[ "$(piled fault list --json | gojq 'map(select(.meaning == "" or .cause == "" or .action == "")) | length')" -eq 0 ]
}

# told NOTIFY: the demo site with this list of who is told, and programs that write down how they
# are run: hook, and mailer as sendmail.
told() {
	cat >"$SITE/hook" <<-END
		#!/bin/sh
		text=\$(cat)
		echo "\$PILED_ID|\$1|\$PILED_SUBJECT|\$PILED_TRY|\$PILED_DOUBT" >>$SITE/begun
		while [ -e $SITE/hang ]; do sleep 0.1; done
		[ ! -e $SITE/broken ] || { echo "gateway says no" >&2; exit 3; }
		echo "\$PILED_ID|\$text" >>$SITE/delivered
	END
	cat >"$SITE/mailer" <<-END
		#!/bin/sh
		echo "\$*" >>$SITE/mail.args
		cat >>$SITE/mail.text
	END
	chmod +x "$SITE/hook" "$SITE/mailer"
	start_sim --calm --no-arrivals
	{
		sed "s/127\.0\.0\.1:15020/127.0.0.1:$PORT/" "$TOP/agent/examples/demo.yaml"
		printf 'alarms:\n  mail_program: mailer\n%s\n' "$1"
	} >"$SITE/told.yaml"
	CONFIG=$SITE/told.yaml start_agent
	wait_until all_polled
}

lines_are() {
	[ "$(wc -l <"$SITE/$1")" -eq "$2" ]
}

message_states_are() {
	[ "$(piled outbox --json | gojq -r '[.[].state] | sort | join(" ")')" = "$1" ]
}

@test "an alarm is told once to whom it concerns, by a hook and by mail" {
	told '  notify:
    - {hook: hook, to: "+8613800000000", severity: safety, returned: yes}
    - {mail: ops@example.org, severity: equipment, targets: [A1]}'
	pilesim fault gun-fault A2.1 9
	wait_until message_states_are sent
	IFS='|' read -r id to subject try doubt <"$SITE/begun"
	[ "$to" = +8613800000000 ]
	[[ $subject == *"A2.1 smoke alarm, safety" ]]
	[ "$try $doubt" = "1 0" ]
	grep -q "call the fire service" "$SITE/delivered"
	# Acknowledged, killed and resumed: told already.
	piled ack A2.1-9
	stop_program piled KILL
	CONFIG=$SITE/told.yaml start_agent
	wait_until alarm_is A2.1-9 state acked
	pilesim fault gun-fault A1.1 10
	wait_until message_states_are "sent sent"
	[ "$(cat "$SITE/mail.args")" = "-i -- ops@example.org" ]
	# The name of the site is not ASCII: encoded words.
	subject=$(sed -n 's/^.*=?UTF-8?B?\([^?]*\)?=$/\1/p' "$SITE/mail.text" |
		while read -r word; do printf %s "$word" | base64 -d; done)
	[[ $subject == *"A1.1 AC breaker fault, equipment" ]]
	grep -q '^Message-ID: <A1.1-10-.*@demo.piled>' "$SITE/mail.text"
	lines_are begun 1
	[ "$(grep -c "^$id" "$SITE/delivered")" -eq 1 ]
	# The return of the first is told where that is asked for.
	pilesim clear
	wait_until message_states_are "sent sent sent"
	grep -q 'smoke alarm, returned' "$SITE/begun"
}

@test "what cannot be delivered is tried again, and nothing else waits for it" {
	told '  notify: [{hook: hook, to: duty}]'
	touch "$SITE/broken"
	pilesim fault gun-fault A2.1 9
	failed_once() {
		[ "$(piled outbox --json | gojq -r '.[0] | "\(.state) \(.error)"')" = \
			"queued exit 3: gateway says no" ]
	}
	wait_until failed_once
	rm "$SITE/broken"
	wait_until message_states_are sent
	[ "$(wc -l <"$SITE/begun")" -ge 2 ]
	[ "$(cut -d '|' -f 1 "$SITE/begun" | sort -u | wc -l)" -eq 1 ]
	[ "$(grep -c ':raised:' "$SITE/delivered")" -eq 1 ]
}

@test "killed while a message is on its way, the agent sends it again and says so" {
	told '  notify: [{hook: hook, to: duty}]'
	touch "$SITE/hang"
	pilesim fault gun-fault A2.1 9
	wait_until lines_are begun 1
	message_states_are sending
	piled status
	stop_program piled KILL
	rm "$SITE/hang"
	CONFIG=$SITE/told.yaml start_agent
	wait_until message_states_are sent
	wait_until lines_are begun 2
	[ "$(cut -d '|' -f 1 "$SITE/begun" | sort -u | wc -l)" -eq 1 ]
	[ "$(tail -n 1 "$SITE/begun" | cut -d '|' -f 4,5)" = "2|1" ]
}

@test "more than one can read goes into a summary; a test reaches everybody" {
	told '  most_an_hour: 2
  notify: [{hook: hook, to: duty}]'
	for gun in A1.1 A1.2 A2.1 A2.2 A3.1; do
		pilesim fault gun-fault "$gun" 10
	done
	wait_until message_states_are "merged merged merged queued sent sent"
	summary=$(piled outbox --json | gojq -r '.[] | select(.kind == "summary") | .text')
	[ "$(wc -l <<<"$summary")" -eq 3 ]
	stop_program piled TERM
	[ "$STATUS" -eq 0 ]
	CONFIG=$SITE/told.yaml start_agent
	wait_until message_states_are "merged merged merged queued sent sent"
	piled outbox test
	tested() {
		[ "$(piled outbox --json | gojq -r '.[] | select(.kind == "test") | .state')" = sent ]
	}
	wait_until tested
}

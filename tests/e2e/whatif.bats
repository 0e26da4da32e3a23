#!/usr/bin/env bats
# What-if: recorded sessions under another transformer, policy or number of guns.

load lib

setup() {
	site_setup
	export PILESIM_DIR=$SITE/sim
	export PILED_PROFILES=$TOP/agent/profiles
	cat >"$SITE/cars.csv" <<-END
		session_id,station_id,plugged_in,unplugged,energy_kwh
		1,S-1,2026-03-02T08:00:00,2026-03-02T12:00:00,20
		2,S-2,2026-03-02T08:00:00,2026-03-02T12:00:00,20
		3,S-3,2026-03-02T08:00:00,2026-03-02T12:00:00,20
		4,S-1,2026-03-03T08:00:00,2026-03-03T12:00:00,10
	END
	{
		echo hour_ending,load_kw
		for _ in $(seq 8760); do echo x,5; done
	} >"$SITE/load.csv"
}

teardown() {
	site_teardown
}

whatif() {
	piled whatif --sessions "$SITE/cars.csv" --phases 1 --gun-power 6.6kW "$@"
}

figure() {
	whatif --json "${@:2}" | gojq ".runs[0].$1"
}

@test "without control the transformer is exceeded, with fair it is not" {
	[ "$(figure over_sum_min --kva 12 --policy none)" -gt 60 ]
	[ "$(figure over_sum_min --kva 12 --policy fair)" -eq 0 ]
	[ "$(figure over_phase_min --kva 12 --policy fair)" -eq 0 ]
	[ "$(figure energy_pm --kva 315 --policy fair)" -ge 999 ]
}

@test "policies stand side by side" {
	run whatif --kva 12 --policy none,fair --policy laxity
	[ "$status" -eq 0 ]
	[[ "$output" == *"none"*"fair"*"laxity"* ]]
	[ "$(whatif --kva 12 --policy none,fair --policy laxity --json | gojq '.runs | length')" -eq 3 ]
}

@test "the other load takes its part, and is scaled" {
	[ "$(figure 'other_va | max' --load "$SITE/load.csv")" -ge 5000 ]
	[ "$(figure 'other_va | max' --load "$SITE/load.csv" --load-peak 50kW)" -ge 50000 ]
	[ "$(figure energy_wh --kva 12 --policy fair)" -gt \
		"$(figure energy_wh --kva 12 --policy fair --load "$SITE/load.csv")" ]
}

@test "days are chosen, guns are added" {
	[ "$(whatif --from 2026-03-03 --json | gojq .sessions)" -eq 1 ]
	[ "$(whatif --to 2026-03-03 --json | gojq .sessions)" -eq 3 ]
	[ "$(whatif --add-guns 3 --json | gojq .guns)" -eq 6 ]
	[ "$(whatif --add-guns 3 --json | gojq .sessions)" -eq 8 ]
}

@test "the busiest day is drawn, in blocks and in ASCII" {
	run whatif --kva 30
	[[ "$output" == *"2026-03-02"*"█"* ]]
	run whatif --kva 30 --ascii
	[[ "$output" == *"#"* ]]
	[[ "$output" != *"█"* ]]
	run whatif --kva 30 --lang zh
	[ "$status" -eq 0 ]
	[[ "$output" == *"变压器"* ]]
}

@test "a site's own past is asked for where no file is given" {
	run piled whatif --config /nonexistent
	[ "$status" -eq 1 ]
	[[ "$output" == *"--sessions"* ]]
	start_site --calm --no-arrivals
	run piled whatif --config "$SITE/demo.yaml" --data "$SITE/data" --kva 60
	[ "$status" -eq 1 ]
	[[ "$output" == *"no session begins in that time"* ]]
}

# A site's own sessions of a day long past, five cars at a time on AC guns: id, gun, hours, kWh.
own_sessions() {
	local i=0 gun from=1772409600000 # 2026-03-02 08:00 in China
	for gun in B1.1 B2.1 B3.1 B4.1 B5.1; do
		i=$((i + 1))
		cat <<-END
			INSERT INTO session (id, gun, state, start, "end", energy_wh, peak_w)
			VALUES ('own-$i', '$gun', 'ended', $from, $((from + 4 * 3600000)), 20000, 6600);
		END
	done
}

@test "a site's own sessions, without an agent, under other transformers and policies" {
	start_site --calm --no-arrivals
	stop_program piled
	own_sessions | sqlite3 "$SITE/data/site.db"
	own() {
		piled whatif --config "$SITE/demo.yaml" --data "$SITE/data" --json "$@"
	}
	# the site's own transformer is no limit for five cars
	own >"$SITE/own.json"
	[ "$(gojq .sessions "$SITE/own.json")" -eq 5 ]
	[ "$(gojq '.runs[0].starved' "$SITE/own.json")" -eq 0 ]
	gojq -e '.asked_wh == 100000 and (.runs[0].energy_wh | . >= 98000 and . <= 100000)' "$SITE/own.json"
	# a quarter of their power is
	own --kva 9 >"$SITE/small.json"
	gojq -e '.runs[0].energy_wh < 40000' "$SITE/small.json"
	gojq -e '.runs[0].over_sum_min == 0' "$SITE/small.json"
	# without control it is exceeded, and they get all
	own --kva 9 --policy none >"$SITE/none.json"
	gojq -e '.runs[0].over_sum_min > 60' "$SITE/none.json"
	# more guns, with cars like those
	[ "$(own --add-guns 4 | gojq .sessions)" -eq 9 ]
	# by their day, in the site's zone
	[ "$(own --from 2026-03-02 --to 2026-03-03 | gojq .sessions)" -eq 5 ]
	run own --from 2026-03-03
	[ "$status" -eq 1 ]
	# the same input, the same answer
	own --kva 9 | diff - "$SITE/small.json"
}

@test "what is wrong is named with file and line" {
	echo 5,S-1,2026-03-04T08:00:00,2026-03-04T07:00:00,10 >>"$SITE/cars.csv"
	run whatif
	[ "$status" -eq 1 ]
	[[ "$output" == *"cars.csv:6: "* ]]
	sed -i '$d' "$SITE/cars.csv"
	echo x,nonsense >"$SITE/bad.csv"
	echo x,nonsense >>"$SITE/bad.csv"
	run whatif --load "$SITE/bad.csv"
	[ "$status" -eq 1 ]
	[[ "$output" == *"bad.csv:2: "* ]]
	run whatif --load /nonexistent
	[ "$status" -eq 1 ]
	run whatif --policy greedy
	[ "$status" -eq 2 ]
	run whatif --kva 0
	[ "$status" -eq 2 ]
	run whatif --from 2027-01-01
	[ "$status" -eq 1 ]
	run whatif --add-guns 9999
	[ "$status" -eq 2 ]
	run whatif --gun-power 1kW
	[ "$status" -eq 2 ]
}

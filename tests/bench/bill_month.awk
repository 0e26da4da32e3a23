# Bills sessions from the simulator's book alone, under Shandong's schedule of 2026, written apart
# from the product: a calendar of its own, a table of its own, numbers that awk holds exactly.
#
#   awk -f tests/bench/bill_month.awk MARKS.csv SESSIONS.csv
#
# MARKS.csv is `pilesim book --marks`, SESSIONS.csv `pilesim book`; local time is UTC + 8 h. Prints, a
# line a session that ended:  gun,session_no,start_ms,energy_wh,elec_fen,service_fen,lines,substitutes
# and with -v detail=1 a line a stretch of one price:  # from_ms,to_ms,period,wh,elec_fen,service_fen

BEGIN {
	FS = ","
	half = 1800000
	service = 40000
	split("F 70000 P 119000 S 140000 V 21000 D 7000", list, " ")
	for (i = 1; i in list; i += 2)
		elec[list[i]] = list[i + 1]
	# hours of a day, month by month: letter from-to
	winter = "V2-6 V10-15 D11-14 P7-9 P16-21 S16-19"
	spring = "V10-15 D11-14 P17-22 S17-20"
	june = "V7-12 P16-23 S17-22"
	summer = "V1-6 P16-23 S17-22"
	autumn = "V10-15 D11-14 P16-21 S17-19"
	split(winter "," winter "," spring "," spring "," spring "," june "," summer "," summer "," \
		autumn "," autumn "," autumn "," winter, months, ",")
	for (m = 1; m <= 12; m++) {
		for (h = 0; h < 24; h++)
			period[m, h] = "F"
		n = split(months[m], part, " ")
		for (i = 1; i <= n; i++) {
			split(substr(part[i], 2), hours, "-")
			for (h = hours[1]; h < hours[2]; h++)
				period[m, h] = substr(part[i], 1, 1)
		}
	}
}

# The month of a number of days since 1970, counted year by year and month by month.
function month_of(day,    year, length_, m, leap) {
	for (year = 1970; ; year++) {
		leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
		if (day < 365 + leap)
			break
		day -= 365 + leap
	}
	for (m = 1; ; m++) {
		length_ = m == 2 ? 28 + leap : (m == 4 || m == 6 || m == 9 || m == 11) ? 30 : 31
		if (day < length_)
			return m
		day -= length_
	}
}

function period_at(ms,    s, day) {
	s = int(ms / 1000) + 8 * 3600
	day = int(s / 86400)
	if (!(day in month))
		month[day] = month_of(day)
	return period[month[day], int(s % 86400 / 3600)]
}

function half_up(n, d) {
	return int((2 * n + d) / (2 * d))
}

# The register at a border of session `key`; counts those that nobody read.
function register_at(key, at,    a, b, t) {
	if ((key, at / half) in mark)
		return mark[key, at / half]
	missing++
	a = start
	a_wh = start_wh
	b = end
	b_wh = end_wh
	for (t = int(start / half) * half + half; t < end; t += half) {
		if (!((key, t / half) in mark))
			continue
		if (t < at && t > a) {
			a = t
			a_wh = mark[key, t / half]
		}
		if (t > at && t < b) {
			b = t
			b_wh = mark[key, t / half]
		}
	}
	return a_wh + half_up((b_wh - a_wh) * (at - a), b - a)
}

function close_line(to, wh,    e, s) {
	e = half_up((wh - from_wh) * elec[now], 1000000)
	s = half_up((wh - from_wh) * service, 1000000)
	elec_fen += e
	service_fen += s
	lines++
	if (detail)
		printf "# %.0f,%.0f,%s,%.0f,%.0f,%.0f\n", from, to, now, wh - from_wh, e, s
	from = to
	from_wh = wh
}

FNR == 1 {
	for (i = 1; i <= NF; i++)
		column[$i] = i
	next
}

FNR == NR {
	# By the number of the half hour: awk writes whole numbers beyond 31 bits with an exponent.
	mark[$(column["gun"]) "," $(column["session_no"]), $(column["at_ms"]) / half] = $(column["wh"]) + 0
	next
}

$(column["end_ms"]) != "" {
	key = $(column["gun"]) "," $(column["session_no"])
	start = from = $(column["start_ms"]) + 0
	end = $(column["end_ms"]) + 0
	start_wh = from_wh = $(column["start_wh"]) + 0
	end_wh = $(column["end_wh"]) + 0
	elec_fen = service_fen = lines = missing = 0
	now = period_at(start)
	for (at = int(start / half) * half + half; at < end; at += half) {
		then = period_at(at)
		if (then != now) {
			close_line(at, register_at(key, at))
			now = then
		}
	}
	close_line(end, end_wh)
	printf "%s,%.0f,%.0f,%.0f,%.0f,%d,%d\n", key, start, end_wh - start_wh, elec_fen, service_fen,
		lines, missing
}

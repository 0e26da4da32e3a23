/* The subcommands, once: parsing, help, completion and the test of piled(8) read this table. */
#include "commands.h"

const struct cli_exit_text cli_exits[] = {
	{CLI_OK, N_("done")},
	{CLI_FAILED, N_("refused or failed")},
	{CLI_USAGE, N_("the command line is wrong")},
	{CLI_UNREACHABLE, N_("no agent answers at the socket")},
	{CLI_TIMEOUT, N_("the effect was not seen in time, or the command expired")},
	{0, NULL},
};

const struct cli_option cli_globals[] = {
	{"help", 'h', NULL, N_("print this help")},
	{"json", 'j', NULL, N_("print JSON for scripts")},
	{"lang", 0, "LANG", N_("language: en or zh, in place of $LANG")},
	{"host", 0, "HOST", N_("the agent of another machine, through ssh: user@host")},
	{"socket", 's', "PATH", N_("socket of the agent, in place of $PILED_SOCKET")},
	{0},
};

#define RANGE_OPTIONS                                                            \
	{"day", 'd', "DAY", N_("a day: 2026-03-01, today, yesterday")},          \
		{"month", 'm', "MONTH", N_("a month: 2026-03, this, last")},     \
		{"from", 'f', "TIME", N_("from: 2026-03-01T06:20, today, -2h")}, \
		{"to", 't', "TIME", N_("to")},

static const struct cli_option list_options[] = {
	RANGE_OPTIONS{"active", 'a', NULL, N_("only what has not ended")},
	{"limit", 'n', "N", N_("so many rows at most, newest first (100)")}, {0}};

static const struct cli_option alarm_options[] = {
	RANGE_OPTIONS{"active", 'a', NULL, N_("only what has not ended")},
	{"limit", 'n', "N", N_("so many rows at most, newest first (1000)")},
	{"all", 0, NULL, N_("shelved and folded ones too")},
	{"explain", 'e', NULL, N_("what each means, and what to do")}, {0}};

static const struct cli_option kpi_options[] = {
	RANGE_OPTIONS{"limit", 'n', "N", N_("so many bad actors at most (10)")}, {0}};

static const struct cli_option shelve_options[] = {
	{"for", 0, "TIME", N_("for how long: 2h, at most 7d")},
	{"reason", 'r', "TEXT", N_("why, for those who look after you")},
	{0},
};

static const struct cli_option energy_options[] = {
	RANGE_OPTIONS{"slot", 0, "SLOT", N_("one row for: all (default), 15min, hour, day")}, {0}};

static const struct cli_option export_options[] = {
	RANGE_OPTIONS{"format", 0, "FORMAT", N_("csv (default), json, or count: how many")},
	{"data", 0, "FOLDER", N_("from the database in this folder, not through the agent")}, {0}};

static const struct cli_option report_options[] = {
	{"csv", 0, NULL, N_("as CSV, every field of every row")},
	{"bom", 0, NULL, N_("with --csv: begin with the mark that spreadsheets want for UTF-8")},
	{0}};

static const struct cli_option why_options[] = {
	{"at", 0, "TIME", N_("as it was then: 2026-03-01T06:20, -2h")},
	{"data", 0, "FOLDER", N_("from the database in this folder, not through the agent")}, {0}};

static const struct cli_option decision_options[] = {
	RANGE_OPTIONS{"limit", 'n', "N", N_("so many rows at most, newest first (100)")},
	{"data", 0, "FOLDER", N_("from the database in this folder, not through the agent")}, {0}};

static const struct cli_option replay_options[] = {
	{"from", 'f', "TIME", N_("from: 2026-03-01T06:20, today, -2h")},
	{"to", 't', "TIME", N_("to")},
	{0},
};

static const struct cli_option whatif_options[] = {
	{"sessions", 0, "FILE", N_("recorded sessions: CSV (those of the site)")},
	{"config", 'c', "FILE", N_("configuration (/etc/piled/piled.yaml)")},
	{"data", 0, "FOLDER", N_("folder of the database, in place of the configured one")},
	{"load", 0, "FILE", N_("the other load by the hour of the year: CSV (that of the site)")},
	{"load-peak", 0, "POWER", N_("scale the other load to this peak: 100kW")},
	{"from", 'f', "TIME", N_("from: 2026-03-01, 2026-03-01T06:20 (all)")},
	{"to", 't', "TIME", N_("to")},
	{"kva", 'k', "KVA", N_("transformer (that of the site, 315)")},
	{"policy", 'p', "POLICY",
		N_("none, admission, fair, admission+fair (default), laxity; several compare")},
	{"target", 0, "PERCENT", N_("part of each limit that may be used (90%)")},
	{"add-guns", 0, "N", N_("so many guns more, with cars like those of the others")},
	{"phases", 0, "N", N_("guns of 1 phase, in rotation, or 3 (3)")},
	{"gun-power", 0, "POWER", N_("greatest power of a gun: 6.6kW (6.6kW, 11kW)")},
	{"ascii", 0, NULL, N_("draw with ASCII characters")},
	{0},
};

#define ACT_OPTIONS                                                              \
	{"id", 0, "ID", N_("id of the command: giving it twice does it once")},  \
		{"reason", 'r', "TEXT", N_("why, for the audit log")},           \
		{"timeout", 0, "TIME", N_("how long the effect may take: 30s")}, \
		{"no-wait", 0, NULL, N_("print the command's id and do not wait")},

static const struct cli_option act_options[] = {ACT_OPTIONS{0}};

static const struct cli_option wide_options[] = {
	ACT_OPTIONS{"yes", 'y', NULL, N_("do not ask, where it concerns more than a pile")},
	{0},
};

static const struct cli_option undo_options[] = {
	ACT_OPTIONS{"yes", 'y', NULL, N_("do not ask, where it concerns more than a pile")},
	{"confirm-within", 0, "TIME", N_("undone by itself after this unless confirmed: 5min")},
	{0},
};

static const struct cli_option start_options[] = {
	{"departs", 0, "TIME", N_("when the car leaves: 17:30, 2026-03-01T06:20, +2h")},
	{"energy", 0, "ENERGY", N_("how much it wants: 20kWh")},
	{"id", 0, "ID", N_("id of the command: giving it twice does it once")},
	{"reason", 'r', "TEXT", N_("why, for the audit log")},
	{"timeout", 0, "TIME", N_("how long the effect may take: 30s")},
	{"no-wait", 0, NULL, N_("print the command's id and do not wait")},
	{0},
};

static const struct cli_option charge_options[] = {
	{"account", 'a', "ID", N_("the account that pays, or its card")},
	{"amount", 0, "YUAN", N_("until this much is used up: 30, 30.50")},
	{"energy", 0, "ENERGY", N_("until so much has flowed: 20kWh")},
	{"time", 0, "TIME", N_("for so long: 1h, 30min")},
	{"full", 0, NULL, N_("until the car is full (default)")},
	{"free", 0, NULL, N_("nobody pays; needs --reason")},
	{"maintenance", 0, NULL, N_("to try the gun; needs --reason")},
	{"id", 0, "ID", N_("id of the order: giving it twice does it once")},
	{"reason", 'r', "TEXT", N_("why, for the record")},
	{0},
};

static const struct cli_option quote_options[] = {
	{"account", 'a', "ID", N_("with its class, its balance and what that buys")},
	{"amount", 0, "YUAN", N_("what this much buys, and how long that takes at least")},
	{"energy", 0, "ENERGY", N_("what is held for so much: 20kWh")},
	{"time", 0, "TIME", N_("what is held for so long: 1h, 30min")},
	{"full", 0, NULL, N_("what is held until the car is full")},
	{0},
};

static const struct cli_option reserve_options[] = {
	{"account", 'a', "ID", N_("the account that the gun is held for, or its card")},
	{"from", 'f', "TIME", N_("from: 14:30, +2h, 2026-03-01T18:00, now (default)")},
	{"until", 'u', "TIME", N_("until: 15:30, +1h after that, 2026-03-01T19:00")},
	{"id", 0, "ID", N_("id of the reservation: giving it twice does it once")},
	{"reason", 'r', "TEXT", N_("why, for the record")},
	{0},
};

static const struct cli_option unreserve_options[] = {
	{"waive", 0, NULL, N_("without the fee, though it has begun; needs --reason")},
	{"reason", 'r', "TEXT", N_("why, for the record")},
	{0},
};

static const struct cli_option slimit_options[] = {
	{"kw", 0, "KW", N_("the power that is allowed there in all: 180")},
	{"day", 'd', "DAY", N_("a day: 2026-03-01, today, yesterday")},
	{"month", 'm', "MONTH", N_("a month: 2026-03, this, last")},
	{"from", 'f', "TIME", N_("from: 2026-03-01T18:00, now (default), +2h")},
	{"to", 't', "TIME", N_("to")},
	{"window", 0, "TIME", N_("contract demand: the mean over 15min, 30min or 60min")},
	{"node", 0, "ID", N_("a feeder, pile or gun, in place of the site")},
	{"source", 0, "TEXT", N_("who asks for it: grid")},
	{"id", 0, "ID", N_("id of the limit: giving it twice does it once")},
	{"reason", 'r', "TEXT", N_("why, for the audit log")},
	{0},
};

static const struct cli_option note_options[] = {
	{"id", 0, "ID", N_("id of the note: giving it twice writes it once")},
	{0},
};

static const struct cli_option notes_options[] = {
	RANGE_OPTIONS{"limit", 'n', "N", N_("so many rows at most, newest first (100)")}, {0}};

static const struct cli_option shift_options[] = {RANGE_OPTIONS{0}};
#define NOTES_OPTIONS                                                                    \
	{"phone", 0, "PHONE", N_("phone")}, {"plate", 0, "PLATE", N_("number plate")},   \
		{"class", 0, "CLASS", N_("ordinary, member, staff, discount or white")}, \
		{"notes", 0, "TEXT", N_("anything else")},

static const struct cli_option account_open_options[] = {
	NOTES_OPTIONS{"id", 0, "ID", N_("id of what is asked: giving it twice does it once")}, {0}};

static const struct cli_option account_set_options[] = {{"name", 0, "NAME", N_("name")},
	NOTES_OPTIONS{"language", 0, "LANG", N_("language of messages: zh or en")},
	{"mail", 0, "ADDRESS", N_("where messages go besides the phone")},
	{"messages", 0, "WHICH",
		N_("all, or needed: only those about money that was taken or given back")},
	{"low", 0, "AMOUNT", N_("tell when the balance falls below")},
	{"id", 0, "ID", N_("id of what is asked: giving it twice does it once")}, {0}};

static const struct cli_option account_list_options[] = {
	{"status", 0, "STATUS", N_("active, frozen or closed")},
	{"limit", 'n', "N", N_("so many rows at most (100)")}, {0}};

/* What is asked of the ledger. */
static const struct cli_option till_options[] = {
	{"id", 0, "ID", N_("id of what is asked: giving it twice does it once")},
	{"reason", 'r', "TEXT", N_("why, for the ledger")},
	{0},
};

static const struct cli_option card_options[] = {
	{"remove", 0, NULL, N_("take it away")},
	{"id", 0, "ID", N_("id of what is asked: giving it twice does it once")},
	{"reason", 'r', "TEXT", N_("why, for the ledger")},
	{0},
};

static const struct cli_option pin_options[] = {
	{"remove", 0, NULL, N_("take it away")},
	{"check", 0, NULL, N_("only tell whether it is the right one")},
	{0},
};

static const struct cli_option message_options[] = {
	{"id", 0, "ID", N_("id of what is asked: giving it twice does it once")}, {0}};

static const struct cli_option statement_options[] = {
	RANGE_OPTIONS{"limit", 'n', "N", N_("so many rows at most, newest first (100)")},
	{"receipt", 0, NULL, N_("of one account, as text for a receipt printer, oldest first")},
	{"width", 0, "MM", N_("width of the paper: 58 (default) or 80")}, {0}};

static const struct cli_option ledger_verify_options[] = {
	{"db", 0, "FILE", N_("site.db itself, not through the agent, which may run or not")},
	{"key", 0, "FILE", N_("public key of the signatures (ledger.pub beside the database)")},
	{"head", 0, "FILE", N_("ends of days that were kept: ledger head --json")},
	{0},
};

static const struct cli_option bill_verify_options[] = {
	{"db", 0, "FILE", N_("site.db itself, not through the agent, which may run or not")},
	{0},
};

static const struct cli_option ledger_head_options[] = {
	{"day", 'd', "DAY", N_("only this day: 2026-03-01")}, {0}};

static const struct cli_option bill_list_options[] = {
	RANGE_OPTIONS{"account", 0, "ACCOUNT", N_("only this account's")},
	{"session", 0, "ID", N_("only this session's")},
	{"rating-max", 0, "STARS", N_("only charges that were rated so low, with the remarks")},
	{"limit", 'n', "N", N_("so many rows at most, newest first (100)")}, {0}};

static const struct cli_option rate_options[] = {
	{"remark", 0, "TEXT", N_("what else the driver says, at most 199 bytes")},
	{"id", 0, "ID", N_("id of what is asked: giving it twice does it once")}, {0}};

static const struct cli_option bill_show_options[] = {
	{"text", 0, NULL, N_("the text whose SHA-256 is the bill's hash")}, {0}};

static const struct cli_option bill_receipt_options[] = {
	{"width", 0, "MM", N_("width of the paper: 58 (default) or 80")},
	{"qr", 0, NULL, N_("with the code that `piled bill verify` reads")}, {0}};

static const struct cli_option reason_options[] = {
	{"reason", 'r', "TEXT", N_("why, for the ledger")}, {0}};

static const struct cli_option abnormal_options[] = {
	RANGE_OPTIONS{"all", 'a', NULL, N_("also those that were decided")},
	{"limit", 'n', "N", N_("so many rows at most, newest first (100)")}, {0}};

static const struct cli_option audit_options[] = {
	RANGE_OPTIONS{"by", 'b', "PERSON", N_("only what this person did")},
	{"limit", 'n', "N", N_("so many rows at most, newest first (100)")}, {0}};

static const struct cli_option audit_verify_options[] = {
	{"db", 0, "FILE", N_("site.db itself, not through the agent, which may run or not")},
	{"head", 0, "ID:HASH", N_("that row must be there with this hash, noted earlier")},
	{0},
};

static const struct cli_option attach_options[] = {
	{"as", 0, "PERSON", N_("who it is, where people share an account (attach_as)")},
	{0},
};

static const struct cli_option log_options[] = {
	{"lines", 'n', "N", N_("so many lines (50)")},
	{0},
};

static const struct cli_option run_options[] = {
	{"config", 'c', "FILE", N_("configuration (/etc/piled/piled.yaml)")},
	{"data", 0, "FOLDER", N_("folder of the database, in place of the configured one")},
	{"verbose", 'v', NULL, N_("log details too")},
	{0},
};

static const struct cli_option check_options[] = {
	{"config", 'c', "FILE", N_("configuration (/etc/piled/piled.yaml)")},
	{"print", 0, NULL, N_("print the configuration in force, defaults included")},
	{0},
};

static const struct cli_option line_options[] = {
	{"tcp", 0, "HOST:PORT", N_("Modbus TCP")},
	{"serial", 0, "DEVICE", N_("serial line")},
	{"mode", 0, "MODE", N_("serial line: 9600-8N1 (default), 19200-8E1 and the like")},
	{"unit", 'u', "N", N_("Modbus address (1)")},
	{"profile", 'p', "NAME", N_("device profile")},
	{"timeout", 0, "TIME", N_("wait so long for an answer: 500ms")},
	{0},
};

static const struct cli_option scan_options[] = {
	{"tcp", 0, "HOST:PORT", N_("Modbus TCP")},
	{"serial", 0, "DEVICE", N_("serial line")},
	{"mode", 0, "MODE", N_("only this mode of the line: 9600-8N1")},
	{"first", 0, "N", N_("first address (1)")},
	{"last", 0, "N", N_("last address (32)")},
	{"timeout", 0, "TIME", N_("wait so long for an answer: 100ms")},
	{0},
};

static const struct cli_option read_options[] = {
	{"tcp", 0, "HOST:PORT", N_("Modbus TCP, not through the agent")},
	{"serial", 0, "DEVICE", N_("serial line, not through the agent")},
	{"mode", 0, "MODE", N_("serial line: 9600-8N1 (default), 19200-8E1 and the like")},
	{"function", 0, "N", N_("3 holding registers (default), 4 input registers, 1, 2 bits")},
	{"timeout", 0, "TIME", N_("wait so long for an answer: 500ms")},
	{0},
};

static const struct cli_option profile_options[] = {
	{"profiles", 0, "FOLDER", N_("look for profiles here first")},
	{0},
};

static const struct cli_option tariff_options[] = {
	{"zone", 'z', "ZONE", N_("time zone of the dates (the site's, or this machine's)")},
	{0},
};

static const struct cli_option tariff_import_options[] = {
	{"dry-run", 0, NULL, N_("only say what it would change")},
	{"replace", 0, NULL, N_("it may take the place of versions that are planned")},
	{"reason", 'r', "TEXT", N_("why, for the audit log")},
	{"zone", 'z', "ZONE", N_("time zone of the dates (the site's, or this machine's)")},
	{0},
};

static const struct cli_option tariff_simulate_options[] = {
	RANGE_OPTIONS{
		"zone", 'z', "ZONE", N_("time zone of the dates (the site's, or this machine's)")},
	{0}};

static const struct cli_option tariff_show_options[] = {
	{"on", 0, "DAY", N_("a day: 2026-03-01, today (default)")},
	{"class", 0, "CLASS", N_("prices of this class of accounts (ordinary)")},
	{"text", 0, NULL, N_("print the text that was taken in")},
	{"ascii", 0, NULL, N_("draw with ASCII characters")},
	{"zone", 'z', "ZONE", N_("time zone of the dates (the site's, or this machine's)")},
	{0},
};
#define WIDE_TEXT \
	N_("What concerns a feeder or the site is shown first and asked for; it needs a reason.")

const struct cli_command cli_commands[] = {
	{"run", "", N_("run the agent of a site"),
		N_("It stays in the foreground. SIGHUP reads the configuration again, SIGTERM "
		   "ends."),
		run_options, 0, 0, CLI_OFFLINE, cmd_run},
	{"check", "", N_("check a configuration"), NULL, check_options, 0, 0, CLI_NONE, cmd_check},
	{"reload", "", N_("have the agent read its configuration again"), NULL, NULL, 0, 0,
		CLI_SOCKET, cmd_reload},
	{"log", "", N_("the last lines of the agent's log"), NULL, log_options, 0, 0, CLI_SOCKET,
		cmd_log},
	{"status", "", N_("the site at a glance"), NULL, NULL, 0, 0, CLI_SOCKET, cmd_status},
	{"guns", "", N_("all guns"), NULL, NULL, 0, 0, CLI_SOCKET, cmd_guns},
	{"gun", "GUN", N_("one gun with pile, session and points"), NULL, NULL, 1, 1, CLI_SOCKET,
		cmd_gun},
	{"why", "GUN", N_("why a gun gets what it gets, or got it then"),
		N_("The limit or the rule that decides its power, with the numbers behind it."),
		why_options, 1, 1, CLI_EITHER, cmd_why},
	{"decisions", "[GUN|PILE]", N_("changes of what guns may take, and why"), NULL,
		decision_options, 0, 1, CLI_EITHER, cmd_decisions},
	{"load", "", N_("load management: limits, load and grants as a tree"), NULL, NULL, 0, 0,
		CLI_SOCKET, cmd_load},
	{"sessions", "[GUN|PILE]", N_("charging sessions"), NULL, list_options, 0, 1, CLI_SOCKET,
		cmd_sessions},
	{"session", "ID", N_("one session"), NULL, NULL, 1, 1, CLI_SOCKET, cmd_session},
	{"energy", "[GUN|PILE|site]", N_("energy of a day, a month or any time"), NULL,
		energy_options, 0, 1, CLI_SOCKET, cmd_energy},
	{"report", "[home|station|finance] [SPAN]", N_("figures of money and operation"),
		N_("SPAN is a day (2026-11-21, today, yesterday), a month (2026-11, this, last) or "
		   "a year (2026);\nof station and finance, today where none is given."),
		report_options, 0, 2, CLI_SOCKET, cmd_report},
	{"faults", "[GUN|PILE]", N_("faults"),
		N_("Below the table: what each fault that is active means, and what to do."),
		list_options, 0, 1, CLI_SOCKET, cmd_faults},
	{"fault explain", "CODE|NAME",
		N_("what a fault means, where it comes from, what to do, and how soon"), NULL, NULL,
		1, 1, CLI_NONE, cmd_fault_explain},
	{"fault list", "", N_("the catalogue of faults"), NULL, NULL, 0, 0, CLI_NONE,
		cmd_fault_list},
	{"alarms", "[GUN|PILE]", N_("alarms and their life"),
		N_("Those that are not over, or with a time those that began in it."),
		alarm_options, 0, 1, CLI_SOCKET, cmd_alarms},
	{"alarms kpi", "", N_("how good the alarms are: rates, floods, standing, bad actors"),
		N_("The figures of EEMUA 191, of the last seven days where no time is given."),
		kpi_options, 0, 0, CLI_SOCKET, cmd_alarms_kpi},
	{"alarms reset", "ALARM...", N_("reset latched alarms that are gone and acknowledged"),
		N_("ALARM is TARGET-CODE as `piled alarms` prints it, an id, a target, or all."),
		NULL, 1, CLI_ARGS_MAX, CLI_SOCKET, cmd_alarms_reset},
	{"ack", "ALARM...", N_("acknowledge alarms"),
		N_("ALARM is TARGET-CODE as `piled alarms` prints it, an id, a target, or all."),
		NULL, 1, CLI_ARGS_MAX, CLI_SOCKET, cmd_ack},
	{"shelve", "ALARM", N_("put an alarm aside for a time"),
		N_("It comes back by itself; what endangers people after 8 h at the latest."),
		shelve_options, 1, 1, CLI_SOCKET, cmd_shelve},
	{"unshelve", "ALARM...", N_("take an alarm from the shelf"), NULL, NULL, 1, CLI_ARGS_MAX,
		CLI_SOCKET, cmd_unshelve},
	{"outbox", "[RECIPIENT]", N_("messages to people and what became of them"), NULL,
		list_options, 0, 1, CLI_SOCKET, cmd_outbox},
	{"outbox test", "", N_("send a test to everybody who is told of alarms"), NULL, NULL, 0, 0,
		CLI_SOCKET, cmd_outbox_test},
	{"start", "GUN", N_("start charging"), NULL, start_options, 1, 1, CLI_SOCKET, cmd_start},
	{"charge", "GUN", N_("start a charge that is paid for, or free with a reason"),
		N_("A prepayment is held first and settled at the end; the charge is stopped "
		   "before "
		   "it is used up."),
		charge_options, 1, 1, CLI_SOCKET, cmd_charge},
	{"quote", "GUN", N_("price now and next, and what a balance buys"), NULL, quote_options, 1,
		1, CLI_SOCKET, cmd_quote},
	{"orders", "[GUN|PILE]", N_("orders of charges"), NULL, list_options, 0, 1, CLI_SOCKET,
		cmd_orders},
	{"orders cancel", "ID", N_("end an order: its start, or its charge"), NULL, NULL, 1, 1,
		CLI_SOCKET, cmd_orders_cancel},
	{"reserve add", "GUN", N_("hold a gun for an account, from a time on"),
		N_("A fee is held until somebody comes; it is due where nobody does."),
		reserve_options, 1, 1, CLI_SOCKET, cmd_reserve_add},
	{"reserve list", "[GUN|PILE]", N_("reservations"), NULL, list_options, 0, 1, CLI_SOCKET,
		cmd_reserve_list},
	{"reserve cancel", "ID", N_("cancel a reservation"),
		N_("Once it has begun its fee is due, unless that is waived."), unreserve_options,
		1, 1, CLI_SOCKET, cmd_reserve_cancel},
	{"depart", "GUN TIME|off", N_("say when the car leaves"),
		N_("17:30 is the next time that the clock shows it. The policy laxity plans with "
		   "it."),
		act_options, 2, 2, CLI_SOCKET, cmd_depart},
	{"want", "GUN ENERGY|off", N_("say how much energy the car wants"),
		N_("Of the session: 20kWh. The policy laxity plans with it."), act_options, 2, 2,
		CLI_SOCKET, cmd_want},
	{"stop", "GUN|PILE|FEEDER|site", N_("stop charging"), WIDE_TEXT, wide_options, 1, 1,
		CLI_SOCKET, cmd_stop},
	{"limit", "GUN|PILE|FEEDER|site POWER|off", N_("limit the power"),
		N_("The power has a unit: 60kW, 6600W. That of a feeder or of the site is limited "
		   "where it is\nunder load management."),
		undo_options, 2, 2, CLI_SOCKET, cmd_limit},
	{"limit-site add", "", N_("limit the site, a feeder, pile or gun from outside, for a time"),
		N_("Giving the same limit twice does it once. It begins to act half a minute "
		   "before "
		   "its time."),
		slimit_options, 0, 0, CLI_SOCKET, cmd_slimit_add},
	{"limit-site list", "[NODE]", N_("limits from outside"), NULL, list_options, 0, 1,
		CLI_SOCKET, cmd_slimit_list},
	{"limit-site cancel", "ID", N_("cancel a limit from outside"), NULL, NULL, 1, 1, CLI_SOCKET,
		cmd_slimit_cancel},
	{"unlock", "GUN", N_("unlock the connector"), NULL, act_options, 1, 1, CLI_SOCKET,
		cmd_unlock},
	{"reboot", "PILE|FEEDER|site", N_("reboot the pile"), WIDE_TEXT, wide_options, 1, 1,
		CLI_SOCKET, cmd_reboot},
	{"clock", "PILE", N_("set the pile's clock"), NULL, act_options, 1, 1, CLI_SOCKET,
		cmd_clock},
	{"tag", "GUN|PILE|FEEDER|site", N_("take out of service"), WIDE_TEXT, undo_options, 1, 1,
		CLI_SOCKET, cmd_tag},
	{"untag", "GUN|PILE|FEEDER|site", N_("put back into service"), NULL, undo_options, 1, 1,
		CLI_SOCKET, cmd_untag},
	{"release", "GUN|PILE|FEEDER|site", N_("release what a stop or an emergency input holds"),
		N_("Refused while the input is active."), wide_options, 1, 1, CLI_SOCKET,
		cmd_release},
	{"commands", "[GUN|PILE]", N_("commands and their life"), NULL, list_options, 0, 1,
		CLI_SOCKET, cmd_commands},
	{"confirm", "ID", N_("confirm a command that would be undone by itself"), NULL, NULL, 1, 1,
		CLI_SOCKET, cmd_confirm},
	{"trials", "[GUN|PILE]", N_("commands that must be confirmed, or had to be"), NULL,
		list_options, 0, 1, CLI_SOCKET, cmd_trials},
	{"note", "GUN|PILE|FEEDER|site|SESSION TEXT", N_("write a note"), NULL, note_options, 2, 2,
		CLI_SOCKET, cmd_note},
	{"notes", "[GUN|PILE|SESSION]", N_("notes"), NULL, notes_options, 0, 1, CLI_SOCKET,
		cmd_notes},
	{"shift report", "", N_("what happened in this shift"),
		N_("From the end of the last shift, or of the last 12 hours, until now."),
		shift_options, 0, 0, CLI_SOCKET, cmd_shift_report},
	{"shift end", "TEXT", N_("end the shift with a note for the next one"), NULL, note_options,
		1, 1, CLI_SOCKET, cmd_shift_end},
	{"account open", "NAME", N_("open an account"), NULL, account_open_options, 1, 1,
		CLI_SOCKET, cmd_account_open},
	{"account list", "[SEARCH]", N_("customers' accounts"),
		N_("SEARCH is part of a name, phone or plate, or an account or card as a whole; "
		   "without the role cashier the number of an account."),
		account_list_options, 0, 1, CLI_SOCKET, cmd_account_list},
	{"account show", "ACCOUNT", N_("one account with its newest messages"), NULL, NULL, 1, 1,
		CLI_SOCKET, cmd_account_show},
	{"account set", "ACCOUNT", N_("change what is noted of an account"),
		N_("A lone \"-\" takes a value away; of --low it means the site's."),
		account_set_options, 1, 1, CLI_SOCKET, cmd_account_set},
	{"account freeze", "ACCOUNT", N_("stop an account from paying"), NULL, till_options, 1, 1,
		CLI_SOCKET, cmd_account_status},
	{"account unfreeze", "ACCOUNT", N_("let it pay again"), NULL, till_options, 1, 1,
		CLI_SOCKET, cmd_account_status},
	{"account close", "ACCOUNT", N_("close an account on which nothing is left"), NULL,
		till_options, 1, 1, CLI_SOCKET, cmd_account_status},
	{"account card", "ACCOUNT CARD", N_("give an account a card, or take it"), NULL,
		card_options, 2, 2, CLI_SOCKET, cmd_account_card},
	{"account pin", "ACCOUNT", N_("set, check or take away the PIN"),
		N_("The PIN, 4 to 12 digits, is read from standard input. After 5 wrong ones in a "
		   "row it is refused for 15 minutes, or until it is set anew; the holder is "
		   "told."),
		pin_options, 1, 1, CLI_SOCKET, cmd_account_pin},
	{"account topup", "ACCOUNT AMOUNT", N_("take cash in"), N_("A debt is paid first."),
		till_options, 2, 2, CLI_SOCKET, cmd_account_money},
	{"account withdraw", "ACCOUNT AMOUNT", N_("pay cash out"), NULL, till_options, 2, 2,
		CLI_SOCKET, cmd_account_money},
	{"account fee", "ACCOUNT AMOUNT", N_("charge a fee"), NULL, till_options, 2, 2, CLI_SOCKET,
		cmd_account_money},
	{"account writeoff", "ACCOUNT AMOUNT", N_("give a debt up"), NULL, till_options, 2, 2,
		CLI_SOCKET, cmd_account_money},
	{"account statement", "[ACCOUNT]", N_("transactions of an account, or all"), NULL,
		statement_options, 0, 1, CLI_SOCKET, cmd_account_statement},
	{"account message", "ACCOUNT TEXT", N_("a message to a customer"), NULL, message_options, 2,
		2, CLI_SOCKET, cmd_account_message},
	{"bill list", "[GUN|PILE]", N_("bills"), NULL, bill_list_options, 0, 1, CLI_SOCKET,
		cmd_bill_list},
	{"rate", "BILL|SESSION STARS", N_("note what a driver says of a charge"),
		N_("1 to 5 stars and a remark. Nothing is changed or taken away: the newest "
		   "counts."),
		rate_options, 2, 2, CLI_SOCKET, cmd_rate},
	{"bill show", "BILL", N_("one bill with its lines and its ratings"), NULL,
		bill_show_options, 1, 1, CLI_SOCKET, cmd_bill_show},
	{"bill verify", "BILL|CODE", N_("compute a bill anew from its registers"),
		N_("CODE is what the QR code of a receipt holds: the bill must then be that one. "
		   "With "
		   "--db by whoever may read the file, whether an agent runs or not."),
		bill_verify_options, 1, 1, CLI_EITHER, cmd_bill_verify},
	{"bill receipt", "BILL", N_("a bill as text for a receipt printer"), NULL,
		bill_receipt_options, 1, 1, CLI_SOCKET, cmd_bill_receipt},
	{"bill refund", "BILL [AMOUNT]", N_("pay back a bill or a part, once"), NULL, till_options,
		1, 2, CLI_SOCKET, cmd_bill_refund},
	{"bill post", "SESSION", N_("bill an odd charge as it stands"), NULL, reason_options, 1, 1,
		CLI_SOCKET, cmd_abnormal_do},
	{"bill void", "SESSION", N_("charge nothing for an odd charge"), NULL, reason_options, 1, 1,
		CLI_SOCKET, cmd_abnormal_do},
	{"abnormal list", "", N_("the work list of odd charges"), NULL, abnormal_options, 0, 0,
		CLI_SOCKET, cmd_abnormal_list},
	{"abnormal show", "ENTRY", N_("one entry with its evidence"), NULL, NULL, 1, 1, CLI_SOCKET,
		cmd_abnormal_show},
	{"abnormal post", "ENTRY", N_("bill it as it stands, or let its bill stand"), NULL,
		reason_options, 1, 1, CLI_SOCKET, cmd_abnormal_do},
	{"abnormal void", "ENTRY", N_("charge nothing, release the prepayment"), NULL,
		reason_options, 1, 1, CLI_SOCKET, cmd_abnormal_do},
	{"abnormal refund", "ENTRY", N_("pay its bill back"), NULL, reason_options, 1, 1,
		CLI_SOCKET, cmd_abnormal_do},
	{"ledger verify", "", N_("prove the whole ledger; the first wrong row is named"),
		N_("With --db by whoever may read the file, whether an agent runs or not."),
		ledger_verify_options, 0, 0, CLI_EITHER, cmd_ledger_verify},
	{"ledger balance", "", N_("what each kind of the ledger's accounts sums up to"), NULL, NULL,
		0, 0, CLI_SOCKET, cmd_ledger_balance},
	{"ledger head", "", N_("signed ends of days, to be kept elsewhere"), NULL,
		ledger_head_options, 0, 0, CLI_SOCKET, cmd_ledger_head},
	{"ledger reverse", "TRANSACTION", N_("take back a transaction, once"), NULL, till_options,
		1, 1, CLI_SOCKET, cmd_ledger_reverse},
	{"audit", "", N_("who did what: commands and refusals"), NULL, audit_options, 0, 0,
		CLI_SOCKET, cmd_audit},
	{"audit verify", "", N_("check that nothing in the audit log was changed or taken out"),
		N_("The first row that is wrong is named. Keep the printed head elsewhere: given "
		   "to --head later,\nit proves that the log was not written anew."),
		audit_verify_options, 0, 0, CLI_EITHER, cmd_audit_verify},
	{"bus", "", N_("buses and units: state, line use, latency, errors"), NULL, NULL, 0, 0,
		CLI_SOCKET, cmd_bus},
	{"bus scan", "", N_("find address, speed and parity of devices on a line"),
		N_("The line must be free: stop the agent, or scan a line that it does not use."),
		scan_options, 0, 0, CLI_OFFLINE, cmd_bus_scan},
	{"bus read", "UNIT ADDRESS [COUNT]", N_("read raw registers, through the agent or not"),
		N_("UNIT is a unit of the agent (see `piled bus`), with --tcp or --serial a Modbus "
		   "address.\nADDRESS counts from 0; 0x may stand before hexadecimal digits."),
		read_options, 2, 3, CLI_NONE, cmd_bus_read},
	{"probe", "[UNIT]", N_("read each point of a unit once and judge it"),
		N_("UNIT is a unit of the agent; without it --tcp or --serial, --unit and "
		   "--profile "
		   "name a device that the agent does not use."),
		line_options, 0, 1, CLI_NONE, cmd_probe},
	{"profile check", "FILE", N_("check a device profile"), NULL, profile_options, 1, 1,
		CLI_NONE, cmd_profile_check},
	{"profile show", "NAME", N_("points and registers of a device profile"), NULL,
		profile_options, 1, 1, CLI_NONE, cmd_profile_show},
	{"profile list", "", N_("the device profiles"), NULL, profile_options, 0, 0, CLI_NONE,
		cmd_profile_list},
	{"tariff list", "[TARIFF]", N_("tariffs and their versions"), NULL, NULL, 0, 1, CLI_SOCKET,
		cmd_tariff_list},
	{"tariff show", "[TARIFF[/VERSION]|FILE]",
		N_("the prices of a day as a band and a table, and the parking fee"), NULL,
		tariff_show_options, 0, 1, CLI_EITHER, cmd_tariff_show},
	{"tariff check", "FILE|-", N_("check the text of a tariff"), NULL, tariff_options, 1, 1,
		CLI_NONE, cmd_tariff_check},
	{"tariff import", "FILE|-", N_("take a tariff in as the next version of its name"),
		N_("Taking in the same text again changes nothing. What is in force is never "
		   "changed: a new version begins in the future."),
		tariff_import_options, 1, 1, CLI_SOCKET, cmd_tariff_import},
	{"tariff simulate", "TARIFF[/VERSION]|FILE",
		N_("what past sessions would have cost under another tariff"),
		N_("Energy and revenue by period, beside what was billed. Without a time it is "
		   "today."),
		tariff_simulate_options, 1, 1, CLI_SOCKET, cmd_tariff_simulate},
	{"tariff diff", "A B", N_("what differs between two tariffs"),
		N_("A and B are files, tariffs in force, or versions: shandong/2."), tariff_options,
		2, 2, CLI_EITHER, cmd_tariff_diff},
	{"replay", "FILE", N_("run recorded input through the core and print its decisions"),
		N_("FILE is a file of the journal. The same input gives the same decisions; what "
		   "differs is told."),
		replay_options, 1, 1, CLI_NONE, cmd_replay},
	{"whatif", "", N_("recorded sessions under another transformer, policy or number of guns"),
		N_("The decision is that of the agent, in virtual time. --policy several times, or "
		   "with commas,\ncompares."),
		whatif_options, 0, 0, CLI_NONE, cmd_whatif},
	{"export", "[WHAT]", N_("sessions, faults, commands, energy or decisions as CSV"),
		N_("WHAT is sessions, faults, commands, energy or decisions. With --data and "
		   "--format count "
		   "it may be left out:\nthe readings of the last day are counted."),
		export_options, 0, 1, CLI_EITHER, cmd_export},
	{"attach", "", N_("connect standard input and output to the agent's socket"), NULL,
		attach_options, 0, 0, CLI_NONE, cmd_attach},
	{"version", "", N_("version of program and protocol"), NULL, NULL, 0, 0, CLI_NONE,
		cmd_version},
	{"help", "[COMMAND]", N_("this list, or the help of a command"), NULL, NULL, 0, 2, CLI_NONE,
		cmd_help},
	{0},
};

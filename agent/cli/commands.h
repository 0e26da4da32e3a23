#ifndef PILED_COMMANDS_H
#define PILED_COMMANDS_H
/* The functions behind the table of subcommands; each returns an exit code of cli.h. */
#include "cli.h"
#include "print.h"

/* show.c: the present */
int cmd_status(struct cli *cli);
int cmd_guns(struct cli *cli);
int cmd_gun(struct cli *cli);
int cmd_bus(struct cli *cli);
int cmd_version(struct cli *cli);
int cmd_help(struct cli *cli);

/* why.c, load.c: the present, explained */
int cmd_why(struct cli *cli);
int cmd_load(struct cli *cli);

/* decision.c: the past, explained */
int cmd_decisions(struct cli *cli);
/* Connects, where it is not for the folder of --data, so that times are read in the site's zone;
 * 0 or an exit code. */
int decision_source(struct cli *cli);
/* The decision that was in force for a gun at a time, of --data or of the agent; 0 or an exit
 * code. */
int decision_at(struct cli *cli, const char *gun, struct wall at, struct view_decision *out);

/* list.c: the past */
int cmd_sessions(struct cli *cli);
int cmd_session(struct cli *cli);
int cmd_energy(struct cli *cli);
int cmd_faults(struct cli *cli);
int cmd_commands(struct cli *cli);
int cmd_log(struct cli *cli);

/* Adds from and to of --day, --month, --from, --to to the parameters of a call; 0 or an exit code.
 * `required`: today where none is given. */
struct cJSON;
int list_range(const struct cli *cli, struct cJSON *params, bool required);

/* Reads the time of an option, where it was given; 0 or an exit code. */
int list_time(const struct cli *cli, const char *name, struct wall *out);

/* Adds --day ... --to and --limit; 0 or an exit code. */
int list_newest(const struct cli *cli, struct cJSON *params);

/* Adds the parameters of a list: --day ... --to, --limit, --active and the target; 0 or an exit
 * code. */
int list_filter(const struct cli *cli, struct cJSON *params);

/* Calls a list method with these parameters (taken over) and prints its rows. */
int list_print(struct cli *cli, const char *method, struct cJSON *params, enum view_kind kind,
	const struct column *columns, size_t count, const char *none);

/* Calls a list method with --day ... --limit and the target, and prints its rows. */
int list_filtered(struct cli *cli, const char *method, enum view_kind kind,
	const struct column *columns, size_t count, const char *none);

/* export.c: rows as CSV with a head line (RFC 4180) */
void export_csv(const struct rows *rows);

/* report.c: figures of money and operation */
int cmd_report(struct cli *cli);

/* charge.c: charges with an order */
int cmd_charge(struct cli *cli);
int cmd_quote(struct cli *cli);
int cmd_orders(struct cli *cli);
int cmd_orders_cancel(struct cli *cli);

/* reserve.c: reservations */
int cmd_reserve_add(struct cli *cli);
int cmd_reserve_list(struct cli *cli);
int cmd_reserve_cancel(struct cli *cli);

/* slimit.c: limits from outside */
int cmd_slimit_add(struct cli *cli);
int cmd_slimit_list(struct cli *cli);
int cmd_slimit_cancel(struct cli *cli);
void slimit_print(const struct cli *cli, const struct rows *rows);

/* alarm.c */
int cmd_alarms(struct cli *cli);
int cmd_alarms_reset(struct cli *cli);
int cmd_alarms_kpi(struct cli *cli);
int cmd_ack(struct cli *cli);
int cmd_shelve(struct cli *cli);
int cmd_unshelve(struct cli *cli);

/* outbox.c */
int cmd_outbox(struct cli *cli);
int cmd_outbox_test(struct cli *cli);

/* fault.c: the catalogue */
int cmd_fault_explain(struct cli *cli);
int cmd_fault_list(struct cli *cli);
/* Prints severity, meaning, cause and what to do. */
struct fault_info;
void fault_print(const struct fault_info *fault);

/* preview.c: what concerns more than a pile is shown and asked; 0 or an exit code */
int preview_ask(struct cli *cli, const char *verb, int64_t value);
int cmd_trials(struct cli *cli);
int cmd_confirm(struct cli *cli);

/* note.c, shift.c: what people write down, and hand over */
int note_write(struct cli *cli, const char *target, const char *text);
int cmd_note(struct cli *cli);
int cmd_notes(struct cli *cli);
int cmd_shift_end(struct cli *cli);
int cmd_shift_report(struct cli *cli);

/* audit.c: who did what */
int cmd_audit(struct cli *cli);
int cmd_audit_verify(struct cli *cli);

/* tariff.c */
int cmd_tariff_check(struct cli *cli);
int cmd_tariff_show(struct cli *cli);
int cmd_tariff_list(struct cli *cli);
int cmd_tariff_diff(struct cli *cli);
int cmd_tariff_import(struct cli *cli);
int cmd_tariff_simulate(struct cli *cli);

/* account.c: customers' accounts */
int cmd_account_open(struct cli *cli);
int cmd_account_list(struct cli *cli);
int cmd_account_show(struct cli *cli);
int cmd_account_set(struct cli *cli);
int cmd_account_status(struct cli *cli);
int cmd_account_card(struct cli *cli);
int cmd_account_pin(struct cli *cli);
int cmd_account_money(struct cli *cli);
int cmd_account_message(struct cli *cli);
int cmd_account_statement(struct cli *cli);

/* ledger.c: the ledger as a whole, the work list of odd charges */
int cmd_ledger_verify(struct cli *cli);
int cmd_ledger_balance(struct cli *cli);
int cmd_ledger_head(struct cli *cli);
int cmd_ledger_reverse(struct cli *cli);
int cmd_abnormal_list(struct cli *cli);
int cmd_abnormal_show(struct cli *cli);
int cmd_abnormal_do(struct cli *cli);

/* bill.c */
int cmd_bill_list(struct cli *cli);
int cmd_bill_show(struct cli *cli);
int cmd_bill_verify(struct cli *cli);
int cmd_bill_refund(struct cli *cli);
int cmd_bill_receipt(struct cli *cli);
/* rate.c */
int cmd_rate(struct cli *cli);

/* export.c */
int cmd_export(struct cli *cli);

/* act.c: what changes something */
int cmd_start(struct cli *cli);
int cmd_depart(struct cli *cli);
int cmd_want(struct cli *cli);
int cmd_stop(struct cli *cli);
int cmd_limit(struct cli *cli);
int cmd_unlock(struct cli *cli);
int cmd_reboot(struct cli *cli);
int cmd_clock(struct cli *cli);
int cmd_tag(struct cli *cli);
int cmd_untag(struct cli *cli);
int cmd_release(struct cli *cli);
int cmd_reload(struct cli *cli);

/* bus.c, probing.c, profiles.c: lines and devices, without or with the agent */
int cmd_bus_scan(struct cli *cli);
int cmd_bus_read(struct cli *cli);
int cmd_probe(struct cli *cli);
int cmd_profile_check(struct cli *cli);
int cmd_profile_show(struct cli *cli);
int cmd_profile_list(struct cli *cli);
/* Loads a profile of the folders; 0 or an exit code, what is wrong has been printed. */
struct profile;
int profile_by_name(const struct cli *cli, const char *name, struct profile **out);

/* agent.c: the agent itself */
int cmd_run(struct cli *cli);
int cmd_check(struct cli *cli);
int cmd_replay(struct cli *cli);
int cmd_attach(struct cli *cli);

/* whatif.c: recorded sessions at another site */
int cmd_whatif(struct cli *cli);

#endif

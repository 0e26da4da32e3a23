#ifndef PILED_BILL_SHOW_H
#define PILED_BILL_SHOW_H
/* A bill on paper: a receipt of 32 (58 mm) or 48 columns (80 mm), and the code that proves it. */
#include "print.h"

/* What the code holds: all that `piled bill verify` needs to tell whether a bill is the one that
 * was printed. "PILED1:SITE:NUMBER:TOTAL:HASH", the total in fen. */
struct bill_code {
	char site[32];
	int64_t number, total_fen;
	char hash[65];
};
/* ERR_SYNTAX. */
int bill_code_read(const char *text, struct bill_code *out);
int bill_code_write(const struct cli *cli, const struct view_bill *bill, char *dst, size_t size);

void bill_receipt(
	const struct cli *cli, const struct view_bill *bill, const struct rows *lines, int columns);

/* The transactions of an account, view_posting, newest first as the agent gives them: printed from
 * the balance before the oldest to that after the newest. */
void statement_receipt(
	const struct cli *cli, const char *account, const struct rows *rows, int columns);

/* Columns of the paper that --width asks for; 0 or an exit code. */
int receipt_columns(struct cli *cli, int *columns);

/* Prints the code as a QR code of half blocks. */
int bill_qr(const struct cli *cli, const struct view_bill *bill);

#endif

#ifndef PILED_SHELL_H
#define PILED_SHELL_H
/*
 * The login shell of accounts that may talk to the agent and do nothing else on the machine: the
 * program under the name piled-shell. sshd runs forced commands and subsystems through it; it takes
 * `-c "piled COMMAND ..."` where the command only speaks to the agent (cli_main_confined()).
 */
#include <stdbool.h>

/* Was the program called by that name ("-piled-shell" at a login)? */
bool shell_called(const char *name);

/* Splits and runs the command line, with no shell in between. The process's exit code. */
int shell_main(int argc, char **argv);

#endif

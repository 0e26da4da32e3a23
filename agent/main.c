#include "cli/cli.h"
#include "cli/shell.h"

int main(int argc, char **argv)
{
	return argc > 0 && shell_called(argv[0]) ? shell_main(argc, argv) : cli_main(argc, argv);
}

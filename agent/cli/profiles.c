/* Device profiles: checked, shown, listed. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "config/config.h"

static void folders_of(const struct cli *cli, struct config_folders *folders)
{
	const char *first = cli_option(cli, "profiles");

	config_profile_folders(first != NULL ? first : "", folders);
	if (first != NULL) {
		folders->list[0] = first;
	}
}

int profile_by_name(const struct cli *cli, const char *name, struct profile **out)
{
	struct yaml_errors errors = {0};
	struct config_folders folders;
	char path[CONFIG_PATH];
	int rc;

	folders_of(cli, &folders);
	rc = profile_path(folders.list, name, path, sizeof path);
	if (rc != 0) {
		return cli_fail(cli, CLI_FAILED,
			_("no profile \"%s\"; `piled profile list` lists them"), name);
	}
	rc = profile_load(path, NULL, &errors, out);
	for (size_t i = 0; i < errors.kept; i++) {
		fprintf(stderr, "%s\n", errors.lines[i]);
	}
	if (rc != 0) {
		cli_fail(cli, CLI_FAILED, _("%s: %zu errors"), path, errors.count);
	}
	yaml_errors_free(&errors);
	return rc == 0 ? 0 : CLI_FAILED;
}

int cmd_profile_check(struct cli *cli)
{
	const char *name = cli->args[0];
	struct profile *profile;
	char path[CONFIG_PATH];
	int rc;

	/* It is a file, also without a slash. */
	snprintf(path, sizeof path, "%s%s", strchr(name, '/') == NULL ? "./" : "", name);
	rc = profile_by_name(cli, path, &profile);
	if (rc != 0) {
		return rc;
	}
	printf(_("%s: good: %s %s\n"), name, profile_info(profile)->maker,
		profile_info(profile)->model);
	profile_free(profile);
	return CLI_OK;
}

int cmd_profile_show(struct cli *cli)
{
	struct profile *profile = NULL;
	int rc = profile_by_name(cli, cli->args[0], &profile);

	if (rc == 0) {
		profile_show(profile, stdout);
		profile_free(profile);
	}
	return rc;
}

static int is_profile(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

static void list_folder(const struct cli *cli, const char *folder, size_t *count)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, is_profile, alphasort);

	for (int i = 0; i < n; i++) {
		char *name = entries[i]->d_name;

		name[strlen(name) - 5] = '\0';
		if (cli->json) {
			printf("%s{\"name\":\"%s\",\"folder\":\"%s\"}", *count == 0 ? "[" : ",",
				name, folder);
		} else {
			printf("%-28s %s\n", name, folder);
		}
		(*count)++;
		free(entries[i]);
	}
	if (n >= 0) {
		free(entries);
	}
}

int cmd_profile_list(struct cli *cli)
{
	struct config_folders folders;
	size_t count = 0;

	folders_of(cli, &folders);
	for (size_t i = 0; folders.list[i] != NULL; i++) {
		list_folder(cli, folders.list[i], &count);
	}
	if (cli->json) {
		printf("%s]\n", count == 0 ? "[" : "");
	}
	return count > 0 || cli->json ? CLI_OK : CLI_FAILED;
}

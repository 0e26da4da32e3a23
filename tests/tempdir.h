#ifndef TEMPDIR_H
#define TEMPDIR_H
/* A temporary folder of a test or bench, and its removal with what is in it. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEMPDIR_PATH 512

/* `name` gets the path: at least 64 bytes. Returns 0 or -1. */
static inline int tempdir_make(char *name, size_t size)
{
	snprintf(name, size, "/tmp/piled-XXXXXX");
	return mkdtemp(name) != NULL ? 0 : -1;
}

/* Removes the files of a folder and of the folders in it, then the folder. */
static inline void tempdir_remove(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char path[TEMPDIR_PATH];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
			snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >=
				(int)sizeof path) {
			continue;
		}
		if (unlink(path) != 0) {
			tempdir_remove(path);
		}
	}
	if (dir != NULL) {
		closedir(dir);
	}
	rmdir(folder);
}

#endif

#include "who.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "text.h"

#define MEMBERS_MAX 512
#define ENTRY_MAX   (256 * 1024) /* a group of a directory service may be long */
#define PASSWD_LINE 1024

struct member {
	uid_t uid;
	char name[CONFIG_NAME];
};

struct who {
	gid_t groups[ROLE_COUNT_][CONFIG_NAMES_MAX];
	size_t group_count[ROLE_COUNT_];
	char first[ROLE_COUNT_][CONFIG_NAME];
	uid_t shared[CONFIG_NAMES_MAX];
	size_t shared_count;
	struct member *members; /* of the groups: the names that /etc/passwd may not have */
	size_t member_count;
};

/* ---- Resolving, when the configuration is read ---- */

static void add_member(struct who *who, const char *name, char *room)
{
	struct passwd entry, *found = NULL;

	if (who->member_count == MEMBERS_MAX ||
		getpwnam_r(name, &entry, room, ENTRY_MAX, &found) != 0 || found == NULL) {
		return;
	}
	for (size_t i = 0; i < who->member_count; i++) {
		if (who->members[i].uid == found->pw_uid) {
			return;
		}
	}
	who->members[who->member_count].uid = found->pw_uid;
	text_clean(who->members[who->member_count++].name, CONFIG_NAME, name);
}

static void add_group(struct who *who, enum role role, const char *name, bool given, char *room)
{
	struct group entry, *found = NULL;

	if (getgrnam_r(name, &entry, room, ENTRY_MAX, &found) != 0 || found == NULL) {
		log_line(given ? LOG_WARNING : LOG_DETAIL,
			"roles: %s: this machine has no group '%s': nobody gets the role by it",
			role_name(role), name);
		return;
	}
	who->groups[role][who->group_count[role]++] = found->gr_gid;
	for (char **m = found->gr_mem; *m != NULL; m++) {
		add_member(who, *m, room + ENTRY_MAX);
	}
}

/* A shell is one of /etc/shells; none stands there for an account that only runs a forced command.
 */
static bool has_shell(const char *shell)
{
	bool known = *shell == '\0'; /* empty: /bin/sh */
	const char *s;

	setusershell();
	while (!known && (s = getusershell()) != NULL) {
		known = strcmp(s, shell) == 0;
	}
	endusershell();
	return known;
}

static void add_shared(struct who *who, const char *name, char *room)
{
	struct passwd entry, *found = NULL;

	if (getpwnam_r(name, &entry, room, ENTRY_MAX, &found) != 0 || found == NULL) {
		log_line(LOG_WARNING, "attach_as: this machine has no account '%s'", name);
	} else if (found->pw_uid == 0 || has_shell(found->pw_shell)) {
		log_line(LOG_WARNING,
			"attach_as: '%s' has the shell %s: its users could claim to be anybody; "
			"not taken. The shell for it is piled-shell",
			name, found->pw_shell);
	} else {
		who->shared[who->shared_count++] = found->pw_uid;
	}
}

static void resolve(struct who *who, const struct config *config, char *room)
{
	for (int r = ROLE_VIEWER; r < ROLE_COUNT_; r++) {
		const struct config_names *names = &config->roles[r];

		for (size_t i = 0; i < names->count; i++) {
			add_group(who, (enum role)r, names->v[i], names->given, room);
		}
		if (names->count > 0) {
			text_clean(who->first[r], CONFIG_NAME, names->v[0]);
		}
	}
	for (size_t i = 0; i < config->attach_as.count; i++) {
		add_shared(who, config->attach_as.v[i], room);
	}
}

int who_new(const struct config *config, struct who **out)
{
	struct who *who = calloc(1, sizeof *who);
	char *room = malloc(2 * ENTRY_MAX);

	if (who != NULL) {
		who->members = calloc(MEMBERS_MAX, sizeof *who->members);
	}
	if (who == NULL || who->members == NULL || room == NULL) {
		free(room);
		who_free(who);
		return ERR_NOMEM;
	}
	resolve(who, config, room);
	free(room);
	*out = who;
	return 0;
}

void who_free(struct who *who)
{
	if (who != NULL) {
		free(who->members);
		free(who);
	}
}

/* ---- Asking ---- */

static bool in_one_of(const gid_t *wanted, size_t wanted_count, const gid_t *groups, size_t count)
{
	for (size_t i = 0; i < wanted_count; i++) {
		for (size_t k = 0; k < count; k++) {
			if (wanted[i] == groups[k]) {
				return true;
			}
		}
	}
	return false;
}

role_set who_roles(const struct who *who, uid_t uid, const gid_t *groups, size_t count)
{
	role_set set = 0;

	if (uid == 0 || uid == geteuid()) {
		return ROLE_BIT(ROLE_ADMIN);
	}
	for (int r = ROLE_VIEWER; r < ROLE_COUNT_; r++) {
		if (in_one_of(who->groups[r], who->group_count[r], groups, count)) {
			set |= ROLE_BIT(r);
		}
	}
	return set;
}

/* Looks into the local file alone, without any name service. */
static bool local_name(uid_t uid, char *dst, size_t size)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd entry, *found = NULL;
	char room[PASSWD_LINE];
	int rc;

	if (file == NULL) {
		return false;
	}
	/* ERANGE: an absurdly long line; the next ones are read all the same. */
	while ((rc = fgetpwent_r(file, &entry, room, sizeof room, &found)) == 0 || rc == ERANGE) {
		if (rc == 0 && found->pw_uid == uid) {
			text_clean(dst, size, found->pw_name);
			break;
		}
		found = NULL;
	}
	fclose(file);
	return found != NULL;
}

void who_name(const struct who *who, uid_t uid, char *dst, size_t size)
{
	for (size_t i = 0; i < who->member_count; i++) {
		if (who->members[i].uid == uid) {
			snprintf(dst, size, "%s", who->members[i].name);
			return;
		}
	}
	if (!local_name(uid, dst, size)) {
		snprintf(dst, size, "uid %u", (unsigned)uid);
	}
}

bool who_shared(const struct who *who, uid_t uid)
{
	for (size_t i = 0; i < who->shared_count; i++) {
		if (who->shared[i] == uid) {
			return true;
		}
	}
	return false;
}

const char *who_group(const struct who *who, enum role role)
{
	return (unsigned)role < ROLE_COUNT_ ? who->first[role] : "";
}

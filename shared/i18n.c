#include "i18n.h"

#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "piled"

/* Of libintl: raising it makes gettext look at $LANGUAGE again (gettext manual, "Changing the
 * language at runtime"). */
extern int _nl_msg_cat_cntr;

static enum lang current;

static enum lang from_environment(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *v = getenv(names[i]);

		if (v != NULL && *v != '\0') {
			return strncmp(v, "zh", 2) == 0 ? LANG_ZH : LANG_EN;
		}
	}
	return LANG_EN;
}

/* The catalogues lie beside the executable in a build tree, else where they were installed. */
static void find_catalogues(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof "/locale");

	if (n > 0) {
		path[n] = '\0';
		char *slash = strrchr(path, '/');

		if (slash != NULL) {
			memcpy(slash, "/locale", sizeof "/locale");
			if (access(path, R_OK) == 0) {
				bindtextdomain(DOMAIN, path);
				return;
			}
		}
	}
	bindtextdomain(DOMAIN, PILED_PREFIX "/share/locale");
}

void i18n_set(enum lang lang)
{
	current = lang;
	setenv("LANGUAGE", lang == LANG_ZH ? "zh_CN" : "en", 1);
	_nl_msg_cat_cntr++;
}

void i18n_init(const char *lang)
{
	enum lang wanted = from_environment();

	if (lang != NULL) {
		wanted = strncmp(lang, "zh", 2) == 0 ? LANG_ZH : LANG_EN;
	}
	/* gettext translates in no locale called "C": C.UTF-8 is another one to it. */
	if (setlocale(LC_ALL, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
		setlocale(LC_ALL, "C.UTF-8");
	}
	if (strcmp(setlocale(LC_MESSAGES, NULL), "C") == 0 ||
		strcmp(setlocale(LC_MESSAGES, NULL), "POSIX") == 0) {
		setlocale(LC_MESSAGES, "C.UTF-8");
	}
	setlocale(LC_NUMERIC, "C");
	find_catalogues();
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	textdomain(DOMAIN);
	i18n_set(wanted);
}

enum lang i18n_lang(void)
{
	return current;
}

const char *i18n_text(const char *message)
{
	/* gettext("") is the catalogue's header. */
	return *message == '\0' || current == LANG_EN ? message : gettext(message);
}

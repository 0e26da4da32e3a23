#ifndef PILED_I18N_H
#define PILED_I18N_H
/*
 * Chinese and English. Messages are English in the code, marked _() (translated now) or N_()
 * (translated where it is used); catalogues are gettext's, domain "piled".
 */
#include "err.h"

enum lang { LANG_EN, LANG_ZH };

/* Sets locale and language: `lang` ("en", "zh", NULL = from the environment). Where the locale
 * asked for is not installed, C.UTF-8 with the language asked for. Call it first in main(). */
void i18n_init(const char *lang);

/* The language in use, and switching it while running. */
enum lang i18n_lang(void);
void i18n_set(enum lang lang);

const char *i18n_text(const char *message) __attribute__((format_arg(1)));
#define _(message) i18n_text(message)

#endif

#ifndef PILED_REPORTWORDS_H
#define PILED_REPORTWORDS_H
/* Words of people for the sections and items of reports. */
#include "view.h"

/* Of a section or an item, in the present language; the token itself where there is none. */
const char *report_word(const char *token);

/* Of a row's item: that of a pile is its id. */
const char *report_item_word(const struct view_report *row);

#endif

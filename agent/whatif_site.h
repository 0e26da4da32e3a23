#ifndef PILED_WHATIF_SITE_H
#define PILED_WHATIF_SITE_H
/* A site's own past as input of what-if: sessions and other load out of its database. */
#include "sessions.h"

/* Where it is read from. Times are local: seconds since 1970 plus the offset of the site. */
struct whatif_past {
	const char *folder; /* of the database */
	const char *meter;  /* of the transformer; NULL = none, no other load */
	int64_t utc_offset_s;
	int64_t from_s, to_s;
};

/* Reads the ended sessions with energy that began in that time: from plugging in to unplugging,
 * with the greatest power that was seen. sessions_clear() releases them. Errors of the store;
 * ERR_NOTFOUND where there is none. */
int whatif_past_sessions(const struct whatif_past *past, struct session_rows *out);

/* The other load of each hour from `from_s` on: the meter's energy less that of the guns, never
 * below 0; an hour, or a meter, without a record has none. */
int whatif_past_load(const struct whatif_past *past, int32_t *hour_w, size_t hours);

#endif

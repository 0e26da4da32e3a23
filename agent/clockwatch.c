#include "clockwatch.h"

#include <stdlib.h>
#include <sys/timex.h>

bool clockwatch_look(struct clockwatch *watch, struct moment now, bool synced, int64_t *step_ms)
{
	int64_t offset_ms = now.wall.ms - now.mono.us / US_PER_MS;
	int64_t moved_ms = offset_ms - watch->offset_ms;
	bool step = watch->started && llabs(moved_ms) >= CLOCK_STEP_MS;
	bool news = step || !watch->started || synced != watch->synced;

	*step_ms = step ? moved_ms : 0;
	watch->offset_ms = offset_ms;
	watch->synced = synced;
	watch->started = true;
	return news;
}

bool clockwatch_synced(void)
{
	struct timex t = {.modes = 0};
	int state = adjtimex(&t);

	return state >= 0 && state != TIME_ERROR && (t.status & STA_UNSYNC) == 0;
}

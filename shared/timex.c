#include "timex.h"

#include <time.h>

struct mono mono_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (struct mono){(int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000};
}

struct wall wall_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (struct wall){(int64_t)ts.tv_sec * MS_PER_S + ts.tv_nsec / 1000000};
}

struct moment moment_now(void)
{
	return (struct moment){mono_now(), wall_now()};
}

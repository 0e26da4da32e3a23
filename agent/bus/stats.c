/* Counters of a bus or a unit. */
#include <stddef.h>

#include "err.h"
#include "stats.h"

#define KEEP_SAMPLES 8192

static unsigned bucket_of(int64_t us)
{
	unsigned octave, bucket;

	if (us < 8) {
		return us < 0 ? 0 : (unsigned)us;
	}
	octave = 63 - (unsigned)__builtin_clzll((uint64_t)us);
	bucket = octave * 8 + (unsigned)((us >> (octave - 3)) & 7) - 16;
	return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

/* The middle of a bucket. */
static int64_t bucket_us(unsigned bucket)
{
	unsigned octave = (bucket + 16) / 8, eighth = (bucket + 16) % 8;

	if (bucket < 8) {
		return bucket;
	}
	return (INT64_C(1) << octave) + ((int64_t)eighth << (octave - 3)) +
	       (INT64_C(1) << (octave - 3)) / 2;
}

void latency_add(struct latency *latency, int64_t us)
{
	latency->bucket[bucket_of(us)]++;
	latency->count++;
	if (latency->count < KEEP_SAMPLES) {
		return;
	}
	latency->count = 0;
	for (unsigned b = 0; b < LATENCY_BUCKETS; b++) {
		latency->bucket[b] /= 2;
		latency->count += latency->bucket[b];
	}
}

int64_t latency_quantile(const struct latency *latency, int pm)
{
	uint64_t wanted = ((uint64_t)latency->count * (unsigned)pm + 999) / 1000, seen = 0;

	if (latency->count == 0) {
		return VALUE_NONE;
	}
	for (unsigned b = 0; b < LATENCY_BUCKETS; b++) {
		seen += latency->bucket[b];
		if (seen >= wanted && seen > 0) {
			return bucket_us(b);
		}
	}
	return VALUE_NONE;
}

void bus_stats_add(struct bus_stats *stats, const struct bus_reply *reply)
{
	stats->transactions++;
	/* A frame counts once: the one that ended a transaction as foreign. */
	stats->late += reply->late - (reply->err == ERR_FOREIGN && reply->late > 0 ? 1 : 0);
	switch (reply->err) {
	case 0:
		latency_add(&stats->latency, reply->took_us);
		stats->last_good = reply->at;
		stats->any_good = true;
		break;
	case ERR_TIMEOUT:
		stats->timeouts++;
		break;
	case ERR_CRC:
		stats->crc++;
		break;
	case ERR_FRAME:
		stats->frames++;
		break;
	case ERR_FOREIGN:
		stats->foreign++;
		break;
	case ERR_EXCEPTION:
		stats->exceptions++;
		break;
	default:
		stats->other++;
	}
}

void bus_use_add(struct bus_use *use, struct mono from, struct mono to)
{
	while (from.us < to.us) {
		int64_t second = from.us / US_PER_S;
		int64_t end = (second + 1) * US_PER_S;
		size_t slot = (size_t)(second % USE_SLOTS);

		end = end < to.us ? end : to.us;
		if (use->second[slot] != second) {
			use->second[slot] = second;
			use->busy_us[slot] = 0;
		}
		use->busy_us[slot] += end - from.us;
		from.us = end;
	}
}

int64_t bus_use_pm(const struct bus_use *use, struct mono now)
{
	int64_t second = now.us / US_PER_S, busy = 0;

	/* The second under way is incomplete: the whole ones before it count. */
	for (size_t slot = 0; slot < USE_SLOTS; slot++) {
		if (use->second[slot] < second && use->second[slot] >= second - USE_SLOTS + 1) {
			busy += use->busy_us[slot];
		}
	}
	return busy / ((USE_SLOTS - 1) * MS_PER_S);
}

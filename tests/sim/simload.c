#include "hourly.h"
#include "rng.h"
#include "simload.h"
#include "supply.h"

/* Per cent of the peak at each full hour of a working day; weekends have 45 % of it. */
static const uint8_t DAY[24] = {28, 26, 25, 25, 26, 30, 42, 60, 78, 90, 96, 100, 94, 92, 97, 98, 95,
	88, 74, 60, 50, 42, 36, 31};
static const int SHARE_PM[3] = {360, 330, 310};

static int64_t total_w(const struct simload *load, int64_t minute)
{
	int64_t local = load->local_s + minute * 60;
	int64_t from, to;

	if (load->fixed) {
		return load->fixed_w;
	}

	if (load->hour_w && load->hours) {
		size_t hour = (size_t)hourly_index(local);

		from = load->hour_w[hour % load->hours];
		to = load->hour_w[(hour + 1) % load->hours];
	} else {
		int64_t day = (local / 86400 + 3) % 7; /* 0 = Monday */
		int64_t peak = day >= 5 ? load->peak_w * 45 / 100 : load->peak_w;

		from = peak * DAY[local / 3600 % 24] / 100;
		to = peak * DAY[(local / 3600 + 1) % 24] / 100;
	}
	int64_t w = from + (to - from) * (local % 3600) / 3600;
	return w + w * rng_noise(load->seed, noise_id(N_LOAD, 0, 0), (uint64_t)minute, 30) / 1000;
}

static void split(int64_t w, int64_t out[3])
{
	out[1] = w * SHARE_PM[1] / 1000;
	out[2] = w * SHARE_PM[2] / 1000;
	out[0] = w - out[1] - out[2];
}

void simload_power(const struct simload *load, int64_t second, int64_t w[3])
{
	split(total_w(load, second / 60), w);
}

void simload_advance(struct simload *load, int64_t second)
{
	for (; load->minute < second / 60; load->minute++) {
		int64_t w[3];

		split(total_w(load, load->minute), w);
		for (int i = 0; i < 3; i++) {
			load->energy_ws[i] += w[i] * 60;
		}
	}
}

void simload_fix(struct simload *load, int64_t second, int64_t w)
{
	int64_t before[3], after[3];

	simload_advance(load, second);
	split(total_w(load, load->minute), before);
	load->fixed = w >= 0;
	load->fixed_w = w;
	split(total_w(load, load->minute), after);
	/* The minute is counted as a whole when it is over: what was taken of it so far stays. */
	for (int i = 0; i < 3; i++) {
		load->energy_ws[i] += (before[i] - after[i]) * (second - load->minute * 60);
	}
}

void simload_energy(const struct simload *load, int64_t second, int64_t ws[3])
{
	int64_t w[3];

	split(total_w(load, load->minute), w);
	for (int i = 0; i < 3; i++) {
		ws[i] = load->energy_ws[i] + w[i] * (second - load->minute * 60);
	}
}

/* A profile from anyone: it loads or says why not; what loads can be shown, planned, decoded and
 * written without harm. Bytes behind a NUL are register values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bus/profile.h"

#define RANGES_MAX  64
#define DECODED_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int load(const void *text, size_t size, struct profile **out)
{
	struct yaml_errors errors = {0};
	char path[64];
	int fd = memfd_create("profile", 0), err = ERR_IO;

	*out = NULL;
	if (fd >= 0 && (size == 0 || write(fd, text, size) == (ssize_t)size)) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		err = profile_load(path, NULL, &errors, out);
		if ((err == 0) != (*out != NULL) || (err != 0 && errors.count == 0)) {
			abort();
		}
	}
	yaml_errors_free(&errors);
	if (fd >= 0) {
		close(fd);
	}
	return err;
}

static void decode(const struct profile *profile, const uint8_t *data, size_t size)
{
	static struct plan_range ranges[RANGES_MAX];
	static struct decoded decoded[DECODED_MAX];
	uint16_t registers[BUS_MAX_READ] = {0};
	struct decoder *decoder;
	size_t count = profile_ranges(profile, ranges, RANGES_MAX);

	memcpy(registers, data, size < sizeof registers ? size : sizeof registers);
	if (decoder_new(profile, &decoder) != 0) {
		return;
	}
	for (size_t i = 0; i < count && i < RANGES_MAX; i++) {
		const struct plan_range *r = &ranges[i];

		if (r->count == 0 || r->count > BUS_MAX_READ) {
			abort();
		}
		if (decoder_block(decoder, r->function, r->address, registers, r->count, decoded,
			    DECODED_MAX) > DECODED_MAX) {
			abort();
		}
		decoder_refused(decoder, r->function, r->address, r->count, decoded, DECODED_MAX);
	}
	decoder_free(decoder);
}

static void command(const struct profile *profile, const uint16_t values[8])
{
	const struct profile_info *info = profile_info(profile);
	struct plan_write w = {0};
	int64_t value;

	for (int gun = 0; gun <= info->guns; gun++) {
		profile_keepalive(profile, gun, &w);
		for (int p = 0; p < PT_COUNT_; p++) {
			if (profile_write(profile, gun, (enum point)p, values[p % 8], &w) == 0 &&
				(w.count == 0 || w.count > 8)) {
				abort();
			}
			profile_round(profile, gun, (enum point)p, values[p % 8], &value);
			profile_read_back(profile, gun, (enum point)p, values, 8, &value);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	size_t length = end == NULL ? size : (size_t)(end - data), rest;
	struct profile *profile;
	uint16_t values[8] = {1, 0, 0xFFFF, 32, 7000, 0x8000, 16, 100};

	if (load(data, length, &profile) != 0) {
		return 0;
	}
	rest = size - length;
	decode(profile, data + length, rest);
	command(profile, values);
	profile_free(profile);
	return 0;
}

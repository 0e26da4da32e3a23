/* The language of profiles: what it can say, what it refuses, and that nothing hostile harms. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bus/probe.h"
#include "fault.h"
#include "random.h"
#include "state.h"

static struct yaml_errors errors;

static struct profile *load(const char *text)
{
	char path[] = "/tmp/piled-profile-XXXXXX";
	int fd = mkstemp(path);
	struct profile *p = NULL;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	yaml_errors_free(&errors);
	profile_load(path, NULL, &errors, &p);
	unlink(path);
	return p;
}

static struct profile *good(const char *text)
{
	struct profile *p = load(text);

	for (size_t i = 0; i < errors.kept; i++) {
		print_message("# %s\n", errors.lines[i]);
	}
	assert_non_null(p);
	return p;
}

/* One value of one block; VALUE_NONE and the quality where it is not good. */
static int64_t read_one(const struct profile *p, int gun, enum point point, uint16_t address,
	const uint16_t *registers, uint16_t count, enum quality *quality)
{
	struct decoder *d;
	struct decoded out[64];
	int64_t value = VALUE_NONE;
	size_t n;

	*quality = Q_NONE;
	assert_int_equal(decoder_new(p, &d), 0);
	n = decoder_block(d, 3, address, registers, count, out, 64);
	for (size_t i = 0; i < n; i++) {
		if (out[i].gun == gun && out[i].point == point) {
			*quality = out[i].quality;
			value = out[i].quality == Q_GOOD || out[i].quality == Q_SUBSTITUTE
					? out[i].value
					: VALUE_NONE;
		}
	}
	decoder_free(d);
	return value;
}

#define HEAD  "profile: x\nkind: ac-pile\n"
#define STATE "  state: {at: 0, map: {0: idle}}\n"

static void words_and_bytes_come_in_any_order(void **state)
{
	static const uint16_t registers[] = {0x1122, 0x3344, 0x5566, 0x7788};
	static const struct {
		const char *how;
		int64_t value;
	} cases[] = {{"type: u16", 0x1122}, {"type: u32", 0x11223344},
		{"type: u32, words: low-first", 0x33441122},
		{"type: u32, bytes: low-first", 0x22114433},
		{"type: u64", INT64_C(0x1122334455667788)},
		{"type: u32, words: low-first, bytes: low-first", 0x44332211},
		{"type: u16, bits: 8..15", 0x11}, {"type: u16, bits: 5", 1},
		{"type: u32, bits: 8..14", 0x33}};
	enum quality quality;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[400];
		struct profile *p;

		snprintf(text, sizeof text, HEAD "points:\n" STATE "  session_no: {at: 10, %s}\n",
			cases[i].how);
		p = good(text);
		assert_int_equal(
			read_one(p, 1, PT_SESSION_NO, 10, registers, 4, &quality), cases[i].value);
		profile_free(p);
	}
}

static void scales_are_exact_and_rounded_once(void **state)
{
	static const struct {
		const char *how;
		uint16_t raw;
		int64_t value;
	} cases[] = {{"unit: 0.001 W", 1499, 1}, {"unit: 0.001 W", 1500, 2},
		{"type: s16, unit: 0.001 W", 0xFA24, -2}, /* -1500 */
		{"unit: 10 W", 7, 70}, {"unit: 0.1 kW", 3, 300}, {"unit: kW", 65535, 65535000},
		{"unit: 0.1 W, offset: -1000 kW", 5, -999999}};
	enum quality quality;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[400];
		struct profile *p;

		snprintf(text, sizeof text, HEAD "points:\n" STATE "  power_w: {at: 10, %s}\n",
			cases[i].how);
		p = good(text);
		assert_int_equal(
			read_one(p, 1, PT_POWER, 10, &cases[i].raw, 1, &quality), cases[i].value);
		profile_free(p);
	}
}

static void what_is_marked_or_impossible_says_so(void **state)
{
	struct profile *p = good(HEAD "modbus: {invalid: ones}\npoints:\n" STATE
				      "  power_w: {at: 10, unit: W, max: 1000 W}\n"
				      "  soc_pm: {at: 11, unit: '%', invalid: [max, min]}\n"
				      "  energy_wh: {at: 12, type: u64, unit: kWh}\n");
	uint16_t r[6] = {0xFFFF, 0x7FFF, 0x7FFF, 0xFFFF, 0xFFFF, 0xFFFE};
	enum quality quality;

	(void)state;
	read_one(p, 1, PT_POWER, 10, r, 6, &quality);
	assert_int_equal(quality, Q_INVALID);
	read_one(p, 1, PT_SOC, 10, r, 6, &quality);
	assert_int_equal(quality, Q_INVALID);
	read_one(p, 1, PT_ENERGY, 10, r, 6, &quality); /* overflows when it becomes Wh */
	assert_int_equal(quality, Q_IMPOSSIBLE);
	r[0] = 1001;
	r[1] = 101;
	read_one(p, 1, PT_POWER, 10, r, 6, &quality);
	assert_int_equal(quality, Q_IMPOSSIBLE);
	read_one(p, 1, PT_SOC, 10, r, 6, &quality);
	assert_int_equal(quality, Q_IMPOSSIBLE);
	r[0] = 7;
	read_one(p, 1, PT_STATE, 0, r, 1, &quality);
	assert_int_equal(quality, Q_INVALID);
	profile_free(p);
}

static void guns_differ_by_stride_list_or_byte(void **state)
{
	struct profile *p =
		good("profile: x\nkind: ac-pile\nguns: {count: 2, stride: 16}\n"
		     "points:\n"
		     "  state: {at: [5, 9], map: {1: charging, else: idle}}\n"
		     "  plugged: {at: 4, bits: 0..7, gun_bits: 8}\n"
		     "  session_no: {at: 6}\n"
		     "  limit_w: {at: 7, unit: W, write: {min: 10 W, max: 90 W, step: 5 W}}\n");
	uint16_t r[24] = {0};
	enum quality quality;
	struct plan_write w;
	int64_t v;

	(void)state;
	r[9] = 1;
	r[22] = 77;
	r[4] = 0x0100; /* gun 1 in the low byte, gun 2 in the high one, of the same register */
	assert_int_equal(read_one(p, 2, PT_STATE, 0, r, 24, &quality), GUN_CHARGING);
	assert_int_equal(read_one(p, 1, PT_STATE, 0, r, 24, &quality), GUN_IDLE);
	assert_int_equal(read_one(p, 1, PT_PLUGGED, 0, r, 24, &quality), 0);
	assert_int_equal(read_one(p, 2, PT_PLUGGED, 0, r, 24, &quality), 1);
	assert_int_equal(read_one(p, 2, PT_SESSION_NO, 0, r, 24, &quality), 77);
	assert_int_equal(profile_write(p, 2, PT_LIMIT_W, 89, &w), 0);
	assert_int_equal(w.address, 23);
	assert_int_equal(w.values[0], 85);
	assert_int_equal(profile_round(p, 2, PT_LIMIT_W, 89, &v), 0);
	assert_int_equal(v, 85);
	assert_int_equal(profile_read_back(p, 2, PT_LIMIT_W, w.values, 1, &v), 0);
	assert_int_equal(v, 85);
	assert_int_equal(profile_write(p, 2, PT_LIMIT_W, 9, &w), ERR_RANGE);
	assert_int_equal(profile_write(p, 3, PT_LIMIT_W, 50, &w), ERR_UNSUPPORTED);
	assert_int_equal(profile_write(p, -1, PT_LIMIT_W, 50, &w), ERR_UNSUPPORTED);
	profile_free(p);
}

static void several_sources_speak_in_their_order(void **state)
{
	struct profile *p =
		good(HEAD "points:\n"
			  "  state:\n"
			  "    - {at: 0, map: {3: charging, 4: fault}}\n"
			  "    - {at: 1, map: {0: idle, else: plugged}}\n"
			  "  fault:\n"
			  "    - {at: 2, flags: {0: emergency_stop, 1: fan, 2..3: none}}\n"
			  "    - {at: 3, map: {0: none, 5: gun_hot, else: other}}\n"
			  "  power_l1_w: {at: 4, unit: W}\n"
			  "  power_l2_w: {at: 5, unit: W}\n"
			  "  power_w: {sum: [power_l1_w, power_l2_w]}\n");
	uint16_t r[6] = {3, 0, 0, 0, 100, 200};
	enum quality quality;

	(void)state;
	assert_int_equal(read_one(p, 1, PT_STATE, 0, r, 6, &quality), GUN_CHARGING);
	assert_int_equal(read_one(p, 1, PT_FAULT, 0, r, 6, &quality), FAULT_NONE);
	assert_int_equal(read_one(p, 1, PT_POWER, 0, r, 6, &quality), 300);
	assert_int_equal(quality, Q_SUBSTITUTE);
	r[0] = 1;
	assert_int_equal(read_one(p, 1, PT_STATE, 0, r, 6, &quality), GUN_IDLE);
	r[1] = 5;
	assert_int_equal(read_one(p, 1, PT_STATE, 0, r, 6, &quality), GUN_PLUGGED);
	r[2] = 3; /* fan and emergency stop: the more severe */
	assert_int_equal(read_one(p, 1, PT_FAULT, 0, r, 6, &quality), FAULT_EMERGENCY_STOP);
	r[2] = 4;
	assert_int_equal(read_one(p, 1, PT_FAULT, 0, r, 6, &quality), FAULT_NONE);
	r[2] = 16;
	assert_int_equal(read_one(p, 1, PT_FAULT, 0, r, 6, &quality), FAULT_DEVICE_OTHER);
	r[2] = 0;
	r[3] = 5;
	assert_int_equal(read_one(p, 1, PT_FAULT, 0, r, 6, &quality), FAULT_GUN_HOT);
	profile_free(p);
}

static void ranges_keep_to_the_device_limits(void **state)
{
	struct plan_range ranges[16];
	struct profile *p = good(HEAD "modbus: {single: yes}\npoints:\n" STATE
				      "  power_w: {at: 1, type: u32, unit: W}\n"
				      "  energy_wh: {at: 3, type: u32, unit: Wh}\n");

	(void)state;
	assert_int_equal(profile_ranges(p, ranges, 16), 3);
	assert_int_equal(ranges[1].address, 1);
	assert_int_equal(ranges[1].count, 2);
	profile_free(p);
	p = good(HEAD "modbus: {max_read: 4, blocks: [{at: 20, count: 4}]}\npoints:\n" STATE
		      "  power_w: {at: 1, type: u32, unit: W}\n"
		      "  energy_wh: {at: 3, type: u32, unit: Wh}\n"
		      "  session_wh: {at: 21, type: u32, unit: Wh}\n"
		      "  temp_mc: {at: 5, unit: C}\n");
	assert_int_equal(profile_ranges(p, ranges, 16), 4);
	assert_int_equal(ranges[0].count, 3);
	assert_int_equal(ranges[1].address, 3);
	assert_int_equal(ranges[2].group, POLL_SLOW);
	assert_int_equal(ranges[3].address, 20);
	assert_int_equal(ranges[3].count, 4);
	profile_free(p);
}

static void every_mistake_has_its_line(void **state)
{
	static const char text[] = "profile: x\n"
				   "kind: car\n"
				   "modbus: {read: 7, max_raed: 10}\n"
				   "guns: {count: 2}\n"
				   "points:\n"
				   "  stat: {at: 0, map: {0: idle}}\n"
				   "  state: {at: 0, map: {0: sleeping, x1: idle}}\n"
				   "  power_w: {at: 70000, unit: V}\n"
				   "  energy_wh: {at: 2, type: u33}\n"
				   "  serial: {at: 3}\n"
				   "  fault: {at: 4, map: {1: gremlins}}\n"
				   "  limit_w: {write: {unit: kW, function: 6, type: u32}}\n"
				   "  current_ma: {at: 8, unit: A, times: [ct_ratio]}\n"
				   "  keepalive: {write: {at: 9}}\n"
				   "  start: {write: {at: 10, value: 1, every: 5 s}}\n";
	static const char *const expected[] = {":2: 'kind': read 'car', allowed are: ac-pile",
		":3: unknown key 'max_raed', did you mean 'max_read'?",
		":3: 'read': read '7', allowed is 1 to 4",
		":6: unknown point 'stat', did you mean 'state'?",
		":7: state 'sleeping' is none of", ":7: 'x1' is no raw value",
		":8: 'at': read '70000'", ":8: 'unit': read 'V', allowed for power_w is",
		":9: 'type': read 'u33', allowed are: u16", ":9: 'energy_wh' needs a 'unit'",
		":10: 'serial' does not belong under 'points'", ":11: fault 'gremlins'",
		":12: 'at' is missing", ":12: 'function': read 6",
		": 'current_ma': 'times' needs the point 'ct_ratio'", ":14: 'every' is missing",
		":15: 'every': only a limit or a keepalive", ":4: several guns need a 'stride'"};

	(void)state;
	assert_null(load(text));
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		bool found = false;

		for (size_t k = 0; k < errors.kept && !found; k++) {
			found = strstr(errors.lines[k], expected[i]) != NULL;
		}
		if (!found) {
			for (size_t k = 0; k < errors.kept; k++) {
				print_message("# %s\n", errors.lines[k]);
			}
			fail_msg("not reported: %s", expected[i]);
		}
	}
	yaml_errors_free(&errors);
}

/* The shipped profiles, by path. */
static size_t shipped(char paths[][300], size_t cap)
{
	DIR *dir = opendir("agent/profiles");
	struct dirent *entry;
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL && n < cap) {
		if (strstr(entry->d_name, ".yaml") != NULL) {
			snprintf(paths[n++], 300, "agent/profiles/%s", entry->d_name);
		}
	}
	closedir(dir);
	return n;
}

static char *shown(const struct profile *p)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	profile_show(p, out);
	fclose(out);
	return text;
}

static void what_is_shown_loads_to_the_same(void **state)
{
	static char paths[100][300];
	size_t n = shipped(paths, 100);

	(void)state;
	assert_true(n >= 11);
	for (size_t i = 0; i < n; i++) {
		struct profile *p = NULL, *again;
		char *first, *second;

		yaml_errors_free(&errors);
		assert_int_equal(profile_load(paths[i], NULL, &errors, &p), 0);
		if (profile_info(p)->kind != DEVICE_METER && !profile_reads(p, PT_STATE)) {
			profile_free(p); /* its states are a setting that no site has given */
			continue;
		}
		first = shown(p);
		again = good(first);
		second = shown(again);
		assert_string_equal(first, second);
		assert_memory_equal(profile_info(p), profile_info(again), sizeof(int));
		assert_int_equal(profile_ranges(p, NULL, 0), profile_ranges(again, NULL, 0));
		free(first);
		free(second);
		profile_free(p);
		profile_free(again);
	}
}

static void a_probe_doubts_what_cannot_be(void **state)
{
	struct profile *p = good("profile: x\nkind: meter\npoints:\n"
				 "  voltage_l1_mv: {at: 0, unit: 0.1 V}\n"
				 "  current_l1_ma: {at: 1, unit: A}\n"
				 "  power_l1_w: {at: 2, unit: W}\n"
				 "  power_l2_w: {at: 3, unit: W}\n"
				 "  power_l3_w: {at: 4, unit: W}\n"
				 "  power_w: {at: 5, unit: W}\n"
				 "  energy_wh: {at: 6, unit: Wh}\n");
	uint16_t r[7] = {2300, 10, 2290, 1000, 1000, 4290, 500};
	struct decoded out[16];
	struct decoder *d;
	struct probe *probe;

	(void)state;
	assert_int_equal(decoder_new(p, &d), 0);
	assert_int_equal(probe_new(p, &probe), 0);
	assert_non_null(probe_doubt(probe, 0, PT_POWER));
	probe_take(probe, out, decoder_block(d, 3, 0, r, 7, out, 16));
	for (int i = 0; i < PT_COUNT_; i++) {
		if (profile_reads(p, (enum point)i)) {
			assert_null(probe_doubt(probe, 0, (enum point)i));
		}
	}
	r[0] = 23;
	r[2] = 9000;
	r[6] = 499;
	probe_take(probe, out, decoder_block(d, 3, 0, r, 7, out, 16));
	assert_non_null(probe_doubt(probe, 0, PT_VOLTAGE_L1));
	assert_non_null(probe_doubt(probe, 0, PT_POWER_L1));
	assert_non_null(probe_doubt(probe, 0, PT_POWER));
	assert_non_null(probe_doubt(probe, 0, PT_ENERGY));
	assert_null(probe_doubt(probe, 0, PT_CURRENT_L1));
	assert_non_null(probe_doubt(probe, 5, PT_CURRENT_L1));
	probe_free(probe);
	decoder_free(d);
	profile_free(p);
}

/* A shipped profile with bytes changed, and any registers: nothing but errors or values. */
static void mutated_profiles_and_any_registers_do_no_harm(void **state)
{
	static char paths[100][300], text[16384], mutated[16384];
	static struct decoded out[400];
	size_t n = shipped(paths, 100);
	unsigned seed = (unsigned)random_seed();
	int loaded = 0;

	(void)state;
	if (n == 0) {
		fail_msg("no profiles");
		return;
	}
	srand(seed);
	for (int round = 0; round < 1500; round++) {
		FILE *file = fopen(paths[(size_t)rand() % n], "r");
		size_t size = fread(text, 1, sizeof text - 1, file);
		struct profile *p;
		struct decoder *d;

		fclose(file);
		text[size] = '\0';
		memcpy(mutated, text, size + 1);
		for (int k = rand() % 4; k > 0; k--) {
			static const char alphabet[] = "0123456789abcdefx.,: {}[]-\n$%usflhi";

			mutated[(size_t)rand() % size] =
				alphabet[(size_t)rand() % (sizeof alphabet - 1)];
		}
		p = load(mutated);
		assert_true(p != NULL || errors.count > 0);
		if (p == NULL) {
			continue;
		}
		loaded++;
		assert_int_equal(decoder_new(p, &d), 0);
		for (int k = 0; k < 20; k++) {
			uint16_t r[BUS_MAX_READ];
			uint16_t count = (uint16_t)(1 + rand() % BUS_MAX_READ);
			uint16_t address = (uint16_t)(rand() % 4 == 0 ? rand() : rand() % 300);
			struct plan_write w;

			for (int i = 0; i < BUS_MAX_READ; i++) {
				r[i] = (uint16_t)(rand() % 3 == 0 ? 0xFFFF : rand());
			}
			assert_true(decoder_block(d, (uint8_t)(1 + rand() % 4), address, r, count,
					    out, 400) <= 400);
			decoder_refused(d, 3, address, count, out, (size_t)(rand() % 400));
			profile_write(p, rand() % 4 - 1, (enum point)(rand() % PT_COUNT_),
				(int64_t)rand() * rand() * (rand() % 2 ? 1 : -1), &w);
			profile_keepalive(p, rand() % 3, &w);
		}
		decoder_free(d);
		profile_free(p);
	}
	print_message("# %d of 1500 loaded\n", loaded);
	assert_true(loaded > 100);
	yaml_errors_free(&errors);
}

/* A letter is the code of a character among raw values, and no bit's number. */
static void bits_have_numbers(void **state)
{
	static const char text[] = "profile: x\n"
				   "kind: ac-pile\n"
				   "points:\n"
				   "  state: {at: 0, map: {0: idle, A: charging}}\n"
				   "  fault:\n"
				   "    - {at: 2, flags: {a: fan}}\n"
				   "    - {at: 3, flags: {64: fan}}\n"
				   "    - {at: 4, flags: {63: fan}}\n";

	(void)state;
	assert_null(load(text));
	assert_int_equal(errors.count, 2);
	assert_non_null(strstr(errors.lines[0], "'a' is no bit number 0..63"));
	assert_non_null(strstr(errors.lines[1], "'64' is no bit number 0..63"));
	yaml_errors_free(&errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_bytes_come_in_any_order),
		cmocka_unit_test(scales_are_exact_and_rounded_once),
		cmocka_unit_test(what_is_marked_or_impossible_says_so),
		cmocka_unit_test(guns_differ_by_stride_list_or_byte),
		cmocka_unit_test(several_sources_speak_in_their_order),
		cmocka_unit_test(ranges_keep_to_the_device_limits),
		cmocka_unit_test(every_mistake_has_its_line),
		cmocka_unit_test(bits_have_numbers),
		cmocka_unit_test(what_is_shown_loads_to_the_same),
		cmocka_unit_test(a_probe_doubts_what_cannot_be),
		cmocka_unit_test(mutated_profiles_and_any_registers_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The simulator's Modbus slave: frames, exceptions, faults, and the times on a serial line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "linetime.h"
#include "modbus_slave.h"
#include "registers.h"
#include "stream.h"

static struct sim *demo(void)
{
	struct sim_site site;
	struct sim *sim = NULL;

	assert_int_equal(sim_site_demo(&site), 0);
	assert_int_equal(sim_new(&(struct sim_cfg){.site = &site, .seed = 1}, &sim), 0);
	sim_site_clear(&site);
	return sim;
}

/* Builds an RTU frame of the given bytes. */
static size_t rtu(uint8_t *frame, const uint8_t *bytes, size_t size)
{
	uint16_t crc = slave_crc(bytes, size);

	memcpy(frame, bytes, size);
	frame[size] = (uint8_t)crc;
	frame[size + 1] = (uint8_t)(crc >> 8);
	return size + 2;
}

static void ask(struct sim *sim, unsigned bus, const uint8_t *bytes, size_t size,
	struct slave_answer *answer)
{
	uint8_t frame[SLAVE_FRAME_MAX];
	size_t length = rtu(frame, bytes, size);

	assert_int_equal(slave_request_length(FRAMING_RTU, frame, length), length);
	slave_answer(sim, bus, FRAMING_RTU, frame, length, answer);
}

static const uint8_t READ_LIVE[] = {1, 3, 0, 0, 0, 24};

/* Known frame of the Modbus specification's examples: 11 03 00 6B 00 03 76 87. */
static void checksum_is_that_of_the_standard(void **state)
{
	(void)state;
	const uint8_t frame[] = {0x11, 0x03, 0x00, 0x6b, 0x00, 0x03};

	assert_int_equal(slave_crc(frame, sizeof frame), 0x8776);
}

static void rtu_read_and_exceptions(void **state)
{
	(void)state;
	struct sim *sim = demo();
	struct slave_answer a;

	ask(sim, 1, READ_LIVE, 6, &a);
	assert_int_equal(a.size, 5 + 48);
	assert_int_equal(a.bytes[0], 1);
	assert_int_equal(a.bytes[2], 48);
	assert_int_equal(slave_crc(a.bytes, a.size), 0);
	ask(sim, 1, (const uint8_t[]){1, 3, 0, 20, 0, 24}, 6, &a); /* past the block */
	assert_int_equal(a.size, 5);
	assert_int_equal(a.bytes[1], 0x83);
	assert_int_equal(a.bytes[2], 2);
	ask(sim, 1, (const uint8_t[]){1, 3, 0, 0, 0, 126}, 6, &a);
	assert_int_equal(a.bytes[2], 3);
	ask(sim, 1, (const uint8_t[]){1, 5, 0, 0, 0xff, 0}, 6, &a);
	assert_int_equal(a.bytes[2], 1);
	ask(sim, 1, (const uint8_t[]){1, 6, 0, AC_LIMIT, 0x27, 0x10}, 6, &a); /* 100 A */
	assert_int_equal(a.bytes[2], 3);
	ask(sim, 1, (const uint8_t[]){1, 6, 0, AC_STATE, 0, 1}, 6, &a); /* read-only */
	assert_int_equal(a.bytes[2], 2);
	ask(sim, 1, (const uint8_t[]){99, 3, 0, 0, 0, 1}, 6, &a); /* nobody */
	assert_int_equal(a.size, 0);
	sim_free(sim);
}

static void writes_take_effect_or_do_nothing(void **state)
{
	(void)state;
	struct sim *sim = demo();
	struct slave_answer a;
	uint16_t value[2];

	ask(sim, 1, (const uint8_t[]){1, 6, 0, AC_LIMIT, 0x06, 0x40}, 6, &a);
	assert_int_equal(a.size, 8);
	assert_int_equal(sim_read(sim, 1, 1, AC_LIMIT, 1, value), 0);
	assert_int_equal(value[0], 1600);
	/* Second value is bad: the first is not taken either. */
	ask(sim, 1, (const uint8_t[]){1, 16, 0, AC_WATCHDOG, 0, 2, 4, 0, 30, 0x7f, 0xff}, 11, &a);
	assert_int_equal(a.bytes[1], 0x90);
	assert_int_equal(a.bytes[2], 3);
	assert_int_equal(sim_read(sim, 1, 1, AC_WATCHDOG, 1, value), 0);
	assert_int_equal(value[0], 0);
	ask(sim, 1, (const uint8_t[]){1, 16, 0, AC_WATCHDOG, 0, 2, 4, 0, 30, 3, 0x20}, 11, &a);
	assert_int_equal(a.size, 8);
	assert_int_equal(sim_read(sim, 1, 1, AC_WATCHDOG, 2, value), 0);
	assert_int_equal(value[0], 30);
	assert_int_equal(value[1], 800);
	sim_free(sim);
}

static void tcp_frames(void **state)
{
	(void)state;
	struct sim *sim = demo();
	struct slave_answer a;
	const uint8_t request[] = {0x12, 0x34, 0, 0, 0, 6, 2, 4, 0, DC_LIVE, 0, 64};

	assert_int_equal(slave_request_length(FRAMING_TCP, request, 5), 0);
	assert_int_equal(slave_request_length(FRAMING_TCP, request, 11), 0);
	assert_int_equal(slave_request_length(FRAMING_TCP, request, 12), 12);
	slave_answer(sim, 0, FRAMING_TCP, request, 12, &a);
	assert_int_equal(a.size, 9 + 128);
	assert_int_equal(a.bytes[0], 0x12);
	assert_int_equal(a.bytes[5], 3 + 128);
	assert_int_equal(a.bytes[6], 2);
	const uint8_t wrong[] = {0x12, 0x34, 0, 1, 0, 6, 2};

	assert_int_equal(slave_request_length(FRAMING_TCP, wrong, 7), -1);
	sim_free(sim);
}

static void faults_spoil_answers(void **state)
{
	(void)state;
	struct sim *sim = demo();
	struct slave_answer a;
	char why[120];

	assert_int_equal(sim_fault(sim, "silent", "B1", VALUE_NONE, 5, why, sizeof why), 0);
	ask(sim, 1, READ_LIVE, 6, &a);
	assert_int_equal(a.size, 0);
	sim_advance(sim, (struct mono){5 * US_PER_S});
	ask(sim, 1, READ_LIVE, 6, &a);
	assert_int_equal(a.size, 53);

	sim_fault(sim, "slow", "B1", 300, 0, why, sizeof why);
	ask(sim, 1, READ_LIVE, 6, &a);
	assert_int_equal(a.delay_us, 300000);
	assert_int_equal(sim_clear(sim, "B1"), 1);

	sim_fault(sim, "crc", "B1", 100, 0, why, sizeof why);
	ask(sim, 1, READ_LIVE, 6, &a);
	assert_int_not_equal(slave_crc(a.bytes, a.size), 0);
	sim_clear(sim, NULL);

	sim_fault(sim, "exception", "B1", 6, 0, why, sizeof why);
	ask(sim, 1, READ_LIVE, 6, &a);
	assert_int_equal(a.bytes[2], 6);
	sim_clear(sim, NULL);

	sim_fault(sim, "half-frame", "B1", VALUE_NONE, 0, why, sizeof why);
	ask(sim, 1, READ_LIVE, 6, &a);
	assert_int_equal(a.size, 26);
	sim_clear(sim, NULL);

	sim_fault(sim, "foreign", "B1", VALUE_NONE, 0, why, sizeof why);
	ask(sim, 1, READ_LIVE, 6, &a);
	assert_int_equal(a.bytes[0], 2);
	assert_int_equal(slave_crc(a.bytes, a.size), 0);
	sim_clear(sim, NULL);

	sim_fault(sim, "line-unplugged", "line-1", VALUE_NONE, 0, why, sizeof why);
	ask(sim, 1, READ_LIVE, 6, &a);
	assert_int_equal(a.size, 0);
	assert_int_equal(sim_clear(sim, "line-1"), 1);

	assert_int_equal(sim_fault(sim, "nonsense", "B1", 1, 0, why, sizeof why), ERR_NOTFOUND);
	assert_int_equal(sim_fault(sim, "silent", "Z9", 1, 0, why, sizeof why), ERR_RANGE);
	assert_int_equal(
		sim_fault(sim, "silent", "Z9", VALUE_NONE, 0, why, sizeof why), ERR_NOTFOUND);
	assert_int_equal(sim_fault(sim, "crc", "B1", 101, 0, why, sizeof why), ERR_RANGE);
	sim_free(sim);
}

static int64_t register_of(struct sim *sim)
{
	uint16_t v[2];

	assert_int_equal(sim_read(sim, 1, 1, AC_ENERGY, 2, v), 0);
	return (int64_t)v[0] << 16 | v[1];
}

/* Registers lie, the book does not. */
static void register_faults_leave_the_book_right(void **state)
{
	(void)state;
	struct sim *sim = demo();
	struct car_order order = car_any();
	char why[120];

	order.asked_wh = 3000;
	order.phases = 1;
	order.max_ma = 32000;
	order.stay_s = order.linger_s = 0;
	assert_int_equal(sim_plug(sim, "B1.1", &order), 0);
	sim_advance(sim, (struct mono){60 * US_PER_S});
	assert_int_equal(sim_fault(sim, "register-wrap", "B1.1", 50, 0, why, sizeof why), 0);
	assert_int_equal(register_of(sim), AC_ENERGY_WRAP_WH - 50);
	sim_advance(sim, (struct mono){120 * US_PER_S});
	assert_in_range(register_of(sim), 10, 200);
	sim_fault(sim, "register-jump", "B1.1", 50000, 0, why, sizeof why);
	assert_in_range(register_of(sim), 50010, 50200);
	sim_fault(sim, "register-reset", "B1.1", VALUE_NONE, 0, why, sizeof why);
	assert_int_equal(register_of(sim), 0);
	sim_fault(sim, "frozen", "B1", VALUE_NONE, 0, why, sizeof why);
	sim_advance(sim, (struct mono){4000 * US_PER_S});
	assert_int_equal(register_of(sim), 0);
	sim_clear(sim, NULL);
	assert_true(register_of(sim) > 1000);
	const struct book_record *r = book_at(sim_book(sim), 0);

	assert_int_equal(r->asked_wh, 3000);
	assert_in_range(r->energy_wh, 2999, 3001);
	assert_int_equal(r->reason, STOP_ENERGY);
	sim_free(sim);
}

static void a_reboot_ends_the_session_and_is_silent(void **state)
{
	(void)state;
	struct sim *sim = demo();
	struct car_order order = car_any();
	struct slave_answer a;
	char why[120];
	uint16_t v[24];

	order.soc_pm = 200;
	sim_plug(sim, "B1.1", &order);
	sim_advance(sim, (struct mono){60 * US_PER_S});
	sim_read(sim, 1, 1, 0, 24, v);
	uint16_t session = v[AC_SESSION_NO];

	assert_int_equal(v[AC_STATE], PS_CHARGING);
	sim_fault(sim, "reboot", "B1", VALUE_NONE, 0, why, sizeof why);
	ask(sim, 1, READ_LIVE, 6, &a);
	assert_int_equal(a.size, 0);
	sim_advance(sim, (struct mono){80 * US_PER_S});
	ask(sim, 1, READ_LIVE, 6, &a);
	assert_int_equal(a.bytes[4], PS_BOOTING);
	sim_advance(sim, (struct mono){120 * US_PER_S});
	sim_read(sim, 1, 1, 0, 24, v);
	assert_int_equal(v[AC_STATE], PS_CHARGING);
	assert_int_equal(v[AC_SESSION_NO], session + 1);
	assert_true(v[AC_UPTIME + 1] < 60);
	assert_int_equal(book_at(sim_book(sim), 0)->reason, STOP_REBOOT);
	sim_free(sim);
}

/* 9600 8N1: a character takes 10 bits. */
static void wire_times(void **state)
{
	(void)state;
	int64_t c = line_char_ns(9600, 'N', 1), at;

	assert_int_equal(c, 1041666);
	assert_int_equal(line_char_ns(9600, 'E', 1), 1145833);
	assert_int_equal(line_silence_ns(9600, c), 3645831);
	assert_int_equal(line_silence_ns(115200, 1), 1750000);
	assert_int_equal(line_piece(DELIVER_FIFO, c, 53, 0, &at), 14);
	assert_int_equal(at, 14 * c);
	assert_int_equal(line_piece(DELIVER_FIFO, c, 53, 42, &at), 11);
	assert_int_equal(at, (53 + 4) * c);
	assert_int_equal(line_piece(DELIVER_FRAME, c, 53, 0, &at), 53);
	assert_int_equal(at, 53 * c);
	assert_int_equal(line_piece(DELIVER_BYTE, c, 53, 52, &at), 1);
	assert_int_equal(at, 53 * c);
	assert_int_equal(line_piece(DELIVER_BYTE, c, 53, 53, &at), 0);
}

/* A request in two pieces; its answer is due after both wire times and the silence. */
static void a_stream_keeps_wire_time(void **state)
{
	(void)state;
	struct sim *sim = demo();
	struct stream s;
	int64_t c = line_char_ns(9600, 'N', 1), silence = line_silence_ns(9600, c);
	uint8_t frame[8];

	rtu(frame, READ_LIVE, 6);
	stream_open(&s, -1, 1, (struct stream_wire){FRAMING_RTU, c, silence, DELIVER_FRAME});
	assert_true(stream_push(&s, frame, 3, 1000));
	assert_int_equal(stream_due(&s), INT64_MAX);
	assert_true(stream_push(&s, frame + 3, 5, 2000));
	assert_int_equal(stream_due(&s), 1000 + 8 * c + silence);
	stream_run(&s, sim, 1000 + 8 * c + silence);
	assert_int_equal(stream_due(&s), 1000 + 8 * c + silence + 53 * c);
	stream_close(&s);
	assert_true(stream_push(&s, (const uint8_t *)"rubbish here", 12, 5000));
	assert_int_equal(s.rx_size, 0);
	sim_free(sim);
}

/* A late answer comes after that of another unit which was asked meanwhile. */
static void a_late_answer_holds_up_nobody(void **state)
{
	(void)state;
	struct sim *sim = demo();
	struct stream s;
	int64_t c = line_char_ns(9600, 'N', 1), silence = line_silence_ns(9600, c);
	uint8_t frame[8], other[6] = {2, 3, 0, 0, 0, 24};
	int64_t asked = INT64_C(500000000);
	char why[120];

	sim_fault(sim, "slow", "B1", 700, 0, why, sizeof why);
	stream_open(&s, -1, 1, (struct stream_wire){FRAMING_RTU, c, silence, DELIVER_FRAME});
	stream_push(&s, frame, rtu(frame, READ_LIVE, 6), 0);
	stream_run(&s, sim, stream_due(&s));
	assert_int_equal(stream_due(&s), 8 * c + silence + 700000000);
	stream_push(&s, frame, rtu(frame, other, 6), asked);
	stream_run(&s, sim, stream_due(&s));
	assert_int_equal(stream_due(&s), asked + (8 + 53) * c + silence);
	stream_run(&s, sim, stream_due(&s));
	assert_int_equal(s.pending_count, 1);
	stream_run(&s, sim, stream_due(&s));
	assert_int_equal(stream_due(&s), (8 + 53) * c + silence + 700000000);
	sim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksum_is_that_of_the_standard),
		cmocka_unit_test(rtu_read_and_exceptions),
		cmocka_unit_test(writes_take_effect_or_do_nothing),
		cmocka_unit_test(tcp_frames),
		cmocka_unit_test(faults_spoil_answers),
		cmocka_unit_test(register_faults_leave_the_book_right),
		cmocka_unit_test(a_reboot_ends_the_session_and_is_silent),
		cmocka_unit_test(wire_times),
		cmocka_unit_test(a_stream_keeps_wire_time),
		cmocka_unit_test(a_late_answer_holds_up_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

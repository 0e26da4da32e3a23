/* The simulator behind the bus interface: its clock, its errors, and bytes that mean harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "linetime.h"
#include "registers.h"
#include "sim.h"
#include "stream.h"

#define DAY_S 86400

static struct sim *demo(bool arrivals)
{
	struct sim_site site;
	struct sim *sim = NULL;
	struct sim_cfg cfg = {.site = &site, .seed = 1, .arrivals = arrivals};

	assert_int_equal(sim_site_demo(&site), 0);
	assert_int_equal(sim_new(&cfg, &sim), 0);
	sim_site_clear(&site);
	return sim;
}

static const struct bus_request LIVE = {.unit = 1, .function = 3, .address = 0, .count = 24};

static struct bus_reply ask(struct bus_port *port, const struct bus_request *request)
{
	struct bus_reply reply;

	port->ops->transact(port, request, &reply);
	return reply;
}

static void a_transaction_takes_its_time(void **state)
{
	(void)state;
	struct sim *sim = demo(false);
	struct bus_port *tcp = sim_port(sim, 0), *line = sim_port(sim, 1);
	int64_t c = line_char_ns(9600, 'N', 1), silence = line_silence_ns(9600, c);
	struct bus_reply reply = ask(line, &LIVE);

	assert_int_equal(reply.err, 0);
	assert_int_equal(reply.took_us, ((8 + 53) * c + 2 * silence) / 1000);
	assert_int_equal(reply.at.us, reply.took_us);
	assert_int_equal(sim_port_now(line).us, reply.took_us);
	sim_port_wait(line, (struct mono){US_PER_S});
	assert_int_equal(sim_port_now(line).us, US_PER_S);
	sim_port_wait(line, (struct mono){0});
	assert_int_equal(sim_port_now(line).us, US_PER_S);
	reply = ask(tcp,
		&(struct bus_request){.unit = 1, .function = 4, .address = DC_LIVE, .count = 64});
	assert_int_equal(reply.err, 0);
	assert_true(reply.took_us < 10000);
	assert_null(sim_port(sim, 99));
	tcp->ops->free(tcp);
	line->ops->free(line);
	sim_free(sim);
}

static void faults_are_errors_of_the_bus(void **state)
{
	(void)state;
	static const struct {
		const char *kind, *target;
		int64_t arg;
		int err;
	} CASES[] = {{"silent", "B1", VALUE_NONE, ERR_TIMEOUT}, {"slow", "B1", 600, ERR_TIMEOUT},
		{"slow", "B1", 100, 0}, {"crc", "B1", 100, ERR_CRC},
		{"exception", "B1", 6, ERR_EXCEPTION}, {"half-frame", "B1", 100, ERR_FRAME},
		{"garbage", "B1", 100, ERR_FRAME}, {"foreign", "B1", 100, ERR_FOREIGN},
		{"line-unplugged", "line-1", VALUE_NONE, ERR_TIMEOUT},
		{"adapter-gone", "line-1", VALUE_NONE, ERR_IO}, {"silent", "B2", VALUE_NONE, 0}};
	struct sim *sim = demo(false);
	struct bus_port *line = sim_port(sim, 1);
	struct bus_reply reply;
	char why[120];

	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		assert_int_equal(sim_fault(sim, CASES[i].kind, CASES[i].target, CASES[i].arg, 0,
					 why, sizeof why),
			0);
		int64_t before = sim_port_now(line).us;

		reply = ask(line, &LIVE);
		assert_int_equal(reply.err, CASES[i].err);
		assert_true(sim_port_now(line).us > before);
		assert_int_equal(sim_clear(sim, NULL), 1);
		assert_int_equal(ask(line, &LIVE).err, 0);
	}
	sim_fault(sim, "exception", "B1", 6, 0, why, sizeof why);
	assert_int_equal(ask(line, &LIVE).exception, 6);
	line->ops->free(line);
	sim_free(sim);
}

static void a_reserved_gun_stays_free(void **state)
{
	(void)state;
	struct sim *sim = demo(true);
	char why[120];

	assert_int_equal(sim_fault(sim, "reserved", "B1.1", VALUE_NONE, 0, why, sizeof why), 0);
	uint16_t plugs = sim_gun_of(sim, "B1.1")->plug_no;

	sim_advance(sim, (struct mono){3 * DAY_S * US_PER_S});
	assert_int_equal(sim_gun_of(sim, "B1.1")->state, PS_RESERVED);
	assert_int_equal(sim_gun_of(sim, "B1.1")->plug_no, plugs);
	sim_clear(sim, "B1.1");
	assert_int_equal(sim_gun_of(sim, "B1.1")->state, PS_IDLE);
	sim_free(sim);
}

/* Seven a day for a DC gun, 1.8 for an AC gun, by the hour; a third of tolerance over a week. */
static void cars_come_by_the_hour(void **state)
{
	(void)state;
	struct sim *sim = demo(true);
	int64_t dc = 0, ac = 0, night = 0;

	sim_advance(sim, (struct mono){7 * DAY_S * US_PER_S});
	for (int64_t i = 0; i < book_end(sim_book(sim)); i++) {
		const struct book_record *r = book_at(sim_book(sim), i);

		*(r->gun[0] == 'A' ? &dc : &ac) += 1;
		night += r->start_s % DAY_S < 5 * 3600;
	}
	assert_in_range(dc, 7 * 12 * 7 * 2 / 3, 7 * 12 * 7 * 4 / 3);
	assert_in_range(ac, 7 * 12 * 18 / 10 * 2 / 3, 7 * 12 * 18 / 10 * 4 / 3);
	assert_true(night < (dc + ac) / 8);
	sim_free(sim);
}

/* Whatever comes over a wire, the slave only answers or drops it. */
static void random_bytes_do_no_harm(void **state)
{
	(void)state;
	uint64_t seed = (uint64_t)time(NULL);
	struct rng rng = rng_stream(seed, 0);
	struct sim *sim = demo(false);
	struct stream s;

	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < 20000; round++) {
		enum framing framing = round % 2 ? FRAMING_TCP : FRAMING_RTU;
		uint8_t bytes[300];
		size_t size = (size_t)rng_range(&rng, 1, sizeof bytes);

		for (size_t i = 0; i < size; i++) {
			bytes[i] = (uint8_t)rng_next(&rng);
		}
		if (framing == FRAMING_TCP && size > 12) {
			/* A good header, so that the rest is looked at. */
			size_t length = (size_t)rng_range(&rng, 2, (int64_t)size - 6);

			bytes[2] = bytes[3] = bytes[4] = 0;
			bytes[5] = (uint8_t)length;
			bytes[6] = (uint8_t)rng_range(&rng, 0, 7);
			bytes[7] = (uint8_t)rng_range(&rng, 0, 17);
		} else if (framing == FRAMING_RTU && size > 20) {
			bytes[0] = (uint8_t)rng_range(&rng, 0, 7);
			bytes[1] = (uint8_t)rng_range(&rng, 0, 17);
			bytes[6] = (uint8_t)rng_range(&rng, 0, 11);
			size_t length = bytes[1] > 14 && bytes[1] < 17 ? 9u + bytes[6] : 8u;
			uint16_t crc = slave_crc(bytes, length - 2);

			bytes[length - 2] = (uint8_t)crc;
			bytes[length - 1] = (uint8_t)(crc >> 8);
		}
		stream_open(&s, -1, (unsigned)(round % 4),
			(struct stream_wire){framing, 1000, 3500, DELIVER_FIFO});
		stream_push(&s, bytes, size, round);
		stream_run(&s, sim, INT64_MAX / 2);
		stream_close(&s);
	}
	sim_advance(sim, (struct mono){60 * US_PER_S});
	sim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_transaction_takes_its_time),
		cmocka_unit_test(faults_are_errors_of_the_bus),
		cmocka_unit_test(a_reserved_gun_stays_free),
		cmocka_unit_test(cars_come_by_the_hour),
		cmocka_unit_test(random_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

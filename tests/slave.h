#ifndef PILED_TEST_SLAVE_H
#define PILED_TEST_SLAVE_H
/*
 * A Modbus slave in a thread, for tests and benches: RTU on a pseudo-terminal whose bytes take the
 * time of a wire, or TCP and RTU over TCP on loopback. Register r holds the value r + unit. It
 * knows nothing of libmodbus, so that both sides cannot be wrong alike.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "timex.h"

enum slave_kind { SLAVE_RTU, SLAVE_TCP, SLAVE_RTU_TCP };
enum slave_delivery { DELIVER_FRAME, DELIVER_FIFO, DELIVER_BYTE };

/* What happens to the next replies. */
enum slave_fault {
	SLAVE_GOOD,
	SLAVE_SILENT,
	SLAVE_HALF,       /* half of the frame */
	SLAVE_GARBAGE,    /* bytes that are no frame */
	SLAVE_WRONG_UNIT, /* a good frame of another unit */
	SLAVE_STRAY,      /* a good frame of another unit, then the reply */
	SLAVE_LATE,       /* nothing; the reply comes before that of the next request */
	SLAVE_BAD_CRC,
	SLAVE_ZERO, /* a zero byte before the frame, as from a line without bias */
	SLAVE_EXCEPTION,
	SLAVE_SHORT, /* a register fewer than asked for */
	SLAVE_CLOSE,
};

#define SLAVE_FRAME 300

struct slave {
	enum slave_kind kind;
	enum slave_delivery delivery;
	int char_ns; /* on the wire; 0 = no time */
	int64_t turn_us;
	int fd, listener, stop[2];
	char path[64]; /* of the pty */
	int port;
	pthread_t thread;
	atomic_int fault, fault_count, exception;
	atomic_int dead_unit; /* never answers; 0 = none */
	atomic_int requests, accepted;
	atomic_long min_gap_us; /* shortest silence seen between reply and request */
	struct mono quiet;      /* when the last byte was sent */
	uint8_t late[SLAVE_FRAME];
	size_t late_length;
	uint16_t written[65536];
};

static inline uint16_t slave_crc(const uint8_t *bytes, size_t length)
{
	uint16_t crc = 0xFFFF;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++) {
			crc = crc & 1 ? (uint16_t)(crc >> 1 ^ 0xA001) : (uint16_t)(crc >> 1);
		}
	}
	return crc;
}

static inline void slave_sleep_until(struct mono until)
{
	struct timespec at = {.tv_sec = until.us / US_PER_S, .tv_nsec = until.us % US_PER_S * 1000};

	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &at, NULL) == EINTR) {
	}
}

/* Address and PDU of the reply to address and PDU of a request. */
static inline size_t slave_answer(struct slave *slave, const uint8_t *in, uint8_t *out)
{
	unsigned address = (unsigned)in[2] << 8 | in[3], count = (unsigned)in[4] << 8 | in[5];
	size_t bytes;

	out[0] = in[0];
	out[1] = in[1];
	switch (in[1]) {
	case 1:
	case 2:
		bytes = (count + 7) / 8;
		out[2] = (uint8_t)bytes;
		memset(out + 3, 0, bytes);
		for (unsigned i = 0; i < count; i++) {
			out[3 + i / 8] |= (uint8_t)(((address + i) & 1) << (i % 8));
		}
		return 3 + bytes;
	case 3:
	case 4:
		out[2] = (uint8_t)(2 * count);
		for (unsigned i = 0; i < count; i++) {
			unsigned value = slave->written[(address + i) & 0xFFFF]
						 ? slave->written[(address + i) & 0xFFFF]
						 : address + i + in[0];

			out[3 + 2 * i] = (uint8_t)(value >> 8);
			out[4 + 2 * i] = (uint8_t)value;
		}
		return 3 + 2 * count;
	case 6:
		slave->written[address] = (uint16_t)count;
		break;
	case 16:
		for (unsigned i = 0; i < count; i++) {
			slave->written[(address + i) & 0xFFFF] =
				(uint16_t)(in[7 + 2 * i] << 8 | in[8 + 2 * i]);
		}
		break;
	default:
		break;
	}
	memcpy(out + 2, in + 2, 4);
	return 6;
}

static inline size_t slave_seal(
	struct slave *slave, const uint8_t *head, uint8_t *frame, size_t length)
{
	if (slave->kind == SLAVE_TCP) {
		memmove(frame + 6, frame, length);
		memcpy(frame, head, 4);
		frame[4] = (uint8_t)(length >> 8);
		frame[5] = (uint8_t)length;
		return length + 6;
	}
	frame[length] = (uint8_t)slave_crc(frame, length);
	frame[length + 1] = (uint8_t)(slave_crc(frame, length) >> 8);
	return length + 2;
}

static inline void slave_write(int fd, const uint8_t *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);

		if (n <= 0) {
			return;
		}
		bytes += n;
		length -= (size_t)n;
	}
}

/* Sends as the wire would: byte i is there when its last bit is. */
static inline void slave_send(
	struct slave *slave, struct mono start, const uint8_t *bytes, size_t length)
{
	size_t piece = slave->delivery == DELIVER_BYTE   ? 1
		       : slave->delivery == DELIVER_FIFO ? 14
							 : length;
	int64_t char_ns = slave->char_ns;

	for (size_t sent = 0; sent < length;) {
		size_t n = length - sent < piece ? length - sent : piece;

		if (char_ns > 0) {
			slave_sleep_until(mono_add_us(start, (int64_t)(sent + n) * char_ns / 1000));
		}
		slave->quiet = mono_now();
		slave_write(slave->fd, bytes + sent, n);
		sent += n;
	}
}

static inline size_t slave_bend(struct slave *slave, int fault, uint8_t *frame, size_t length)
{
	uint8_t other[SLAVE_FRAME] = {0};

	switch (fault) {
	case SLAVE_HALF:
		return length / 2;
	case SLAVE_GARBAGE:
		for (size_t i = 0; i < length; i++) {
			frame[i] = (uint8_t)(0x55 + 7 * i);
		}
		return length;
	case SLAVE_BAD_CRC:
		frame[length - 1] ^= 0x5A;
		return length;
	case SLAVE_ZERO:
		memmove(frame + 1, frame, length);
		frame[0] = 0;
		return length + 1;
	case SLAVE_STRAY:
		memcpy(other, frame, length);
		if (slave->kind == SLAVE_TCP) {
			other[1] ^= 0x80; /* of another transaction */
		} else {
			other[0] ^= 0x10;
			(void)slave_seal(slave, NULL, other, length - 2);
		}
		memmove(frame + length, frame, length);
		memcpy(frame, other, length);
		return 2 * length;
	default:
		return length;
	}
}

static inline void slave_reply(
	struct slave *slave, const uint8_t *head, const uint8_t *in, struct mono end)
{
	uint8_t frame[2 * SLAVE_FRAME] = {0};
	int fault = atomic_load(&slave->fault_count) > 0 ? atomic_load(&slave->fault) : SLAVE_GOOD;
	size_t length = slave_answer(slave, in, frame);

	if (atomic_load(&slave->fault_count) > 0) {
		atomic_fetch_sub(&slave->fault_count, 1);
	}
	if (in[0] == atomic_load(&slave->dead_unit)) {
		fault = SLAVE_SILENT;
	}
	if (fault == SLAVE_EXCEPTION) {
		frame[1] |= 0x80;
		frame[2] = (uint8_t)atomic_load(&slave->exception);
		length = 3;
	} else if (fault == SLAVE_WRONG_UNIT) {
		frame[0] ^= 0x10;
	} else if (fault == SLAVE_SHORT) {
		frame[2] -= 2;
		length -= 2;
	}
	length = slave_seal(slave, head, frame, length);
	if (fault == SLAVE_LATE) {
		memcpy(slave->late, frame, length);
		slave->late_length = length;
	}
	if (fault == SLAVE_LATE || fault == SLAVE_SILENT || fault == SLAVE_CLOSE) {
		return;
	}
	length = slave_bend(slave, fault, frame, length);
	slave_send(slave, mono_add_us(end, slave->turn_us), frame, length);
}

/* Length of the request that begins there, 0 = not known yet. */
static inline size_t slave_length(const uint8_t *in, size_t have)
{
	bool many = have >= 2 && (in[1] == 15 || in[1] == 16);

	if (have < (many ? 7 : 6)) {
		return 0;
	}
	return many ? 7 + (size_t)in[6] : 6;
}

static inline bool slave_readable(struct slave *slave, int fd)
{
	struct pollfd pollers[2] = {
		{.fd = fd, .events = POLLIN}, {.fd = slave->stop[0], .events = POLLIN}};

	while (poll(pollers, 2, -1) < 0) {
	}
	return !(pollers[1].revents);
}

/* Serves one connection or the line; false when told to stop. */
static inline bool slave_serve(struct slave *slave)
{
	uint8_t in[SLAVE_FRAME];
	size_t have = 0, head = slave->kind == SLAVE_TCP ? 6 : 0;
	size_t tail = slave->kind == SLAVE_TCP ? 0 : 2;

	while (slave_readable(slave, slave->fd)) {
		struct mono now;
		size_t length;
		ssize_t n = read(slave->fd, in + have, sizeof in - have);

		if (n <= 0) {
			return true;
		}
		now = mono_now();
		if (have == 0 && slave->quiet.us > 0) {
			long gap = (long)mono_diff_us(now, slave->quiet);

			if (gap < atomic_load(&slave->min_gap_us)) {
				atomic_store(&slave->min_gap_us, gap);
			}
		}
		have += (size_t)n;
		length = have > head ? slave_length(in + head, have - head) : 0;
		if (length == 0 || have < head + length + tail) {
			continue;
		}
		atomic_fetch_add(&slave->requests, 1);
		if (slave->late_length > 0) {
			slave_write(slave->fd, slave->late, slave->late_length);
			slave->late_length = 0;
		}
		if (atomic_load(&slave->fault_count) > 0 &&
			atomic_load(&slave->fault) == SLAVE_CLOSE) {
			atomic_fetch_sub(&slave->fault_count, 1);
			return true;
		}
		slave_reply(slave, in, in + head,
			mono_add_us(now, (int64_t)have * slave->char_ns / 1000));
		have = 0;
	}
	return false;
}

static inline void *slave_run(void *arg)
{
	struct slave *slave = arg;

	struct sched_param first = {.sched_priority = 1};

	/* It stands for hardware: nothing but time keeps it waiting, where that is permitted. */
	(void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &first);
	(void)prctl(PR_SET_TIMERSLACK, 1000);
	if (slave->kind == SLAVE_RTU) {
		while (slave_serve(slave)) {
			/* The other end is closed between two opens. */
			struct timespec moment = {.tv_nsec = 2000000};

			nanosleep(&moment, NULL);
		}
		return NULL;
	}
	while (slave_readable(slave, slave->listener)) {
		bool go_on;

		slave->fd = accept(slave->listener, NULL, NULL);
		if (slave->fd < 0) {
			continue;
		}
		atomic_fetch_add(&slave->accepted, 1);
		go_on = slave_serve(slave);
		close(slave->fd);
		if (!go_on) {
			break;
		}
	}
	return NULL;
}

static inline int slave_listen(struct slave *slave)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;

	slave->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (slave->listener < 0 || bind(slave->listener, (struct sockaddr *)&address, size) ||
		listen(slave->listener, 8) ||
		getsockname(slave->listener, (struct sockaddr *)&address, &size)) {
		return -1;
	}
	slave->port = ntohs(address.sin_port);
	return 0;
}

static inline int slave_open_pty(struct slave *slave)
{
	struct termios raw;
	int other;

	if (openpty(&slave->fd, &other, slave->path, NULL, NULL)) {
		return -1;
	}
	tcgetattr(other, &raw);
	cfmakeraw(&raw);
	tcsetattr(other, TCSANOW, &raw);
	slave->listener = other; /* kept open: the line does not hang up between two masters */
	return 0;
}

/* baud 0: bytes take no time. */
static inline struct slave *slave_start(enum slave_kind kind, int baud, int bits)
{
	struct slave *slave = calloc(1, sizeof *slave);

	if (!slave) {
		return NULL;
	}
	slave->kind = kind;
	slave->char_ns = baud > 0 ? (int)(bits * INT64_C(1000000000) / baud) : 0;
	atomic_store(&slave->min_gap_us, 1000000000);
	if ((kind == SLAVE_RTU ? slave_open_pty(slave) : slave_listen(slave)) ||
		pipe(slave->stop) || pthread_create(&slave->thread, NULL, slave_run, slave)) {
		free(slave);
		return NULL;
	}
	return slave;
}

static inline void slave_break(struct slave *slave, enum slave_fault fault, int count)
{
	atomic_store(&slave->fault, (int)fault);
	atomic_store(&slave->fault_count, count);
}

static inline void slave_free(struct slave *slave)
{
	if (!slave) {
		return;
	}
	slave_write(slave->stop[1], (const uint8_t *)"", 1);
	pthread_join(slave->thread, NULL);
	close(slave->stop[0]);
	close(slave->stop[1]);
	close(slave->listener);
	if (slave->kind == SLAVE_RTU) {
		close(slave->fd);
	}
	free(slave);
}

#endif

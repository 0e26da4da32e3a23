/*
 * Modbus RTU, on a serial line or through a transparent serial server. libmodbus makes and checks
 * the frames; timing is here: the silence before a request, and sleeping until the reply must be
 * there instead of waking for each byte of it.
 */
#include <errno.h>
#include <linux/serial.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include <modbus/modbus.h>

#include "err.h"
#include "frame.h"
#include "modbus_common.h"
#include "modbus_port.h"
#include "net.h"

#define CRC_BYTES        2
#define UNITS            256
#define STRAYS_MAX       8 /* foreign frames that are read over in one transaction */
#define BABBLE_MAX       8 /* times that noise puts the request off */
#define SILENT_MAX       3 /* RTU over TCP: time-outs in a row, then a new connection */
#define CONNECT_US       (3 * US_PER_S)
#define DEFAULT_TCP_PORT 502
/* Within a reply: pieces of 14 (a UART's FIFO) and the 16 ms of a USB adapter are no gap. */
#define FIFO_CHARS 14
#define GAP_CHARS  20
#define GAP_US     (40 * US_PER_MS)
/* A wake-up comes some 50 us late, half a character at 115200. What it always is, is slept less;
 * the rest, some microseconds, is spun away. */
#define OVERSLEEP_MAX_US 80

struct rtu_port {
	struct bus_port port;
	modbus_t *ctx;
	struct serial_cfg serial; /* device NULL: over TCP */
	char host[256];           /* or the device's path */
	int number;
	int64_t timeout_us, connect_us;
	int64_t char_ns; /* 0: the line's speed is unknown */
	int64_t silence_us;
	struct mono quiet_since;
	int32_t turn_us[UNITS]; /* learnt: from the request's end to the reply's first byte */
	int64_t oversleep_us;   /* the least of late */
	unsigned silent;
};

static void sleep_until(struct mono until)
{
	struct timespec at = {.tv_sec = until.us / US_PER_S, .tv_nsec = until.us % US_PER_S * 1000};

	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &at, NULL) == EINTR) {
	}
}

/* Returns at `end`, neither earlier nor a wake-up's delay later. */
static void sleep_exactly(struct rtu_port *rtu, struct mono end)
{
	struct mono target = mono_add_us(end, -rtu->oversleep_us), now = mono_now();
	int64_t over_us;

	if (mono_before(now, target)) {
		sleep_until(target);
		now = mono_now();
		over_us = mono_diff_us(now, target);
		rtu->oversleep_us =
			over_us < rtu->oversleep_us
				? over_us
				: rtu->oversleep_us + (over_us - rtu->oversleep_us) / 16;
		if (rtu->oversleep_us > OVERSLEEP_MAX_US) {
			rtu->oversleep_us = OVERSLEEP_MAX_US;
		}
	}
	while (mono_before(now, end)) {
		now = mono_now();
	}
}

static int64_t chars_us(const struct rtu_port *rtu, size_t count)
{
	return (int64_t)count * rtu->char_ns / 1000;
}

static bool over_tcp(const struct rtu_port *rtu)
{
	return rtu->serial.device == NULL;
}

static int fd_of(const struct rtu_port *rtu)
{
	return modbus_get_socket(rtu->ctx);
}

static void rtu_close(struct bus_port *port)
{
	struct rtu_port *rtu = (struct rtu_port *)port;

	if (fd_of(rtu) < 0) {
		return;
	}
	if (over_tcp(rtu)) {
		close(fd_of(rtu));
		modbus_set_socket(rtu->ctx, -1);
	} else {
		modbus_close(rtu->ctx);
	}
}

static int set_kernel_rs485(const struct rtu_port *rtu)
{
	struct serial_rs485 mode = {.flags = SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND};

	/* The kernel counts in ms here; less than one is left to the driver. */
	mode.delay_rts_before_send = (uint32_t)(rtu->serial.rts_delay_us / US_PER_MS);
	mode.delay_rts_after_send = mode.delay_rts_before_send;
	return ioctl(fd_of(rtu), TIOCSRS485, &mode) ? ERR_IO : 0;
}

static int set_rts(const struct rtu_port *rtu)
{
	int mode = rtu->serial.rts == RTS_UP ? MODBUS_RTU_RTS_UP : MODBUS_RTU_RTS_DOWN;

	if (rtu->serial.rts == RTS_AUTO) {
		return 0;
	}
	if (rtu->serial.rts == RTS_KERNEL) {
		return set_kernel_rs485(rtu);
	}
	if (modbus_rtu_set_rts(rtu->ctx, mode) ||
		(rtu->serial.rts_delay_us > 0 &&
			modbus_rtu_set_rts_delay(rtu->ctx, (int)rtu->serial.rts_delay_us))) {
		return ERR_IO;
	}
	return 0;
}

static int open_serial(struct rtu_port *rtu)
{
	int err = 0;

	if (modbus_connect(rtu->ctx)) {
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	}
	if (fd_of(rtu) >= FD_SETSIZE) {
		err = ERR_FULL; /* libmodbus uses select() */
	} else if (flock(fd_of(rtu), LOCK_EX | LOCK_NB)) {
		err = ERR_LOCKED; /* two masters on a line ruin each other's frames */
	} else {
		err = set_rts(rtu);
	}
	if (err) {
		modbus_close(rtu->ctx);
	}
	return err;
}

static int rtu_open(struct bus_port *port)
{
	struct rtu_port *rtu = (struct rtu_port *)port;
	int err, fd;

	rtu_close(port);
	rtu->silent = 0;
	if (over_tcp(rtu)) {
		err = net_connect(rtu->host, rtu->number, rtu->connect_us, &fd);
		if (err == 0) {
			modbus_set_socket(rtu->ctx, fd);
		}
	} else {
		/* The default slack of 50 us is two per cent of a frame at 115200. */
		(void)prctl(PR_SET_TIMERSLACK, 1000);
		err = open_serial(rtu);
	}
	rtu->quiet_since = mono_now();
	return err;
}

static int waiting(const struct rtu_port *rtu)
{
	int bytes = 0;

	return ioctl(fd_of(rtu), FIONREAD, &bytes) ? ERR_CLOSED : bytes;
}

/* Throws away what has come. Returns whether there was anything; ERR_CLOSED. */
static int discard(struct rtu_port *rtu)
{
	uint8_t bytes[512];
	int count = waiting(rtu), total = count;

	while (count > 0 && total < 1 << 16) {
		if (read(fd_of(rtu), bytes, sizeof bytes) <= 0) {
			return ERR_CLOSED;
		}
		count = waiting(rtu);
		total += count;
	}
	return count < 0 ? count : total > 0;
}

/* Waits for the silence before a request; what comes meanwhile is nobody's. */
static int keep_silence(struct rtu_port *rtu, struct bus_reply *reply)
{
	int64_t free_us = rtu->silence_us + rtu->serial.turnaround_us;
	int dirty = 0;

	for (int i = 0; i < BABBLE_MAX; i++) {
		struct mono end = mono_add_us(rtu->quiet_since, free_us);

		sleep_exactly(rtu, end);
		dirty = discard(rtu);
		if (dirty <= 0) {
			break;
		}
		reply->late++;
		rtu->quiet_since = mono_now();
	}
	return dirty < 0 ? dirty : 0;
}

/* Waits until the reply must be there. 0, ERR_TIMEOUT, ERR_CLOSED; *on_time when it was not yet
 * complete before, so that its end was seen. */
static int await(
	struct rtu_port *rtu, struct mono expected, struct mono end, size_t length, bool *on_time)
{
	size_t hidden = FIFO_CHARS; /* bytes that may wait in the UART */
	int bytes;

	if (rtu->char_ns > 0) {
		sleep_until(mono_before(end, expected) ? end : expected);
	}
	bytes = waiting(rtu);
	*on_time = bytes >= 0 && (size_t)bytes < length;
	if (bytes == 0) {
		struct pollfd poller = {.fd = fd_of(rtu), .events = POLLIN};
		int64_t left_us = mono_diff_us(end, mono_now());
		struct timespec left = {
			.tv_sec = left_us / US_PER_S, .tv_nsec = left_us % US_PER_S * 1000};
		int n = left_us > 0 ? ppoll(&poller, 1, &left, NULL) : 0;

		if (n == 0) {
			return ERR_TIMEOUT;
		}
		if (n > 0 && !(poller.revents & POLLIN)) {
			return ERR_CLOSED;
		}
		bytes = waiting(rtu);
		hidden = 0; /* they have just come */
	}
	if (bytes < 0) {
		return ERR_CLOSED;
	}
	if (rtu->char_ns > 0 && (size_t)bytes + hidden < length) {
		sleep_until(
			mono_add_us(mono_now(), chars_us(rtu, length - (size_t)bytes - hidden)));
	}
	return 0;
}

/* Follows how long the unit takes to begin its reply. Where the reply was complete before we
 * looked, it may have been for long: look a little earlier the next time. */
static void learn(struct rtu_port *rtu, uint8_t unit, int64_t turn_us, bool on_time)
{
	int32_t *turn = &rtu->turn_us[unit];

	if (!on_time) {
		*turn -= *turn / 16 + 20;
	} else if (turn_us < *turn) {
		*turn = (int32_t)turn_us;
	} else {
		*turn += (int32_t)((turn_us - *turn) / 4);
	}
	*turn = *turn < 0 ? 0 : *turn;
}

/* How many bytes libmodbus takes for the frame that begins so (its rules for confirmations). */
static size_t parsed(const uint8_t *bytes)
{
	switch (bytes[1]) {
	case 5:
	case 6:
	case 15:
	case 16:
		return 8;
	case 22:
		return 10;
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
	case 17:
	case 23:
		return (size_t)bytes[2] + 5;
	default:
		return 5;
	}
}

/* What libmodbus took for a frame began with noise, perhaps: looks for the reply in it and in what
 * it left. */
static int behind_noise(struct rtu_port *rtu, const struct bus_request *request, uint8_t *bytes,
	struct bus_reply *reply)
{
	size_t have = parsed(bytes), room = MODBUS_RTU_MAX_ADU_LENGTH + FRAME_NOISE_MAX - have;
	ssize_t more;
	int err;

	/* As many bytes as the noise had are still to come. */
	sleep_until(mono_add_us(mono_now(), chars_us(rtu, FRAME_NOISE_MAX)));
	more = waiting(rtu) > 0 ? read(fd_of(rtu), bytes + have, room) : 0;
	if (more < 0) {
		return ERR_CLOSED;
	}
	err = frame_find(request, bytes, have + (size_t)more, reply);
	reply->late += err == ERR_CRC ? 0 : 1;
	return err;
}

static int receive(struct rtu_port *rtu, const struct bus_request *request, struct mono sent_end,
	struct bus_reply *reply)
{
	size_t length = frame_reply_length(request) + CRC_BYTES;
	struct mono end = mono_add_us(sent_end, rtu->timeout_us);
	uint8_t bytes[MODBUS_RTU_MAX_ADU_LENGTH + FRAME_NOISE_MAX];
	int err = ERR_TIMEOUT;

	for (int strays = 0; strays < STRAYS_MAX; strays++) {
		struct mono expected = mono_add_us(sent_end,
			chars_us(rtu, length) + (strays == 0 ? rtu->turn_us[request->unit] : 0));
		bool on_time = false;
		int count, awaited = await(rtu, expected, end, length, &on_time);

		if (awaited) {
			return strays > 0 && awaited == ERR_TIMEOUT ? err : awaited;
		}
		common_set_timeout(rtu->ctx, GAP_US + chars_us(rtu, GAP_CHARS));
		count = modbus_receive_confirmation(rtu->ctx, bytes);
		err = count < 0 ? common_error(errno) : 0;
		if (err == ERR_CRC || (count == 0 && !frame_sound(bytes, parsed(bytes)))) {
			return behind_noise(rtu, request, bytes, reply);
		}
		if (err) {
			/* Bytes came, but no frame. */
			return err == ERR_TIMEOUT ? ERR_FRAME : err;
		}
		err = count == 0 ? ERR_FOREIGN
				 : frame_check(request, bytes, (size_t)count - CRC_BYTES, reply);
		if (err == 0 && rtu->char_ns > 0) {
			learn(rtu, request->unit,
				mono_diff_us(mono_now(), sent_end) - chars_us(rtu, length),
				on_time);
		}
		if (err != ERR_FOREIGN) {
			return err;
		}
		reply->late++;
	}
	return err;
}

static int exchange(struct rtu_port *rtu, const struct bus_request *request, struct mono *start,
	struct bus_reply *reply)
{
	uint8_t bytes[FRAME_MAX];
	int length = frame_request(request, bytes), err;

	if (length < 0 || modbus_set_slave(rtu->ctx, request->unit)) {
		return ERR_RANGE;
	}
	if (over_tcp(rtu) && rtu->silent >= SILENT_MAX && rtu_open(&rtu->port)) {
		return ERR_CLOSED;
	}
	if (fd_of(rtu) < 0) {
		return ERR_CLOSED;
	}
	err = keep_silence(rtu, reply);
	if (err) {
		return err;
	}
	*start = mono_now();
	if (modbus_send_raw_request(rtu->ctx, bytes, length) != length + CRC_BYTES) {
		return ERR_CLOSED;
	}
	return receive(rtu, request, mono_add_us(*start, chars_us(rtu, (size_t)length + CRC_BYTES)),
		reply);
}

static void rtu_transact(
	struct bus_port *port, const struct bus_request *request, struct bus_reply *reply)
{
	struct rtu_port *rtu = (struct rtu_port *)port;
	struct mono start = mono_now();

	reply->exception = 0;
	reply->late = 0;
	reply->err = exchange(rtu, request, &start, reply);
	reply->at = mono_now();
	reply->took_us = mono_diff_us(reply->at, start);
	rtu->quiet_since = reply->at;
	rtu->silent = reply->err == ERR_TIMEOUT ? rtu->silent + 1 : 0;
	if (reply->err == ERR_CLOSED || reply->err == ERR_IO) {
		rtu_close(port);
	}
}

static void rtu_free(struct bus_port *port)
{
	struct rtu_port *rtu = (struct rtu_port *)port;

	if (rtu) {
		rtu_close(port);
		modbus_free(rtu->ctx);
		free(rtu);
	}
}

static bool line_ok(int baud, char parity, int data_bits, int stop_bits)
{
	return baud >= 300 && baud <= 4000000 &&
	       (parity == 'N' || parity == 'E' || parity == 'O') && data_bits >= 7 &&
	       data_bits <= 8 && stop_bits >= 1 && stop_bits <= 2;
}

/* The context's device is only opened where the port is serial. */
static int make(const char *name, int64_t timeout_us, int baud, char parity, int data_bits,
	int stop_bits, struct rtu_port **out)
{
	static const struct bus_port_ops ops = {rtu_open, rtu_transact, rtu_close, rtu_free};
	struct rtu_port *rtu;
	bool known = baud != 0;

	if (!name || name[0] == '\0' || strlen(name) >= sizeof rtu->host ||
		!common_timeout_ok(timeout_us) ||
		(known && !line_ok(baud, parity, data_bits, stop_bits))) {
		return ERR_RANGE;
	}
	rtu = calloc(1, sizeof *rtu);
	if (!rtu) {
		return ERR_NOMEM;
	}
	rtu->port.ops = &ops;
	memcpy(rtu->host, name, strlen(name) + 1);
	rtu->timeout_us = timeout_us > 0 ? timeout_us : BUS_TIMEOUT_US;
	rtu->ctx = known ? modbus_new_rtu(rtu->host, baud, parity, data_bits, stop_bits)
			 : modbus_new_rtu(rtu->host, 9600, 'N', 8, 1);
	if (!rtu->ctx) {
		free(rtu);
		return ERR_NOMEM;
	}
	common_setup(rtu->ctx);
	if (known) {
		int bits = 1 + data_bits + (parity == 'N' ? 0 : 1) + stop_bits;

		rtu->char_ns = bits * INT64_C(1000000000) / baud;
	}
	*out = rtu;
	return 0;
}

int modbus_serial_new(const struct serial_cfg *cfg, struct bus_port **out)
{
	struct rtu_port *rtu;
	int err;

	if (cfg->baud <= 0 || cfg->rts > RTS_KERNEL || cfg->rts_delay_us < 0 ||
		cfg->rts_delay_us > US_PER_S || !common_timeout_ok(cfg->turnaround_us)) {
		return ERR_RANGE;
	}
	err = make(cfg->device, cfg->timeout_us, cfg->baud, cfg->parity, cfg->data_bits,
		cfg->stop_bits, &rtu);
	if (err) {
		return err;
	}
	rtu->serial = *cfg;
	rtu->serial.device = rtu->host;
	/* Rounded up: 3.5 characters are a minimum. */
	rtu->silence_us = (rtu->char_ns * 7 / 2 + 999) / 1000;
	*out = &rtu->port;
	return 0;
}

int modbus_rtu_tcp_new(const struct tcp_cfg *cfg, struct bus_port **out)
{
	struct rtu_port *rtu;
	int err;

	if (cfg->port < 0 || cfg->port > 65535 || cfg->baud < 0 ||
		!common_timeout_ok(cfg->connect_timeout_us)) {
		return ERR_RANGE;
	}
	err = make(cfg->host, cfg->timeout_us, cfg->baud, cfg->parity, 8, cfg->stop_bits, &rtu);
	if (err) {
		return err;
	}
	rtu->number = cfg->port > 0 ? cfg->port : DEFAULT_TCP_PORT;
	rtu->connect_us = cfg->connect_timeout_us > 0 ? cfg->connect_timeout_us : CONNECT_US;
	*out = &rtu->port;
	return 0;
}

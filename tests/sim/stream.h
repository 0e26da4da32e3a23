#ifndef PILESIM_STREAM_H
#define PILESIM_STREAM_H
/*
 * One end of a wire: bytes come in and are cut into requests; answers leave at the time at which
 * they would leave on the wire. A few may be under way at once, since late answers are one of the
 * faults. Time is an argument (ns of a monotonic clock); the file descriptor is only written to.
 */
#include "linetime.h"
#include "modbus_slave.h"

#define STREAM_PENDING 8
#define STREAM_RX      600

/* How the other side is connected. */
struct stream_wire {
	enum framing framing;
	int64_t char_ns;    /* 0 = no wire times */
	int64_t silence_ns; /* after a request */
	enum delivery delivery;
};

struct stream {
	int fd; /* -1 = closed; owned */
	unsigned bus;
	struct stream_wire wire;
	uint8_t rx[STREAM_RX];
	size_t rx_size;
	int64_t rx_end_ns;  /* the last byte is on the wire until then */
	int64_t tx_free_ns; /* the answer that is being sent ends then */
	struct pending {
		enum { PENDING_REQUEST, PENDING_ANSWER, PENDING_SENT } stage;
		int64_t at_ns; /* request: its answer is made; answer, sent: its first bit */
		size_t size, done;
		uint8_t bytes[SLAVE_FRAME_MAX];
	} pending[STREAM_PENDING];
	size_t pending_count;
	uint64_t requests, answers, dropped;
};

void stream_open(struct stream *stream, int fd, unsigned bus, struct stream_wire wire);
void stream_close(struct stream *stream);

/* Bytes have come. Returns false when the connection must be closed (no Modbus TCP header). */
bool stream_push(struct stream *stream, const uint8_t *bytes, size_t size, int64_t now_ns);

/* When stream_run() has something to do; INT64_MAX = nothing. */
int64_t stream_due(const struct stream *stream);
/* Makes answers and hands on bytes that are due. The model must have been moved up to now. */
void stream_run(struct stream *stream, struct sim *sim, int64_t now_ns);

#endif

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"
#include "timex.h"

/* A beginning of a request that is not followed up is forgotten after this. */
#define PARTIAL_NS INT64_C(200000000)

void stream_open(struct stream *stream, int fd, unsigned bus, struct stream_wire wire)
{
	*stream = (struct stream){.fd = fd, .bus = bus, .wire = wire};
}

void stream_close(struct stream *stream)
{
	if (stream->fd >= 0) {
		close(stream->fd);
		stream->fd = -1;
	}
	stream->pending_count = 0;
	stream->rx_size = 0;
}

static void drop_pending(struct stream *stream, size_t i)
{
	stream->pending_count--;
	memmove(&stream->pending[i], &stream->pending[i + 1],
		(stream->pending_count - i) * sizeof *stream->pending);
}

static void cut(struct stream *stream, size_t size)
{
	stream->rx_size -= size;
	memmove(stream->rx, stream->rx + size, stream->rx_size);
}

bool stream_push(struct stream *stream, const uint8_t *bytes, size_t size, int64_t now_ns)
{
	if (stream->rx_size > 0 && now_ns > stream->rx_end_ns + PARTIAL_NS) {
		stream->rx_size = 0;
	}
	if (size > STREAM_RX - stream->rx_size) {
		stream->rx_size = 0;
		stream->dropped++;
		return stream->wire.framing == FRAMING_RTU;
	}
	memcpy(stream->rx + stream->rx_size, bytes, size);
	stream->rx_size += size;
	if (stream->rx_end_ns < now_ns) {
		stream->rx_end_ns = now_ns;
	}
	stream->rx_end_ns += (int64_t)size * stream->wire.char_ns;
	for (;;) {
		int length =
			slave_request_length(stream->wire.framing, stream->rx, stream->rx_size);
		struct pending *request = &stream->pending[stream->pending_count];

		if (length == 0) {
			return true;
		}
		if (length < 0) {
			stream->rx_size = 0;
			stream->dropped++;
			return stream->wire.framing == FRAMING_RTU;
		}
		stream->requests++;
		if (stream->pending_count < STREAM_PENDING) {
			*request = (struct pending){
				.at_ns = stream->rx_end_ns + stream->wire.silence_ns,
				.stage = PENDING_REQUEST,
				.size = (size_t)length};
			memcpy(request->bytes, stream->rx, (size_t)length);
			stream->pending_count++;
		} else {
			stream->dropped++;
		}
		cut(stream, (size_t)length);
	}
}

/* When the next piece of a pending answer is handed on. */
static int64_t piece_due(const struct stream *stream, const struct pending *answer, size_t *piece)
{
	int64_t at_ns;

	*piece = line_piece(
		stream->wire.delivery, stream->wire.char_ns, answer->size, answer->done, &at_ns);
	return answer->at_ns + at_ns;
}

int64_t stream_due(const struct stream *stream)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < stream->pending_count; i++) {
		const struct pending *p = &stream->pending[i];
		size_t piece;
		int64_t at = p->stage == PENDING_SENT ? piece_due(stream, p, &piece) : p->at_ns;

		due = at < due ? at : due;
	}
	return due;
}

/* Turns a pending request into its pending answer; false when there is none. */
static bool make_answer(struct stream *stream, struct pending *p, struct sim *sim)
{
	struct slave_answer answer = {.size = 0};

	slave_answer(sim, stream->bus, stream->wire.framing, p->bytes, p->size, &answer);
	if (answer.size == 0) {
		return false;
	}
	p->stage = PENDING_ANSWER;
	p->at_ns += answer.delay_us * 1000;
	p->size = answer.size;
	p->done = 0;
	memcpy(p->bytes, answer.bytes, answer.size);
	stream->answers++;
	return true;
}

/* Its first bit goes onto the wire, or waits for the answer that is there. */
static void begin(struct stream *stream, struct pending *p)
{
	if (p->at_ns < stream->tx_free_ns) {
		p->at_ns = stream->tx_free_ns;
	} else {
		p->stage = PENDING_SENT;
		stream->tx_free_ns = p->at_ns + (int64_t)p->size * stream->wire.char_ns;
	}
}

static void hand_on(struct stream *stream, struct pending *p, int64_t now_ns)
{
	size_t piece;

	while (p->done < p->size && piece_due(stream, p, &piece) <= now_ns) {
		/* What a full line does not take is lost, as on a wire. */
		if (write(stream->fd, p->bytes + p->done, piece) < 0 && errno != EAGAIN) {
			stream->dropped++;
		}
		p->done += piece;
	}
}

void stream_run(struct stream *stream, struct sim *sim, int64_t now_ns)
{
	for (size_t i = 0; i < stream->pending_count;) {
		struct pending *p = &stream->pending[i];

		if (p->stage == PENDING_REQUEST && p->at_ns <= now_ns &&
			!make_answer(stream, p, sim)) {
			drop_pending(stream, i);
			continue;
		}
		if (p->stage == PENDING_ANSWER && p->at_ns <= now_ns) {
			begin(stream, p);
		}
		if (p->stage == PENDING_SENT) {
			hand_on(stream, p, now_ns);
		}
		if (p->stage == PENDING_SENT && p->done >= p->size) {
			drop_pending(stream, i);
			continue;
		}
		i++;
	}
}

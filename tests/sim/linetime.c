#include "linetime.h"

int64_t line_char_ns(int32_t baud, char parity, uint8_t stop_bits)
{
	int64_t bits = 1 + 8 + (parity == 'N' ? 0 : 1) + stop_bits;

	return bits * INT64_C(1000000000) / (baud > 0 ? baud : 9600);
}

int64_t line_silence_ns(int32_t baud, int64_t char_ns)
{
	return baud > 19200 ? 1750000 : char_ns * 7 / 2;
}

size_t line_piece(enum delivery delivery, int64_t char_ns, size_t size, size_t done, int64_t *at_ns)
{
	size_t left = size - done;
	size_t piece = left;
	size_t idle = 0;

	if (done >= size) {
		return 0;
	}
	if (delivery == DELIVER_BYTE) {
		piece = 1;
	} else if (delivery == DELIVER_FIFO && left >= FIFO_TRIGGER) {
		piece = FIFO_TRIGGER;
	} else if (delivery == DELIVER_FIFO) {
		idle = FIFO_IDLE;
	}
	*at_ns = (int64_t)(done + piece + idle) * char_ns;
	return piece;
}

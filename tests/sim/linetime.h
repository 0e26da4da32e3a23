#ifndef PILESIM_LINETIME_H
#define PILESIM_LINETIME_H
/*
 * Time of characters on a serial line, and when a receiver hands them on. Pure.
 */
#include <stddef.h>
#include <stdint.h>

/* How a UART gives bytes to its reader: each byte at its end; in pieces of a 16550's FIFO trigger
 * (14), the rest when the line was silent for 4 characters; or the whole frame at its end. */
enum delivery { DELIVER_BYTE, DELIVER_FIFO, DELIVER_FRAME };

#define FIFO_TRIGGER 14
#define FIFO_IDLE    4

/* One character, ns: start bit, 8 data bits, parity bit where there is one, stop bits. */
int64_t line_char_ns(int32_t baud, char parity, uint8_t stop_bits);
/* The silence that ends a frame: 3.5 characters; 1750 us above 19200 baud (Modbus over serial line
 * 1.02, 2.5.1.1). */
int64_t line_silence_ns(int32_t baud, int64_t char_ns);

/* The next piece of a frame of `size` bytes of which `done` have been handed on: how many bytes,
 * and *at_ns, when they are, counted from the first bit of the frame. 0 when done. */
size_t line_piece(
	enum delivery delivery, int64_t char_ns, size_t size, size_t done, int64_t *at_ns);

#endif

#ifndef PILED_BUS_NET_H
#define PILED_BUS_NET_H
/*
 * The TCP connection of a field port.
 */
#include <stdint.h>

/* Connects with a time-out, Nagle off, keep-alive on; the socket does not block.
 * ERR_NOTFOUND (name), ERR_TIMEOUT, ERR_CLOSED (refused), ERR_IO, ERR_FULL (too many open files
 * for select(), which libmodbus uses). */
int net_connect(const char *host, int port, int64_t timeout_us, int *fd);

/* Throws away what has come. Returns the number of bytes, ERR_CLOSED at the end of the stream. */
int net_flush(int fd);

#endif

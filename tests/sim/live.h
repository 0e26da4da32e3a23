#ifndef PILESIM_LIVE_H
#define PILESIM_LIVE_H
/*
 * The simulator among real programs: its buses as TCP ports and pseudo-terminals, its control
 * socket, its clock tied to the wall clock. One thread, one loop.
 */
#include "stream.h"

#define LIVE_CLIENTS  256 /* TCP connections at a time */
#define LIVE_CONTROLS 8

struct live_bus {
	int listener;       /* TCP; -1 */
	int keep;           /* serial: the device side, held open; -1 */
	char path[256];     /* serial: symbolic link */
	int port;           /* TCP */
	struct stream line; /* serial */
};

struct live_control {
	int fd; /* -1 = free */
	char in[1024];
	size_t in_size;
	char *out; /* reply under way; owned */
	size_t out_size, out_done;
};

struct live_cfg {
	const char *dir;     /* exists */
	const char *address; /* to listen on */
	int port;            /* of the first TCP bus, the next ones follow; 0 = any free ones */
	int speed;           /* model seconds a second */
	enum delivery delivery;
	int64_t for_s; /* ends by itself; 0 = never */
};

struct live {
	struct live_cfg cfg;
	struct sim *sim;
	int64_t start_ns;
	bool stop;
	struct live_bus *buses;
	struct stream *clients; /* LIVE_CLIENTS */
	int control;            /* listening */
	char control_path[256];
	struct live_control controls[LIVE_CONTROLS];
};

/* Opens everything. On failure `why` says what is wrong. live_close() in any case. */
int live_open(
	struct live *live, const struct live_cfg *cfg, struct sim *sim, char *why, size_t size);
/* Runs until `*stop` is set by a signal, a stop command, or the end of cfg.for_s. */
void live_run(struct live *live, const volatile int *stop);
void live_close(struct live *live);
/* Moves the model up to now. */
void live_sync(struct live *live);

int64_t live_now_ns(void);

/* tcp.c */
int tcp_listen(const char *address, int port, int *bound);
int tcp_accept(int listener);
/* serial.c: a pseudo-terminal with a symbolic link to it. */
int serial_open(const char *link, int *line, int *keep);
void serial_close(const char *link, int *keep);
/* control.c */
int control_listen(const char *path);
int control_connect(const char *path);
void control_accept(struct live *live);
void control_read(struct live *live, struct live_control *control);
void control_write(struct live_control *control);
void control_close(struct live_control *control);

#endif

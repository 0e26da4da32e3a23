#ifndef PILED_NOTIFY_H
#define PILED_NOTIFY_H
/*
 * Telling the service manager: the datagram protocol of sd_notify(3), whose manual page gives it as
 * stable and meant to be spoken without the library. libsystemd would bring liblzma, libzstd,
 * liblz4, libcap and libgcrypt into a process that must stay within 12 MB.
 */
#include <stdint.h>

/* Sends "READY=1", "WATCHDOG=1", "STOPPING=1" ... to $NOTIFY_SOCKET; nothing where it is unset. */
void notify_send(const char *state);

/* Half of the watchdog's time in microseconds; 0 where the manager has none for this process. */
int64_t notify_watchdog_us(void);

#endif

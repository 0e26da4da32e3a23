/*
 * Serial lines as pseudo-terminals. The device side is held open, so that a client that goes away
 * does not look like the end of the line.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "live.h"

static int set_raw(int fd)
{
	struct termios mode;

	if (tcgetattr(fd, &mode) < 0) {
		return ERR_IO;
	}
	cfmakeraw(&mode);
	cfsetispeed(&mode, B9600);
	cfsetospeed(&mode, B9600);
	return tcsetattr(fd, TCSANOW, &mode) < 0 ? ERR_IO : 0;
}

int serial_open(const char *link, int *line, int *keep)
{
	char name[64], old[1];
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	int slave = -1;

	if (master < 0) {
		return ERR_IO;
	}
	if (grantpt(master) < 0 || unlockpt(master) < 0 ||
		ptsname_r(master, name, sizeof name) != 0) {
		goto fail;
	}
	slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || set_raw(slave) < 0) {
		goto fail;
	}
	if (readlink(link, old, sizeof old) >= 0) {
		unlink(link); /* left behind by a run that was killed */
	}
	if (symlink(name, link) < 0) {
		goto fail;
	}
	*line = master;
	*keep = slave;
	return 0;
fail:
	if (slave >= 0) {
		close(slave);
	}
	close(master);
	return ERR_IO;
}

void serial_close(const char *link, int *keep)
{
	if (*keep >= 0) {
		unlink(link);
		close(*keep);
		*keep = -1;
	}
}

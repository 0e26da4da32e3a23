/*
 * The control socket: one line of tab-separated words in, a reply out, then the end. The first line
 * of the reply is "ok" or "error TEXT".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "live.h"
#include "simcmds.h"

static int unix_name(const char *path, struct sockaddr_un *name)
{
	*name = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof name->sun_path) {
		return ERR_TOOLONG;
	}
	memcpy(name->sun_path, path, strlen(path));
	return 0;
}

int control_connect(const char *path)
{
	struct sockaddr_un name;
	int err = unix_name(path, &name);
	int fd = err ? err : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		return err ? err : ERR_IO;
	}
	if (connect(fd, (struct sockaddr *)&name, sizeof name) < 0) {
		close(fd);
		return ERR_CLOSED;
	}
	return fd;
}

int control_listen(const char *path)
{
	struct sockaddr_un name;
	int fd = control_connect(path);

	if (fd >= 0) {
		close(fd);
		return ERR_LOCKED;
	}
	if (unix_name(path, &name) < 0) {
		return ERR_TOOLONG;
	}
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return ERR_IO;
	}
	if (bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, 8) < 0) {
		close(fd);
		return ERR_IO;
	}
	return fd;
}

void control_accept(struct live *live)
{
	int fd = accept4(live->control, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	for (int i = 0; fd >= 0 && i < LIVE_CONTROLS; i++) {
		if (live->controls[i].fd < 0) {
			live->controls[i] = (struct live_control){.fd = fd};
			return;
		}
	}
	if (fd >= 0) {
		close(fd);
	}
}

void control_close(struct live_control *control)
{
	if (control->fd >= 0) {
		close(control->fd);
	}
	free(control->out);
	*control = (struct live_control){.fd = -1};
}

/* Carries out the line that has come. False when there is no reply. */
static bool reply(struct live *live, struct live_control *control)
{
	const char *words[32];
	int count = 0;
	char *rest = control->in;

	for (char *word = strsep(&rest, "\t"); word && count < 32; word = strsep(&rest, "\t")) {
		words[count++] = word;
	}
	live_sync(live);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out) {
		return false;
	}
	live->stop = simcmd_run(live->sim, count, words, out) || live->stop;
	if (fclose(out) != 0) {
		free(text);
		return false;
	}
	control->out = text;
	control->out_size = size;
	return true;
}

void control_read(struct live *live, struct live_control *control)
{
	size_t room = sizeof control->in - 1 - control->in_size;
	ssize_t got = read(control->fd, control->in + control->in_size, room);

	if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
		return;
	}
	if (got <= 0) {
		control_close(control);
		return;
	}
	control->in_size += (size_t)got;
	control->in[control->in_size] = '\0';
	char *end = strchr(control->in, '\n');

	if (end) {
		*end = '\0';
		if (reply(live, control)) {
			control_write(control);
		} else {
			control_close(control);
		}
	} else if (control->in_size == sizeof control->in - 1) {
		control_close(control);
	}
}

void control_write(struct live_control *control)
{
	ssize_t sent = send(control->fd, control->out + control->out_done,
		control->out_size - control->out_done, MSG_NOSIGNAL);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
		return;
	}
	control->out_done += sent > 0 ? (size_t)sent : 0;
	if (sent < 0 || control->out_done >= control->out_size) {
		control_close(control);
	}
}

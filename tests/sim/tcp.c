/*
 * Listening TCP sockets of gateways and serial servers.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live.h"

int tcp_listen(const char *address, int port, int *bound)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	socklen_t size = sizeof name;
	int on = 1;
	int fd;

	if (inet_pton(AF_INET, address, &name.sin_addr) != 1) {
		return ERR_SYNTAX;
	}
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return ERR_IO;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
		bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, 64) < 0 ||
		getsockname(fd, (struct sockaddr *)&name, &size) < 0) {
		close(fd);
		return ERR_IO;
	}
	*bound = ntohs(name.sin_port);
	return fd;
}

int tcp_accept(int listener)
{
	int on = 1;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		return ERR_IO;
	}
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) {
		close(fd);
		return ERR_IO;
	}
	return fd;
}

#include "internal.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUPS_MAX 256

/* The kernel says who is there; no name service is asked. All groups of the peer count, not only
 * its first. */
static bool in_group(int fd, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t size = sizeof groups;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0) {
		return false;
	}
	for (size_t i = 0; i < size / sizeof groups[0]; i++) {
		if (groups[i] == group) {
			return true;
		}
	}
	return false;
}

/* Root, the agent's own user and the agent's group administrate; whoever else the socket's mode
 * lets in may look. */
static enum role role_of(int fd, const struct ucred *peer)
{
	if (peer->uid == 0 || peer->uid == geteuid() || peer->gid == getegid() ||
		in_group(fd, getegid())) {
		return ROLE_ADMIN;
	}
	return ROLE_VIEWER;
}

void peer_identify(struct client *client)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	uv_os_fd_t fd;

	client->role = ROLE_NOBODY;
	snprintf(client->person, sizeof client->person, "unknown");
	snprintf(client->origin, sizeof client->origin, "socket");
	if (uv_fileno((const uv_handle_t *)&client->pipe, &fd) != 0 ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
		return;
	}
	client->role = role_of(fd, &peer);
	snprintf(client->person, sizeof client->person, "uid %u", (unsigned)peer.uid);
	snprintf(client->origin, sizeof client->origin, "socket, pid %d", (int)peer.pid);
}

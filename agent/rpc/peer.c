#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* The kernel says who is there; all groups of the peer count, not only its first. They are kept:
 * what they give may change when the configuration is read again. */
static void take_groups(struct client *client, int fd)
{
	socklen_t size = 0;
	gid_t *groups;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0 || errno != ERANGE) {
		return; /* it has none */
	}
	groups = malloc(size);
	if (groups != NULL && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0) {
		client->groups = groups;
		client->group_count = size / sizeof *groups;
	} else {
		free(groups);
	}
}

/* A person that a shared account named stays who it is. */
static void identify(struct client *client)
{
	const struct rpc_server *server = client->server;
	char name[sizeof client->person];

	client->roles = server->ops->identify(server->host, client->uid, client->gid,
		client->groups, client->group_count, name, sizeof name);
	if (!client->claimed) {
		snprintf(client->person, sizeof client->person, "%s", name);
	}
}

void peer_identify(struct client *client)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	uv_os_fd_t fd;

	client->roles = 0;
	snprintf(client->person, sizeof client->person, "unknown");
	snprintf(client->origin, sizeof client->origin, "socket");
	if (uv_fileno((const uv_handle_t *)&client->pipe, &fd) != 0 ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
		return;
	}
	client->uid = peer.uid;
	client->gid = peer.gid;
	snprintf(client->origin, sizeof client->origin, "socket, pid %d", (int)peer.pid);
	take_groups(client, fd);
	identify(client);
}

void rpc_roles_changed(struct rpc_server *server)
{
	for (struct client *c = server->clients; c != NULL; c = c->next) {
		identify(c);
	}
}

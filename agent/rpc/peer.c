/* Who is at the other end: uid, groups and role by the kernel, person and origin. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "i18n.h"
#include "text.h"

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

	client->roles = server->ops->identify(server->host, client->uid, client->gid,
		client->groups, client->group_count, client->account, sizeof client->account);
	if (!client->claimed) {
		snprintf(client->person, sizeof client->person, "%s", client->account);
	}
}

/* What nobody but the peer itself says is marked so. */
static void write_origin(struct client *client)
{
	size_t used = 0;

	text_append(client->origin, sizeof client->origin, &used, "%s",
		client->claim[0] == '\0' ? "socket" : client->claim);
	if (client->claim[0] != '\0') {
		text_append(client->origin, sizeof client->origin, &used, " (claimed)");
	}
	if (client->claimed) {
		text_append(client->origin, sizeof client->origin, &used, ", account %s",
			client->account);
	}
	text_append(client->origin, sizeof client->origin, &used, ", pid %d", (int)client->pid);
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
	client->pid = peer.pid;
	write_origin(client);
	take_groups(client, fd);
	identify(client);
}

/* Names as attach_as has them in authorized_keys. */
static bool good_person(const char *person)
{
	return person[0] != '\0' && person[0] != '-' &&
	       strlen(person) < sizeof((struct client *)0)->person &&
	       strpbrk(person, " \t\"'\\") == NULL;
}

int peer_claim(struct call *call)
{
	struct client *client = call->client;
	const char *person = params_text(call->params, "person");
	const char *origin = params_text(call->params, "origin");

	if (person != NULL && !client->server->ops->may_claim(client->server->host, client->uid)) {
		call->message = N_("this account is not in attach_as, or it has a shell");
		return ERR_DENIED;
	}
	if (person != NULL && (client->claimed || !good_person(person))) {
		call->message = N_("person: one name without blanks, said once");
		return ERR_INVAL;
	}
	if (person != NULL) {
		client->claimed = true;
		snprintf(client->person, sizeof client->person, "%s", person);
	}
	/* The first one is that of the machine where sshd knows it; what comes through it says
	 * where the caller's own machine was reached from. */
	if (origin != NULL && client->claim[0] == '\0') {
		view_set_text(client->claim, sizeof client->claim, origin);
	}
	write_origin(client);
	call->result = cJSON_CreateObject();
	cJSON_AddStringToObject(call->result, "person", client->person);
	return 0;
}

void rpc_roles_changed(struct rpc_server *server)
{
	for (struct client *c = server->clients; c != NULL; c = c->next) {
		identify(c);
		publish_roles(c);
	}
}

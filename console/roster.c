#include "roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "ssh_address.h"

static int take_word(const char *word, struct station_cfg *out)
{
	struct ssh_address address;

	*out = (struct station_cfg){
		.ssh = strchr(word, '/') == NULL || strstr(word, "://") != NULL};
	if (view_set_text(out->address, sizeof out->address, word) != 0 ||
		(out->ssh && ssh_address_read(word, &address) != 0)) {
		fprintf(stderr, "piletop: %s: %s\n", word,
			_("no address like user@host or ssh://user@host:port"));
		return ERR_SYNTAX;
	}
	view_set_text(out->name, sizeof out->name, word);
	return 0;
}

int roster_read(char *const *words, size_t count, const char *socket, struct station_cfg **out,
	size_t *out_count)
{
	struct station_cfg *list = calloc(count == 0 ? 1 : count, sizeof *list);

	if (list == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		if (take_word(words[i], &list[i]) != 0) {
			free(list);
			return ERR_SYNTAX;
		}
	}
	if (count == 0) {
		view_set_text(list[0].address, sizeof list[0].address, socket);
	}
	*out = list;
	*out_count = count == 0 ? 1 : count;
	return 0;
}

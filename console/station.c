#include "station.h"

#include <string.h>

int station_init(struct station *s, const struct station_cfg *cfg)
{
	memset(s, 0, sizeof *s);
	s->cfg = *cfg;
	model_init(&s->model);
	return feed_init(&s->feed, cfg->ssh ? &link_ssh : &link_unix, s->cfg.address, &s->model);
}

void station_free(struct station *s)
{
	feed_free(&s->feed);
	model_free(&s->model);
}

void station_run(struct station *s, struct mono now)
{
	feed_run(&s->feed, now);
	if (s->feed.synced) {
		s->feed.synced = false;
		memset(s->next_ask, 0, sizeof s->next_ask);
	}
	order_run(s, now);
}

#include "auth.h"

#include "gun.h"
#include "orderwords.h"

/* A register that was not read for so long is read as for the first time; a card or VIN belongs to
 * what happens within it. */
#define NEWS_US (120 * US_PER_S)
/* How long a charge without an order waits for the answer. */
#define ANSWER_US (15 * US_PER_S)
/* The plug may be read a little later than card or VIN. */
#define PLUG_US (5 * US_PER_S)

static struct auth *auth_of(const struct site *site, uint16_t i)
{
	return &gun_of(site, i)->auth;
}

/* Readers that have no empty text give zeros. */
static bool blank(const char *text)
{
	while (*text == '0' || *text == ' ') {
		text++;
	}
	return *text == '\0';
}

void auth_text(struct core *c, uint16_t i, unsigned point, const char *text)
{
	struct auth *a = auth_of(c->site, i);
	struct token *t = point == PT_CARD ? &a->card : &a->vin;
	int64_t now_us = c->now.mono.us;
	bool news = t->seen_us != 0 && now_us - t->seen_us <= NEWS_US;
	bool same = t->shown && strcmp(t->text, text) == 0;

	if (point != PT_CARD && point != PT_VIN) {
		return;
	}
	t->seen_us = now_us;
	t->shown = !blank(text);
	if (!t->shown || (same && news)) {
		return;
	}
	view_set_text(t->text, sizeof t->text, text);
	t->at_us = news ? now_us : 0;
	if (news && c->site->cfg.billing.on && (point == PT_CARD || a->pending != AUTH_CARD)) {
		a->pending = point == PT_CARD ? AUTH_CARD : AUTH_VIN;
		a->asked_us = 0;
		gun_touch(c->site, i);
	}
}

/* Is it too early to ask, or of no use? Then *drop. */
static bool must_wait(const struct core *c, uint16_t i, bool ordered, bool *drop)
{
	const struct gun *g = gun_of(c->site, i);
	bool card = g->auth.pending == AUTH_CARD;
	int64_t age_us = c->now.mono.us - (card ? g->auth.card.at_us : g->auth.vin.at_us);
	bool away = g->state == GUN_OFFLINE || g->state == GUN_UNKNOWN;

	if (away || (!card && !g->visit.open)) {
		*drop = age_us > PLUG_US;
		return true;
	}
	if (!card && (ordered || g->visit.had_session)) {
		*drop = true;
		return true;
	}
	return card && g->state == GUN_IDLE && age_us <= PLUG_US;
}

void auth_step(struct core *c, uint16_t i, bool ordered)
{
	struct auth *a = auth_of(c->site, i);
	struct action *out;
	bool drop = false;

	if (a->pending == AUTH_NONE) {
		return;
	}
	if (a->asked_us != 0) {
		drop = c->now.mono.us - a->asked_us > ANSWER_US;
	} else if (!must_wait(c, i, ordered, &drop)) {
		a->asked_us = c->now.mono.us;
		out = core_emit(c, ACT_AUTH);
		out->auth.gun = i;
		out->auth.vin = a->pending == AUTH_VIN;
		view_set_text(out->auth.token, sizeof out->auth.token,
			out->auth.vin ? a->vin.text : a->card.text);
	}
	if (drop) {
		a->pending = AUTH_NONE;
	}
}

void auth_done(struct site *site, uint16_t i)
{
	auth_of(site, i)->pending = AUTH_NONE;
}

bool auth_waits(const struct site *site, uint16_t i)
{
	return auth_of(site, i)->pending != AUTH_NONE;
}

static const struct token *last_token(const struct site *site, uint16_t i, struct mono now)
{
	const struct auth *a = auth_of(site, i);
	const struct token *t = a->card.at_us >= a->vin.at_us ? &a->card : &a->vin;

	return t->at_us != 0 && now.us - t->at_us <= NEWS_US ? t : NULL;
}

const char *auth_last(const struct site *site, uint16_t i, struct mono now)
{
	const struct token *t = last_token(site, i, now);

	return t != NULL ? t->text : "";
}

void auth_who(const struct site *site, uint16_t i, struct mono now, char *dst, size_t size)
{
	const struct token *t = last_token(site, i, now);

	order_by_token(dst, size, t == &auth_of(site, i)->vin, t != NULL ? t->text : "");
}

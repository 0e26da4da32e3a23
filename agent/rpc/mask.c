#include "mask.h"

#include <string.h>

#include "text.h"

static void mask_all(char *text)
{
	if (text[0] != '\0') {
		memcpy(text, "***", 4);
	}
}

static void mask_account(struct view_account *a)
{
	text_mask(a->name, sizeof a->name, 1, 0);
	text_mask(a->phone, sizeof a->phone, 3, 4);
	text_mask(a->plate, sizeof a->plate, 2, 2);
	text_mask(a->cards, sizeof a->cards, 0, 4);
	text_mask(a->mail, sizeof a->mail, 1, 0);
	mask_all(a->notes);
}

static void mask_order(struct view_order *o)
{
	char card[sizeof o->card];

	text_mask_end(card, sizeof card, o->card);
	VIEW_SET(o, card, card);
}

static void mask_outbox(struct view_outbox *m)
{
	if (m->account[0] != '\0') {
		text_mask(m->recipient, sizeof m->recipient, 3, 4);
	}
}

void mask_view(enum view_kind kind, void *view)
{
	switch (kind) {
	case VIEW_account:
		mask_account(view);
		break;
	case VIEW_order:
		mask_order(view);
		break;
	case VIEW_outbox:
		mask_outbox(view);
		break;
	case VIEW_bill:
		mask_all(((struct view_bill *)view)->remark);
		break;
	case VIEW_rating:
		mask_all(((struct view_rating *)view)->remark);
		break;
	default:
		break;
	}
}

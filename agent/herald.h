#ifndef PILED_HERALD_H
#define PILED_HERALD_H
/* From alarms to messages: who is told of what, and in which words. Pure. */
#include "config/config.h"
#include "view.h"

/* What a message says of the site. */
struct herald_site {
	const char *name;
	int64_t utc_offset_s;
};

/* What may be told of an alarm. */
enum herald_event { HERALD_NOTHING, HERALD_RAISED, HERALD_RETURNED };

/* What the newest record of an alarm says; the same record again says the same. */
enum herald_event herald_event(const struct view_alarm *alarm);

/* Is this one told? */
bool herald_tells(
	const struct config_notify *who, const struct view_alarm *alarm, enum herald_event event);

/* The message, in the language in use. Its id is made of the alarm's raising, the event and who is
 * told: the same whenever it is made. */
void herald_compose(const struct config_notify *who, const struct view_alarm *alarm,
	enum herald_event event, const struct herald_site *site, struct view_outbox *out);

/* Speaks "zh" or "en"; anything else changes nothing. */
void herald_language(const char *language);

/* The message to a customer, by each way that is configured and that the account gives an address
 * for; none of what the customer does without. Its id is made of the message's number and the way.
 * Returns how many. */
#define HERALD_WAYS 2
size_t herald_customer(const struct config_messages *cfg, const struct view_message *message,
	const struct view_account *account, const struct herald_site *site,
	struct view_outbox out[HERALD_WAYS]);

/* A message that only shows that messages arrive. */
void herald_test(const struct config_notify *who, const struct herald_site *site, struct wall now,
	struct view_outbox *out);

#endif

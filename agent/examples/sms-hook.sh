#!/bin/sh
# A hook for piled that sends short messages through the HTTP gateway of a provider.
#
#   alarms:
#     notify:
#       - {hook: /etc/piled/sms-hook.sh, to: "+8613800000000", severity: safety}
#
# and for customers, whose accounts have the numbers:
#
#   billing:
#     messages: {hook: /etc/piled/sms-hook.sh, events: [begun, ended, low]}
#
# piled gives the telephone number as the argument, the whole text on standard input, and
#   PILED_ID       of the message: the same whenever it is sent again
#   PILED_SUBJECT  one line that fits a short message
#   PILED_ACCOUNT  the customer's account; "" where it is no customer
#   PILED_TRY, PILED_DOUBT (1: an agent was killed while it sent this one, it may have arrived)
# Exit 0 says that the message is delivered; anything else, and it is tried again later.
#
# $SMS_URL and $SMS_KEY stand in /etc/piled/sms.conf, readable by the agent alone.
set -eu
: "${SMS_CONF:=/etc/piled/sms.conf}" "${SMS_SENT:=/var/lib/piled/sms-sent}"
# shellcheck disable=SC1090
. "$SMS_CONF"

# Never twice: an id that was sent is not sent again, whatever happened in between.
mkdir -p "$SMS_SENT"
mark=$SMS_SENT/$(printf %s "$PILED_ID" | tr -c 'A-Za-z0-9._-' _)
[ -e "$mark" ] && exit 0

# What a customer is told is one line with the figures, or a few in a summary.
text=$PILED_SUBJECT
[ -z "${PILED_ACCOUNT:-}" ] || text=$(cat)

# The provider's id of a request makes a retry harmless on its side, too.
curl --silent --show-error --fail --max-time 20 \
	--header "Authorization: Bearer $SMS_KEY" --header "Idempotency-Key: $PILED_ID" \
	--data-urlencode "to=$1" --data-urlencode "text=$text" "$SMS_URL" >/dev/null
: >"$mark"
find "$SMS_SENT" -type f -mtime +30 -delete

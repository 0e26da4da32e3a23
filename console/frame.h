#ifndef PILETOP_FRAME_H
#define PILETOP_FRAME_H
/* What stands around every page: the header, the banner of a lost link, the foot. */
#include "app.h"

/* Draws it and returns the area that is left for the page. */
struct area frame_draw(struct app *app);

/* What stands in place of a page while nothing is known of the site: what is being done, or why it
 * did not work. */
void frame_draw_waiting(struct app *app, struct area a);

#endif

#ifndef PILETOP_FRAME_H
#define PILETOP_FRAME_H
/* What stands around every page: the header, the banner of a lost link, the foot. */
#include "app.h"

/* Draws it and returns the area that is left for the page. */
struct area frame_draw(struct app *app);

#endif

#ifndef PILED_PROFILE_H
#define PILED_PROFILE_H
/*
 * Device profiles: how one device model maps registers to points. Device knowledge is data:
 * agent/profiles/NAME.yaml, piled-profile(5). Pure but for profile_load().
 */
#include <stdio.h>

#include "plan.h"
#include "point.h"
#include "yaml.h"

struct profile;

#define PROFILE_GUNS_MAX 64 /* of one unit */

/* What a site says about a device when its profile is loaded. NULL: nothing is known of a site;
 * points whose settings have no default are then left out. */
struct profile_site {
	const struct yaml_doc *doc;     /* the configuration, where errors about settings belong */
	const struct yaml_node *device; /* the device in it */
	const struct yaml_node *settings; /* its map of settings; NULL: none are given */
	int guns;                         /* guns of one unit; 0: as the profile says */
};

/* Loads and checks a profile. Reports every error; ERR_SYNTAX, ERR_IO, ERR_NOTFOUND. */
int profile_load(const char *path, const struct profile_site *site, struct yaml_errors *errors,
	struct profile **out);
/* Finds the file of a profile in the folders (NULL-terminated list): FOLDER/NAME.yaml; a NAME with
 * a slash is a path itself. ERR_NOTFOUND (not reported), ERR_TOOLONG. */
int profile_path(const char *const *folders, const char *name, char *dst, size_t size);
void profile_free(struct profile *profile);

enum device_kind { DEVICE_AC_PILE, DEVICE_DC_PILE, DEVICE_METER };

/* What the rest of the agent needs to know of a model. */
struct profile_info {
	char name[40];
	char maker[40], model[40];
	enum device_kind kind;
	int guns;               /* per unit; 1 where each gun is a unit of its own */
	int guns_min, guns_max; /* that a site may say */
	bool unit_each;         /* each gun is a unit of its own */
	int64_t rated_w;        /* 0 = unknown, the configuration must say */
	int64_t max_w, min_w;   /* per gun */
	int energy_source;      /* enum energy_source of core/site.h */
	int64_t wrap_wh, resolution_wh;
	int64_t fast_us, slow_us, pause_us;
	int64_t watchdog_s; /* the device's own, VALUE_NONE = none */
	uint16_t max_read, max_gap;
	bool single;
};
const struct profile_info *profile_info(const struct profile *profile);
/* Does any gun or the device give, take a point? profile_writes_gun: the given gun (0: device). */
bool profile_reads(const struct profile *profile, enum point p);
bool profile_writes(const struct profile *profile, enum point p);
bool profile_writes_gun(const struct profile *profile, int gun, enum point p);

/* The ranges to poll for one unit of this model. Returns their number (may exceed cap). */
size_t profile_ranges(const struct profile *profile, struct plan_range *out, size_t cap);

/* State of decoding one unit: ratio registers as last read, virtual session registers are not
 * here (the core's). One per unit. */
struct decoder;
int decoder_new(const struct profile *profile, struct decoder **out);
void decoder_free(struct decoder *decoder);

/* One decoded value. gun 0 = the device as a whole, 1.. = its guns. */
struct decoded {
	uint16_t point; /* enum point */
	uint16_t gun;
	enum quality quality;
	int64_t value; /* UNIT_TEXT: none */
	char text[48]; /* UNIT_TEXT only */
};

/* Decodes one reply block: every point that lies wholly inside it. Returns the number of values
 * stored in `out` (bounded by cap). With err != 0 of the transaction do not call it, but
 * decoder_refused() when the device answered with an exception: its points say `unsupported`. */
size_t decoder_block(struct decoder *decoder, uint8_t function, uint16_t address,
	const uint16_t *registers, uint16_t count, struct decoded *out, size_t cap);
size_t decoder_refused(struct decoder *decoder, uint8_t function, uint16_t address, uint16_t count,
	struct decoded *out, size_t cap);

/* Builds the write of a value to a point. `token`, `unit` are the caller's to fill.
 * ERR_UNSUPPORTED, ERR_RANGE (outside the profile's min/max/step). */
int profile_write(const struct profile *profile, int gun, enum point p, int64_t value,
	struct plan_write *out);
/* The value that the device will hold after a write of `value`: its step rounds towards less. */
int profile_round(
	const struct profile *profile, int gun, enum point p, int64_t value, int64_t *rounded);
/* Turns the registers of a read-back into the point's value, to compare with what was asked. */
int profile_read_back(const struct profile *profile, int gun, enum point p,
	const uint16_t *registers, uint16_t count, int64_t *value);

/* The keep-alive of a unit, where the profile has one; ERR_UNSUPPORTED else. */
int profile_keepalive(const struct profile *profile, int gun, struct plan_write *out);

/* Writes the effective profile, every default filled in, as text that loads again. */
void profile_show(const struct profile *profile, FILE *out);

/* The keys of the language, for the man page's test: the i-th map's name and its keys; NULL past
 * the end. */
const char *const *profile_schema(size_t i, const char **name);

#endif

#ifndef PILED_PROFILE_DEF_H
#define PILED_PROFILE_DEF_H
/*
 * A profile in memory: definitions as the file gives them, and entries, one for each gun that a
 * definition is read for, in the order of their registers. For profile*.c and decoder.c only.
 */
#include "profile.h"

#define DEF_INVALID_MAX 4
#define DEF_TIMES_MAX   3
#define DEF_PARTS_MAX   4
#define DEF_TEXT_MAX    23 /* registers of a text */
#define MAP_TEXT_MAX    12
#define WRITE_WORDS_MAX 8

enum value_type {
	VT_U16,
	VT_S16,
	VT_U32,
	VT_S32,
	VT_U64,
	VT_S64,
	VT_F32,
	VT_F64,
	VT_BIT,    /* functions 1 and 2, write 5 */
	VT_TEXT,   /* two characters a register */
	VT_HEX,    /* registers as hexadecimal digits */
	VT_DOTTED, /* bytes as a.b.c */
	VT_COUNT_
};

/* One row of a map (raw values lo..hi, or a text) or of flags (bits lo..hi). */
struct map_row {
	int64_t lo, hi;
	char text[MAP_TEXT_MAX];
	int64_t value;
};

/* How registers become a value, and back: value = raw * num / den * times + offset. */
struct scale {
	uint8_t type;        /* enum value_type */
	uint8_t words;       /* registers */
	bool low_word_first; /* of two or four registers */
	bool low_byte_first; /* in a register */
	int64_t num, den;
	int64_t offset;
};

struct write_def {
	uint8_t function; /* 0: the point is not written */
	uint16_t at;
	struct scale scale;
	int64_t min, max, step;
	bool zero;           /* 0 is allowed besides min..max */
	uint8_t fixed_count; /* a command: these registers, whatever the value */
	uint16_t fixed[WRITE_WORDS_MAX];
	bool back;        /* is read back */
	int64_t delay_us; /* before the read-back shows it */
	int64_t every_us; /* keep-alive */
};

struct point_def {
	uint8_t point; /* enum point */
	bool device;   /* of the device as a whole */
	bool reads;
	uint8_t function; /* of reading */
	uint8_t group;    /* enum poll_group */
	bool listed;      /* `at` is a list of one address a gun, in `addresses` */
	uint16_t at;
	uint16_t *addresses;
	struct scale scale;
	uint8_t bit_lo, bit_count; /* bit_count 0: all */
	uint8_t gun_bits;          /* further bits up for each further gun */
	uint8_t invalid_count;
	uint64_t invalid[DEF_INVALID_MAX];
	int64_t min, max; /* outside: impossible */
	struct map_row *map;
	size_t map_count;
	bool has_else, flags;
	int64_t else_value;
	int64_t times; /* constant part */
	uint8_t times_count;
	uint8_t times_point[DEF_TIMES_MAX];
	uint16_t times_entry[DEF_TIMES_MAX]; /* where the last reading of it is */
	uint8_t part_count;                  /* a sum of other points */
	uint8_t part[DEF_PARTS_MAX];
	struct write_def write;
};

/* What is decoded: one definition for one gun. */
struct entry {
	uint8_t function;
	uint8_t gun;
	uint8_t shift; /* bit_lo of this gun */
	bool shared;   /* another entry gives the same point of the same gun */
	bool ratio;    /* other points are multiplied by it */
	uint16_t address, count;
	uint16_t def;
};

struct block {
	uint8_t function;
	uint8_t group;
	uint16_t address, count;
};

struct profile {
	struct profile_info info;
	uint16_t stride;
	struct point_def *defs;
	size_t def_count, def_cap;
	struct entry *entries; /* by function, address; sums last, with function 0 */
	size_t entry_count, read_count;
	bool has_ratios;
	struct block *blocks; /* that must be read whole */
	size_t block_count;
	struct plan_range *ranges;
	size_t range_count;
};

/* Defaults of the device while a file is read. */
struct profile_defaults {
	uint8_t read, write;
	bool low_word_first, low_byte_first;
	const struct yaml_node *invalid;
	bool has_write;
};

extern const char *const profile_point_keys[], *const profile_write_keys[];
extern const char *const profile_orders[], *const profile_groups[];

/* Reads the points of one map ("points": each gun or the meter, "device"). profile_point.c */
void profile_read_points(struct profile *profile, const struct profile_defaults *defaults,
	const struct yaml_doc *doc, const struct yaml_node *map, bool device);

/* Makes entries and ranges from the definitions. ERR_NOMEM. profile_range.c */
int profile_expand(struct profile *profile);

/* The definition of a point that is read or written for a gun; NULL. */
const struct point_def *profile_def(
	const struct profile *profile, int gun, enum point p, bool write);
/* Where it lies for a gun. */
uint16_t profile_address(const struct profile *profile, const struct point_def *def, int gun);

uint8_t profile_words(enum value_type type);
extern const char *const profile_types[];

/* One value out of registers: `quality` and `value`, before times. decoder.c */
struct raw {
	enum quality quality;
	int64_t value;
};
struct raw decode_number(
	const struct point_def *def, uint8_t shift, int64_t times, const uint16_t *registers);
uint64_t decode_assemble(const struct scale *scale, const uint16_t *registers);

#endif

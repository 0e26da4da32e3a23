#ifndef PILESIM_SIMPILE_H
#define PILESIM_SIMPILE_H
/*
 * A pile with its guns: states, sessions, sharing of the rated power, limits, watchdog, registers'
 * true contents. Pure: steps in whole seconds of the model; between two steps nothing moves, so
 * the outcome does not depend on how often it is looked at. Registers are map.h.
 *
 * How a session runs. A car is plugged (plug counter). With automatic authorisation the pile
 * prepares for some seconds, else it waits for the start command and then prepares. The contactor
 * closes: session counter, state charging. The session ends by a stop command, a full battery, the
 * asked energy, unplugging, a fault or a reboot; then the gun is finished until unplugged, or until
 * a start command finds a car that still wants energy. After a reboot or a fault with a car
 * plugged, automatic authorisation prepares again.
 */
#include "book.h"
#include "car.h"

#define PILE_GUNS 2
#define SIM_NEVER INT64_MAX

/* Losses, all counted at the transformer meter: conversion of a DC pile 5 %, cables 0.8 %, and what
 * a pile takes for itself. */
#define DC_EFFICIENCY_PM 950
#define CABLE_LOSS_PM    8
#define DC_STANDBY_W     60
#define AC_STANDBY_W     6

/* A restart: so long in all, and without any answer at its beginning. */
#define BOOT_S        25
#define BOOT_SILENT_S 15

/* A reader shows the card that was held to it for so long. */
#define CARD_SHOWN_S 10

enum sim_auth { AUTH_AUTO, AUTH_REMOTE };

struct gun_spec {
	char id[20];
	int64_t max_w;       /* DC */
	int32_t max_ma;      /* AC: a phase; DC: output */
	uint8_t phases;      /* AC: wired, 1 or 3 */
	uint8_t first_phase; /* AC: site phase of its L1, 0..2 */
};

struct sim_gun {
	struct gun_spec spec;
	enum pile_state state;
	bool plugged;
	uint16_t fault;
	enum stop_reason stop_reason;
	uint16_t session_no, plug_no;
	int64_t limit; /* W for DC, mA for AC */
	struct car car;
	struct car next_car;
	/* model seconds; SIM_NEVER = not planned */
	int64_t plug_at, prepare_until, unplug_at;
	int64_t since;      /* the present state */
	int64_t plugged_at; /* of the car that is there */
	bool reserved;      /* held for somebody while idle */
	bool car_pause;     /* the car itself holds its charge (injected) */
	uint8_t slow_s;     /* its car follows after so long (injected); 0 = its own lag */
	bool deaf;          /* commands are taken, not obeyed (injected) */
	int64_t held;       /* deaf: the limit that stays in force */
	int64_t offers[64]; /* limits in force of the last seconds: a car follows with its lag */
	struct draw draw;
	int64_t energy_ws;   /* of the gun's life; never wraps */
	int64_t register_wh; /* added to the register as shown: faults of the register */
	int64_t input_ws[3]; /* what it took at the meter, by site phase, since the model's start */
	int64_t session_ws;  /* of the present or last session */
	int64_t session_from, session_s;
	int64_t record; /* in the book; -1 none */
	char card[17];  /* last held to the reader, which shows it until then */
	int64_t card_until;
	/* contact temperature: moves from `temp_mc` at `temp_at` towards `temp_to_mc` */
	int32_t temp_mc, temp_to_mc;
	int64_t temp_at;
};

struct sim_pile {
	char id[16];
	uint16_t index; /* in the site: for noise */
	bool dc;
	enum sim_auth auth;
	int64_t rated_w;
	uint16_t gun_count;
	struct sim_gun guns[PILE_GUNS];
	uint64_t seed;
	struct rng rng;
	struct book *book;  /* borrowed; NULL in a copy */
	int64_t at;         /* model second reached */
	int64_t booted_at;  /* start of the uptime */
	int64_t boot_until; /* starting up; SIM_NEVER = no */
	int64_t last_request_us;
	uint16_t watchdog_s;   /* 0 = off */
	int64_t failsafe;      /* of each gun, like its limit */
	int64_t clock_error_s; /* its clock less the model's wall clock */
	uint16_t fault;        /* of the cabinet */
};

/* Sets a pile up at model second 0, idle. The caller has filled id, index, dc, auth, rated_w,
 * gun_count and the specs. */
void simpile_init(struct sim_pile *pile, uint64_t seed, struct book *book);

/* Goes on to a model second. */
void simpile_advance(struct sim_pile *pile, int64_t second);
/* The next second at which something happens by itself; `at` when power flows; SIM_NEVER. */
int64_t simpile_next(const struct sim_pile *pile);

/* Happen now (at `pile->at`). ERR_STATE when impossible in the gun's state. */
int simpile_plug(struct sim_pile *pile, unsigned gun, const struct car *car);
int simpile_unplug(struct sim_pile *pile, unsigned gun);
int simpile_start(struct sim_pile *pile, unsigned gun);
int simpile_stop(struct sim_pile *pile, unsigned gun, enum stop_reason reason);
void simpile_reboot(struct sim_pile *pile);
/* Raises or clears (0) a fault of a gun. */
void simpile_gun_fault(struct sim_pile *pile, unsigned gun, uint16_t code);

/* A card is held to the gun's reader. */
void simpile_card(struct sim_pile *pile, unsigned gun, const char *token);
/* What the reader shows; "" = nothing. */
const char *simgun_card(const struct sim_gun *gun, int64_t second);

/* Holds an idle gun for somebody, or no longer. */
void simpile_reserve(struct sim_pile *pile, unsigned gun, bool reserved);

/* Greatest limit of a gun: W or mA. */
int64_t simpile_limit_max(const struct sim_pile *pile, unsigned gun);
/* The limit in force: fail-safe by watchdog included. */
int64_t simpile_limit(const struct sim_pile *pile, unsigned gun);

/* Register as shown, Wh: wraps, faults of the register included. */
int64_t simgun_register_wh(const struct sim_pile *pile, unsigned gun);
/* Power that a gun takes at the transformer meter, by site phase: losses included. */
void simgun_input_w(const struct sim_pile *pile, unsigned gun, int64_t w[3]);
int64_t simgun_temp_mc(const struct sim_gun *gun, int64_t second);
/* A session is open: charging or suspended. */
bool simgun_running(const struct sim_gun *gun);
/* The gun holds no car and none is planned. */
bool simgun_free(const struct sim_gun *gun);

#endif

#ifndef PILESIM_SIM_H
#define PILESIM_SIM_H
/*
 * A simulated charging site: piles, cars, building, transformer meter, faults. In process, on a
 * clock that its user moves; the program pilesim puts sockets and serial lines around it.
 *
 * Model time starts at 0 and is moved by sim_advance(), by sim_port() transactions and by register
 * access; it never runs backwards. Everything random comes from cfg.seed: the same configuration,
 * commands and times give the same site, however often it is looked at. Not for several threads.
 *
 *     struct sim_site site;
 *     struct sim *sim;
 *     sim_site_demo(&site);
 *     sim_new(&(struct sim_cfg){.site = &site, .seed = 1}, &sim);
 *     sim_site_clear(&site);
 *     struct bus_port *port = sim_port(sim, 0);
 *     ...port->ops->transact(port, &request, &reply)...
 *     port->ops->free(port); sim_free(sim);
 *
 * Registers: registers.h. Kinds of faults: simfault.def. Noise and losses: supply.h, simpile.h.
 */
#include "book.h"
#include "bus/port.h"
#include "sessions.h"
#include "simpile.h"

enum sim_link { SIM_TCP, SIM_SERIAL, SIM_RTU_TCP };

struct sim_bus_spec {
	char id[16];
	enum sim_link link;
	int32_t baud; /* serial */
	char parity;  /* 'N', 'E', 'O' */
	uint8_t stop_bits;
};

struct sim_pile_spec {
	char id[16];
	bool dc;
	uint16_t bus;
	uint8_t unit;
	int64_t rated_w;
	uint16_t gun_count;
	struct gun_spec guns[PILE_GUNS];
};

struct sim_meter_spec {
	char id[16];
	uint16_t bus;
	uint8_t unit;
	uint16_t ct, pt;
	int64_t rated_va;
};

/* The equipment. Build one by hand or with a constructor below. */
struct sim_site {
	char id[32];
	struct sim_bus_spec *buses;
	struct sim_pile_spec *piles;
	struct sim_meter_spec *meters;
	uint16_t bus_count, pile_count, meter_count;
};

/* The demo: A1..A6 DC 120 kW with two guns each, units 1..6 of the TCP gateway "dc"; B1..B6 and
 * B7..B12 AC 7 kW, units 1..6 of "line-1" and "line-2"; meter "T1" of 630 kVA, unit 1 of "line-3".
 */
int sim_site_demo(struct sim_site *site);
/* One AC pile of 32 A with one gun for each station of the recorded sessions, `guns_per_bus` on a
 * bus of the given link; single phase in rotation, or three phases. A meter "T1" has a bus of its
 * own. ERR_INVAL when guns_per_bus is not 1..247. */
int sim_site_garage(struct sim_site *site, const struct session_rows *rows, enum sim_link link,
	unsigned guns_per_bus, bool three_phase);
/* `buses` TCP buses "bus-1".. with `piles` piles each ("P1-1"..): DC with two guns, or AC. */
int sim_site_field(struct sim_site *site, unsigned buses, unsigned piles, bool dc);
void sim_site_clear(struct sim_site *site);

struct sim_cfg {
	const struct sim_site *site; /* borrowed for sim_new() only */
	uint64_t seed;
	struct wall start;     /* wall clock at model time 0 */
	int64_t utc_offset_s;  /* of the site's local time */
	enum sim_auth auth;    /* AUTH_REMOTE: cars wait for a start command */
	bool arrivals;         /* cars come and go by the hour of day */
	bool lively;           /* at time 0 many cars are there, and one gun has a fault */
	int64_t building_w;    /* peak of the building's day; 0 = none */
	const int32_t *hour_w; /* or its load by the hour, see simload.h; borrowed, as is */
	size_t hours;
	const struct session_rows *rows; /* recorded cars, by pile id; borrowed while sim lives */
	int64_t timeout_us;              /* of ports; 0 = 500 ms */
};

struct sim;

/* ERR_NOMEM, ERR_INVAL (ids or units twice, a bus that is not there, no station is a pile). */
int sim_new(const struct sim_cfg *cfg, struct sim **out);
void sim_free(struct sim *sim);

struct mono sim_now(const struct sim *sim);
/* Wall clock of a model time. */
struct wall sim_wall(const struct sim *sim, struct mono at);
/* Moves the model on; a time before sim_now() does nothing. */
void sim_advance(struct sim *sim, struct mono to);

/* The equipment as it was given. Borrowed. */
const struct sim_site *sim_site_of(const struct sim *sim);
/* A gun's true state, by "A1.2"; NULL when there is none. Borrowed, valid until the next call. */
const struct sim_gun *sim_gun_of(struct sim *sim, const char *id);
/* The pile of a gun or pile id; NULL. */
const struct sim_pile *sim_pile_of(struct sim *sim, const char *id);
/* True power at the meter per phase, W, and energy per phase since time 0, Ws. */
void sim_meter_truth(struct sim *sim, int64_t w[3], int64_t ws[3]);

/* A driver plugs in, or leaves. ERR_NOTFOUND, ERR_STATE. order NULL = any car. */
int sim_plug(struct sim *sim, const char *gun, const struct car_order *order);
int sim_unplug(struct sim *sim, const char *gun);
/* A card is held to the reader of a gun. ERR_NOTFOUND. */
int sim_card(struct sim *sim, const char *gun, const char *token);
/* The building takes `w` from now on; below 0: what its hour says. */
void sim_building(struct sim *sim, int64_t w);

/* Injects a fault by the name of its kind (simfault.def): target a device, gun or bus id. `arg`:
 * VALUE_NONE = the kind's default. for_s: model seconds, 0 = until cleared. On failure `why` says
 * what is wrong: ERR_NOTFOUND, ERR_RANGE, ERR_FULL. */
int sim_fault(struct sim *sim, const char *kind, const char *target, int64_t arg, int64_t for_s,
	char *why, size_t size);
/* Ends the faults of a target; NULL = all. Returns how many. */
int sim_clear(struct sim *sim, const char *target);

/* A fault has taken the bus itself away: no connections, no serial device. */
bool sim_bus_gone(const struct sim *sim, unsigned bus);

/* What really flowed. Borrowed. */
const struct book *sim_book(const struct sim *sim);

/* Registers of a unit at the present time, without bus, wire or link faults. Returns 0 or a Modbus
 * exception code (1..4); 0x0B when there is no such unit. */
int sim_read(struct sim *sim, unsigned bus, uint8_t unit, uint16_t address, uint16_t count,
	uint16_t *values);
int sim_write(struct sim *sim, unsigned bus, uint8_t unit, uint16_t address, uint16_t count,
	const uint16_t *values);

/* What a unit answered to a read of these registers has reached the other end: the book notes the
 * energy registers among them. */
void sim_answered(struct sim *sim, unsigned bus, uint8_t unit, uint16_t address, uint16_t count,
	struct mono at);

/* The bus interface of one bus, on a clock of its own that starts at sim_now(). A transaction
 * takes the time it would take on the wire (TCP: 3 ms; silence: the time-out) and moves the port's
 * clock by it, and the model up to it. With several buses always run the port whose clock is
 * behind: the model does not go back. Release with port->ops->free(), before sim_free(). NULL
 * without memory or bus. */
struct bus_port *sim_port(struct sim *sim, unsigned bus);
struct mono sim_port_now(const struct bus_port *port);
/* The bus rests until then. */
void sim_port_wait(struct bus_port *port, struct mono until);

#endif

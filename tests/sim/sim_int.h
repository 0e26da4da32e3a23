#ifndef PILESIM_SIM_INT_H
#define PILESIM_SIM_INT_H
/*
 * Inside of the simulator's model; its parts only.
 */
#include "sim.h"
#include "simfault.h"
#include "simload.h"

struct sim_meter {
	struct sim_meter_spec spec;
	int64_t base_ws[3]; /* energy before time 0 */
	int64_t base_varh;
	int32_t temp_mc[3];
	/* As last computed, for reading and for `frozen`. */
	int64_t second;
	int64_t w[3], var[3], ws[3], mv[3];
};

/* A Modbus unit: pile or meter. */
struct sim_device {
	const char *id;
	bool meter;
	uint16_t index; /* of piles or meters */
	uint16_t bus;
	uint8_t unit;
	uint32_t faults; /* bit per enum sim_fault_kind that is active */
	int64_t args[SF_COUNT_];
	void *frozen; /* copy of the pile or meter */
};

struct sim_fault {
	enum sim_fault_kind kind;
	uint16_t target; /* device, or bus */
	uint16_t gun;
	int64_t until_s;
};

struct sim {
	struct sim_site site; /* own copy */
	uint64_t seed;
	struct wall start;
	int64_t utc_offset_s;
	bool arrivals;
	int64_t timeout_us;
	int64_t now_us;
	int64_t minute; /* minutes begun so far: arrivals and slow things are done up to here */
	struct rng cars, arriving, wire;
	struct book *book;
	struct sim_pile *piles;
	struct sim_meter *meters;
	struct simload load;
	/* More other load (injected): a third on each phase, since a second; before it, energy. */
	int64_t other_w, other_from_s, other_ws;
	const struct session_rows *rows;
	struct {
		size_t next, end;
	} * queue; /* of rows, per pile */
	struct sim_device *devices;
	size_t device_count;
	int16_t (*units)[256]; /* per bus: device by unit, -1 none */
	uint32_t *bus_faults;  /* per bus: bits as of sim_device */
	struct sim_fault faults[SIM_FAULTS_MAX];
	size_t fault_count;
	int64_t fault_next; /* earliest until_s */
};

/* Brings one pile up to the present second. */
void sim_bring(struct sim *sim, unsigned pile);
/* Brings a meter's values up to the present second. */
void sim_meter_bring(struct sim *sim, struct sim_meter *meter);
/* From now on so much more other load. */
void sim_other_load(struct sim *sim, int64_t w);
/* Finds "A1.2" or a pile; gun is 0xffff for a pile. ERR_NOTFOUND. */
int sim_find(const struct sim *sim, const char *id, unsigned *pile, unsigned *gun);
struct sim_device *sim_device_at(struct sim *sim, unsigned bus, uint8_t unit);
/* Ends the faults whose time is over. */
void sim_faults_expire(struct sim *sim, int64_t second);
/* New cars of this minute. */
void sim_arrive(struct sim *sim, int64_t minute);
/* Cars and a fault at time 0. */
void sim_enliven(struct sim *sim);

/* Registers of piles and meters; 0 or an exception code. Reads cost nothing but the copy. */
int map_pile_read(const struct sim *sim, const struct sim_pile *pile, uint16_t address,
	uint16_t count, uint16_t *values);
int map_pile_write(struct sim *sim, struct sim_pile *pile, uint16_t address, uint16_t count,
	const uint16_t *values);
int map_meter_read(const struct sim *sim, const struct sim_meter *meter, uint16_t address,
	uint16_t count, uint16_t *values);

#endif

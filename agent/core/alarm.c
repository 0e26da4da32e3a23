#include "alarm.h"

#include <stddef.h>

#include "annun.h"

struct fault *alarm_slots(const struct site *site, struct target target, size_t *count)
{
	switch ((enum target_kind)target.kind) {
	case TGT_GUN:
		*count = GUN_FAULTS;
		return gun_of(site, target.index)->faults;
	case TGT_PILE:
		*count = UNIT_FAULTS;
		return pile_of(site, target.index)->faults;
	case TGT_METER:
		*count = UNIT_FAULTS;
		return meter_of(site, target.index)->faults;
	case TGT_SITE:
		*count = SITE_FAULTS;
		return site_at(site, offsetof(struct site, h.faults));
	case TGT_BUS:
		*count = 1;
		return &bus_of(site, target.index)->fault;
	case TGT_FEEDER:
		break;
	}
	*count = 0;
	return NULL;
}

int64_t alarm_severity(int64_t code)
{
	const struct fault_info *info = fault_info((int)code);

	return info == NULL ? SEVERITY_EQUIPMENT : info->severity;
}

void alarm_view(const struct site *site, struct target target, const struct fault *f,
	struct view_fault *out)
{
	view_clear(VIEW_fault, out);
	VIEW_SET(out, id, f->id);
	VIEW_SET(out, target, target_id(site, target));
	VIEW_SET(out, detail, f->detail);
	out->code = f->code;
	out->severity = alarm_severity(f->code);
	out->raised = f->raised_ms;
}

static void tell(struct core *c, struct target target, const struct fault *f, int64_t cleared)
{
	struct view_fault *v = &core_emit(c, ACT_FAULT)->fault;

	alarm_view(c->site, target, f, v);
	v->cleared = cleared;
}

static void set(struct core *c, struct target target, int slot, int64_t code, const char *detail)
{
	size_t count;
	struct fault *f = alarm_slots(c->site, target, &count) + slot;
	const char *id = target_id(c->site, target);
	const struct fault_info *info;

	if (f->code == code) {
		return;
	}
	if (f->code != FAULT_NONE) {
		tell(c, target, f, c->now.wall.ms);
		core_log(c, LOG_NOTICE, "%s: fault %lld cleared", id, (long long)f->code);
		annun_edge(c, target, f->code, false, "");
		memset(f, 0, sizeof *f);
		c->site->h.faults_active--;
	}
	if (code == FAULT_NONE) {
		return;
	}
	f->code = code;
	f->raised_ms = c->now.wall.ms;
	if (c->site->h.last_fault_ms >= c->now.wall.ms) {
		c->site->h.last_fault_ms++;
	} else {
		c->site->h.last_fault_ms = c->now.wall.ms;
	}
	core_text(f->id, sizeof f->id, "%s-%lld-%lld", id, (long long)code,
		(long long)c->site->h.last_fault_ms);
	view_set_text(f->detail, sizeof f->detail, detail);
	c->site->h.faults_active++;
	tell(c, target, f, VALUE_NONE);
	annun_edge(c, target, code, true, detail);
	info = fault_info((int)code);
	core_log(c, LOG_WARNING, "%s: fault %lld, %s%s%s", id, (long long)code,
		info == NULL ? "?" : info->en, detail[0] != '\0' ? ": " : "", detail);
}

void alarm_gun(struct core *c, uint16_t gun, int slot, int64_t code, const char *detail)
{
	set(c, (struct target){TGT_GUN, gun}, slot, code, detail);
}

void alarm_pile(struct core *c, uint16_t pile, int slot, int64_t code, const char *detail)
{
	set(c, (struct target){TGT_PILE, pile}, slot, code, detail);
}

void alarm_meter(struct core *c, uint16_t meter, int slot, int64_t code, const char *detail)
{
	set(c, (struct target){TGT_METER, meter}, slot, code, detail);
}

void alarm_target(struct core *c, struct target target, int slot, int64_t code, const char *detail)
{
	set(c, target, slot, code, detail);
}

void alarm_site(struct core *c, int slot, int64_t code, const char *detail)
{
	set(c, (struct target){TGT_SITE, 0}, slot, code, detail);
}

void alarm_bus(struct core *c, uint16_t bus, int64_t code, const char *detail)
{
	set(c, (struct target){TGT_BUS, bus}, 0, code, detail);
}

int64_t alarm_device_code(int64_t code)
{
	if (code == 0) {
		return FAULT_NONE;
	}
	return code > 0 && code < 1000 && fault_info((int)code) != NULL ? code : FAULT_DEVICE_OTHER;
}

static int site_slot(int64_t code)
{
	switch (code) {
	case FAULT_STORE:
		return STORE_FAULT;
	case FAULT_CLOCK:
		return CLOCK_FAULT;
	case FAULT_JOURNAL:
		return JOURNAL_FAULT;
	case FAULT_DELIVERY:
		return DELIVERY_FAULT;
	case FAULT_FLOOD:
		return FLOOD_FAULT;
	case FAULT_LEDGER:
		return LEDGER_FAULT;
	default:
		return -1;
	}
}

int alarm_slot(enum target_kind kind, int64_t code)
{
	if (kind == TGT_SITE) {
		return site_slot(code);
	}
	if (kind == TGT_BUS) {
		return code == FAULT_BUS_DOWN ? 0 : -1;
	}
	switch (code) {
	case FAULT_SILENT:
	case FAULT_METER_DEAD:
		return SILENT_FAULT;
	case FAULT_REGISTER_RESET:
		return kind == TGT_GUN ? RESET_FAULT : -1;
	case FAULT_REGISTER_JUMP:
		return kind == TGT_GUN ? JUMP_FAULT : -1;
	case FAULT_FROZEN:
		return kind == TGT_GUN ? FROZEN_FAULT : kind == TGT_METER ? STILL_FAULT : -1;
	case FAULT_METER_ODD:
		return kind == TGT_METER ? STILL_FAULT : -1;
	case FAULT_NOT_OBEYING:
		return kind == TGT_GUN ? OBEY_FAULT : -1;
	case FAULT_INPUT_STOP:
		return kind == TGT_PILE || kind == TGT_METER ? STOP_FAULT : -1;
	case FAULT_INPUT_SILENT:
		return kind == TGT_PILE || kind == TGT_METER ? UNKNOWN_FAULT : -1;
	case FAULT_GUN_WARMING:
		return kind == TGT_GUN ? WARM_FAULT : -1;
	case FAULT_INSULATION_FALLING:
		return kind == TGT_GUN ? INSULATION_FAULT : -1;
	case FAULT_PILE_WARMING:
		return kind == TGT_PILE ? HOT_FAULT : -1;
	case FAULT_TRANSFORMER_WARMING:
		return kind == TGT_METER ? HOT_FAULT : -1;
	case FAULT_VOLTAGE_RISING:
		return kind == TGT_METER ? HIGH_FAULT : -1;
	case FAULT_VOLTAGE_FALLING:
		return kind == TGT_METER ? LOW_FAULT : -1;
	case FAULT_LEASE:
	case FAULT_HOLD:
		return kind == TGT_PILE ? LEASE_FAULT : -1;
	default:
		return alarm_device_code(code) == code ? DEVICE_FAULT : -1;
	}
}

int alarm_find_target(const struct site *site, const char *id, struct target *out)
{
	for (uint16_t i = 0; i < site->cfg.bus_count; i++) {
		if (strcmp(bus_cfg(site, i)->id, id) == 0) {
			*out = (struct target){TGT_BUS, i};
			return 0;
		}
	}
	return site_find(site, id, out);
}

bool alarm_active(const struct site *site, struct target target, int64_t code)
{
	size_t count;
	const struct fault *f = alarm_slots(site, target, &count);

	for (size_t i = 0; i < count; i++) {
		if (f[i].code == code) {
			return true;
		}
	}
	return false;
}

void alarm_each(struct core *c, void (*each)(struct core *c, struct target target, int64_t code,
					bool on, const char *detail))
{
	const struct site *site = c->site;
	const uint16_t counts[] = {[TGT_SITE] = 1,
		[TGT_PILE] = site->cfg.pile_count,
		[TGT_GUN] = site->cfg.gun_count,
		[TGT_METER] = site->cfg.meter_count,
		[TGT_FEEDER] = 0,
		[TGT_BUS] = site->cfg.bus_count};

	for (size_t kind = 0; kind < sizeof counts / sizeof counts[0]; kind++) {
		for (uint16_t i = 0; i < counts[kind]; i++) {
			struct target t = {(uint16_t)kind, i};
			size_t n;
			const struct fault *f = alarm_slots(site, t, &n);

			for (size_t k = 0; k < n; k++) {
				if (f[k].code != FAULT_NONE) {
					each(c, t, f[k].code, true, f[k].detail);
				}
			}
		}
	}
}

bool alarm_resume(struct core *c, const struct view_fault *view)
{
	struct target target;
	struct fault *f;
	size_t count;
	int slot;

	if (alarm_find_target(c->site, view->target, &target) != 0 || view->cleared != VALUE_NONE ||
		view->code <= 0) {
		return false;
	}
	f = alarm_slots(c->site, target, &count);
	slot = alarm_slot((enum target_kind)target.kind, view->code);
	if (f == NULL || slot < 0 || f[slot].code != FAULT_NONE) {
		return false;
	}
	f += slot;
	view_set_text(f->id, sizeof f->id, view->id);
	view_set_text(f->detail, sizeof f->detail, view->detail);
	f->code = view->code;
	f->raised_ms = view->raised;
	c->site->h.faults_active++;
	annun_edge(c, target, f->code, true, f->detail);
	return true;
}

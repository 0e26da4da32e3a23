# piled: make | demo | test | check | lint | bench | install | clean
#
#   make          builds build/piled, build/piletop, build/pilesim
#   make demo     a simulated site with its agent and console
#   make test     everything that must hold: tests/all
#   make check    the quick part of it: form, layers, unit and scenario tests
#   make lint     static checks only
#   make bench    measures: tests/bench/run
#   make po       takes new texts over into shared/po/*.po, for translation
#   make install  DESTDIR= PREFIX=/usr/local
#
# Each program's objects are listed here. Include paths enforce who may know whom:
# shared knows nobody; db knows shared; agent/core knows shared; the rest of agent knows core, bus,
# db and shared; console knows shared.

PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
# make's own default would be another name of it, and another name builds all anew.
ifeq ($(origin CC),default)
CC := gcc
endif
JOBS ?= $(shell nproc)

WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wundef -Wformat=2 -Wvla -Wimplicit-fallthrough
# A sanitizer's build (SAN=address,undefined) is silent unless it is asked to warn (WERROR=-Werror).
WERROR ?= $(if $(SAN),-w,-Werror)
OPT ?= $(if $(SAN),-O1 -g1,-O2 -g)
HARDEN ?= -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
SAN ?=
CLANG := $(findstring clang,$(CC))
BASE := -std=c11 -D_GNU_SOURCE $(WARN) $(WERROR) $(OPT) $(if $(SAN),-fsanitize=$(SAN) \
	-fno-omit-frame-pointer -fno-sanitize-recover=all,$(HARDEN)) -MMD -MP \
	-DPILED_PREFIX='"$(PREFIX)"' $(CFLAGS)
LINK := $(if $(SAN),-fsanitize=$(SAN),-pie -Wl,-z,relro,-z,now) $(LDFLAGS)

# -iquote: "yaml.h" is ours, <yaml.h> is the library's.
INC_shared := -iquote shared
INC_db := -iquote shared -iquote db
INC_core := -iquote shared -iquote agent/core
INC_agent := -iquote shared -iquote db -iquote agent/core -iquote agent
INC_console := -iquote shared -iquote console
INC_tests := -iquote shared -iquote db -iquote agent/core -iquote agent -iquote console \
	-iquote tests/sim

LIBS_shared := -lcjson -lyaml -lm
LIBS_db := -lsqlite3 -lzstd -lcrypto -lpthread
LIBS_agent := -lmodbus -luv -lqrencode $(LIBS_db) $(LIBS_shared)
LIBS_console := -lncursesw -ltinfo -lssh -lpthread $(LIBS_shared)
LIBS_sim := $(LIBS_shared) -lpthread

SHARED := \
	shared/account.c \
	shared/band.c \
	shared/bill.c \
	shared/calendar.c \
	shared/err.c \
	shared/fault.c \
	shared/fmt.c \
	shared/hourly.c \
	shared/i18n.c \
	shared/money.c \
	shared/notice.c \
	shared/orderwords.c \
	shared/pack.c \
	shared/pauses.c \
	shared/phrase.c \
	shared/point.c \
	shared/reportwords.c \
	shared/rng.c \
	shared/role.c \
	shared/sessions.c \
	shared/state.c \
	shared/tariff.c \
	shared/tariff_days.c \
	shared/tariff_edit.c \
	shared/tariff_file.c \
	shared/tariff_pack.c \
	shared/tariff_price.c \
	shared/tariff_show.c \
	shared/text.c \
	shared/timex.c \
	shared/view.c \
	shared/when.c \
	shared/why.c \
	shared/wire.c \
	shared/yaml.c \
	shared/yaml_read.c \
	shared/zonerule.c

DB := \
	db/abnormal.c \
	db/account.c \
	db/audit.c \
	db/block.c \
	db/chain.c \
	db/codec.c \
	db/curve.c \
	db/decision.c \
	db/evidence.c \
	db/fate.c \
	db/finance_report.c \
	db/history.c \
	db/kpi.c \
	db/ledger.c \
	db/ledger_do.c \
	db/ledger_head.c \
	db/ledger_log.c \
	db/ledger_verify.c \
	db/logged.c \
	db/migrate.c \
	db/money_read.c \
	db/money_report.c \
	db/payer.c \
	db/pin.c \
	db/pin_try.c \
	db/purse.c \
	db/rating.c \
	db/reader.c \
	db/rebuild.c \
	db/record.c \
	db/report.c \
	db/report_part.c \
	db/reserved.c \
	db/ring.c \
	db/rollup.c \
	db/sales.c \
	db/scan.c \
	db/settle.c \
	db/simulate.c \
	db/sql.c \
	db/station_report.c \
	db/store.c \
	db/store_files.c \
	db/tariff_book.c \
	db/told.c \
	db/verify_bill.c \
	db/verify_chain.c \
	db/verify_days.c \
	db/verify_sums.c

CORE := \
	agent/core/alarm.c \
	agent/core/alloc.c \
	agent/core/annun.c \
	agent/core/auth.c \
	agent/core/command.c \
	agent/core/cost.c \
	agent/core/day.c \
	agent/core/decision.c \
	agent/core/effect.c \
	agent/core/emit.c \
	agent/core/energy.c \
	agent/core/equip.c \
	agent/core/gun.c \
	agent/core/halt.c \
	agent/core/keep.c \
	agent/core/laxity.c \
	agent/core/learn.c \
	agent/core/lease.c \
	agent/core/life.c \
	agent/core/limit.c \
	agent/core/mains.c \
	agent/core/manage.c \
	agent/core/mark.c \
	agent/core/order.c \
	agent/core/preview.c \
	agent/core/reason.c \
	agent/core/reserve.c \
	agent/core/resume.c \
	agent/core/room.c \
	agent/core/session.c \
	agent/core/show.c \
	agent/core/site.c \
	agent/core/slack.c \
	agent/core/slimit.c \
	agent/core/standing.c \
	agent/core/stop.c \
	agent/core/tag.c \
	agent/core/trend.c \
	agent/core/trial.c \
	agent/core/visit.c \
	agent/core/warn.c \
	agent/core/watch.c \
	agent/core/wide.c \
	agent/core/wish.c

BUS := \
	agent/bus/blocks.c \
	agent/bus/decoder.c \
	agent/bus/frame.c \
	agent/bus/modbus_common.c \
	agent/bus/modbus_rtu.c \
	agent/bus/modbus_tcp.c \
	agent/bus/net.c \
	agent/bus/plan.c \
	agent/bus/plan_next.c \
	agent/bus/plan_write.c \
	agent/bus/probe.c \
	agent/bus/profile.c \
	agent/bus/profile_load.c \
	agent/bus/profile_point.c \
	agent/bus/profile_range.c \
	agent/bus/profile_show.c \
	agent/bus/queue.c \
	agent/bus/scan.c \
	agent/bus/stats.c \
	agent/bus/thread.c \
	agent/bus/virtual.c

AGENT := \
	agent/cli/account.c \
	agent/cli/act.c \
	agent/cli/agent.c \
	agent/cli/alarm.c \
	agent/cli/attach.c \
	agent/cli/audit.c \
	agent/cli/bill.c \
	agent/cli/bill_show.c \
	agent/cli/bus.c \
	agent/cli/charge.c \
	agent/cli/curve.c \
	agent/cli/decision.c \
	agent/cli/export.c \
	agent/cli/fault.c \
	agent/cli/guard.c \
	agent/cli/help.c \
	agent/cli/ledger.c \
	agent/cli/line.c \
	agent/cli/link.c \
	agent/cli/list.c \
	agent/cli/load.c \
	agent/cli/note.c \
	agent/cli/options.c \
	agent/cli/outbox.c \
	agent/cli/preview.c \
	agent/cli/print.c \
	agent/cli/probing.c \
	agent/cli/profiles.c \
	agent/cli/remote.c \
	agent/cli/replaying.c \
	agent/cli/report.c \
	agent/cli/rate.c \
	agent/cli/reserve.c \
	agent/cli/shell.c \
	agent/cli/shift.c \
	agent/cli/show.c \
	agent/cli/slimit.c \
	agent/cli/table.c \
	agent/cli/tariff.c \
	agent/cli/till.c \
	agent/cli/whatif.c \
	agent/cli/why.c \
	agent/clockwatch.c \
	agent/config/alarm.c \
	agent/config/billing.c \
	agent/config/bus.c \
	agent/config/config.c \
	agent/config/device.c \
	agent/config/input.c \
	agent/config/lease.c \
	agent/config/load.c \
	agent/config/messages.c \
	agent/config/port.c \
	agent/config/print.c \
	agent/config/roles.c \
	agent/config/site.c \
	agent/daemon/act.c \
	agent/daemon/alarm.c \
	agent/daemon/customer.c \
	agent/daemon/daemon.c \
	agent/daemon/decision.c \
	agent/daemon/host.c \
	agent/daemon/ledger.c \
	agent/daemon/money.c \
	agent/daemon/note.c \
	agent/daemon/order.c \
	agent/daemon/plant.c \
	agent/daemon/quote.c \
	agent/daemon/read.c \
	agent/daemon/reload.c \
	agent/daemon/reserve.c \
	agent/daemon/slimit.c \
	agent/daemon/store.c \
	agent/daemon/tariff.c \
	agent/daemon/telemetry.c \
	agent/daemon/tell.c \
	agent/daemon/totals.c \
	agent/daemon/wide.c \
	agent/field.c \
	agent/garage.c \
	agent/herald.c \
	agent/journal.c \
	agent/journal_event.c \
	agent/journal_read.c \
	agent/log.c \
	agent/mail.c \
	agent/notify.c \
	agent/outbox.c \
	agent/replay.c \
	agent/rpc/alarm.c \
	agent/rpc/call.c \
	agent/rpc/charge.c \
	agent/rpc/fate.c \
	agent/rpc/mask.c \
	agent/rpc/methods.c \
	agent/rpc/money.c \
	agent/rpc/params.c \
	agent/rpc/peer.c \
	agent/rpc/publish.c \
	agent/rpc/query.c \
	agent/rpc/query_money.c \
	agent/rpc/query_report.c \
	agent/rpc/reserve.c \
	agent/rpc/server.c \
	agent/rpc/tariff.c \
	agent/whatif.c \
	agent/whatif_site.c \
	agent/who.c \
	agent/zone.c

AGENT_MAIN := agent/main.c

CONSOLE := \
	console/act.c \
	console/app.c \
	console/canvas.c \
	console/dialog.c \
	console/dialog_alarm.c \
	console/dialog_closing.c \
	console/dialog_link.c \
	console/dialog_many.c \
	console/dialog_site.c \
	console/dialog_tariff.c \
	console/edit.c \
	console/errand.c \
	console/feed.c \
	console/frame.c \
	console/gauge.c \
	console/glyph.c \
	console/grid.c \
	console/history.c \
	console/intake.c \
	console/keys.c \
	console/link_ssh.c \
	console/link_unix.c \
	console/loop.c \
	console/model.c \
	console/options.c \
	console/order.c \
	console/roster.c \
	console/script.c \
	console/ssh_address.c \
	console/ssh_auth.c \
	console/ssh_dial.c \
	console/ssh_worker.c \
	console/station.c \
	console/quote.c \
	console/task.c \
	console/task_quote.c \
	console/term.c \
	console/views/accounts.c \
	console/views/alarms.c \
	console/views/audit.c \
	console/views/bills.c \
	console/views/buses.c \
	console/views/commands.c \
	console/views/decisions.c \
	console/views/gun.c \
	console/views/help.c \
	console/views/load.c \
	console/views/money.c \
	console/views/overview.c \
	console/views/panel.c \
	console/views/sessions.c \
	console/views/sites.c \
	console/views/tariffs.c \
	console/views/troubles.c \
	console/views/worklist.c \
	console/word.c

CONSOLE_MAIN := console/main.c

SIM := \
	tests/sim/book.c \
	tests/sim/car.c \
	tests/sim/control.c \
	tests/sim/linetime.c \
	tests/sim/live.c \
	tests/sim/map.c \
	tests/sim/modbus_slave.c \
	tests/sim/serial.c \
	tests/sim/sim.c \
	tests/sim/simarrive.c \
	tests/sim/simcmds.c \
	tests/sim/simconfig.c \
	tests/sim/simfault.c \
	tests/sim/simload.c \
	tests/sim/simmeter.c \
	tests/sim/simopt.c \
	tests/sim/simpile.c \
	tests/sim/simport.c \
	tests/sim/simrun.c \
	tests/sim/simsites.c \
	tests/sim/stream.c \
	tests/sim/supply.c \
	tests/sim/tcp.c \
	tests/sim/vsite.c

SIM_MAIN := tests/sim/main.c

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))

LIB_shared := $(BUILD)/libshared.a
LIB_db := $(BUILD)/libdb.a
LIB_core := $(BUILD)/libcore.a
LIB_bus := $(BUILD)/libbus.a
LIB_agent := $(BUILD)/libagent.a
LIB_console := $(BUILD)/libconsole.a
LIB_sim := $(BUILD)/libsim.a

LANGUAGES := $(basename $(notdir $(wildcard shared/po/*.po)))
LOCALE := $(patsubst %,$(BUILD)/locale/%/LC_MESSAGES/piled.mo,$(LANGUAGES))

# What is translated, and what must be formatted and small.
TEXT_SOURCES := $(sort $(wildcard shared/*.[ch] shared/*.def db/*.[ch] agent/*.[ch] agent/*/*.[ch] \
	console/*.[ch] console/*.def console/*/*.[ch] tests/sim/*.[ch]))
HEADERS := $(sort $(wildcard shared/*.h db/*.h agent/*.h agent/*/*.h console/*.h console/*/*.h \
	tests/*/*.h))

PROGRAMS := $(if $(wildcard $(AGENT_MAIN)),$(BUILD)/piled) \
	$(if $(wildcard $(CONSOLE_MAIN)),$(BUILD)/piletop) \
	$(if $(wildcard $(SIM_MAIN)),$(BUILD)/pilesim)

TEST_SOURCES := $(wildcard tests/unit/test_*.c tests/scenario/test_*.c)
TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TEST_SOURCES))

FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/bench_*.c))

.PHONY: all tests fuzzers benches headers check test lint bench day demo po install clean FORCE
.SUFFIXES:
.DELETE_ON_ERROR:
.PRECIOUS: $(BUILD)/%.o

all: $(PROGRAMS) $(LOCALE)

# Programs that end-to-end tests use.
HELPERS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/e2e/*.c))

tests: $(TESTS) $(HELPERS)
fuzzers: $(FUZZERS)
benches: $(BENCHES)
headers: $(HEADERS:%=$(BUILD)/%.ok)

check: all tests
	@BUILD='$(BUILD)' tests/run -j $(JOBS) tests/lint/format.sh tests/lint/core.sh $(TESTS)

test:
	@tests/setup test
	@MAKE='$(MAKE)' BUILD='$(BUILD)' JOBS='$(JOBS)' tests/all

lint:
	@tests/setup test
	@MAKE='$(MAKE)' BUILD='$(BUILD)' JOBS='$(JOBS)' tests/all lint

demo:
	@tests/setup build
	@$(MAKE) -s -j$(JOBS) all
	@BUILD='$(BUILD)' agent/examples/demo.sh

# A recorded day over real sockets; takes most of an hour.
day: all
	@BUILD='$(BUILD)' tests/day

bench: all benches
	@BUILD='$(BUILD)' tests/bench/run

clean:
	rm -rf $(BUILD)

# The compiler and its options: what was built with others is built anew.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(CC) $(BASE))' | cmp -s - $@ || echo '$(subst ','\'',$(CC) $(BASE))' >$@

define compile
@mkdir -p $(@D)
@echo "CC $<"
@$(CC) $(BASE) $(if $(CLANG),-MJ $(@:.o=.json)) $(1) -c $< -o $@
endef

$(BUILD)/shared/%.o: shared/%.c $(BUILD)/flags
	$(call compile,$(INC_shared))
$(BUILD)/db/%.o: db/%.c $(BUILD)/flags
	$(call compile,$(INC_db))
$(BUILD)/agent/core/%.o: agent/core/%.c $(BUILD)/flags
	$(call compile,$(INC_core))
$(BUILD)/agent/%.o: agent/%.c $(BUILD)/flags
	$(call compile,$(INC_agent))
$(BUILD)/console/%.o: console/%.c $(BUILD)/flags
	$(call compile,$(INC_console))
$(BUILD)/tests/%.o: tests/%.c $(BUILD)/flags
	$(call compile,$(INC_tests))

$(BUILD)/db/migrate.o: INC_db += -I$(BUILD)/db
$(BUILD)/db/migrate.o: $(BUILD)/db/migrations.inc
# db/migrations/site-001.sql -> MIGRATION(site, 1, "its text")
$(BUILD)/db/migrations.inc: $(sort $(wildcard db/migrations/*.sql))
	@mkdir -p $(@D)
	@for f in $^; do b=$$(basename $$f .sql); \
		echo "MIGRATION($${b%-*}, $$(echo $${b##*-} | sed 's/^0*//'),"; \
		sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$$/\\n"/' $$f; echo ")"; \
	done >$@

# A header must compile by itself, with the include path of its layer.
define compile_header
@mkdir -p $(@D)
@$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(WERROR) $(1) -fsyntax-only -x c -include $< /dev/null
@touch $@
endef

$(BUILD)/shared/%.h.ok: shared/%.h
	$(call compile_header,$(INC_shared))
$(BUILD)/db/%.h.ok: db/%.h
	$(call compile_header,$(INC_db))
$(BUILD)/agent/core/%.h.ok: agent/core/%.h
	$(call compile_header,$(INC_core))
$(BUILD)/agent/%.h.ok: agent/%.h
	$(call compile_header,$(INC_agent))
$(BUILD)/console/%.h.ok: console/%.h
	$(call compile_header,$(INC_console))
$(BUILD)/tests/%.h.ok: tests/%.h
	$(call compile_header,$(INC_tests))

define archive
@mkdir -p $(@D); rm -f $@
@ar rcs $@ $^
endef

$(LIB_shared): $(call obj,$(SHARED))
	$(archive)
$(LIB_db): $(call obj,$(DB))
	$(archive)
$(LIB_core): $(call obj,$(CORE))
	$(archive)
$(LIB_bus): $(call obj,$(BUS))
	$(archive)
$(LIB_agent): $(call obj,$(AGENT))
	$(archive)
$(LIB_console): $(call obj,$(CONSOLE))
	$(archive)
$(LIB_sim): $(call obj,$(SIM))
	$(archive)

define link
@echo "LD $@"
@mkdir -p $(@D)
@$(CC) $(LINK) -o $@ $^ $(1)
endef

$(BUILD)/piled: $(call obj,$(AGENT_MAIN)) $(LIB_agent) $(LIB_bus) $(LIB_core) $(LIB_db) $(LIB_shared)
	$(call link,$(LIBS_agent))
$(BUILD)/piletop: $(call obj,$(CONSOLE_MAIN)) $(LIB_console) $(LIB_shared)
	$(call link,$(LIBS_console))
$(BUILD)/pilesim: $(call obj,$(SIM_MAIN)) $(LIB_sim) $(LIB_shared)
	$(call link,$(LIBS_sim))

ALL_LIBS := $(LIB_sim) $(LIB_agent) $(LIB_bus) $(LIB_core) $(LIB_db) $(LIB_console) $(LIB_shared)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(ALL_LIBS)
	$(call link,-lcmocka -lutil $(LIBS_agent) $(LIBS_console))
$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(ALL_LIBS)
	$(call link,-lglpk -lutil $(LIBS_agent) $(LIBS_console))
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(ALL_LIBS)
	$(call link,-fsanitize=fuzzer -lutil $(LIBS_agent) $(LIBS_console))

# Languages. The template is made, never kept; the .po files are. The time of its making would make
# every two changes of texts collide.
$(BUILD)/piled.pot: $(TEXT_SOURCES)
	@mkdir -p $(@D)
	@xgettext --language=C --from-code=UTF-8 --keyword=_ --keyword=N_ --sort-by-file \
		--package-name=piled --no-wrap -o - $(TEXT_SOURCES) | \
		sed '/^"POT-Creation-Date:/d' >$@

$(BUILD)/locale/%/LC_MESSAGES/piled.mo: shared/po/%.po
	@mkdir -p $(@D)
	@msgfmt --check-format --check-header -o $@ $<

po: $(BUILD)/piled.pot
	@for l in $(LANGUAGES); do msgmerge -q --no-wrap --no-fuzzy-matching --no-location \
		--backup=off --update shared/po/$$l.po $<; \
		msgattrib --no-obsolete --no-wrap --no-location -o shared/po/$$l.po shared/po/$$l.po; \
		msgfmt --statistics -o /dev/null shared/po/$$l.po; done

# Installation.
install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	install $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	ln -sf piled $(DESTDIR)$(PREFIX)/bin/piled-shell
	for l in $(LANGUAGES); do install -D -m 644 $(BUILD)/locale/$$l/LC_MESSAGES/piled.mo \
		$(DESTDIR)$(PREFIX)/share/locale/$$l/LC_MESSAGES/piled.mo; done
	for f in agent/profiles/*.yaml; do \
		install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/piled/profiles $$f; done
	for f in agent/examples/*.yaml; do \
		install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/piled/examples $$f; done
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/share/doc/piled/examples agent/examples/sms-hook.sh
	for f in $(wildcard man/*.[1-8] man/zh_CN/*.[1-8]); do d=$${f%/*}; \
		install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/$$d/man$${f##*.} $$f; done
	for f in $(wildcard man/zh_CN/*.[1-8]); do LC_ALL=C sed -E -f man/zh_CN/break.sed $$f \
		>$(DESTDIR)$(PREFIX)/share/man/zh_CN/man$${f##*.}/$${f##*/}; done
	install -D -m 644 agent/piled.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/piled
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's,@PREFIX@,$(PREFIX),g' agent/piled.service \
		>$(DESTDIR)$(PREFIX)/lib/systemd/system/piled.service
	install -d $(DESTDIR)/etc/ssh/sshd_config.d
	sed 's,@PREFIX@,$(PREFIX),g' agent/sshd.conf >$(DESTDIR)/etc/ssh/sshd_config.d/piled.conf
	install -D -m 644 agent/piled.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/piled.conf

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

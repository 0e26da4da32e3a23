# piled: make demo | test | check | bench | lint | install | clean
#
# Each program's objects are listed here. Include paths enforce who may know whom:
# shared knows nobody; db knows shared; agent/core knows shared; the rest of agent knows core, bus,
# db and shared; console knows shared.

PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
CC ?= gcc
PKG_CONFIG ?= pkg-config

WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wundef -Wformat=2 -Wvla -Wimplicit-fallthrough
WERROR ?= -Werror
OPT ?= -O2 -g
HARDEN ?= -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
SAN ?=
BASE := -std=c11 -D_GNU_SOURCE $(WARN) $(WERROR) $(OPT) $(if $(SAN),-fsanitize=$(SAN) \
	-fno-omit-frame-pointer -fno-sanitize-recover=all,$(HARDEN)) -MMD -MP \
	-DPILED_PREFIX='"$(PREFIX)"' $(CFLAGS)
LINK := $(if $(SAN),-fsanitize=$(SAN),-pie -Wl,-z,relro,-z,now) $(LDFLAGS)

INC_shared := -Ishared
INC_db := -Ishared -Idb
INC_core := -Ishared -Iagent/core
INC_agent := -Ishared -Idb -Iagent/core -Iagent
INC_console := -Ishared -Iconsole
INC_tests := -Ishared -Idb -Iagent/core -Iagent -Iconsole -Itests/sim

LIBS_shared := -lcjson -lyaml -lm
LIBS_db := -lsqlite3 -lzstd -lpthread
LIBS_agent := -lmodbus -luv $(LIBS_db) $(LIBS_shared)
LIBS_console := -lncursesw -ltinfo $(LIBS_shared)
LIBS_sim := $(LIBS_shared) -lpthread

SHARED := \
	shared/err.c \
	shared/fault.c \
	shared/fmt.c \
	shared/i18n.c \
	shared/point.c \
	shared/state.c \
	shared/text.c \
	shared/timex.c \
	shared/view.c \
	shared/wire.c

DB :=

CORE :=

BUS :=

AGENT :=

AGENT_MAIN := agent/main.c

CONSOLE :=

CONSOLE_MAIN := console/main.c

SIM :=

SIM_MAIN := tests/sim/main.c

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))

LIB_shared := $(BUILD)/libshared.a
LIB_db := $(BUILD)/libdb.a
LIB_core := $(BUILD)/libcore.a
LIB_bus := $(BUILD)/libbus.a
LIB_agent := $(BUILD)/libagent.a
LIB_console := $(BUILD)/libconsole.a
LIB_sim := $(BUILD)/libsim.a

PROGRAMS := $(if $(wildcard $(AGENT_MAIN)),$(BUILD)/piled) \
	$(if $(wildcard $(CONSOLE_MAIN)),$(BUILD)/piletop) \
	$(if $(wildcard $(SIM_MAIN)),$(BUILD)/pilesim)

TEST_SOURCES := $(wildcard tests/unit/test_*.c tests/scenario/test_*.c)
TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TEST_SOURCES))

.PHONY: all tests check clean
.SUFFIXES:
.DELETE_ON_ERROR:

all: $(PROGRAMS)

tests: $(TESTS)

# Quick: build, then the unit and scenario tests.
check: all tests
	@tests/run $(TESTS)

clean:
	rm -rf $(BUILD)

define compile
@mkdir -p $(@D)
@echo "CC $<"
@$(CC) $(BASE) $(1) -c $< -o $@
endef

$(BUILD)/shared/%.o: shared/%.c
	$(call compile,$(INC_shared))
$(BUILD)/db/%.o: db/%.c
	$(call compile,$(INC_db))
$(BUILD)/agent/core/%.o: agent/core/%.c
	$(call compile,$(INC_core))
$(BUILD)/agent/%.o: agent/%.c
	$(call compile,$(INC_agent))
$(BUILD)/console/%.o: console/%.c
	$(call compile,$(INC_console))
$(BUILD)/tests/%.o: tests/%.c
	$(call compile,$(INC_tests))

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

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(LIB_sim) $(LIB_agent) $(LIB_bus) $(LIB_core) $(LIB_db) \
		$(LIB_console) $(LIB_shared)
	$(call link,-lcmocka -lutil $(LIBS_agent) $(LIBS_console))

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

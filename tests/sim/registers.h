#ifndef PILESIM_REGISTERS_H
#define PILESIM_REGISTERS_H
/*
 * Register maps of the simulated devices. Addresses are wire (PDU, zero-based) addresses.
 * u32 and s32 take two registers, high word first (ABCD). ASCII: two characters a register, high
 * byte first, padded with NUL. Function 3 and 4 read the same registers; single registers are
 * written with function 6 or 16, u32 with function 16 only (both words in one request).
 * Reads may be up to 125 registers long but must lie inside one of the blocks given below, else
 * exception 2; a value outside its range is refused with exception 3, any other function with
 * exception 1; a command that the state does not allow (start without a car, unlock while
 * charging) with exception 4. Registers of a block that are not listed read 0. Command registers
 * read 0.
 *
 * Codes that the DC and the AC pile share
 *   state: 0 idle, 1 plugged (waiting for the start, or preparing), 2 charging,
 *          3 suspended by the pile (the limit is below what the car accepts),
 *          4 suspended by the car, 5 finished (car still plugged), 6 fault, 7 reserved,
 *          8 starting up after a reboot
 *   fault: 0 none, else AlarmCode of the Shenzhen supervision interface (1..31, 101..122, 201..206)
 *   stop reason of the last session: 0 none, 1 remote stop, 2 battery full, 3 asked energy
 *          reached, 4 unplugged, 5 fault, 6 reboot, 7 stopped at the pile
 *
 * The watchdog: where WATCHDOG is not 0 and no request (of any kind, to this unit) has come for
 * that many seconds, each gun's limit in force is at most FAILSAFE. The next request ends it.
 * LIMIT keeps its value meanwhile. LIMIT 0 pauses the gun. LIMIT returns to its greatest value,
 * WATCHDOG and FAILSAFE keep theirs, on a reboot.
 *
 * Plug-edge evidence: `plug counter` counts each plugging, `session counter` each session begun
 * (contactor closed); both are kept over a reboot and wrap at 65536.
 *
 *
 * DC pile "SIM-DC120": 120 kW, two guns sharing it. Modbus TCP, one unit a pile.
 *
 *   identity block, 0..23
 *     0..7     ASCII 16  serial number
 *     8..15    ASCII 16  model "SIM-DC120"
 *     16..19   ASCII 8   firmware
 *     20       u16       number of guns
 *     21       u32       rated power, W
 *     23       u16       greatest current of a gun, A
 *
 *   live block, 100..163: pile, then gun n at 108 + 28 * (n - 1): one read of 64 gets all
 *     100      u32       uptime, s
 *     102      u32       power of the pile (sum of its guns), W
 *     104      u16       fault of the cabinet (0 none)
 *     105      s16       cabinet temperature, 0.1 degC
 *     gun +0   u16       state
 *     gun +1   u16       plugged: 0, 1
 *     gun +2   u16       fault
 *     gun +3   u16       stop reason
 *     gun +4   u32       power, W
 *     gun +6   u16       voltage, 0.1 V
 *     gun +7   u16       current, 0.1 A
 *     gun +8   u16       state of charge, 0.1 %; 0xFFFF = not known (no car)
 *     gun +9   s16       temperature of the DC+ contact, 0.1 degC
 *     gun +10  u32       energy register, Wh; wraps to 0 after 4294967295
 *     gun +12  u32       energy of the session, Wh (kept until the next start)
 *     gun +14  u32       duration of the session, s (kept until the next start)
 *     gun +16  u16       session counter
 *     gun +17  u16       plug counter
 *     gun +18  u32  RW   power limit, W: 0..120000 (at start 120000)
 *     gun +20  s16       temperature of the DC- contact, 0.1 degC
 *     gun +24  u16  W    write 1: start
 *     gun +25  u16  W    write 1: stop
 *     gun +26  u16  W    write 1: unlock the connector
 *
 *   settings block, 200..205
 *     200      u16  RW   watchdog, s; 0 = off, else 1..3600
 *     201      u32  RW   fail-safe power of each gun, W: 0..120000
 *     203      u16  W    write 1: reboot
 *     204      u32  RW   clock, seconds since 1970-01-01 UTC
 *
 *   reader block, 300..344: gun n at 300 + 28 * (n - 1)
 *     gun +0   ASCII 16  card held to the reader: for 10 s, then empty
 *     gun +8   ASCII 18  VIN of the car that is plugged in, where it gives one
 *
 *
 * AC pile "SIM-AC7": 7 kW, 32 A, one gun, one or three phases. Modbus RTU 9600 8N1.
 *
 *   live block, 0..31: one read
 *     0        u16       state
 *     1        u16       plugged: 0, 1
 *     2        u16       fault
 *     3        u16       stop reason
 *     4        u32       power, W
 *     6, 7, 8  u16       voltage L1, L2, L3 behind the contactor, 0.1 V: 0 while no power
 *                        flows; 0xFFFF = phase is not wired
 *     9,10,11  u16       current L1, L2, L3, 0.01 A; 0xFFFF = phase is not wired
 *     12       s16       temperature, 0.1 degC
 *     13       u32       energy register, Wh; wraps to 0 after 99999999
 *     15       u32       energy of the session, Wh (kept until the next start)
 *     17       u32       duration of the session, s (kept until the next start)
 *     19       u16       session counter
 *     20       u16       plug counter
 *     21       u16  RW   current limit a phase, 0.01 A: 0, 600..3200 (1..599 are taken as 0);
 *                        at start 3200
 *     22       u32       uptime, s
 *     24..31   ASCII 16  card held to the reader: for 10 s, then empty
 *
 *   command and settings block, 40..47
 *     40       u16  W    write 1: start
 *     41       u16  W    write 1: stop
 *     42       u16  W    write 1: unlock the connector
 *     43       u16  W    write 1: reboot
 *     44       u16  RW   watchdog, s; 0 = off, else 1..3600
 *     45       u16  RW   fail-safe current, 0.01 A: 0, 600..3200
 *     46       u32  RW   clock, seconds since 1970-01-01 UTC
 *
 *   identity block, 100..123
 *     100..107 ASCII 16  serial number
 *     108..115 ASCII 16  model "SIM-AC7"
 *     116..119 ASCII 8   firmware
 *     120      u16       number of phases wired: 1 or 3
 *     121      u32       rated power, W
 *     123      u16       greatest current, 0.01 A
 *
 *
 * Transformer meter: Acrel DTSD1352 / ADL3000 register map. Modbus RTU 9600 8N1, unit 1. Values
 * are secondary: U x PT, I x CT, P, Q, S, energy x PT x CT. Demo site: CT 200 (1000/5 A), PT 1.
 *     0..51    u32       0.01 kWh (kvarh): total active at 0, forward 10, reverse 20,
 *                        reactive total 30, forward 40, reverse 50 (tariff zones are 0)
 *     97..99   u16       voltage A, B, C, 0.1 V
 *     100..102 u16       current A, B, C, 0.01 A
 *     103..106 s16       active power A, B, C, total, 0.001 kW
 *     107..110 s16       reactive power A, B, C, total, 0.001 kvar
 *     111..114 u16       apparent power A, B, C, total, 0.001 kVA
 *     115..118 s16       power factor A, B, C, total, 0.001
 *     119      u16       frequency, 0.01 Hz
 *     135,7,9  u32       active energy A, B, C, 0.01 kWh
 *     141, 142 u16       PT ratio, CT ratio
 *     356..362 s32       active power A, B, C, total, 0.001 kW
 *     364..370 s32       reactive power A, B, C, total, 0.001 kvar
 *     372..378 s32       apparent power A, B, C, total, 0.001 kVA
 *     380..383 s16       power factor A, B, C, total, 0.001
 *     8192..4  s16       temperature 1..3 (transformer windings), 0.1 degC
 *     Blocks: 0..199, 356..383, 8192..8194.
 */

/* DC pile */
#define DC_SERIAL       0
#define DC_MODEL        8
#define DC_FIRMWARE     16
#define DC_GUNS         20
#define DC_RATED        21
#define DC_MAX_A        23
#define DC_IDENTITY_END 24
#define DC_LIVE         100
#define DC_UPTIME       100
#define DC_POWER        102
#define DC_FAULT        104
#define DC_TEMP         105
#define DC_GUN          108 /* first gun */
#define DC_STRIDE       28
#define DC_LIVE_END     164
#define DC_SETTINGS     200
#define DC_WATCHDOG     200
#define DC_FAILSAFE     201
#define DC_REBOOT       203
#define DC_CLOCK        204
#define DC_SETTINGS_END 206
#define DC_READER       300 /* of the first gun */
#define DC_READER_END   345

/* offsets inside a DC gun */
#define DCG_STATE       0
#define DCG_PLUGGED     1
#define DCG_FAULT       2
#define DCG_STOP_REASON 3
#define DCG_POWER       4
#define DCG_VOLTAGE     6
#define DCG_CURRENT     7
#define DCG_SOC         8
#define DCG_TEMP        9
#define DCG_ENERGY      10
#define DCG_SESSION_WH  12
#define DCG_SESSION_S   14
#define DCG_SESSION_NO  16
#define DCG_PLUG_NO     17
#define DCG_LIMIT       18
#define DCG_TEMP2       20
#define DCG_START       24
#define DCG_STOP        25
#define DCG_UNLOCK      26

/* offsets inside the reader block of a DC gun */
#define DCR_CARD 0
#define DCR_VIN  8

/* AC pile */
#define AC_STATE        0
#define AC_PLUGGED      1
#define AC_FAULT        2
#define AC_STOP_REASON  3
#define AC_POWER        4
#define AC_VOLTAGE      6
#define AC_CURRENT      9
#define AC_TEMP         12
#define AC_ENERGY       13
#define AC_SESSION_WH   15
#define AC_SESSION_S    17
#define AC_SESSION_NO   19
#define AC_PLUG_NO      20
#define AC_LIMIT        21
#define AC_UPTIME       22
#define AC_CARD         24
#define AC_LIVE_END     32
#define AC_COMMANDS     40
#define AC_START        40
#define AC_STOP         41
#define AC_UNLOCK       42
#define AC_REBOOT       43
#define AC_WATCHDOG     44
#define AC_FAILSAFE     45
#define AC_CLOCK        46
#define AC_COMMANDS_END 48
#define AC_IDENTITY     100
#define AC_SERIAL       100
#define AC_MODEL        108
#define AC_FIRMWARE     116
#define AC_PHASES       120
#define AC_RATED        121
#define AC_MAX_CA       123
#define AC_IDENTITY_END 124

/* meter: offsets of the DTSD1352 map */
#define MTR_ACTIVE       0
#define MTR_FORWARD      10
#define MTR_REVERSE      20
#define MTR_REACTIVE     30
#define MTR_REACTIVE_FWD 40
#define MTR_REACTIVE_REV 50
#define MTR_U            97
#define MTR_I            100
#define MTR_P            103
#define MTR_Q            107
#define MTR_S            111
#define MTR_PF           115
#define MTR_HZ           119
#define MTR_ENERGY_PHASE 135
#define MTR_PT           141
#define MTR_CT           142
#define MTR_END          200
#define MTR_P32          356
#define MTR_Q32          364
#define MTR_S32          372
#define MTR_PF32         380
#define MTR_32_END       384
#define MTR_TEMP         8192
#define MTR_TEMP_END     8195

/* The energy registers wrap to 0 at these values. */
#define DC_ENERGY_WRAP_WH INT64_C(4294967296)
#define AC_ENERGY_WRAP_WH INT64_C(100000000)

/* "Not known" of a u16. */
#define REG_NONE 0xFFFF

enum pile_state {
	PS_IDLE,
	PS_PLUGGED,
	PS_CHARGING,
	PS_SUSPENDED_PILE,
	PS_SUSPENDED_CAR,
	PS_FINISHED,
	PS_FAULT,
	PS_RESERVED,
	PS_BOOTING
};

enum stop_reason {
	STOP_NONE,
	STOP_REMOTE,
	STOP_FULL,
	STOP_ENERGY,
	STOP_UNPLUGGED,
	STOP_FAULT,
	STOP_REBOOT,
	STOP_LOCAL
};

#endif

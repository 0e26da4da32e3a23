/* Texts of tariffs: any bytes give a tariff that is one, or errors; what is taken answers for any
 * time, bills any session and packs back to itself. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bill.h"
#include "tariff_file.h"
#include "tariff_pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct tariff *t)
{
	static unsigned char bytes[TARIFF_PACKED_MAX];
	const struct tariff *versions[] = {t};
	const struct bill_point points[] = {{{t->from_ms}, 0, Q_GOOD},
		{{t->from_ms + 3 * S_PER_DAY * MS_PER_S}, 123456, Q_GOOD}};
	const struct bill_input in = {versions, 1, CLASS_MEMBER, points, 2};
	static struct bill_line lines[BILL_LINES_MAX];
	struct parking_line parking[TARIFF_WINDOWS];
	struct pack w = pack_writer(bytes, sizeof bytes), r;
	struct tariff_slot slot;
	struct bill_sum sum;
	struct tariff back;
	int64_t fen;

	tariff_at(t, (struct wall){0}, 0, &slot);
	tariff_next_change(t, (struct wall){t->from_ms}, 0, 2, &slot);
	if (bill_compute(&in, lines, BILL_LINES_MAX, &sum) < 1 || sum.wh != 123456) {
		abort();
	}
	if (parking_compute(t, 0, points[0].at, points[1].at, NULL, 0, parking, &fen) < 0 ||
		fen < 0) {
		abort();
	}
	tariff_pack(&w, t);
	r = pack_reader(bytes, w.len);
	tariff_pack(&r, &back);
	if (w.bad || r.bad || memcmp(t, &back, sizeof back) != 0) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct zone_rules zone = {
		3, {{0, 3600}, {1774746000000, 7200}, {1792890000000, 3600}}};
	struct yaml_errors errors = {0};
	struct tariff t;

	if (tariff_parse("fuzz", (const char *)data, size, &zone, &errors, &t) == 0) {
		use(&t);
	} else if (errors.count == 0) {
		abort();
	}
	yaml_errors_free(&errors);
	return 0;
}

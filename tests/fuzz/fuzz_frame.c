/* What comes back on the wire for a request: the first bytes are the request, the others the
 * device's answer. A good answer is accepted, a longer or shorter one never reads beyond itself. */
#include <stdlib.h>
#include <string.h>

#include "bus/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t functions[] = {1, 2, 3, 4, 5, 6, 15, 16, 0, 43};
	static const uint16_t values[BUS_MAX_READ];
	struct bus_request request = {.values = values};
	struct bus_reply reply = {0};
	uint8_t frame[FRAME_MAX], *answer;
	int length;

	if (size < 6) {
		return 0;
	}
	request.unit = data[0];
	request.function = functions[data[1] % sizeof functions];
	request.address = (uint16_t)(data[2] << 8 | data[3]);
	request.count = (uint16_t)(data[4] << 8 | data[5]);
	length = frame_request(&request, frame);
	if (length < 0) {
		return 0;
	}
	if (length > FRAME_MAX || frame_reply_length(&request) > FRAME_MAX) {
		abort();
	}
	/* a copy without room behind it */
	answer = malloc(size - 6 + 1);
	if (answer == NULL) {
		return 0;
	}
	memcpy(answer, data + 6, size - 6);
	answer = realloc(answer, size - 6 > 0 ? size - 6 : 1);
	if (answer != NULL && frame_check(&request, answer, size - 6, &reply) == 0 &&
		(answer[0] != request.unit || answer[1] != request.function)) {
		abort();
	}
	if (answer != NULL) {
		(void)frame_find(&request, answer, size - 6, &reply);
	}
	free(answer);
	return 0;
}

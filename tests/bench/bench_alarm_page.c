/* The console's page of alarms with as many of them as its table holds: time a screen. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <time.h>

#include "app.h"
#include "i18n.h"

#define GUNS     200
#define SCREENS  20
#define START_MS INT64_C(1772359200000)

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Milliseconds a screen. */
static double screen_ms(void)
{
	static struct app app;
	static const struct station_cfg none = {.name = "none", .address = "none"};
	const struct app_cfg cfg = {
		.stations = &none, .station_count = 1, .level = GLYPH_FULL, .fixed_ms = START_MS};
	cJSON *params = cJSON_CreateObject(), *rows;
	struct mono now = {US_PER_S};
	double begin;

	if (app_init(&app, &cfg, 24, 80) != 0) {
		cJSON_Delete(params);
		return -1;
	}
	cJSON_AddStringToObject(params, "view", "alarm");
	rows = cJSON_AddArrayToObject(params, "rows");
	for (int i = 0; i < MODEL_ROWS_MAX; i++) {
		struct view_alarm a;

		view_clear(VIEW_alarm, &a);
		snprintf(a.id, sizeof a.id, "P%d.1-%d-%d", i % GUNS, i / GUNS + 1, i);
		snprintf(a.target, sizeof a.target, "P%d.1", i % GUNS);
		VIEW_SET(&a, state, i % 3 == 0 ? "acked" : "unack");
		a.code = i / GUNS + 1;
		a.severity = 1 + i % 3;
		a.raised = START_MS - i * 1000;
		cJSON_AddItemToArray(rows, view_to_json(VIEW_alarm, &a, NULL));
	}
	model_notify(app.model, "snapshot", params, now);
	app.model->ever = true;
	cJSON_Delete(params);
	app_key(&app, '2');
	begin = cpu_us();
	for (int i = 0; i < SCREENS; i++) {
		app_key(&app, 'j');
		app_draw(&app);
	}
	begin = (cpu_us() - begin) / 1000 / SCREENS;
	app_free(&app);
	return begin;
}

int main(void)
{
	double ms;

	i18n_init("en");
	ms = screen_ms();
	printf("alarm_page_2000_rows %.1f ms <=20 %s\n", ms, ms >= 0 && ms <= 20 ? "ok" : "short");
	return 0;
}

/* A program with a planted error of each kind, to see that the sanitizer runs would fail: the first
 * argument chooses. See planted.sh. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile int zero;
static int shared_count;
static char *volatile lost;

static void *count(void *arg)
{
	(void)arg;
	for (int i = 0; i < 1000; i++) {
		shared_count++;
	}
	return NULL;
}

static int race(void)
{
	pthread_t a, b;

	if (pthread_create(&a, NULL, count, NULL) != 0) {
		return 0;
	}
	if (pthread_create(&b, NULL, count, NULL) == 0) {
		pthread_join(b, NULL);
	}
	pthread_join(a, NULL);
	return shared_count & zero;
}

static int overflow(void)
{
	char *p = calloc(4, 1);
	int last = 0;

	if (p != NULL) {
		last = p[4 + zero];
	}
	free(p);
	return last & zero;
}

static int leak(void)
{
	lost = malloc(100);
	lost = NULL;
	return zero;
}

static int undefined(void)
{
	int big = 0x7fffffff - zero;

	return (big + 1) & zero;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} kinds[] = {
		{"race", race}, {"overflow", overflow}, {"leak", leak}, {"undefined", undefined}};

	for (size_t i = 0; argc == 2 && i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(argv[1], kinds[i].name) == 0) {
			return kinds[i].run();
		}
	}
	fprintf(stderr, "usage: planted race|overflow|leak|undefined\n");
	return 2;
}

/* Addresses of sites, as they are typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ssh_address.h"

static void good_ones(void **state)
{
	static const struct {
		const char *text;
		struct ssh_address want;
	} list[] = {
		{"site-7", {"", "site-7", 0}},
		{"ops@site-7", {"ops", "site-7", 0}},
		{"ops@[2001:db8::1]", {"ops", "2001:db8::1", 0}},
		{"ssh://site-7", {"", "site-7", 0}},
		{"ssh://ops@site-7:2222", {"ops", "site-7", 2222}},
		{"ssh://ops@[2001:db8::1]:22/", {"ops", "2001:db8::1", 22}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
		struct ssh_address got;

		assert_int_equal(ssh_address_read(list[i].text, &got), 0);
		assert_string_equal(got.user, list[i].want.user);
		assert_string_equal(got.host, list[i].want.host);
		assert_int_equal(got.port, list[i].want.port);
	}
}

/* What a shell, ssh or a proxy command might take for something else, too. */
static void bad_ones(void **state)
{
	static const char *const list[] = {"", "@", "ops@", "@site", "ssh://", "ssh://ops@", "-oX",
		"-ops@site", "ops@-site", "a b", "ops@si;te", "ops@$(x)", "ops@`x`", "ops@a|b",
		"ssh://ops@site:", "ssh://ops@site:0", "ssh://ops@site:65536", "ssh://ops@site:22x",
		"ssh://ops@site/path", "ops@[::1", "ops@site\n", "ops@\x1b[2J", "ops@[::1]x"};

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
		struct ssh_address got;

		if (ssh_address_read(list[i], &got) != ERR_SYNTAX) {
			fail_msg("'%s' was taken", list[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones),
		cmocka_unit_test(bad_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

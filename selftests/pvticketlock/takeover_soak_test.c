// SPDX-License-Identifier: GPL-2.0
/*
 * Switch every 100 ms under mixed load, for SELFTEST_SOAK_S seconds: no hang,
 * no warning, no lost wake-up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fixture.h"
#include "load.h"
#include "takeover.h"

#define SOAK_S		"10"
#define PERIOD_MS	100
#define CHECK_EVERY	50

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	7200

static void __attribute__((constructor)) skip_unless_possible(void)
{
	if (why_no_takeover())
		ksft_exit_skip("not in this guest: %s\n", why_no_takeover());
}

FIXTURE(soak) {
};

FIXTURE_SETUP(soak)
{
	ASSERT_EQ(0, unload_all());
	ASSERT_EQ(0, load_all(""));
	ASSERT_EQ(0, load_start(2 * guest_cpus()));
}

FIXTURE_TEARDOWN(soak)
{
	EXPECT_EQ(0, load_stop());
	EXPECT_EQ(0, unload_all());
}

TEST_F(soak, switches_every_100_ms)
{
	const char *seconds = getenv("SELFTEST_SOAK_S") ?: SOAK_S;
	time_t end = time(NULL) + atoi(seconds);
	unsigned int switches = 0;
	pid_t test = 0;

	while (time(NULL) < end) {
		if (!(switches % CHECK_EVERY)) {
			ASSERT_TRUE(load_goes_on());
			if (test)
				ASSERT_EQ(0, guest_wait(test));
			test = guest_write_in_background(SPINLOCKS, "1000");
			ASSERT_LT(0, test);
		}
		ASSERT_EQ(0, guest_write(TAKEOVER, switches % 2 ? "0" : "1"));
		switches++;
		guest_sleep_ms(PERIOD_MS);
	}
	if (test)
		EXPECT_EQ(0, guest_wait(test));
	EXPECT_TRUE(load_goes_on());
	TH_LOG("%u switches in %s s", switches, seconds);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * takeover=1 in a guest whose spinlocks are not paravirtualized. The lab runs
 * this in guests that lack it for one reason each.
 */
#include <stdlib.h>

#include "fixture.h"
#include "takeover.h"

static void __attribute__((constructor)) skip_if_possible(void)
{
	if (!why_no_takeover())
		ksft_exit_skip("this guest's spinlocks can be taken over\n");
}

FIXTURE(refused) {
	int log;
};

FIXTURE_SETUP(refused)
{
	ASSERT_EQ(0, unload_all());
	self->log = guest_log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(refused)
{
	EXPECT_EQ(0, unload_all());
}

TEST_F(refused, at_load)
{
	EXPECT_EQ(takeover_error(), guest_load("pvticketlock", "takeover=1"));
	EXPECT_TRUE(guest_log_has(self->log, why_no_takeover())) {
		TH_LOG("the log does not say: %s", why_no_takeover());
	}
	EXPECT_FALSE(guest_is_loaded("pvticketlock"));
	EXPECT_FALSE(is_hooked());
}

TEST_F(refused, at_run_time)
{
	ASSERT_EQ(0, guest_load("pvticketlock", ""));
	EXPECT_EQ(takeover_error(), guest_write(TAKEOVER, "1"));
	EXPECT_TRUE(guest_log_has(self->log, why_no_takeover()));
	EXPECT_FALSE(is_hooked());
	EXPECT_EQ(0, guest_write(TAKEOVER, "0"));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * The lock in every context, by pvticketlock_test.ko. How long a test runs is
 * multiplied by the environment variable SELFTEST_FACTOR.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fixture.h"

FIXTURE(lock) {
	unsigned int factor;
};

FIXTURE_VARIANT(lock) {
	const char *parameters;
	const char *fault_per_mille;
};

FIXTURE_VARIANT_ADD(lock, defaults) {
	.parameters = "",
};

FIXTURE_VARIANT_ADD(lock, halt_soon) {
	.parameters = HALT_SOON,
};

FIXTURE_VARIANT_ADD(lock, halt_soon_fifo) {
	.parameters = HALT_SOON " overtake=0",
};

FIXTURE_VARIANT_ADD(lock, faults) {
	.parameters = HALT_SOON,
	.fault_per_mille = "200",
};

FIXTURE_SETUP(lock)
{
	const char *factor = getenv("SELFTEST_FACTOR");

	self->factor = factor ? atoi(factor) : 1;
	ASSERT_EQ(0, unload_all());
	ASSERT_EQ(0, load_all(variant->parameters));
	if (variant->fault_per_mille) {
		ASSERT_EQ(0, guest_write(DEBUGFS "pvticketlock/fault_per_mille",
					 variant->fault_per_mille));
	}
}

FIXTURE_TEARDOWN(lock)
{
	EXPECT_EQ(0, unload_all());
}

static int run(const char *test, unsigned int argument)
{
	char path[128], text[16];

	snprintf(path, sizeof(path), DEBUGFS "pvticketlock_test/%s", test);
	snprintf(text, sizeof(text), "%u", argument);
	return guest_write(path, text);
}

TEST_F(lock, interface)
{
	EXPECT_EQ(0, run("api", 0));
}

TEST_F(lock, excludes_in_every_variant)
{
	EXPECT_EQ(0, run("contention", 500 * self->factor));
}

TEST_F(lock, no_lock_is_caught)
{
	if (guest_cpus() < 2)
		SKIP(return, "no_lock_is_caught: one CPU, no contention");
	EXPECT_EQ(-EIO, run("contention_busted", 300));
}

TEST_F(lock, nests_in_softirq_and_hardirq)
{
	EXPECT_EQ(0, run("contexts", 1000 * self->factor));
}

TEST_F(lock, waits_with_interrupts_off)
{
	EXPECT_EQ(0, run("irqs_off", 10 * self->factor));
}

TEST_F(lock, is_left_alone_after_unlock)
{
	EXPECT_EQ(0, run("freed", 500 * self->factor));
}

static bool has_kasan(void)
{
	char text[8] = "";

	guest_read("/sys/module/pvticketlock_test/parameters/kasan", text,
		   sizeof(text));
	return text[0] == 'Y';
}

TEST_F(lock, late_unlock_is_caught)
{
	if (guest_cpus() < 2)
		SKIP(return, "late_unlock_is_caught: one CPU, no contention");
	if (has_kasan())
		SKIP(return, "late_unlock_is_caught: KASAN would report it");
	EXPECT_EQ(-EIO, run("freed_late", 300));
}

TEST_F(lock, copes_with_nmis)
{
	EXPECT_EQ(0, run("nmi", 500 * self->factor));
}

TEST_F(lock, module_stays_while_a_test_runs)
{
	pid_t test = guest_write_in_background(DEBUGFS
					       "pvticketlock_test/contention",
					       "1000");

	ASSERT_LT(0, test);
	guest_sleep_ms(300);
	EXPECT_EQ(-EAGAIN, guest_unload("pvticketlock_test"));
	EXPECT_EQ(-EAGAIN, guest_unload("pvticketlock"));
	EXPECT_EQ(0, guest_wait(test));
}

FIXTURE(native) {
};

FIXTURE_SETUP(native)
{
	ASSERT_EQ(0, unload_all());
	ASSERT_EQ(0, load_all("backend=native"));
}

FIXTURE_TEARDOWN(native)
{
	EXPECT_EQ(0, unload_all());
}

TEST_F(native, interface)
{
	EXPECT_EQ(0, run("api", 0));
}

/* Short: with fewer CPUs than virtual ones, spinning takes its time. */
TEST_F(native, excludes_in_every_variant)
{
	EXPECT_EQ(0, run("contention", 100));
}

TEST_HARNESS_MAIN

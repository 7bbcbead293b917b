// SPDX-License-Identifier: GPL-2.0
/*
 * The lock in every context, by pvticketlock_test.ko.
 */
#include "fixture.h"

/* Seconds. A million halts, one after another, take their time. */
#define MILLION_TIMEOUT	2400

FIXTURE(lock) {
};

/* irqs_off: thousands of times to wait with interrupts off, see waits_k(). */
FIXTURE_VARIANT(lock) {
	const char *parameters;
	const char *fault_per_mille;
	unsigned int irqs_off;
	unsigned int irqs_off_long;
};

FIXTURE_VARIANT_ADD(lock, defaults) {
	.parameters = "",
	.irqs_off = 20,
	.irqs_off_long = 100,
};

FIXTURE_VARIANT_ADD(lock, halt_soon) {
	.parameters = HALT_SOON,
	.irqs_off = 1000,
	.irqs_off_long = 1000,
};

/* Nobody overtakes: who waits, halts, and nearly each wait takes a kick. */
FIXTURE_VARIANT_ADD(lock, halt_soon_fifo) {
	.parameters = HALT_SOON " overtake=0",
	.irqs_off = 20,
	.irqs_off_long = 100,
};

FIXTURE_VARIANT_ADD(lock, faults) {
	.parameters = HALT_SOON,
	.fault_per_mille = "200",
	.irqs_off = 20,
	.irqs_off_long = 100,
};

/*
 * Thousands of waits: SELFTEST_WAITS_K, or else as many as are worth their
 * time: at length only once. In a kernel that checks itself, and if faults are
 * injected into all tests, a tenth of it.
 */
static unsigned int waits_k(unsigned int usual, unsigned int at_length)
{
	const char *wanted = getenv("SELFTEST_WAITS_K");
	unsigned int thousands = factor() > 1 && !taken_over() ? at_length :
								 usual;

	if (wanted)
		return atoi(wanted);
	if (kernel_has("kasan") || kernel_has("kcsan") || faults_everywhere())
		thousands /= 10;
	return thousands;
}

FIXTURE_SETUP(lock)
{
	ASSERT_EQ(0, unload_all());
	ASSERT_EQ(0, load_all(variant->parameters));
	if (variant->fault_per_mille)
		ASSERT_EQ(0, inject_faults(variant->fault_per_mille));
}

FIXTURE_TEARDOWN(lock)
{
	EXPECT_EQ(0, unload_all());
}

TEST_F(lock, interface)
{
	EXPECT_EQ(0, run("api", 0));
}

TEST_F(lock, excludes_in_every_variant)
{
	EXPECT_EQ(0, run("contention", 500 * factor()));
	EXPECT_EQ(counter("fault_per_mille") && counter("taken_slow"),
		  counter("fault_injected") > 0);
}

TEST_F(lock, nests_in_softirq_and_hardirq)
{
	EXPECT_EQ(0, run("contexts", 1000 * factor()));
}

TEST_F_TIMEOUT(lock, waits_with_interrupts_off, MILLION_TIMEOUT)
{
	unsigned int thousands = waits_k(variant->irqs_off,
					 variant->irqs_off_long);

	if (guest_cpus() < 2)
		SKIP(return, "waits_with_interrupts_off: one CPU, no contention");
	EXPECT_EQ(0, run("irqs_off", thousands));
	TH_LOG("%u000 waits: %lld halts, %lld kicks, %lld overtakings",
	       thousands, counter("taken_slow") - counter("taken_slow_pickup"),
	       counter("released_slow_kicked"), counter("taken_overtaking"));
}

TEST_F(lock, is_left_alone_after_unlock)
{
	EXPECT_EQ(0, run("freed", 500 * factor()));
}

TEST_F(lock, late_unlock_is_caught)
{
	if (guest_cpus() < 2)
		SKIP(return, "late_unlock_is_caught: one CPU, no contention");
	if (kernel_has("kasan"))
		SKIP(return, "late_unlock_is_caught: KASAN would report it");
	if (kernel_has("kcsan"))
		SKIP(return, "late_unlock_is_caught: KCSAN would report it");
	EXPECT_EQ(-EIO, run_until_caught("freed_late", 300));
}

TEST_F(lock, copes_with_nmis)
{
	EXPECT_EQ(0, run("nmi", 500 * factor()));
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

/* The same tests, of no lock at all. */
FIXTURE(no_lock) {
};

FIXTURE_SETUP(no_lock)
{
	ASSERT_EQ(0, unload_all());
	ASSERT_EQ(0, load_busted());
}

FIXTURE_TEARDOWN(no_lock)
{
	EXPECT_EQ(0, unload_all());
}

TEST_F(no_lock, in_interface_is_caught)
{
	if (no_contention(true))
		SKIP(return, "%s", no_contention(true));
	EXPECT_EQ(-EIO, run_until_caught("api", 0));
}

TEST_F(no_lock, in_every_variant_is_caught)
{
	if (no_contention(true))
		SKIP(return, "%s", no_contention(true));
	EXPECT_EQ(-EIO, run_until_caught("contention", 500));
}

TEST_F(no_lock, in_softirq_and_hardirq_is_caught)
{
	if (no_contention(true))
		SKIP(return, "%s", no_contention(true));
	EXPECT_EQ(-EIO, run_until_caught("contexts", 1000));
}

TEST_F(no_lock, with_interrupts_off_is_caught)
{
	if (no_contention(true))
		SKIP(return, "%s", no_contention(true));
	EXPECT_EQ(-EIO, run_until_caught("irqs_off", 20));
}

TEST_F(no_lock, in_nmi_is_caught)
{
	if (no_contention(true))
		SKIP(return, "%s", no_contention(true));
	EXPECT_EQ(-EIO, run_until_caught("nmi", 1000));
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

// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs that go offline and come back, and suspend-to-idle, while all CPUs
 * contend for a lock.
 */
#include <string.h>

#include "fixture.h"

#define CONTENTION	DEBUGFS "pvticketlock_test/contention"
#define SUSPEND		DEBUGFS "pvticketlock_test/suspend"
#define SUSPENDED	"/sys/power/suspend_stats/success"
#define HOTPLUG_ROUNDS	3
#define SUSPEND_ROUNDS	2

FIXTURE(hotplug) {
};

FIXTURE_VARIANT(hotplug) {
	bool busted;
	int result;
};

FIXTURE_VARIANT_ADD(hotplug, lock) {
	.result = 0,
};

FIXTURE_VARIANT_ADD(hotplug, no_lock_is_caught) {
	.busted = true,
	.result = -EIO,
};

FIXTURE_SETUP(hotplug)
{
	ASSERT_EQ(0, unload_all());
	ASSERT_EQ(0, variant->busted ? load_busted() : load_all(HALT_SOON));
}

FIXTURE_TEARDOWN(hotplug)
{
	EXPECT_EQ(0, unload_all());
}

TEST_F(hotplug, cpus_come_and_go)
{
	unsigned int cpus = guest_cpus();
	unsigned int round;
	pid_t test;

	if (no_contention(variant->busted))
		SKIP(return, "%s", no_contention(variant->busted));
	for (round = 0; round < HOTPLUG_ROUNDS; round++) {
		unsigned int cpu = cpus - 1 - round % (cpus - 1);

		test = guest_write_in_background(CONTENTION, "1500");
		ASSERT_LT(0, test);
		guest_sleep_ms(200);
		EXPECT_EQ(0, guest_set_online(cpu, false));
		guest_sleep_ms(200);
		EXPECT_EQ(0, guest_set_online(cpu, true));
		EXPECT_EQ(variant->result, guest_wait(test));
	}
	EXPECT_EQ(cpus, guest_cpus());
}

static bool can_suspend_to_idle(void)
{
	char states[128];

	return guest_read("/sys/power/state", states, sizeof(states)) > 0 &&
	       strstr(states, "freeze");
}

TEST_F(hotplug, suspend_to_idle)
{
	/* With KASAN, ACPI takes half a minute for each resume, and gives up. */
	unsigned int rounds = kernel_has("kasan") ? 1 : SUSPEND_ROUNDS;
	long long before = guest_number(SUSPENDED);
	unsigned int round;
	pid_t test;

	if (no_contention(variant->busted))
		SKIP(return, "%s", no_contention(variant->busted));
	if (!can_suspend_to_idle())
		SKIP(return, "suspend_to_idle: not offered by this kernel");
	for (round = 0; round < rounds; round++) {
		test = guest_read_in_background(SUSPEND);
		ASSERT_LT(0, test);
		guest_sleep_ms(200);
		EXPECT_EQ(0, guest_write("/sys/power/state", "freeze"));
		EXPECT_EQ(variant->result, guest_wait(test));
	}
	EXPECT_EQ(before + rounds, guest_number(SUSPENDED));
}

FIXTURE(awake) {
};

FIXTURE_SETUP(awake)
{
	ASSERT_EQ(0, unload_all());
	ASSERT_EQ(0, load_all(HALT_SOON));
}

FIXTURE_TEARDOWN(awake)
{
	EXPECT_EQ(0, unload_all());
}

TEST_F(awake, system_that_does_not_sleep_is_caught)
{
	EXPECT_EQ(-EIO, run("suspend", 300));
}

TEST_HARNESS_MAIN

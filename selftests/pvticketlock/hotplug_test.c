// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs that go offline and come back, and suspend-to-idle, while all CPUs
 * contend for a lock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

#define CONTENTION	DEBUGFS "pvticketlock_test/contention"
#define WAKE_ALARM	"/sys/class/rtc/rtc0/wakealarm"
#define ROUNDS		3

FIXTURE(hotplug) {
};

FIXTURE_SETUP(hotplug)
{
	ASSERT_EQ(0, unload_all());
	ASSERT_EQ(0, load_all(HALT_SOON));
}

FIXTURE_TEARDOWN(hotplug)
{
	EXPECT_EQ(0, unload_all());
}

static int set_online(unsigned int cpu, bool online)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online",
		 cpu);
	return guest_write(path, online ? "1" : "0");
}

TEST_F(hotplug, cpus_come_and_go)
{
	unsigned int cpus = guest_cpus();
	unsigned int round;
	pid_t test;

	if (cpus < 2)
		SKIP(return, "cpus_come_and_go: one CPU");
	for (round = 0; round < ROUNDS; round++) {
		unsigned int cpu = cpus - 1 - round % (cpus - 1);

		test = guest_write_in_background(CONTENTION, "1500");
		ASSERT_LT(0, test);
		guest_sleep_ms(200);
		EXPECT_EQ(0, set_online(cpu, false));
		guest_sleep_ms(200);
		EXPECT_EQ(0, set_online(cpu, true));
		EXPECT_EQ(0, guest_wait(test));
	}
	EXPECT_EQ(cpus, guest_cpus());
}

TEST_F(hotplug, suspend_to_idle)
{
	char states[128];
	pid_t test;

	if (!getenv("SELFTEST_SUSPEND"))
		SKIP(return, "suspend_to_idle: only with SELFTEST_SUSPEND=1");
	if (guest_read("/sys/power/state", states, sizeof(states)) < 0 ||
	    !strstr(states, "freeze"))
		SKIP(return, "suspend_to_idle: not offered by this kernel");
	guest_write(WAKE_ALARM, "0");
	if (guest_write(WAKE_ALARM, "+3"))
		SKIP(return, "suspend_to_idle: no clock that wakes the guest up");
	test = guest_write_in_background(CONTENTION, "4000");
	ASSERT_LT(0, test);
	guest_sleep_ms(200);
	EXPECT_EQ(0, guest_write("/sys/power/state", "freeze"));
	/* Freezing tasks interrupts the write, as a signal does. */
	EXPECT_EQ(0, guest_wait(test));
}

TEST_HARNESS_MAIN

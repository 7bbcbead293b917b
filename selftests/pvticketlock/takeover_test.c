// SPDX-License-Identifier: GPL-2.0
/*
 * takeover=: the kernel's own spinlocks become ticket locks, and its own again,
 * while everything goes on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fixture.h"
#include "load.h"
#include "takeover.h"

#define SWITCHES	40
#define UNLOADS		3
#define HOTPLUGS	3
#define FTRACE_ENABLED	"/proc/sys/kernel/ftrace_enabled"

static void __attribute__((constructor)) skip_unless_possible(void)
{
	if (why_no_takeover())
		ksft_exit_skip("not in this guest: %s\n", why_no_takeover());
}

FIXTURE(takeover) {
	int log;
	unsigned int factor;
};

FIXTURE_SETUP(takeover)
{
	const char *factor = getenv("SELFTEST_FACTOR");

	self->factor = factor ? atoi(factor) : 1;
	ASSERT_EQ(0, unload_all());
	self->log = guest_log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(takeover)
{
	EXPECT_EQ(0, unload_all());
	EXPECT_FALSE(is_hooked());
}

static bool is_on(void)
{
	char text[8] = "";

	guest_read(TAKEOVER, text, sizeof(text));
	return text[0] == 'Y';
}

TEST_F(takeover, on_and_off)
{
	ASSERT_EQ(0, load_all(""));
	EXPECT_FALSE(is_on());
	EXPECT_FALSE(is_hooked());
	EXPECT_EQ(0, guest_write(TAKEOVER, "1"));
	EXPECT_TRUE(is_on());
	EXPECT_TRUE(is_hooked());
	EXPECT_EQ(0, guest_write(TAKEOVER, "1"));
	EXPECT_EQ(0, guest_write(TAKEOVER, "0"));
	EXPECT_FALSE(is_on());
	EXPECT_TRUE(is_unhooked_soon());
}

TEST_F(takeover, from_the_beginning)
{
	ASSERT_EQ(0, guest_load("pvticketlock", "takeover=1"));
	EXPECT_TRUE(is_on());
	EXPECT_EQ(0, guest_unload("pvticketlock"));
	EXPECT_FALSE(is_hooked());
}

TEST_F(takeover, bad_values_are_refused)
{
	EXPECT_EQ(-EINVAL, guest_load("pvticketlock", "takeover=maybe"));
	EXPECT_TRUE(guest_log_has(self->log, "takeover must be 0 or 1"));
	ASSERT_EQ(0, guest_load("pvticketlock", "takeover"));
	EXPECT_EQ(-EINVAL, guest_write(TAKEOVER, "2"));
	EXPECT_TRUE(is_on());
}

TEST_F(takeover, spinlocks_exclude)
{
	ASSERT_EQ(0, load_all(HALT_SOON " takeover=1"));
	EXPECT_EQ(0, guest_write(SPINLOCKS, "2000"));
}

/* Whoever unlocks a lock twice has a fault; the lock has none from it. */
TEST_F(takeover, survives_an_unlock_of_a_free_lock)
{
	ASSERT_EQ(0, load_all(HALT_SOON " takeover=1"));
	EXPECT_EQ(0, guest_write(DEBUGFS "pvticketlock_test/double_unlock", "0"));
	EXPECT_TRUE(guest_log_has(self->log, "but nobody holds it"));
	EXPECT_EQ(0, guest_write(DEBUGFS "pvticketlock_test/double_unlock", "0"));
	EXPECT_FALSE(guest_log_has(self->log, "but nobody holds it"));
}

TEST_F(takeover, refused_if_cpus_take_long_to_stop)
{
	ASSERT_EQ(0, load_all("takeover_stop_ms=0"));
	ASSERT_EQ(0, load_start(2 * guest_cpus()));
	EXPECT_EQ(-ETIME, guest_write(TAKEOVER, "1"));
	EXPECT_TRUE(guest_log_has(self->log, "to stop all CPUs took"));
	EXPECT_FALSE(is_hooked());
	EXPECT_EQ(0, guest_write(PARAMETERS "takeover_stop_ms", "100000"));
	EXPECT_EQ(0, guest_write(TAKEOVER, "1"));
	EXPECT_EQ(0, load_stop());
}

static bool is_hot(const char *lock)
{
	char text[8192] = "";

	guest_read(DEBUGFS "pvticketlock/hot_locks", text, sizeof(text));
	return strstr(text, lock);
}

TEST_F(takeover, hot_locks_have_names)
{
	ASSERT_EQ(0, load_all(HALT_SOON " takeover=1"));
	EXPECT_EQ(0, run_until(is_hot("spinlock_arena"),
			       guest_write(SPINLOCKS, "1000")));
	EXPECT_TRUE(is_hot("spinlock_arena"));
	/* Who takes it, as far as the compiler left that a function. */
	EXPECT_TRUE(is_hot("take_") || is_hot("every_variant"));
	EXPECT_LT(0, guest_number(DEBUGFS "pvticketlock/taken_slow"));

	EXPECT_EQ(0, guest_write(TAKEOVER, "0"));
	EXPECT_EQ(0, guest_write(DEBUGFS "pvticketlock/reset", "1"));
	EXPECT_EQ(0, guest_write(SPINLOCKS, "1000"));
	EXPECT_FALSE(is_hot("spinlock_arena"));
	EXPECT_EQ(0, guest_number(DEBUGFS "pvticketlock/taken_slow"));
}

/* A process on each CPU, and the kernel's spinlocks in the kernel. */
TEST_F(takeover, switches_under_load)
{
	unsigned int switches = SWITCHES * self->factor;
	unsigned int i;
	pid_t test;

	ASSERT_EQ(0, load_all(HALT_SOON));
	ASSERT_EQ(0, load_start(guest_cpus()));
	for (i = 0; i < switches; i += 20) {
		unsigned int j;

		test = guest_write_in_background(SPINLOCKS, "1000");
		ASSERT_LT(0, test);
		for (j = 0; j < 20; j++) {
			ASSERT_EQ(0, guest_write(TAKEOVER, j % 2 ? "0" : "1"));
			guest_sleep_ms(10);
		}
		EXPECT_EQ(0, guest_wait(test));
		ASSERT_TRUE(load_goes_on());
	}
	EXPECT_EQ(0, load_stop());
	EXPECT_FALSE(is_on());
}

TEST_F(takeover, unloads_under_load)
{
	unsigned int i;

	ASSERT_EQ(0, load_start(guest_cpus()));
	for (i = 0; i < UNLOADS * self->factor; i++) {
		ASSERT_EQ(0, guest_load("pvticketlock", "takeover=1"));
		guest_sleep_ms(200);
		ASSERT_EQ(0, guest_unload("pvticketlock"));
		ASSERT_FALSE(is_hooked());
		ASSERT_TRUE(load_goes_on());
	}
	EXPECT_EQ(0, load_stop());
}

TEST_F(takeover, switches_while_cpus_come_and_go)
{
	unsigned int cpus = guest_cpus();
	unsigned int i;

	ASSERT_EQ(0, load_all(HALT_SOON));
	ASSERT_EQ(0, load_start(cpus));
	for (i = 0; i < HOTPLUGS * self->factor; i++) {
		unsigned int cpu = 1 + i % (cpus - 1);
		pid_t on = guest_write_in_background(TAKEOVER,
						     i % 2 ? "0" : "1");

		ASSERT_LT(0, on);
		EXPECT_EQ(0, guest_set_online(cpu, false));
		EXPECT_EQ(0, guest_wait(on));
		EXPECT_EQ(0, guest_write(TAKEOVER, i % 2 ? "1" : "0"));
		on = guest_write_in_background(TAKEOVER, i % 2 ? "0" : "1");
		ASSERT_LT(0, on);
		EXPECT_EQ(0, guest_set_online(cpu, true));
		EXPECT_EQ(0, guest_wait(on));
		ASSERT_TRUE(load_goes_on());
	}
	EXPECT_EQ(0, load_stop());
	EXPECT_EQ(cpus, guest_cpus());
}

TEST_F(takeover, needs_halting_waiters)
{
	EXPECT_EQ(-ENXIO, guest_load("pvticketlock",
				     "backend=native takeover=1"));
	EXPECT_TRUE(guest_log_has(self->log,
				  "waiters of backend=native do not halt"));
	EXPECT_FALSE(guest_is_loaded("pvticketlock"));
	EXPECT_FALSE(is_hooked());
}

TEST_F(takeover, refused_if_somebody_has_patched)
{
	ASSERT_EQ(0, guest_load("pvticketlock", ""));
	ASSERT_EQ(0, guest_load("pvticketlock_test", ""));
	ASSERT_EQ(0, guest_write(DEBUGFS "pvticketlock_test/patched", "1"));
	EXPECT_EQ(-EBUSY, guest_write(TAKEOVER, "1"));
	EXPECT_TRUE(guest_log_has(self->log, "somebody else has patched"));
	EXPECT_FALSE(is_on());
	EXPECT_EQ(0, guest_write(DEBUGFS "pvticketlock_test/patched", "0"));
	EXPECT_FALSE(is_hooked());
	EXPECT_EQ(0, guest_write(TAKEOVER, "1"));
}

/* Kernels from 7.3 on never switch ftrace off, whoever uses it, and say so. */
static bool ftrace_can_be_off(void)
{
	if (guest_write(FTRACE_ENABLED, "0") == -EOPNOTSUPP)
		return false;
	guest_write(FTRACE_ENABLED, "1");
	return true;
}

TEST_F(takeover, refused_while_ftrace_is_off)
{
	if (!ftrace_can_be_off()) {
		ASSERT_EQ(1, guest_number(FTRACE_ENABLED));
		SKIP(return, "this kernel never switches ftrace off");
	}
	ASSERT_EQ(0, guest_load("pvticketlock", ""));
	ASSERT_EQ(0, guest_write(FTRACE_ENABLED, "0"));
	EXPECT_EQ(-EPERM, guest_write(TAKEOVER, "1"));
	EXPECT_EQ(0, guest_write(FTRACE_ENABLED, "1"));
	EXPECT_TRUE(guest_log_has(self->log, "ftrace is switched off"));
	EXPECT_FALSE(is_on());
	EXPECT_EQ(0, guest_write(TAKEOVER, "1"));
}

TEST_F(takeover, ftrace_stays_on_meanwhile)
{
	int refused = ftrace_can_be_off() ? -EBUSY : -EOPNOTSUPP;

	ASSERT_EQ(0, guest_load("pvticketlock", "takeover=1"));
	EXPECT_EQ(refused, guest_write(FTRACE_ENABLED, "0"));
	EXPECT_EQ(1, guest_number(FTRACE_ENABLED));
	EXPECT_TRUE(is_hooked());
}

TEST_HARNESS_MAIN

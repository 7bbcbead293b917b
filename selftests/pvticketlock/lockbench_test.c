// SPDX-License-Identifier: GPL-2.0
/*
 * lockbench.ko: every lock excludes on all CPUs, no lock at all is caught,
 * bad lines are refused, and a signal ends a run.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"

#define RUN		DEBUGFS "lockbench/run"
#define RESULT		DEBUGFS "lockbench/result"
#define DOORBELL	"/sys/bus/acpi/devices/PVMM0001:00"
#define RESULT_BYTES	(256 * 1024)
#define STAY_AWAKE_NS	"1000000"

static char result[RESULT_BYTES];

/* The text after "key": in the last result; "" if there is none. */
static const char *field(const char *key)
{
	char quoted[64];
	const char *place;

	if (guest_read(RESULT, result, sizeof(result)) < 0)
		return "";
	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	place = strstr(result, quoted);
	return place ? place + strlen(quoted) : "";
}

static bool field_is(const char *key, const char *value)
{
	const char *text = field(key);

	while (*text == ' ')
		text++;
	return !strncmp(text, value, strlen(value));
}

static long long number(const char *key)
{
	return atoll(field(key));
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

FIXTURE(exclusion) {
};

FIXTURE_VARIANT(exclusion) {
	const char *lock;
};

#define LOCK(name)							\
FIXTURE_VARIANT_ADD(exclusion, name) {					\
	.lock = #name,							\
}

LOCK(pvticket);
LOCK(ticket);
LOCK(spinlock);
LOCK(tas);

FIXTURE_VARIANT_ADD(exclusion, no_lock_is_caught) {
	.lock = "busted",
};

FIXTURE_SETUP(exclusion)
{
	ASSERT_EQ(0, unload_all());
	ASSERT_EQ(0, load_lock(HALT_SOON));
	ASSERT_EQ(0, guest_load("lockbench", ""));
}

FIXTURE_TEARDOWN(exclusion)
{
	EXPECT_EQ(0, unload_all());
}

static int run_lock(const char *lock, const char *options)
{
	char line[256];

	snprintf(line, sizeof(line),
		 "lock=%s threads=%u duration_ms=300 warmup_ms=50 %s", lock,
		 guest_cpus(), options);
	return guest_write(RUN, line);
}

static bool is_busted(const char *lock)
{
	return !strcmp(lock, "busted");
}

/* No lock at all has to be noticed, and then something has been done in any case. */
static int run_until_known(const char *lock, const char *options)
{
	return run_until(!is_busted(lock) ? number("ops") :
			 field_is("exclusion_ok", "false"),
			 run_lock(lock, options));
}

TEST_F(exclusion, holds_on_all_cpus)
{
	if (is_busted(variant->lock) && guest_cpus() < 2)
		SKIP(return, "busted: one CPU, no contention");
	ASSERT_EQ(0, run_until_known(variant->lock, "hold_ns=1000 think_ns=500"));
	EXPECT_LT(0, number("ops"));
	EXPECT_EQ(guest_cpus(), number("threads"));
	if (is_busted(variant->lock)) {
		EXPECT_TRUE(field_is("exclusion_ok", "false"));
		EXPECT_LT(0, number("exclusion_violations"));
	} else {
		EXPECT_TRUE(field_is("exclusion_ok", "true"));
		EXPECT_EQ(0, number("exclusion_violations"));
	}
}

TEST_F(exclusion, holds_with_interrupts_off)
{
	if (is_busted(variant->lock) && guest_cpus() < 2)
		SKIP(return, "busted: one CPU, no contention");
	ASSERT_EQ(0, run_until_known(variant->lock,
				     "hold_ns=1000 think_ns=500 irqs_off=1"));
	EXPECT_TRUE(field_is("exclusion_ok",
			     is_busted(variant->lock) ? "false" : "true"));
}

/* Four locks, and more threads than that: each thread with its own, or any of them. */
TEST_F(exclusion, holds_with_several_locks)
{
	static const char * const choice[] = { "random=0", "random=1" };
	unsigned int i;

	if (guest_cpus() < 8)
		SKIP(return, "holds_with_several_locks: needs two threads per lock");
	for (i = 0; i < ARRAY_SIZE(choice); i++) {
		char options[64];

		snprintf(options, sizeof(options),
			 "hold_ns=2000 think_ns=0 lock_count=4 %s", choice[i]);
		ASSERT_EQ(0, run_until_known(variant->lock, options));
		EXPECT_EQ(4, number("lock_count"));
		EXPECT_EQ(i, number("random"));
		EXPECT_TRUE(field_is("exclusion_ok",
				     is_busted(variant->lock) ? "false" : "true"));
	}
}

FIXTURE(lockbench) {
};

FIXTURE_SETUP(lockbench)
{
	ASSERT_EQ(0, unload_all());
	ASSERT_EQ(0, load_lock(HALT_SOON));
	ASSERT_EQ(0, guest_load("lockbench", ""));
}

FIXTURE_TEARDOWN(lockbench)
{
	EXPECT_EQ(0, unload_all());
}

TEST_F(lockbench, counts_halts_and_kicks)
{
	if (!guest_waiters_halt() || guest_cpus() < 2)
		SKIP(return, "counts_halts_and_kicks: nobody halts here");
	ASSERT_EQ(0, run_until(number("halts") && number("kicks"),
			       run_lock("pvticket", "hold_ns=20000 think_ns=0")));
	EXPECT_LT(0, number("halts"));
	EXPECT_LT(0, number("kicks"));
	ASSERT_EQ(0, run_lock("ticket", "hold_ns=1000 think_ns=1000"));
	EXPECT_EQ(0, number("halts"));
}

/* A halted waiter is overtaken, but not in a lock that is strictly first in, first out. */
TEST_F(lockbench, counts_overtakes)
{
	if (!guest_has_pv_unhalt() || guest_cpus() < 3)
		SKIP(return, "counts_overtakes: nobody is left to overtake a halted waiter");
	ASSERT_EQ(0, run_until(number("overtakes"),
			       run_lock("pvticket", "hold_ns=20000 think_ns=0")));
	EXPECT_LT(0, number("overtakes"));
	ASSERT_EQ(0, guest_write(PARAMETERS "overtake", "0"));
	ASSERT_EQ(0, run_until(number("halts"),
			       run_lock("pvticket", "hold_ns=20000 think_ns=0")));
	EXPECT_LT(0, number("halts"));
	EXPECT_EQ(0, number("overtakes"));
	ASSERT_EQ(0, run_lock("tas", ""));
	EXPECT_TRUE(field_is("overtakes", "0,"));
}

/* The same is measured, and the run takes that much longer. */
TEST_F(lockbench, cools_down)
{
	long long begin = now_ms();

	ASSERT_EQ(0, run_lock("tas", "cooldown_ms=2000"));
	EXPECT_LE(2350, now_ms() - begin);
	EXPECT_EQ(2000, number("cooldown_ms"));
	EXPECT_GT(2000 * 1000000LL, number("duration_ns"));
	EXPECT_LT(begin * 1000000, number("began_ns"));
}

TEST_F(lockbench, refuses_bad_lines)
{
	static const char * const bad[] = {
		"lock=nonsense", "threads=1", "lock=tas nonsense=1",
		"lock=tas threads=0", "lock=tas threads=100000",
		"lock=tas threads=many", "lock=tas hold_ns=-1",
		"lock=tas duration_ms=0", "lock=tas cpus=9999",
		"lock=tas lock_count=0", "lock=tas lock_count=1025",
		"lock=tas random=2", "lock=tas cooldown_ms=60001",
		"lock=tas ring=nobody", "lock=tas ring_us=0",
		"lock=tas ring_lock=0", "lock=busted ring=holder",
		"lock=tas ring=waiter", "lock=spinlock ring=waiter",
	};
	int log = guest_log_open();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, guest_write(RUN, bad[i])) {
			TH_LOG("accepted: %s", bad[i]);
		}
		EXPECT_TRUE(guest_log_has(log, "lockbench: "));
	}
	/* Nothing was run. */
	EXPECT_EQ(-ENODATA, guest_read(RESULT, result, sizeof(result)));
}

/* With faults, those in line sleep: hardly anybody is next and awake. */
static bool somebody_rings(const char *ring)
{
	return !strcmp(ring, "ring=holder") ||
	       (guest_cpus() > 1 && !faults_everywhere());
}

static int run_until_it_rings(const char *lock, const char *ring,
			      const char *options)
{
	if (!somebody_rings(ring))
		return run_lock(lock, options);
	return run_until(number("rings"), run_lock(lock, options));
}

/* Whoever says that it holds the lock, or is next, still excludes the others. */
TEST_F(lockbench, rings_the_doorbell)
{
	static const struct {
		const char *lock;
		const char *ring;
	} says[] = {
		{ "pvticket", "ring=holder" }, { "pvticket", "ring=waiter" },
		{ "ticket", "ring=holder" }, { "ticket", "ring=waiter" },
		{ "spinlock", "ring=holder" }, { "tas", "ring=holder" },
	};
	char options[64];
	unsigned int i;

	if (access(DOORBELL, F_OK)) {
		EXPECT_EQ(-EINVAL, run_lock("tas", "ring=holder"));
		SKIP(return, "rings_the_doorbell: there is none");
	}
	/* Who halts at once is not awake when it is next. */
	ASSERT_EQ(0, guest_write(PARAMETERS "spin_ns", STAY_AWAKE_NS));
	for (i = 0; i < ARRAY_SIZE(says); i++) {
		snprintf(options, sizeof(options),
			 "%s ring_us=1000 think_ns=0 irqs_off=%u", says[i].ring,
			 i & 1);
		ASSERT_EQ(0, run_until_it_rings(says[i].lock, says[i].ring,
						options));
		EXPECT_TRUE(field_is("exclusion_ok", "true"));
		if (somebody_rings(says[i].ring))
			EXPECT_LT(0, number("rings"));
		/* At most one per interval. */
		EXPECT_GT(number("duration_ns") / 1000000 + 300,
			  number("rings"));
		EXPECT_EQ(number("rings"), number("doorbell_rings"));
	}
	ASSERT_EQ(0, run_lock("tas", ""));
	EXPECT_TRUE(field_is("rings", "null"));
}

/* A process that leaves hardly any time of a CPU to others; -1 if there cannot be one. */
static pid_t take_cpu(unsigned int cpu)
{
	const struct sched_param first = { .sched_priority = 1 };
	cpu_set_t set;
	pid_t child = fork();

	if (child)
		return child;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) ||
	    sched_setscheduler(0, SCHED_FIFO, &first))
		_exit(1);
	for (;;)
		;
}

TEST_F(lockbench, a_thread_that_does_not_run_starves)
{
	pid_t hog;

	if (guest_cpus() < 2)
		SKIP(return, "one CPU, and somebody else has to get on");
	hog = take_cpu(guest_cpus() - 1);
	ASSERT_LT(0, hog);
	/* What the kernel leaves to others in each second falls into one or two windows. */
	EXPECT_EQ(0, guest_write(RUN, "lock=pvticket duration_ms=2000"));
	EXPECT_EQ(20 * guest_cpus(), number("windows"));
	EXPECT_LE(8, number("starved_windows"));
	EXPECT_GT(number("windows"), number("starved_windows"));
	EXPECT_LT(0, atof(field("starved_share")));
	kill(hog, SIGKILL);
	EXPECT_EQ(hog, waitpid(hog, NULL, 0));
}

TEST_F(lockbench, signal_ends_a_run)
{
	pid_t run;

	ASSERT_EQ(0, run_lock("tas", ""));
	run = guest_write_in_background(RUN, "lock=pvticket duration_ms=60000");
	ASSERT_LT(0, run);
	guest_sleep_ms(500);
	EXPECT_EQ(-EAGAIN, guest_unload("lockbench"));
	kill(run, SIGTERM);
	EXPECT_EQ(-EINTR, guest_wait(run));
	/* The result of the complete run is still there. */
	EXPECT_TRUE(field_is("lock", "\"tas\""));
	EXPECT_EQ(0, guest_unload("lockbench"));
}

TEST_HARNESS_MAIN

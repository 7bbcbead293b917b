// SPDX-License-Identifier: GPL-2.0
/*
 * The execution lock of a vCPU.
 */
#include <errno.h>

#include "fixture.h"
#include "fake_vcpu.h"
#include "host/vmm/locks/lock_classes.h"

#define STORMERS	8
#define ROUNDS		1000
#define FAULT_PER_MILLE	20

static struct fake_vcpu vcpu;
static pthread_barrier_t round_barrier;
static u32 tried, winners, bad_rounds, wrong_errors;

FIXTURE(execution) {
};

FIXTURE_SETUP(execution)
{
	support_start();
	fake_vcpu_init(&vcpu);
}

FIXTURE_TEARDOWN(execution)
{
	platform_user_inject_faults(0);
	support_stop();
}

TEST_F(execution, second_run_is_busy)
{
	struct vcpu_locked locked;

	fake_vcpu_start(&vcpu);
	ASSERT_TRUE(support_becomes(&vcpu.in_guest, 1));
	EXPECT_EQ(-EBUSY, vcpu_lock__acquire(&vcpu.core, &locked));
	/* What reaches it needs no lock. */
	action_post(&vcpu.core.inbox, FAKE_URGENT);
	EXPECT_TRUE(support_becomes(&vcpu.handled[FAKE_URGENT], 1));
	EXPECT_EQ(-EBUSY, vcpu_lock__acquire(&vcpu.core, &locked));
	fake_vcpu_quit(&vcpu);
	ASSERT_EQ(0, vcpu_lock__acquire(&vcpu.core, &locked));
	EXPECT_EQ(VCPU_ENDED, vcpu_lock__state(locked));
	vcpu_lock__release(&locked);
}

/* All try at once; who wins keeps the vCPU until all have tried. */
static void storm(void *data)
{
	struct vcpu_locked locked;
	unsigned int i;

	(void)data;
	for (i = 1; i <= ROUNDS; i++) {
		int error;

		/* Whoever comes last looks at the round before. */
		if (pthread_barrier_wait(&round_barrier))
			bad_rounds += READ_ONCE(winners) != i - 1;
		error = vcpu_lock__acquire(&vcpu.core, &locked);
		xadd(&tried, 1);
		while (READ_ONCE(tried) < i * STORMERS)
			sched_yield();
		if (!error) {
			vcpu.registers++;
			xadd(&winners, 1);
			vcpu_lock__release(&locked);
		} else if (error != -EBUSY) {
			xadd(&wrong_errors, 1);
		}
	}
}

TEST_F(execution, storm_has_one_winner)
{
	platform_user_inject_faults(FAULT_PER_MILLE);
	pthread_barrier_init(&round_barrier, NULL, STORMERS);
	support_run_threads(STORMERS, storm, NULL);
	pthread_barrier_destroy(&round_barrier);
	EXPECT_EQ(0, wrong_errors);
	EXPECT_EQ(0, bad_rounds);
	EXPECT_EQ(ROUNDS, winners);
	EXPECT_EQ(ROUNDS, vcpu.registers);
}

/* Everybody runs it in turn: what the lock guards is seen by the next. */
static void take_turns(void *data)
{
	struct vcpu_locked locked;
	unsigned int i;

	(void)data;
	for (i = 0; i < ROUNDS; i++) {
		vcpu_lock__wait(&vcpu.core, &locked);
		vcpu.registers++;
		vcpu_lock__release(&locked);
	}
}

TEST_F(execution, registers_are_the_holders)
{
	support_run_threads(STORMERS, take_turns, NULL);
	EXPECT_EQ(STORMERS * ROUNDS, vcpu.registers);
}

TEST_F(execution, states_are_validated)
{
	/* From a row to a column; the diagonal leads nowhere. */
	static const bool allowed[3][3] = {
		[VCPU_OFF] = { [VCPU_READY] = true, [VCPU_ENDED] = true },
		[VCPU_READY] = { [VCPU_OFF] = true, [VCPU_ENDED] = true },
	};
	struct vcpu_locked locked;
	unsigned int from, to;

	ASSERT_EQ(0, vcpu_lock__acquire(&vcpu.core, &locked));
	for (from = VCPU_OFF; from <= VCPU_ENDED; from++) {
		for (to = VCPU_OFF; to <= VCPU_ENDED; to++) {
			vcpu.core.state = from;
			EXPECT_EQ(allowed[from][to] ? 0 : -EINVAL,
				  vcpu_lock__set_state(locked, to));
			EXPECT_EQ(allowed[from][to] ? to : from,
				  vcpu_lock__state(locked));
		}
	}
	vcpu_lock__release(&locked);
}

static void touch_unlocked(void)
{
	struct vcpu_locked forged = { .core = &vcpu.core };

	vcpu_lock__set_state(forged, VCPU_READY);
}

static void run_holding_a_lock(void)
{
	struct vcpu_locked locked;
	struct ranked_mutex mutex;

	ranked_mutex_init(&mutex, &class_device);
	ranked_mutex_lock(&mutex);
	vcpu_lock__acquire(&vcpu.core, &locked);
}

static void run_two(void)
{
	struct vcpu_locked locked, other_locked;
	struct fake_vcpu other = { 0 };

	fake_vcpu_init(&other);
	vcpu_lock__acquire(&vcpu.core, &locked);
	vcpu_lock__acquire(&other.core, &other_locked);
}

TEST_F(execution, misuse_aborts)
{
	EXPECT_VIOLATION(touch_unlocked, "has to hold vcpu_execution");
	EXPECT_VIOLATION(run_holding_a_lock, "takes vcpu_execution, rank 10,");
	EXPECT_VIOLATION(run_two, "takes vcpu_execution, rank 10,");
}

TEST_HARNESS_MAIN

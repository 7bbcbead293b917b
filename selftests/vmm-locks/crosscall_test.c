// SPDX-License-Identifier: GPL-2.0
/*
 * Crosscalls: who serves which, and when. Longer than 400 lines: cases that
 * differ in little, on one fixture.
 */
#include <errno.h>

#include "fixture.h"
#include "fake_vcpu.h"
#include "host/vmm/locks/lock_classes.h"

#define NR_VCPUS	4

static struct fake_vcpu vcpus[NR_VCPUS];
static struct vcpu_inbox *inboxes[NR_VCPUS];
/* Below devices, and above what is done at base rank. */
static const struct lock_class class_outer = { "outer", 70 };
static struct ranked_mutex device, outer;
static u32 served, served_by_others;
static u32 blocked;

/* What tests give to a crosscall. */
struct argument {
	u32 *counter;
	u32 caller;
};

static void count_served(void *owner, const void *data)
{
	const struct argument *argument = data;
	struct fake_vcpu *self = owner;

	self->registers++;
	xadd(argument->counter, 1);
	if (platform_cpu() != argument->caller)
		xadd(&served_by_others, 1);
}

/* At base rank, or where a thread waits for the VM's lock or lower ones. */
static const struct crosscall_type execute = {
	.class = &class_execute_crosscall, .run = count_served,
};

static const struct crosscall_type execute_early = {
	.class = &class_execute_crosscall, .run = count_served,
	.early_release = true,
};

static const struct crosscall_type execute_deferrable = {
	.class = &class_execute_crosscall, .run = count_served,
	.deferrable = true,
};

/* Also where a thread waits for a device. */
static const struct crosscall_type leaf = {
	.class = &class_execute_leaf, .run = count_served,
};

FIXTURE(crosscall) {
	struct argument argument;
};

FIXTURE_SETUP(crosscall)
{
	unsigned int i;

	support_start();
	for (i = 0; i < NR_VCPUS; i++) {
		fake_vcpu_init(&vcpus[i]);
		inboxes[i] = &vcpus[i].core.inbox;
	}
	ranked_mutex_init(&device, &class_device);
	ranked_mutex_init(&outer, &class_outer);
	self->argument.counter = &served;
	self->argument.caller = platform_cpu();
}

FIXTURE_TEARDOWN(crosscall)
{
	lock_faults_set(0, 0);
	support_stop();
}

static void start_all(void)
{
	unsigned int i;

	for (i = 0; i < NR_VCPUS; i++) {
		fake_vcpu_start(&vcpus[i]);
		support_becomes(&vcpus[i].in_guest, 1);
	}
}

static void quit_all(void)
{
	unsigned int i;

	for (i = 0; i < NR_VCPUS; i++)
		fake_vcpu_quit(&vcpus[i]);
}

TEST_F(crosscall, all_have_served_it_when_it_returns)
{
	const int rounds = 500;
	int i;

	start_all();
	for (i = 1; i <= rounds; i++) {
		ASSERT_EQ(NR_VCPUS, crosscall(inboxes, NR_VCPUS, &execute,
					      &self->argument,
					      sizeof(self->argument)));
		ASSERT_EQ(i * NR_VCPUS, READ_ONCE(served));
	}
	EXPECT_EQ(rounds * NR_VCPUS, served_by_others);
	quit_all();
}

TEST_F(crosscall, early_released_ones_are_served_before_the_guest)
{
	u32 entries;

	start_all();
	entries = READ_ONCE(vcpus[0].entries);
	ASSERT_EQ(1, crosscall(inboxes, 1, &execute_early, &self->argument,
			       sizeof(self->argument)));
	/* It has left the guest, and not come back without serving it. */
	if (READ_ONCE(vcpus[0].entries) > entries)
		EXPECT_EQ(1, READ_ONCE(served));
	EXPECT_TRUE(support_becomes(&served, 1));
	quit_all();
}

/* One vCPU waits for @device after its next exit. */
static void wait_for_device(struct fake_vcpu *self)
{
	if (self != &vcpus[0])
		return;
	support_publish(&blocked, 1);
	ranked_mutex_lock(&device);
	ranked_mutex_unlock(&device);
	support_publish(&blocked, 0);
}

static void start_one_that_blocks(void)
{
	vcpus[0].work = wait_for_device;
	fake_vcpu_start(&vcpus[0]);
	support_becomes(&vcpus[0].in_guest, 1);
	action_post(inboxes[0], FAKE_URGENT);
	support_becomes(&blocked, 1);
	support_sleep_us(2000);
}

/*
 * The caller holds what the target waits for: a deadlock, but for the target
 * serving the crosscall there.
 */
TEST_F(crosscall, is_served_by_who_waits_for_the_callers_lock)
{
	ranked_mutex_lock(&device);
	start_one_that_blocks();
	ASSERT_EQ(1, crosscall(inboxes, 1, &leaf, &self->argument,
			       sizeof(self->argument)));
	EXPECT_EQ(1, READ_ONCE(served));
	EXPECT_EQ(1, READ_ONCE(blocked));
	ranked_mutex_unlock(&device);
	fake_vcpu_quit(&vcpus[0]);
}

static void issue_execute(void *data)
{
	struct argument argument = {
		.counter = data, .caller = platform_cpu(),
	};

	crosscall(inboxes, 1, &execute, &argument, sizeof(argument));
}

TEST_F(crosscall, of_lower_rank_waits_for_the_lock)
{
	struct support_thread caller;

	ranked_mutex_lock(&device);
	start_one_that_blocks();
	support_thread_start(&caller, "caller", issue_execute, &served);
	support_sleep_us(50000);
	EXPECT_EQ(0, READ_ONCE(served));
	/* One of higher rank overtakes it. */
	ASSERT_EQ(1, crosscall(inboxes, 1, &leaf, &self->argument,
			       sizeof(self->argument)));
	EXPECT_EQ(1, READ_ONCE(served));
	ranked_mutex_unlock(&device);
	support_thread_join(&caller);
	EXPECT_EQ(2, READ_ONCE(served));
	fake_vcpu_quit(&vcpus[0]);
}

static void issue_early(void *data)
{
	struct argument argument = {
		.counter = data, .caller = platform_cpu(),
	};

	crosscall(inboxes, 1, &execute_early, &argument, sizeof(argument));
	support_publish(&vcpus[1].calls, 1);
}

TEST_F(crosscall, early_release_does_not_wait_for_the_lock)
{
	struct support_thread caller;

	ranked_mutex_lock(&device);
	start_one_that_blocks();
	support_thread_start(&caller, "caller", issue_early, &served);
	EXPECT_TRUE(support_becomes(&vcpus[1].calls, 1));
	support_thread_join(&caller);
	EXPECT_EQ(0, READ_ONCE(served));
	EXPECT_EQ(1, READ_ONCE(blocked));
	ranked_mutex_unlock(&device);
	EXPECT_TRUE(support_becomes(&served, 1));
	fake_vcpu_quit(&vcpus[0]);
}

/* Serving a crosscall, a vCPU issues another one, to all others. */
static void call_back(void *owner, const void *data)
{
	struct argument argument = *(const struct argument *)data;

	(void)owner;
	argument.caller = platform_cpu();
	crosscall(inboxes, NR_VCPUS, &leaf, &argument, sizeof(argument));
}

static const struct crosscall_type nesting = {
	.class = &class_execute_crosscall, .run = call_back,
};

TEST_F(crosscall, nests)
{
	start_all();
	ASSERT_EQ(NR_VCPUS, crosscall(inboxes, NR_VCPUS, &nesting,
				      &self->argument, sizeof(self->argument)));
	EXPECT_EQ(NR_VCPUS * NR_VCPUS, READ_ONCE(served));
	EXPECT_EQ(NR_VCPUS * (NR_VCPUS - 1), READ_ONCE(served_by_others));
	quit_all();
}

static void halt(struct fake_vcpu *self)
{
	fake_vcpu_halt(self);
}

static void exit_at_once(struct fake_vcpu *self)
{
	(void)self;
}

static void start_one_offline(void)
{
	vcpus[0].work = halt;
	vcpus[0].guest = exit_at_once;
	fake_vcpu_start(&vcpus[0]);
	support_becomes(&vcpus[0].halted, 1);
}

TEST_F(crosscall, is_deferred_for_who_is_offline)
{
	start_one_offline();
	ASSERT_EQ(0, crosscall(inboxes, 1, &execute_deferrable, &self->argument,
			       sizeof(self->argument)));
	support_sleep_us(20000);
	EXPECT_EQ(0, READ_ONCE(served));
	EXPECT_EQ(1, READ_ONCE(vcpus[0].halted));
	fake_vcpu_wake(&vcpus[0]);
	EXPECT_TRUE(support_becomes(&served, 1));
	fake_vcpu_quit(&vcpus[0]);
	EXPECT_EQ(1, served);
}

TEST_F(crosscall, wakes_who_is_offline_if_it_must)
{
	start_one_offline();
	ASSERT_EQ(1, crosscall(inboxes, 1, &execute, &self->argument,
			       sizeof(self->argument)));
	EXPECT_EQ(1, READ_ONCE(served));
	fake_vcpu_quit(&vcpus[0]);
}

TEST_F(crosscall, to_a_vcpu_that_nobody_runs)
{
	EXPECT_EQ(0, crosscall(inboxes, 1, &execute, &self->argument,
			       sizeof(self->argument)));
	EXPECT_EQ(0, crosscall(inboxes, 1, &execute_deferrable, &self->argument,
			       sizeof(self->argument)));
	fake_vcpu_start(&vcpus[0]);
	/* The deferrable one waits for it, the other one is skipped. */
	EXPECT_TRUE(support_becomes(&served, 1));
	fake_vcpu_quit(&vcpus[0]);
	EXPECT_EQ(1, served);
}

TEST_F(crosscall, without_memory_does_nothing)
{
	int seed, failed = 0, done = 0;

	start_all();
	lock_faults_set(200, 3);
	for (seed = 0; seed < 100; seed++) {
		u32 before = READ_ONCE(served);
		int result = crosscall(inboxes, NR_VCPUS, &execute,
				       &self->argument, sizeof(self->argument));

		if (result == -ENOMEM) {
			EXPECT_EQ(before, READ_ONCE(served));
			failed++;
		} else {
			EXPECT_EQ(before + NR_VCPUS, READ_ONCE(served));
			done++;
		}
	}
	EXPECT_LT(0, failed);
	EXPECT_LT(0, done);
	lock_faults_set(0, 0);
	quit_all();
}

static void call_above_rank(void)
{
	struct argument argument = { .counter = &served };

	ranked_mutex_lock(&device);
	crosscall(inboxes, 1, &execute, &argument, sizeof(argument));
}

TEST_F(crosscall, caller_above_its_rank_aborts)
{
	EXPECT_VIOLATION(call_above_rank, "takes execute_crosscall, rank 60,");
	EXPECT_VIOLATION(call_above_rank, "it holds device, rank 100,");
}

static void take_outer(void *owner, const void *argument)
{
	(void)owner;
	(void)argument;
	ranked_mutex_lock(&outer);
	ranked_mutex_unlock(&outer);
}

static const struct crosscall_type takes_low = {
	.class = &class_execute_leaf, .run = take_outer,
};

static void serve_with_low_lock(void)
{
	vcpu_inbox_attach(inboxes[0]);
	crosscall(inboxes, 1, &takes_low, NULL, 0);
}

TEST_F(crosscall, served_one_inherits_its_rank)
{
	EXPECT_VIOLATION(serve_with_low_lock, "takes outer, rank 70,");
	EXPECT_VIOLATION(serve_with_low_lock, "it holds execute_leaf, rank 140,");
}

TEST_HARNESS_MAIN

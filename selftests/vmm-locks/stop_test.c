// SPDX-License-Identifier: GPL-2.0
/*
 * Stopping the world.
 */
#include <errno.h>

#include "fixture.h"
#include "fake_vcpu.h"
#include "host/vmm/locks/lock_classes.h"

#define NR_VCPUS	4
#define STOPS		300
#define FAULT_PER_MILLE	5

static const struct stop_classes classes = {
	.lock = &class_stop,
	.crosscall = &class_stop_crosscall,
	.responder = &class_stop_responder,
};

static struct stop_world world;
static struct fake_vcpu vcpus[NR_VCPUS];
static struct vcpu_inbox *inboxes[NR_VCPUS];
/* Plain: changes under a stop, and constant for everybody else. */
static u64 layout;
/* Somebody has the world stopped. */
static u32 stopped;
static u32 violations, stops, ran;
static struct ranked_mutex device;

static void check_guest(struct fake_vcpu *self);

FIXTURE(stop) {
};

FIXTURE_VARIANT(stop) {
	u32 faults;
};

FIXTURE_VARIANT_ADD(stop, plain) {
	.faults = 0,
};

FIXTURE_VARIANT_ADD(stop, delayed) {
	.faults = FAULT_PER_MILLE,
};

FIXTURE_SETUP(stop)
{
	unsigned int i;

	support_start();
	ASSERT_EQ(0, stop_world_init(&world, &classes, NR_VCPUS));
	ranked_mutex_init(&device, &class_device);
	for (i = 0; i < NR_VCPUS; i++) {
		vcpus[i].world = &world;
		vcpus[i].guest = check_guest;
		vcpus[i].seed = 2 * i + 1;
		fake_vcpu_init(&vcpus[i]);
		inboxes[i] = &vcpus[i].core.inbox;
	}
	platform_user_inject_faults(variant->faults);
}

FIXTURE_TEARDOWN(stop)
{
	platform_user_inject_faults(0);
	lock_faults_set(0, 0);
	stop_world_destroy(&world);
	support_stop();
}

/* What the guest must never see, and what ThreadSanitizer watches. */
static void check_guest(struct fake_vcpu *self)
{
	u32 turns = support_random(&self->seed) % 32;

	while (turns-- && !READ_ONCE(self->immediate_exit)) {
		u64 seen = layout;

		if (READ_ONCE(stopped))
			xadd(&violations, 1);
		sched_yield();
		if (layout != seen)
			xadd(&violations, 1);
	}
}

static void start_all(void)
{
	unsigned int i;

	for (i = 0; i < NR_VCPUS; i++) {
		fake_vcpu_start(&vcpus[i]);
		while (!READ_ONCE(vcpus[i].entries))
			sched_yield();
	}
}

static void quit_all(void)
{
	unsigned int i;

	for (i = 0; i < NR_VCPUS; i++)
		fake_vcpu_quit(&vcpus[i]);
}

/* Stop the world, and change what changes only then. */
static void stop_once(void)
{
	unsigned int i;

	while (stop_world(&world))
		;
	if (xadd(&stopped, 1))
		xadd(&violations, 1);
	layout++;
	for (i = 0; i < NR_VCPUS; i++) {
		if (READ_ONCE(vcpus[i].in_guest))
			xadd(&violations, 1);
	}
	sched_yield();
	layout++;
	xadd(&stopped, -1);
	resume_world(&world);
}

TEST_F(stop, nobody_is_in_the_guest)
{
	unsigned int i;

	start_all();
	for (i = 0; i < STOPS; i++)
		stop_once();
	quit_all();
	EXPECT_EQ(0, violations);
	EXPECT_EQ(2 * STOPS, layout);
}

static void sometimes_stop(struct fake_vcpu *self)
{
	if (support_random(&self->seed) % 4) {
		ranked_mutex_lock(&device);
		ranked_mutex_unlock(&device);
		return;
	}
	stop_once();
	xadd(&stops, 1);
}

/* All vCPUs and a thread that is none. */
TEST_F(stop, several_at_once_stop_it_in_turn)
{
	unsigned int i;

	for (i = 0; i < NR_VCPUS; i++)
		vcpus[i].work = sometimes_stop;
	start_all();
	for (i = 0; i < STOPS; i++)
		stop_once();
	while (READ_ONCE(stops) < STOPS)
		support_sleep_us(1000);
	quit_all();
	EXPECT_EQ(0, violations);
	EXPECT_EQ(2 * (STOPS + stops), layout);
}

/* One halts again and again, and comes back at any moment of a stop. */
static void halt(struct fake_vcpu *self)
{
	fake_vcpu_halt(self);
}

static void wake_often(void *data)
{
	u32 *done = data;

	while (!support_see(done)) {
		fake_vcpu_wake(&vcpus[0]);
		sched_yield();
	}
}

TEST_F(stop, who_comes_online_meanwhile_parks)
{
	struct support_thread waker;
	u32 done = 0;
	unsigned int i;

	vcpus[0].work = halt;
	start_all();
	support_thread_start(&waker, "waker", wake_often, &done);
	for (i = 0; i < STOPS; i++)
		stop_once();
	support_publish(&done, 1);
	support_thread_join(&waker);
	quit_all();
	EXPECT_EQ(0, violations);
	EXPECT_EQ(2 * STOPS, layout);
}

TEST_F(stop, who_is_offline_is_not_waited_for)
{
	vcpus[0].work = halt;
	fake_vcpu_start(&vcpus[0]);
	ASSERT_TRUE(support_becomes(&vcpus[0].halted, 1));
	stop_once();
	EXPECT_EQ(1, READ_ONCE(vcpus[0].halted));
	EXPECT_EQ(0, violations);
	fake_vcpu_quit(&vcpus[0]);
}

static void count_run(void *owner, const void *argument)
{
	struct fake_vcpu *self = owner;

	(void)argument;
	self->registers = 0;
	xadd(&ran, 1);
}

static const struct crosscall_type execute = {
	.class = &class_execute_crosscall, .run = count_run,
};

/* Saving registers: by the thread that holds the execution lock. */
TEST_F(stop, the_stopped_can_do_work)
{
	start_all();
	while (stop_world(&world))
		;
	EXPECT_EQ(NR_VCPUS, crosscall(inboxes, NR_VCPUS, &execute, NULL, 0));
	EXPECT_EQ(NR_VCPUS, READ_ONCE(ran));
	resume_world(&world);
	quit_all();
}

TEST_F(stop, without_memory_fails_or_stops)
{
	unsigned int i, failed = 0;

	start_all();
	lock_faults_set(100, 5);
	for (i = 0; i < STOPS / 3; i++) {
		int error = stop_world(&world);

		if (!error)
			resume_world(&world);
		else if (error == -ENOMEM)
			failed++;
	}
	EXPECT_LT(0, failed);
	EXPECT_GT(STOPS / 3, failed);
	lock_faults_set(0, 0);
	stop_once();
	quit_all();
	EXPECT_EQ(0, violations);
}

TEST_F(stop, membership_is_bounded)
{
	struct fake_vcpu other = { 0 };
	unsigned int i;

	fake_vcpu_init(&other);
	for (i = 0; i < NR_VCPUS; i++)
		ASSERT_EQ(0, stop_world_join(&world, inboxes[i]));
	EXPECT_EQ(-ENOSPC, stop_world_join(&world, &other.core.inbox));
	stop_world_leave(&world, inboxes[1]);
	EXPECT_EQ(0, stop_world_join(&world, &other.core.inbox));
	EXPECT_EQ(NR_VCPUS, world.nr_members);
}

static void stop_holding_a_lock(void)
{
	ranked_mutex_lock(&device);
	stop_world(&world);
}

TEST_F(stop, above_base_rank_aborts)
{
	EXPECT_VIOLATION(stop_holding_a_lock, "takes stop, rank 30,");
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Crosscalls from everybody to everybody, by vCPUs that take locks, exit, halt
 * and serve at the same time. Nothing is lost, and nobody waits for ever.
 */
#include "fixture.h"
#include "fake_vcpu.h"
#include "host/vmm/locks/lock_classes.h"

#define NR_VCPUS	4
#define CALLS		2000
#define FAULT_PER_MILLE	5

static struct fake_vcpu vcpus[NR_VCPUS];
static struct vcpu_inbox *inboxes[NR_VCPUS];
/* What a vCPU may take at base rank, and hold when it takes a device. */
static const struct lock_class class_outer = { "outer", 70 };
static struct ranked_mutex outer, device;
/* Guarded by @outer, and by @device. */
static u64 outer_uses, device_uses;
static u32 served, expected, offline;
static u32 finished;

static void use_outer(void)
{
	ranked_mutex_lock(&outer);
	outer_uses++;
	ranked_mutex_unlock(&outer);
}

static void use_device(void)
{
	ranked_mutex_lock(&device);
	device_uses++;
	ranked_mutex_unlock(&device);
}

static void serve_execute(void *owner, const void *argument)
{
	(void)owner;
	(void)argument;
	use_outer();
	use_device();
	xadd(&served, 1);
}

static void serve_leaf(void *owner, const void *argument)
{
	(void)owner;
	(void)argument;
	xadd(&served, 1);
}

static const struct crosscall_type types[] = {
	{ .class = &class_execute_crosscall, .run = serve_execute },
	{ .class = &class_execute_crosscall, .run = serve_execute,
	  .early_release = true },
	{ .class = &class_execute_crosscall, .run = serve_execute,
	  .deferrable = true },
	{ .class = &class_execute_crosscall, .run = serve_execute,
	  .early_release = true, .deferrable = true },
	{ .class = &class_execute_leaf, .run = serve_leaf },
	{ .class = &class_execute_leaf, .run = serve_leaf,
	  .early_release = true },
};

#define NR_TYPES	ARRAY_SIZE(types)
/* Those from here on may be issued with a device's lock held. */
#define FIRST_LEAF	4

static void issue(struct fake_vcpu *self, u32 type)
{
	if (crosscall(inboxes, NR_VCPUS, &types[type], NULL, 0) < 0)
		return;
	xadd(&expected, NR_VCPUS);
	self->calls++;
}

/* Some of what a VMM does between two stays in the guest. */
static void work(struct fake_vcpu *self)
{
	u32 before = self->calls;

	switch (support_random(&self->seed) % 6) {
	case 0:
		use_outer();
		break;
	case 1:
		use_device();
		break;
	case 2:
		ranked_mutex_lock(&device);
		issue(self, FIRST_LEAF + self->seed % (NR_TYPES - FIRST_LEAF));
		ranked_mutex_unlock(&device);
		break;
	case 3:
		if (READ_ONCE(finished))
			break;
		xadd(&offline, 1);
		fake_vcpu_halt(self);
		break;
	default:
		issue(self, support_random(&self->seed) % NR_TYPES);
		break;
	}
	if (before < CALLS && self->calls >= CALLS)
		xadd(&finished, 1);
}

/* Leaves by itself, or waits to be pulled out. */
static void guest(struct fake_vcpu *self)
{
	if (support_random(&self->seed) % 4)
		return;
	while (!READ_ONCE(self->immediate_exit) && READ_ONCE(finished) < NR_VCPUS)
		sched_yield();
}

FIXTURE(storm) {
};

FIXTURE_VARIANT(storm) {
	u32 faults;
};

FIXTURE_VARIANT_ADD(storm, plain) {
	.faults = 0,
};

FIXTURE_VARIANT_ADD(storm, delayed) {
	.faults = FAULT_PER_MILLE,
};

FIXTURE_SETUP(storm)
{
	unsigned int i;

	support_start();
	ranked_mutex_init(&outer, &class_outer);
	ranked_mutex_init(&device, &class_device);
	for (i = 0; i < NR_VCPUS; i++) {
		vcpus[i].work = work;
		vcpus[i].guest = guest;
		vcpus[i].seed = 2 * i + 1;
		fake_vcpu_init(&vcpus[i]);
		inboxes[i] = &vcpus[i].core.inbox;
	}
	platform_user_inject_faults(variant->faults);
}

FIXTURE_TEARDOWN(storm)
{
	platform_user_inject_faults(0);
	support_stop();
}

/* Someone has to end the halts, as interrupts do. */
static bool finish(void)
{
	u32 before = 0;
	unsigned int patience = 0;
	unsigned int i = 0;

	while (READ_ONCE(finished) < NR_VCPUS) {
		u32 now = READ_ONCE(served);

		patience = now == before ? patience + 1 : 0;
		if (patience > SUPPORT_PATIENCE_MS)
			return false;
		before = now;
		fake_vcpu_wake(&vcpus[i++ % NR_VCPUS]);
		support_sleep_us(200);
	}
	return true;
}

TEST_F(storm, everybody_goes_on)
{
	unsigned int i;

	for (i = 0; i < NR_VCPUS; i++)
		fake_vcpu_start(&vcpus[i]);
	ASSERT_TRUE(finish());
	for (i = 0; i < NR_VCPUS; i++)
		action_post(inboxes[i], FAKE_QUIT);
	for (i = 0; i < NR_VCPUS; i++)
		support_thread_join(&vcpus[i].thread);
	EXPECT_LT(0, offline);
	EXPECT_LE(NR_VCPUS * CALLS, expected);
	/* Those to who had quit already may be skipped. */
	EXPECT_GE(expected, served);
	EXPECT_LE(NR_VCPUS * CALLS, served);
}

TEST_HARNESS_MAIN

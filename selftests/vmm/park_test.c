// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU that is parked is still reached by what others want from it, and goes
 * on being parked. The control lets it go at the first occasion, and has to
 * fail in each of these tests.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "../harness.h"
#include "../../host/vmm/execution/actions.h"
#include "../../host/vmm/vm/vcpu.h"
#include "../../host/vmm/vm/vm_inject.h"
#include "fixture.h"

#define TIME_MS		40
#define SIGNALS		10

static void ignore(int signal)
{
	(void)signal;
}

static void act(void *owner, unsigned int action)
{
	(void)action;
	count(owner);
}

static void pull_out(void *owner)
{
	(void)owner;
}

static const struct inbox_operations operations = { act, pull_out };

FIXTURE(park) {
	struct options options;
	struct vm vm;
	struct vcpu vcpu;
	struct inject inject;
	struct vcpu_inbox inbox;
	u64 actions;
	u64 held_ns;
	pthread_t thread;
};

FIXTURE_SETUP(park)
{
	struct sigaction action = { .sa_handler = ignore };
	char text[] = "holder:1,for=40ms";

	memset(self, 0, sizeof(*self));
	test_locks__init();
	sigaction(SIGUSR1, &action, NULL);
	vcpu_inbox_init(&self->inbox, &operations, &self->actions, 1, NULL);
	self->vm.options = &self->options;
	self->vm.vcpus = &self->vcpu;
	self->vm.nr_vcpus = 1;
	ASSERT_EQ(NULL, inject_plan__parse(&self->options.inject, text));
	ASSERT_EQ(0, vm_inject__start(&self->inject, &self->vm));
	inject__ring(&self->vcpu.injection, INJECT_RING(INJECT_HOLDER, 1));
}

FIXTURE_TEARDOWN(park)
{
	vm_inject__stop(&self->vm);
}

/* The run loop of a vCPU that only waits until it may enter the guest. */
static void *wait_for_guest(void *argument)
{
	struct _test_data_park *self = argument;
	u64 start = platform_clock_ns();

	if (lock_thread_enter("vcpu"))
		abort();
	vcpu_inbox_attach(&self->inbox);
	for (;;) {
		bool held;

		do
			actions_drain(&self->inbox);
		while (!actions_enter_guest(&self->inbox));
		held = inject__holds_back(&self->vcpu.injection);
		actions_leave_guest(&self->inbox);
		if (!held)
			break;
	}
	self->held_ns = platform_clock_ns() - start;
	vcpu_inbox_detach(&self->inbox);
	lock_thread_exit();
	return NULL;
}

TEST_F(park, signals_do_not_set_it_free)
{
	int i;

	ASSERT_EQ(0, pthread_create(&self->thread, NULL, wait_for_guest, self));
	for (i = 0; i < SIGNALS; i++) {
		usleep(1000);
		pthread_kill(self->thread, SIGUSR1);
	}
	pthread_join(self->thread, NULL);
	EXPECT_GE(self->held_ns, TIME_MS * 1000000);
	EXPECT_EQ(1, self->inject.total.done);
	EXPECT_EQ(1, self->inject.rule[0].done);
	EXPECT_GE(self->inject.total.held_ns, TIME_MS * 1000000);
}

TEST_F(park, actions_are_served_meanwhile)
{
	u64 served = 0;
	int i;

	if (lock_thread_enter("test"))
		abort();
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, wait_for_guest, self));
	for (i = 0; i < TIME_MS / 4; i++) {
		usleep(1000);
		action_post(&self->inbox, 0);
		pthread_kill(self->thread, SIGUSR1);
	}
	while (!served && i++ < 1000) {
		usleep(1000);
		served = __atomic_load_n(&self->actions, __ATOMIC_RELAXED);
	}
	/* It is still parked, or has been for as long as it was to be. */
	pthread_join(self->thread, NULL);
	EXPECT_GE(served, 1);
	EXPECT_GE(self->held_ns, TIME_MS * 1000000);
	lock_thread_exit();
}

TEST_HARNESS_MAIN

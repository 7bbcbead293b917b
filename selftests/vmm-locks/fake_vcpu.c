// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual CPU without a guest.
 */
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fake_vcpu.h"

static void handle(void *owner, unsigned int action)
{
	struct fake_vcpu *vcpu = owner;

	xadd(&vcpu->handled[action], 1);
	if (action == FAKE_QUIT)
		WRITE_ONCE(vcpu->quit, 1);
}

/* Make the wait of await_exit() end, also one that has not begun. */
static void pull_out(void *owner)
{
	struct fake_vcpu *vcpu = owner;

	__atomic_store_n(&vcpu->immediate_exit, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &vcpu->immediate_exit, FUTEX_WAKE_PRIVATE, 1,
		NULL, NULL, 0);
}

static const struct inbox_operations operations = {
	.action = handle,
	.pull_out = pull_out,
};

/**
 * fake_vcpu_init() - make a virtual CPU that is off
 * @vcpu: all zero, or with what the test has set
 */
void fake_vcpu_init(struct fake_vcpu *vcpu)
{
	vcpu_core__init(&vcpu->core, &operations, vcpu,
			ACTION_BIT(FAKE_URGENT) | ACTION_BIT(FAKE_QUIT));
	vcpu->seed |= 1;
}

/* Nobody is told of its end but by immediate_exit: a lost one is for ever. */
static void await_exit(struct fake_vcpu *vcpu)
{
	while (!__atomic_load_n(&vcpu->immediate_exit, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &vcpu->immediate_exit, FUTEX_WAIT_PRIVATE,
			0, NULL, NULL, 0);
}

/**
 * fake_vcpu_enter() - drain, run the guest until it exits
 * @vcpu: the calling thread's
 */
void fake_vcpu_enter(struct fake_vcpu *vcpu)
{
	do {
		WRITE_ONCE(vcpu->immediate_exit, 0);
		actions_drain(&vcpu->core.inbox);
	} while (!actions_enter_guest(&vcpu->core.inbox));

	support_publish(&vcpu->in_guest, 1);
	xadd(&vcpu->entries, 1);
	vcpu->registers++;
	if (vcpu->guest)
		vcpu->guest(vcpu);
	else if (!READ_ONCE(vcpu->quit))
		await_exit(vcpu);
	support_publish(&vcpu->in_guest, 0);
	actions_leave_guest(&vcpu->core.inbox);
}

/**
 * fake_vcpu_halt() - be offline until woken or pulled out
 * @vcpu: the calling thread's
 */
void fake_vcpu_halt(struct fake_vcpu *vcpu)
{
	WRITE_ONCE(vcpu->immediate_exit, 0);
	platform_fault();
	if (!actions_go_offline(&vcpu->core.inbox))
		return;
	support_publish(&vcpu->halted, 1);
	await_exit(vcpu);
	support_publish(&vcpu->halted, 0);
	actions_go_online(&vcpu->core.inbox);
}

/**
 * fake_vcpu_wake() - end a halt, as an interrupt does
 * @vcpu: the virtual CPU
 */
void fake_vcpu_wake(struct fake_vcpu *vcpu)
{
	pull_out(vcpu);
}

static void run(void *data)
{
	struct fake_vcpu *vcpu = data;
	struct vcpu_locked locked;

	if (vcpu_lock__acquire(&vcpu->core, &locked) ||
	    vcpu_lock__set_state(locked, VCPU_READY)) {
		fprintf(stderr, "fake_vcpu: somebody runs it\n");
		abort();
	}
	vcpu_inbox_attach(&vcpu->core.inbox);
	if (vcpu->world)
		stop_world_join(vcpu->world, &vcpu->core.inbox);
	while (!READ_ONCE(vcpu->quit)) {
		fake_vcpu_enter(vcpu);
		if (vcpu->work && !READ_ONCE(vcpu->quit))
			vcpu->work(vcpu);
	}
	if (vcpu->world)
		stop_world_leave(vcpu->world, &vcpu->core.inbox);
	vcpu_inbox_detach(&vcpu->core.inbox);
	vcpu_lock__set_state(locked, VCPU_ENDED);
	vcpu_lock__release(&locked);
}

/**
 * fake_vcpu_start() - run a virtual CPU
 * @vcpu: the virtual CPU
 */
void fake_vcpu_start(struct fake_vcpu *vcpu)
{
	support_thread_start(&vcpu->thread, "vcpu", run, vcpu);
}

/**
 * fake_vcpu_quit() - end its run loop, and wait for the end
 * @vcpu: a virtual CPU that was started
 */
void fake_vcpu_quit(struct fake_vcpu *vcpu)
{
	action_post(&vcpu->core.inbox, FAKE_QUIT);
	support_thread_join(&vcpu->thread);
}

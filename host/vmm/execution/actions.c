// SPDX-License-Identifier: GPL-2.0
/*
 * Drains: the thread that runs a virtual CPU processes what is in its inbox.
 *
 * Only one thread has the inbox attached. It drains at one place, holding
 * nothing above its base rank, as anything can happen there.
 */
#include "actions.h"
#include "crosscall.h"
#include "../locks/lock_thread.h"

#define ACTIONS_QUEUES	(ACTION_QUEUED | ACTION_QUEUED_URGENT)

static void run_actions(struct vcpu_inbox *inbox, u64 bits)
{
	while (bits) {
		unsigned int action = __builtin_ctzll(bits);

		bits &= bits - 1;
		inbox->operations->action(inbox->owner, action);
	}
}

static void run_queued(struct vcpu_inbox *inbox)
{
	struct queued_action *action;

	ticket_lock(&inbox->guard);
	action = inbox->queued.first;
	inbox->queued.first = NULL;
	ticket_unlock(&inbox->guard);

	while (action) {
		struct queued_action *next = action->next;

		action->run(inbox->owner, action);
		action = next;
	}
}

/**
 * actions_drain() - process all requests that have arrived
 * @inbox: the calling thread's
 *
 * Idempotent actions come first, then those that carry data, in the order in
 * which they were queued, then crosscalls. An action may post others; they
 * wait for the next drain.
 *
 * Context: base rank.
 */
void actions_drain(struct vcpu_inbox *inbox)
{
	u64 bits;

	inbox_assert_base(inbox);
	inbox->undrained = false;
	bits = inbox_take(inbox, ~(u64)ACTION_CROSSCALL);
	run_actions(inbox, bits & ~ACTIONS_QUEUES);
	if (bits & ACTIONS_QUEUES)
		run_queued(inbox);
	crosscalls_serve(inbox, 0);
}

/**
 * vcpu_inbox_attach() - begin to run a vCPU by the calling thread
 * @inbox: an inbox that no thread has attached
 *
 * From now on it serves crosscalls also while it waits for locks.
 */
void vcpu_inbox_attach(struct vcpu_inbox *inbox)
{
	lock_thread()->inbox = inbox;
	platform_user_interrupt = crosscalls_serve_blocked;
	WRITE_ONCE(inbox->cpu, platform_cpu());
	actions_go_online(inbox);
}

/**
 * vcpu_inbox_detach() - stop running a vCPU by the calling thread
 * @inbox: what it has attached; all requests are drained first
 *
 * Context: base rank.
 */
void vcpu_inbox_detach(struct vcpu_inbox *inbox)
{
	do
		actions_drain(inbox);
	while (!inbox_leave_for(inbox, INBOX_DETACHED));
	platform_user_interrupt = NULL;
	lock_thread()->inbox = NULL;
}

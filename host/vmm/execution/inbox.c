// SPDX-License-Identifier: GPL-2.0
/*
 * Inboxes of virtual CPUs.
 *
 * After "Monitor actions" in "MonitorU: vSMP" (Agesen, 2010). One word tells
 * what there is to do. Idempotent actions are only bits of it; for actions that
 * carry data and for crosscalls, it has a bit that says to look at the queue.
 *
 * No request is lost between the last look and the entry to the guest:
 *
 *   the vCPU, actions_enter_guest()	a producer, inbox_raise()
 *
 *   mode = GUEST			pending |= bits		(ordered) [B]
 *   smp_mb()			[A]	read mode: GUEST?
 *   read pending: anything urgent?	pull_out()
 *   enter the guest
 *
 * [A] pairs with [B]: either the vCPU sees the request, or the producer sees
 * that the vCPU is, or is about to be, in the guest. pull_out() then ends that
 * stay, even if it has not begun: immediate_exit remains set until KVM_RUN
 * looks at it. A producer that is late may end the next stay instead, for no
 * reason.
 *
 * The same two barriers make it impossible to go offline with a request
 * pending. For what is in a queue, the guard decides: who queues a crosscall
 * learns under it whether the vCPU is offline, in which case it is drained
 * before the vCPU enters the guest again, and nobody waits for it.
 */
#include "inbox.h"

/**
 * vcpu_inbox_init() - make an empty inbox that no thread has attached
 * @inbox: the inbox
 * @operations: of its owner
 * @owner: for @operations and crosscalls
 * @urgent: bits of the actions that pull the vCPU out of the guest
 * @base: class of the highest lock that may be held at a drain; NULL: none may
 */
void vcpu_inbox_init(struct vcpu_inbox *inbox,
		     const struct inbox_operations *operations, void *owner,
		     u64 urgent, const struct lock_class *base)
{
	*inbox = (struct vcpu_inbox){
		.mode = INBOX_DETACHED,
		.urgent = urgent | ACTION_QUEUED_URGENT | ACTION_CROSSCALL,
		.operations = operations,
		.owner = owner,
		.base = base,
	};
}

/**
 * inbox_raise() - tell a vCPU that there is something to do
 * @inbox: its inbox
 * @bits: bits of the pending word
 *
 * Context: any thread. The first who sets an urgent bit pulls the vCPU out.
 */
void inbox_raise(struct vcpu_inbox *inbox, u64 bits)
{
	u64 old = READ_ONCE(inbox->pending);
	u32 mode;

	/* [B] litmus: SB+enter+raise; mutant: mode-before-post. Ordered; pairs with [A]. */
	while (!try_cmpxchg(&inbox->pending, &old, old | bits))
		;
	if (!(bits & ~old & inbox->urgent))
		return;
	platform_fault();
	mode = READ_ONCE(inbox->mode);
	if (mode == INBOX_GUEST || mode == INBOX_OFFLINE)
		inbox->operations->pull_out(inbox->owner);
}

/**
 * inbox_take() - clear bits of the pending word
 * @inbox: the calling thread's
 * @bits: which
 *
 * Return: those of them that were set.
 */
u64 inbox_take(struct vcpu_inbox *inbox, u64 bits)
{
	u64 old = READ_ONCE(inbox->pending);

	/* Fully ordered. Pairs with [B]. */
	while (!try_cmpxchg(&inbox->pending, &old, old & ~bits))
		;
	return old & bits;
}

/**
 * action_post() - post an idempotent action
 * @inbox: the vCPU's inbox
 * @action: number of the action, less than ACTIONS_MAX
 *
 * What the caller has written before is seen by the handler.
 *
 * Context: any thread, the vCPU's own too; holding any lock.
 */
void action_post(struct vcpu_inbox *inbox, unsigned int action)
{
	inbox_raise(inbox, ACTION_BIT(action));
}

/**
 * inbox_queue_locked() - queue an action that carries data
 * @inbox: the vCPU's inbox, whose guard is held
 * @action: the action
 *
 * To be followed by inbox_raise(): without the guard, if that may pull out.
 */
void inbox_queue_locked(struct vcpu_inbox *inbox, struct queued_action *action)
{
	action->next = NULL;
	if (inbox->queued.first)
		inbox->queued.last->next = action;
	else
		inbox->queued.first = action;
	inbox->queued.last = action;
}

/**
 * action_queue() - post an action that carries data
 * @inbox: the vCPU's inbox
 * @action: the action; it belongs to the vCPU from now on
 * @urgent: pull the vCPU out of the guest
 *
 * Context: any thread, the vCPU's own too; holding any lock.
 */
void action_queue(struct vcpu_inbox *inbox, struct queued_action *action,
		  bool urgent)
{
	ticket_lock(&inbox->guard);
	inbox_queue_locked(inbox, action);
	ticket_unlock(&inbox->guard);
	inbox_raise(inbox, urgent ? ACTION_QUEUED_URGENT : ACTION_QUEUED);
}

/**
 * inbox_assert_base() - abort if the thread holds anything above its base rank
 * @inbox: the calling thread's
 */
void inbox_assert_base(const struct vcpu_inbox *inbox)
{
	if (inbox->base)
		lock_rank_assert_below(inbox->base, LOCK_SITE);
	else
		lock_rank_assert_none(LOCK_SITE);
}

/**
 * actions_are_urgent() - tell whether the vCPU may not enter the guest
 * @inbox: the calling thread's
 *
 * Return: whether there is.
 */
bool actions_are_urgent(const struct vcpu_inbox *inbox)
{
	return READ_ONCE(inbox->pending) & inbox->urgent ||
	       inbox->noticed.first || inbox->undrained;
}

/**
 * actions_enter_guest() - say that the vCPU enters the guest, unless there is work
 * @inbox: the calling thread's
 *
 * If so, whatever becomes urgent from now on calls pull_out().
 *
 * Context: base rank, after actions_drain().
 * Return: whether it may; if not, drain again.
 */
bool actions_enter_guest(struct vcpu_inbox *inbox)
{
	inbox_assert_base(inbox);
	WRITE_ONCE(inbox->mode, INBOX_GUEST);
	/* [A] litmus: SB+enter+raise; mutant: look-before-mode. Pairs with [B]. */
	smp_mb();
	platform_fault();
	if (!actions_are_urgent(inbox))
		return true;
	WRITE_ONCE(inbox->mode, INBOX_MONITOR);
	return false;
}

/**
 * actions_leave_guest() - say that the vCPU has left the guest
 * @inbox: the calling thread's
 */
void actions_leave_guest(struct vcpu_inbox *inbox)
{
	WRITE_ONCE(inbox->mode, INBOX_MONITOR);
}

/**
 * inbox_leave_for() - go offline, or detach, unless there is work
 * @inbox: the calling thread's
 * @mode: INBOX_OFFLINE or INBOX_DETACHED
 *
 * Return: false if there is something to drain, and nothing has changed.
 */
bool inbox_leave_for(struct vcpu_inbox *inbox, enum inbox_mode mode)
{
	bool idle;

	ticket_lock(&inbox->guard);
	WRITE_ONCE(inbox->mode, mode);
	/* [A] litmus: SB+enter+raise; mutant: look-before-mode. Pairs with [B]. */
	smp_mb();
	idle = !READ_ONCE(inbox->pending) && !inbox->queued.first &&
	       !inbox->arrived.first && !inbox->noticed.first;
	if (!idle)
		WRITE_ONCE(inbox->mode, INBOX_MONITOR);
	ticket_unlock(&inbox->guard);
	return idle;
}

/**
 * actions_go_offline() - say that the vCPU has halted, so that nobody waits for it
 * @inbox: the calling thread's
 *
 * The thread then waits for what ends the halt, without entering the guest;
 * pull_out() ends that wait, too. After it comes actions_go_online().
 *
 * Context: base rank.
 * Return: false if there is something to drain; the vCPU stays online.
 */
bool actions_go_offline(struct vcpu_inbox *inbox)
{
	inbox_assert_base(inbox);
	return inbox_leave_for(inbox, INBOX_OFFLINE);
}

/**
 * actions_go_online() - say that the halt of the vCPU has ended
 * @inbox: the calling thread's
 *
 * It does not enter the guest before actions_drain().
 */
void actions_go_online(struct vcpu_inbox *inbox)
{
	inbox->undrained = true;
	ticket_lock(&inbox->guard);
	WRITE_ONCE(inbox->mode, INBOX_MONITOR);
	ticket_unlock(&inbox->guard);
}

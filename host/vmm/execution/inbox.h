/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to a virtual CPU, from any thread: actions and crosscalls.
 *
 * Each vCPU has an inbox with many producers and one consumer, the thread that
 * runs the vCPU. What is posted there is processed before the vCPU executes
 * its next guest instruction after the request was noticed. Urgent requests
 * pull the vCPU out of the guest, the others wait until it leaves it anyway.
 */
#ifndef INBOX_H
#define INBOX_H

#include "../../../kernel/ticket_lock.h"
#include "../locks/lock_rank.h"

/* Idempotent actions are numbered from 0; the other bits are of this file. */
#define ACTIONS_MAX		56

#define ACTION_BIT(action)	(1ULL << (action))
#define ACTION_QUEUED		ACTION_BIT(ACTIONS_MAX)
#define ACTION_QUEUED_URGENT	ACTION_BIT(ACTIONS_MAX + 1)
#define ACTION_CROSSCALL	ACTION_BIT(ACTIONS_MAX + 2)

/**
 * enum inbox_mode - where the vCPU is, for those who want to reach it
 * @INBOX_DETACHED: no thread runs it
 * @INBOX_MONITOR: its thread is on its way to a drain
 * @INBOX_GUEST: it is in the guest, or will be without another look
 * @INBOX_OFFLINE: it has halted; before the guest comes a drain
 */
enum inbox_mode {
	INBOX_DETACHED,
	INBOX_MONITOR,
	INBOX_GUEST,
	INBOX_OFFLINE,
};

/**
 * struct inbox_operations - what the owner of an inbox provides
 * @action: processes an idempotent action, at base rank
 * @pull_out: makes the vCPU leave the guest, or its halt, soon. Called by any
 *	thread. The next, or this, stay in the guest has to end even if the
 *	vCPU is only about to enter it: with KVM, by setting immediate_exit
 *	and sending a signal. The owner clears immediate_exit before
 *	actions_enter_guest().
 */
struct inbox_operations {
	void (*action)(void *owner, unsigned int action);
	void (*pull_out)(void *owner);
};

/**
 * struct queued_action - an action that carries data, within its own struct
 * @next: for the queue
 * @run: processes it at base rank, and frees it if need be
 */
struct queued_action {
	struct queued_action *next;
	void (*run)(void *owner, struct queued_action *action);
};

/* First in, first out. */
struct action_queue {
	struct queued_action *first;
	struct queued_action *last;
};

struct crosscall_request;

struct crosscall_queue {
	struct crosscall_request *first;
	struct crosscall_request *last;
};

/**
 * struct vcpu_inbox - what others want from a vCPU
 * @pending: idempotent actions, and whether the queues have something
 * @mode: enum inbox_mode; written by the vCPU's thread, and to and from
 *	INBOX_OFFLINE and INBOX_DETACHED with @guard held
 * @cpu: the thread to kick out of a wait
 * @urgent: actions that pull the vCPU out
 * @operations: of the owner
 * @owner: for them
 * @base: the class of the highest lock that may be held at a drain, or NULL
 * @guard: guards @queued and @arrived
 * @queued: actions that carry data
 * @arrived: crosscalls that the vCPU has not noticed
 * @noticed: those that it has, of its thread alone
 * @undrained: has been offline or detached, of its thread alone
 */
struct vcpu_inbox {
	u64 pending;
	u32 mode;
	u32 cpu;
	u64 urgent;
	const struct inbox_operations *operations;
	void *owner;
	const struct lock_class *base;
	struct ticket_lock guard;
	struct action_queue queued;
	struct crosscall_queue arrived;
	struct crosscall_queue noticed;
	bool undrained;
};

void vcpu_inbox_init(struct vcpu_inbox *inbox,
		     const struct inbox_operations *operations, void *owner,
		     u64 urgent, const struct lock_class *base);

void action_post(struct vcpu_inbox *inbox, unsigned int action);
void action_queue(struct vcpu_inbox *inbox, struct queued_action *action,
		  bool urgent);

bool actions_enter_guest(struct vcpu_inbox *inbox);
void actions_leave_guest(struct vcpu_inbox *inbox);
bool actions_go_offline(struct vcpu_inbox *inbox);
void actions_go_online(struct vcpu_inbox *inbox);
bool actions_are_urgent(const struct vcpu_inbox *inbox);

/* For crosscall.c and actions.c. */
bool inbox_leave_for(struct vcpu_inbox *inbox, enum inbox_mode mode);
void inbox_queue_locked(struct vcpu_inbox *inbox,
			struct queued_action *action);
void inbox_raise(struct vcpu_inbox *inbox, u64 bits);
u64 inbox_take(struct vcpu_inbox *inbox, u64 bits);
void inbox_assert_base(const struct vcpu_inbox *inbox);

#endif /* INBOX_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the ranked locks know about a thread.
 */
#ifndef LOCK_THREAD_H
#define LOCK_THREAD_H

#include "lock_rank.h"

#define LOCK_THREAD_ALIGNMENT	64
#define LOCK_THREAD_MAX_HELD	32

struct vcpu_inbox;

/**
 * struct held_lock - a lock that a thread holds
 * @class: its class
 * @lock: its address
 * @site: where the thread took it
 */
struct held_lock {
	const struct lock_class *class;
	const void *lock;
	const char *site;
};

/**
 * struct lock_thread - one thread; no other thread touches it
 * @name: for reports
 * @blocked_rank: while it waits, the rank at which it does; LOCK_RANK_NONE
 *	while it does not, or serves no crosscalls meanwhile
 * @inbox: that of the vCPU which this thread runs, or NULL
 * @fault_state: of the random numbers that force failures
 * @nr_held: entries in @held
 * @held: the locks that it holds, in the order in which it took them
 */
struct lock_thread {
	const char *name;
	u32 blocked_rank;
	struct vcpu_inbox *inbox;
#ifdef LOCK_RANK_CHECK
	u64 fault_state;
	unsigned int nr_held;
	struct held_lock held[LOCK_THREAD_MAX_HELD];
#endif
} __aligned(LOCK_THREAD_ALIGNMENT);

extern struct lock_thread *lock_threads;

/**
 * lock_thread() - get the calling thread
 *
 * Return: what the locks know about it.
 */
static inline struct lock_thread *lock_thread(void)
{
	return &lock_threads[platform_cpu()];
}

int locks_init(u32 spin_ns);
void locks_exit(void);
int lock_thread_enter(const char *name);
void lock_thread_exit(void);

#endif /* LOCK_THREAD_H */

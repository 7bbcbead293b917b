/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the benchmark knows of a lock.
 */
#ifndef LOCKBENCH_LOCK_H
#define LOCKBENCH_LOCK_H

#include <linux/atomic.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "../../pvticketlock.h"

/* Room for the name of an implementation. */
#define BENCH_IMPLEMENTATION_SIZE	64

struct bench_slot;
struct bench_thread;

/* Room for any of the locks. All zeroes is not a lock; see init. */
union bench_lock_word {
	raw_spinlock_t spinlock;
	struct pvticketlock pvticket;
	struct ticket_lock ticket;
	atomic_t tas;
};

/* What waiters did instead of spinning, and who went ahead of them. */
struct bench_counters {
	u64 halts;
	u64 kicks;
	u64 spurious;
	u64 overtakes;
};

/**
 * struct bench_primitive - a lock as the benchmark loop sees it
 * @lock: acquire; with @irqs_off true disable interrupts first and return
 *	their former state
 * @unlock: release and undo what @lock did to interrupts
 *
 * @lock_ringing: like @lock, but rings the doorbell when the caller is the next
 *	in line; NULL: with this lock, a waiter does not know
 *
 * Only for constants: the loop inlines all, and does so with a constant
 * @irqs_off.
 */
struct bench_primitive {
	unsigned long (*lock)(union bench_lock_word *word, bool irqs_off);
	void (*unlock)(union bench_lock_word *word, unsigned long flags,
		       bool irqs_off);
	unsigned long (*lock_ringing)(struct bench_thread *thread,
				      struct bench_slot *slot, bool irqs_off);
};

/**
 * struct bench_lock - a lock that can be measured
 * @name: what users call it
 * @description: one line for users
 * @implementation: tells what really runs; NULL: what @name says
 * @init: makes a free lock
 * @loop: the benchmark loop with this lock inlined
 * @has_holder: somebody holds it, if it is locked
 * @has_next: a waiter knows when it is the next in line; see @lock_ringing
 * @read_counters: sums since load, for all locks of this kind; false if
 *	nobody counts. NULL: waiters do nothing but spin
 */
struct bench_lock {
	const char *name;
	const char *description;
	void (*implementation)(char *name, size_t size);
	void (*init)(union bench_lock_word *word);
	void (*loop)(struct bench_thread *thread);
	bool has_holder;
	bool has_next;
	bool (*read_counters)(struct bench_counters *counters);
};

/* What spin_lock() and spin_lock_irqsave() do before they take the lock. */
static __always_inline unsigned long bench_lock_enter(bool irqs_off)
{
	unsigned long flags = 0;

	if (irqs_off)
		local_irq_save(flags);
	preempt_disable();
	return flags;
}

static __always_inline void bench_lock_leave(unsigned long flags, bool irqs_off)
{
	if (irqs_off)
		local_irq_restore(flags);
	preempt_enable();
}

extern const struct bench_lock bench_lock_pvticket;
extern const struct bench_lock bench_lock_ticket;
extern const struct bench_lock bench_lock_spinlock;
extern const struct bench_lock bench_lock_tas;
extern const struct bench_lock bench_lock_busted;

extern const struct bench_lock *const bench_locks[];
extern const unsigned int bench_lock_count;

const struct bench_lock *bench_lock_find(const char *name);
void bench_lock_implementation(const struct bench_lock *lock, char *name,
			       size_t size);

#endif /* LOCKBENCH_LOCK_H */

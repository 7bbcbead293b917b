/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paravirtualized ticket spinlocks: the interface for other kernel code.
 *
 * Used like spinlock_t. A waiter spins for a bounded time and then halts its
 * virtual CPU; the lock is handed on in the order in which it was asked for.
 * Lockdep knows these locks where the kernel has lockdep.
 *
 * All functions may be called from task, softirq and hardirq context with the
 * usual rules: a lock that an interrupt handler takes is taken elsewhere with
 * that interrupt disabled. An NMI handler may take a lock that nobody takes
 * outside NMI handlers; there, waiters only spin.
 */
#ifndef PVTICKETLOCK_H
#define PVTICKETLOCK_H

#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/kconfig.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>

#include "../kernel/ticket_lock.h"

struct ticket_statistics;

const char *pvticketlock_backend(void);
bool pvticketlock_statistics(struct ticket_statistics *sum);

#if IS_ENABLED(CONFIG_PVTICKETLOCK_TAKEOVER)
bool pvticketlock_takeover(void);
#else
static inline bool pvticketlock_takeover(void)
{
	return false;
}
#endif

/**
 * struct pvticketlock - a paravirtualized ticket spinlock
 * @ticket: the lock word
 */
struct pvticketlock {
	struct ticket_lock ticket;
#ifdef CONFIG_DEBUG_LOCK_ALLOC
	/* private: */
	struct lockdep_map dep_map;
#endif
};

#ifdef CONFIG_DEBUG_LOCK_ALLOC
#define PVTICKETLOCK_DEP_MAP(lock)					\
	.dep_map = { .name = #lock, .wait_type_inner = LD_WAIT_SPIN }
#define pvticketlock_dep_init(lock)					\
do {									\
	static struct lock_class_key __key;				\
									\
	lockdep_init_map_wait(&(lock)->dep_map, #lock, &__key, 0,	\
			      LD_WAIT_SPIN);				\
} while (0)
#else
#define PVTICKETLOCK_DEP_MAP(lock)
#define pvticketlock_dep_init(lock)	do { } while (0)
#endif

/**
 * DEFINE_PVTICKETLOCK() - define a free lock
 * @name: name of the variable
 */
#define DEFINE_PVTICKETLOCK(name)					\
	struct pvticketlock name = { PVTICKETLOCK_DEP_MAP(name) }

/**
 * pvticketlock_init() - make a lock free
 * @lock: a lock that nobody uses
 */
#define pvticketlock_init(lock)						\
do {									\
	ticket_lock_init(&(lock)->ticket);				\
	pvticketlock_dep_init(lock);					\
} while (0)

/**
 * pvticket_lock() - acquire the lock
 * @lock: the lock
 *
 * Context: any. Preemption is disabled until the lock is released.
 */
static __always_inline void pvticket_lock(struct pvticketlock *lock)
	__acquires(&lock->ticket)
{
	preempt_disable();
	spin_acquire(&lock->dep_map, 0, 0, _THIS_IP_);
	ticket_lock(&lock->ticket);
}

/* pvticket_trylock() without its annotation for sparse. */
static __always_inline bool __pvticket_trylock(struct pvticketlock *lock)
{
	preempt_disable();
	if (ticket_trylock(&lock->ticket)) {
		spin_acquire(&lock->dep_map, 0, 1, _THIS_IP_);
		return true;
	}
	preempt_enable();
	return false;
}

/**
 * pvticket_trylock() - acquire the lock if it is free
 * @lock: the lock
 *
 * Context: any.
 * Return: whether the caller now holds the lock.
 */
#define pvticket_trylock(lock)						\
	__cond_lock(&(lock)->ticket, __pvticket_trylock(lock))

/**
 * pvticket_unlock() - release the lock
 * @lock: a lock that the caller holds
 *
 * The memory of the lock is not touched once the next owner has it.
 *
 * Context: that of pvticket_lock().
 */
static __always_inline void pvticket_unlock(struct pvticketlock *lock)
	__releases(&lock->ticket)
{
	spin_release(&lock->dep_map, _THIS_IP_);
	ticket_unlock(&lock->ticket);
	preempt_enable();
}

/**
 * pvticket_lock_irqsave() - disable interrupts and acquire the lock
 * @lock: the lock
 * @flags: variable for the previous interrupt state
 *
 * Interrupts stay disabled while the CPU waits and halts.
 */
#define pvticket_lock_irqsave(lock, flags)				\
do {									\
	local_irq_save(flags);						\
	pvticket_lock(lock);						\
} while (0)

/**
 * pvticket_trylock_irqsave() - acquire the lock with interrupts disabled
 * @lock: the lock
 * @flags: variable for the previous interrupt state
 *
 * Return: whether the caller now holds the lock; if not, interrupts are as
 * they were.
 */
#define pvticket_trylock_irqsave(lock, flags)				\
({									\
	local_irq_save(flags);						\
	pvticket_trylock(lock) ?					\
		1 : ({ local_irq_restore(flags); 0; });			\
})

/**
 * pvticket_unlock_irqrestore() - undo pvticket_lock_irqsave()
 * @lock: a lock that the caller holds
 * @flags: what pvticket_lock_irqsave() saved
 */
static __always_inline void
pvticket_unlock_irqrestore(struct pvticketlock *lock, unsigned long flags)
	__releases(&lock->ticket)
{
	spin_release(&lock->dep_map, _THIS_IP_);
	ticket_unlock(&lock->ticket);
	local_irq_restore(flags);
	preempt_enable();
}

/**
 * pvticket_lock_irq() - disable interrupts and acquire the lock
 * @lock: the lock
 *
 * Context: interrupts enabled.
 */
static __always_inline void pvticket_lock_irq(struct pvticketlock *lock)
	__acquires(&lock->ticket)
{
	local_irq_disable();
	pvticket_lock(lock);
}

/**
 * pvticket_unlock_irq() - release the lock and enable interrupts
 * @lock: a lock that the caller holds
 */
static __always_inline void pvticket_unlock_irq(struct pvticketlock *lock)
	__releases(&lock->ticket)
{
	spin_release(&lock->dep_map, _THIS_IP_);
	ticket_unlock(&lock->ticket);
	local_irq_enable();
	preempt_enable();
}

/**
 * pvticket_lock_bh() - disable softirqs and acquire the lock
 * @lock: the lock
 *
 * Context: task or softirq.
 */
static __always_inline void pvticket_lock_bh(struct pvticketlock *lock)
	__acquires(&lock->ticket)
{
	local_bh_disable();
	pvticket_lock(lock);
}

/**
 * pvticket_unlock_bh() - release the lock and enable softirqs
 * @lock: a lock that the caller holds
 */
static __always_inline void pvticket_unlock_bh(struct pvticketlock *lock)
	__releases(&lock->ticket)
{
	pvticket_unlock(lock);
	local_bh_enable();
}

/**
 * pvticket_is_locked() - does anybody hold the lock?
 * @lock: the lock
 *
 * Context: any. The answer may be out of date when it arrives.
 */
static __always_inline bool pvticket_is_locked(const struct pvticketlock *lock)
{
	return ticket_is_locked(&lock->ticket);
}

/**
 * pvticket_is_contended() - does anybody wait for the lock?
 * @lock: the lock
 *
 * Context: any. The answer may be out of date when it arrives.
 */
static __always_inline bool
pvticket_is_contended(const struct pvticketlock *lock)
{
	return ticket_is_contended(&lock->ticket);
}

#endif /* PVTICKETLOCK_H */

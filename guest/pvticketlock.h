/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paravirtualized ticket spinlocks: the interface for other kernel code.
 *
 * Used like spinlock_t. A waiter spins for a bounded time and then halts its
 * virtual CPU. The lock is handed on in the order in which it was asked for, but
 * while the first in line is halted, others may take it, a bounded number of times.
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

/* Not in all kernels; sparse cannot ask. */
#ifdef __has_include
#if __has_include(<linux/cleanup.h>)
#include <linux/cleanup.h>
#endif
#endif

#include "../kernel/ticket_lock.h"
#include "compat.h"

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
	struct pvticketlock name = PVTICKETLOCK_UNLOCKED(name)

/**
 * PVTICKETLOCK_UNLOCKED() - initialize a free lock, also as part of something
 * @name: of the lock, for lockdep
 */
#define PVTICKETLOCK_UNLOCKED(name)	{ PVTICKETLOCK_DEP_MAP(name) }

/**
 * pvticketlock_init() - make a lock free
 * @lock: a lock that nobody uses
 */
#define pvticketlock_init(lock)						\
do {									\
	ticket_lock_init(&(lock)->ticket);				\
	pvticketlock_dep_init(lock);					\
} while (0)

/* For LOCK_CONTENDED(), which tells lock_stat who waits and for how long. */
static __always_inline bool __pvticket_try(struct pvticketlock *lock)
{
	return ticket_trylock(&lock->ticket);
}

static __always_inline void __pvticket_wait(struct pvticketlock *lock)
{
	ticket_lock(&lock->ticket);
}

/**
 * pvticket_lock_nested() - acquire the lock while another one of its class is held
 * @lock: the lock
 * @subclass: of its class, for lockdep
 *
 * Context: any. Preemption is disabled until the lock is released.
 */
static __always_inline void
pvticket_lock_nested(struct pvticketlock *lock, unsigned int subclass)
	__acquires(&lock->ticket)
{
	preempt_disable();
	spin_acquire(&lock->dep_map, subclass, 0, _THIS_IP_);
	LOCK_CONTENDED(lock, __pvticket_try, __pvticket_wait);
}

/**
 * pvticket_lock_nest_lock() - acquire one of many locks of a class
 * @lock: the lock
 * @outer: the lock with a dep_map whose holder alone takes several of them
 *
 * Context: that of pvticket_lock().
 */
#define pvticket_lock_nest_lock(lock, outer)				\
do {									\
	struct pvticketlock *__lock = (lock);				\
									\
	preempt_disable();						\
	spin_acquire_nest(&__lock->dep_map, 0, 0, &(outer)->dep_map,	\
			  _THIS_IP_);					\
	LOCK_CONTENDED(__lock, __pvticket_try, __pvticket_wait);	\
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
	pvticket_lock_nested(lock, 0);
}

/**
 * pvticket_assert_held() - tell lockdep that the caller holds the lock
 * @lock: the lock
 */
#define pvticket_assert_held(lock)	lockdep_assert_held(lock)

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
 * pvticket_trylock_irq() - acquire the lock if it is free, with interrupts disabled
 * @lock: the lock
 *
 * Context: interrupts enabled.
 * Return: whether the caller now holds the lock; if not, interrupts are enabled.
 */
#define pvticket_trylock_irq(lock)					\
({									\
	local_irq_disable();						\
	pvticket_trylock(lock) ? 1 : ({ local_irq_enable(); 0; });	\
})

/**
 * pvticket_trylock_bh() - acquire the lock if it is free, with softirqs disabled
 * @lock: the lock
 *
 * Context: task or softirq.
 * Return: whether the caller now holds the lock; if not, softirqs are as before.
 */
#define pvticket_trylock_bh(lock)					\
({									\
	local_bh_disable();						\
	pvticket_trylock(lock) ? 1 : ({ local_bh_enable(); 0; });	\
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

/* guard(pvticketlock)(&lock), scoped_guard(pvticketlock_irqsave, &lock), ... */
#ifdef DEFINE_LOCK_GUARD_1
DEFINE_LOCK_GUARD_1(pvticketlock, struct pvticketlock,
		    pvticket_lock(_T->lock), pvticket_unlock(_T->lock))
DEFINE_LOCK_GUARD_1(pvticketlock_irq, struct pvticketlock,
		    pvticket_lock_irq(_T->lock), pvticket_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(pvticketlock_bh, struct pvticketlock,
		    pvticket_lock_bh(_T->lock), pvticket_unlock_bh(_T->lock))
DEFINE_LOCK_GUARD_1(pvticketlock_irqsave, struct pvticketlock,
		    pvticket_lock_irqsave(_T->lock, _T->flags),
		    pvticket_unlock_irqrestore(_T->lock, _T->flags),
		    unsigned long flags)
#endif

#endif /* PVTICKETLOCK_H */

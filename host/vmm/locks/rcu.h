/* SPDX-License-Identifier: GPL-2.0 */
/*
 * liburcu, as the VMM uses it: read-copy update with membarrier(2), so that
 * readers execute no barrier.
 *
 * ThreadSanitizer does not see the grace period, since liburcu is not built
 * with it. It is told what the grace period promises: whatever a reader did
 * inside its critical section is before the end of synchronize_rcu().
 */
#ifndef PVMM_RCU_H
#define PVMM_RCU_H

#ifndef RCU_MEMBARRIER
#define RCU_MEMBARRIER
#endif
#include <urcu.h>

#include "../base/types.h"

#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *address);
void __tsan_release(void *address);
extern char rcu_grace_period;
#define rcu_tell_release()	__tsan_release(&rcu_grace_period)
#define rcu_tell_acquire()	__tsan_acquire(&rcu_grace_period)
#else
#define rcu_tell_release()	((void)0)
#define rcu_tell_acquire()	((void)0)
#endif

/*
 * Publishing and following pointers. liburcu's own macros are plain accesses
 * on x86, of which ThreadSanitizer cannot know that they are ordered; these
 * compile to the same instructions.
 */
#define rcu_publish(pointer, value)	smp_store_release(pointer, value)
#define rcu_follow(pointer)		smp_load_acquire(pointer)

/* A thread that reads calls rcu_register_thread() first. */
static inline void rcu_enter(void)
{
	rcu_read_lock();
}

static inline void rcu_leave(void)
{
	rcu_tell_release();
	rcu_read_unlock();
}

/* Waits until all who read before have left; may sleep. */
static inline void rcu_wait_for_readers(void)
{
	synchronize_rcu();
	rcu_tell_acquire();
}

#endif /* PVMM_RCU_H */

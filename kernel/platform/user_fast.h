/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock core in a process: the fast paths.
 */
#ifndef TICKET_PLATFORM_USER_FAST_H
#define TICKET_PLATFORM_USER_FAST_H

#define likely(condition)	__builtin_expect(!!(condition), 1)
#define unlikely(condition)	__builtin_expect(!!(condition), 0)

#define __acquires(lock)
#define __releases(lock)
#define __acquire(lock)		((void)0)
#define __release(lock)		((void)0)

#define READ_ONCE(object)						\
	__atomic_load_n(&(object), __ATOMIC_RELAXED)
#define WRITE_ONCE(object, value)					\
	__atomic_store_n(&(object), value, __ATOMIC_RELAXED)
#define smp_load_acquire(pointer)					\
	__atomic_load_n(pointer, __ATOMIC_ACQUIRE)
#define smp_store_release(pointer, value)				\
	__atomic_store_n(pointer, value, __ATOMIC_RELEASE)
#define smp_mb()							\
	__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xadd(pointer, value)						\
	__atomic_fetch_add(pointer, value, __ATOMIC_SEQ_CST)
#define try_cmpxchg(pointer, expected, desired)				\
	__atomic_compare_exchange_n(pointer, expected, desired, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)
#define cmpxchg(pointer, expected, desired)				\
({									\
	__typeof__(*(pointer)) __seen = (expected);			\
	(void)try_cmpxchg(pointer, &__seen, desired);			\
	__seen;								\
})

/* PLATFORM_USER_NATIVE: what the lock is like without a hypervisor. */
static __always_inline bool ticket_pv_enabled(void)
{
#ifdef PLATFORM_USER_NATIVE
	return false;
#else
	return true;
#endif
}

#endif /* TICKET_PLATFORM_USER_FAST_H */

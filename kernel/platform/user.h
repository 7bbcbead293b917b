/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock core in a process: a thread is a CPU, a futex is its halt.
 *
 * A thread registers before it takes a lock (platform_user_register()). There
 * are no interrupts to disable; signal handlers must not take locks.
 */
#ifndef TICKET_PLATFORM_USER_H
#define TICKET_PLATFORM_USER_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define likely(condition)	__builtin_expect(!!(condition), 1)
#define unlikely(condition)	__builtin_expect(!!(condition), 0)
#ifndef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#endif
#ifndef __noreturn
#define __noreturn		__attribute__((__noreturn__))
#endif
#define __aligned(bytes)	__attribute__((__aligned__(bytes)))

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

/* As many threads as may be registered at a time. */
#define PLATFORM_USER_MAX_CPUS	1024

extern __thread int platform_user_cpu;

int platform_user_register(void);
void platform_user_unregister(void);

/* PLATFORM_USER_NATIVE: what the lock is like without a hypervisor. */
static __always_inline bool platform_pv_enabled(void)
{
#ifdef PLATFORM_USER_NATIVE
	return false;
#else
	return true;
#endif
}

static inline unsigned int platform_cpu(void)
{
	return platform_user_cpu;
}

static inline unsigned int platform_nr_cpus(void)
{
	return PLATFORM_USER_MAX_CPUS;
}

static inline void platform_relax(void)
{
	__builtin_ia32_pause();
}

static inline bool platform_may_halt(void)
{
	return true;
}

static inline unsigned long platform_irq_save(void)
{
	return 0;
}

static inline void platform_irq_restore(unsigned long flags)
{
	(void)flags;
}

void platform_user_fault(void);
void platform_user_inject_faults(unsigned int per_mille);

#define platform_fault()	platform_user_fault()

/*
 * What a thread may have to do while it waits: to the lock core it is what an
 * interrupt is to a halted CPU. Called by platform_halt() before the thread
 * sleeps; returns whether there was anything to do, and then the halt ends.
 */
extern __thread bool (*platform_user_interrupt)(void);

void platform_halt(unsigned long flags);
void platform_kick(unsigned int cpu);
u64 platform_clock_ns(void);

void *platform_zalloc(size_t size);
void platform_free(void *memory);
void platform_print(const char *format, ...)
	__attribute__((__format__(__printf__, 1, 2)));
void __noreturn platform_abort(void);

struct ticket_statistics;
struct ticket_statistics *platform_user_statistics(unsigned int cpu);

#define PLATFORM_EXPORT(symbol)	_Static_assert(1, #symbol)

#define PLATFORM_DECLARE_STATISTICS

/* Written by its own thread only, read by anyone. */
#define platform_statistics_add(field, amount)				\
do {									\
	u64 *__counter =						\
		&platform_user_statistics(platform_cpu())->field;	\
									\
	WRITE_ONCE(*__counter, READ_ONCE(*__counter) + (amount));	\
} while (0)

#endif /* TICKET_PLATFORM_USER_H */

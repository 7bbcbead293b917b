/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock core in the simulator: each access is an operation of simulated
 * guest code. Named by TICKET_PLATFORM_HEADER.
 */
#ifndef PLATFORM_SIMULATOR_H
#define PLATFORM_SIMULATOR_H

#include <errno.h>

#include "../guest.h"
#include "../memory.h"
#include "../vcpu.h"

#ifndef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#endif
#define __aligned(bytes)	__attribute__((__aligned__(bytes)))

#define __acquires(lock)
#define __releases(lock)
#define __acquire(lock)		((void)0)
#define __release(lock)		((void)0)

#define READ_ONCE(object)						\
({									\
	guest_read(&(object));						\
	__atomic_load_n(&(object), __ATOMIC_RELAXED);			\
})
#define WRITE_ONCE(object, value)					\
do {									\
	__typeof__(object) __new = (value);				\
									\
	guest_write(&(object));						\
	__atomic_store_n(&(object), __new, __ATOMIC_RELAXED);		\
} while (0)
#define smp_load_acquire(pointer)		READ_ONCE(*(pointer))
#define smp_store_release(pointer, value)	WRITE_ONCE(*(pointer), value)
#define smp_mb()				guest_barrier()
#define xadd(pointer, value)						\
({									\
	__typeof__(*(pointer)) __add = (value);				\
									\
	guest_exchange(pointer);					\
	__atomic_fetch_add(pointer, __add, __ATOMIC_SEQ_CST);		\
})
#define xchg(pointer, value)						\
({									\
	__typeof__(*(pointer)) __new = (value);				\
									\
	guest_exchange(pointer);					\
	__atomic_exchange_n(pointer, __new, __ATOMIC_SEQ_CST);		\
})
#define try_cmpxchg(pointer, expected, desired)				\
({									\
	__typeof__(*(pointer)) __desired = (desired);			\
									\
	guest_exchange(pointer);					\
	__atomic_compare_exchange_n(pointer, expected, __desired, false, \
				    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED); \
})
#define cmpxchg(pointer, expected, desired)				\
({									\
	__typeof__(*(pointer)) __seen = (expected);			\
									\
	(void)try_cmpxchg(pointer, &__seen, desired);			\
	__seen;								\
})

/* Set by the lock under test: may its waiters halt? */
extern bool platform_simulator_pv;

static __always_inline bool ticket_pv_enabled(void)
{
	return platform_simulator_pv;
}

static inline unsigned int platform_cpu(void)
{
	return current_vcpu->id;
}

static inline unsigned int platform_nr_cpus(void)
{
	return nr_vcpus;
}

static inline void platform_relax(void)
{
	guest_relax();
}

static inline bool platform_may_halt(void)
{
	return true;
}

/* Set by the workload: does it run with interrupts enabled? */
extern bool platform_simulator_irqs_on;

static inline unsigned long platform_irq_save(void)
{
	return platform_simulator_irqs_on;
}

static inline void platform_irq_restore(unsigned long flags)
{
	(void)flags;
}

static inline void platform_halt(unsigned long flags)
{
	guest_halt(flags);
}

static inline void platform_kick(unsigned int cpu)
{
	guest_kick(cpu);
}

static inline bool platform_vcpu_is_preempted(unsigned int cpu)
{
	return READ_ONCE(*vcpus[cpu].preempted);
}

static inline u64 platform_clock_ns(void)
{
	return guest_now() / PS_PER_NS;
}

static inline void *platform_zalloc(size_t size)
{
	return memory_alloc(size);
}

static inline void platform_free(void *memory)
{
	(void)memory;
}

#define PLATFORM_EXPORT(symbol)	_Static_assert(1, #symbol)

struct ticket_statistics;
extern struct ticket_statistics simulator_statistics;

#define PLATFORM_DECLARE_STATISTICS

/* Per CPU in a guest, so it costs nothing worth simulating. */
#define platform_statistics_add(field, amount)				\
	((void)guest_now(), simulator_statistics.field += (amount))

#endif /* PLATFORM_SIMULATOR_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock core in a process: a thread is a CPU, a futex is its halt. This is
 * what its slow paths need.
 *
 * A thread registers before it takes a lock (platform_user_register()). Signal
 * handlers must not take locks.
 */
#ifndef TICKET_PLATFORM_USER_H
#define TICKET_PLATFORM_USER_H

#include <errno.h>

#include "no_irqs.h"

/* As many threads as may be registered at a time. */
#define PLATFORM_USER_MAX_CPUS	1024

extern __thread int platform_user_cpu;

int platform_user_register(void);
void platform_user_unregister(void);

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

#define platform_statistics()	platform_user_statistics(platform_cpu())

#endif /* TICKET_PLATFORM_USER_H */

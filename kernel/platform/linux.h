/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock core in a Linux kernel: what its slow paths need. What depends on the
 * hypervisor, halt and kick, is behind two functions that guest/ provides.
 */
#ifndef TICKET_PLATFORM_LINUX_H
#define TICKET_PLATFORM_LINUX_H

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/kconfig.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/units.h>
#include <asm/tsc.h>

static inline unsigned int platform_cpu(void)
{
	return smp_processor_id();
}

static inline unsigned int platform_nr_cpus(void)
{
	return nr_cpu_ids;
}

static inline void platform_relax(void)
{
	cpu_relax();
}

/*
 * An NMI may interrupt the instant between the last check and the halt. Its
 * own halt would eat the kick that the interrupted halt needs.
 */
static inline bool platform_may_halt(void)
{
	return !in_nmi();
}

static inline unsigned long platform_irq_save(void)
{
	unsigned long flags;

	local_irq_save(flags);
	return flags;
}

static inline void platform_irq_restore(unsigned long flags)
{
	local_irq_restore(flags);
}

DECLARE_STATIC_KEY_TRUE(ticket_statistics_key);
DECLARE_STATIC_KEY_FALSE(ticket_fault_key);

void ticket_fault_delay(void);

#define platform_fault()						\
do {									\
	if (IS_ENABLED(CONFIG_PVTICKETLOCK_FAULT_INJECTION) &&		\
	    static_branch_unlikely(&ticket_fault_key))			\
		ticket_fault_delay();					\
} while (0)

void ticket_note_halt(const void *lock, u64 blocked_ns);

#define platform_note_halt(lock, blocked_ns)				\
do {									\
	if (IS_ENABLED(CONFIG_PVTICKETLOCK_STATISTICS) &&		\
	    static_branch_likely(&ticket_statistics_key))		\
		ticket_note_halt(lock, blocked_ns);			\
} while (0)

void ticket_contention_begin(const void *lock, const unsigned long *frame);
void ticket_contention_end(const void *lock);
#define platform_contention_begin(lock)					\
	ticket_contention_begin(lock, __builtin_frame_address(0))
#define platform_contention_end		ticket_contention_end

void ticket_note_bad_unlock(const void *lock, u8 byte);
#define platform_note_bad_unlock	ticket_note_bad_unlock

void platform_halt(unsigned long flags);
void platform_kick(unsigned int cpu);

static inline u64 platform_clock_ns(void)
{
	return local_clock();
}

/* Without a TSC, a slower clock that may stand still for a tick. */
#define platform_cycles platform_cycles
static inline u64 platform_cycles(void)
{
	return likely(tsc_khz) ? get_cycles() : local_clock();
}

static inline u64 platform_cycles_per_us(void)
{
	return likely(tsc_khz) ? tsc_khz / KHZ_PER_MHZ :
				 NSEC_PER_SEC / USEC_PER_SEC;
}

/* Where spinlock_t is this lock, any module may need it. */
#ifdef CONFIG_PARAVIRT_TICKETLOCKS
#define PLATFORM_EXPORT(symbol)	EXPORT_SYMBOL(symbol)
#else
#define PLATFORM_EXPORT(symbol)	EXPORT_SYMBOL_GPL(symbol)
#endif

#define PLATFORM_DECLARE_STATISTICS \
	DECLARE_PER_CPU(struct ticket_statistics, ticket_statistics);

#define platform_statistics_add(field, amount)				\
do {									\
	if (IS_ENABLED(CONFIG_PVTICKETLOCK_STATISTICS) &&		\
	    static_branch_likely(&ticket_statistics_key))		\
		this_cpu_add(ticket_statistics.field, amount);		\
} while (0)

static inline void *platform_zalloc(size_t size)
{
	return kvzalloc(size, GFP_KERNEL);
}

static inline void platform_free(void *memory)
{
	kvfree(memory);
}

#endif /* TICKET_PLATFORM_LINUX_H */

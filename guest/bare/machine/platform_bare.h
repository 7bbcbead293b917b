/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock core in a guest without an operating system: a CPU is a vCPU, and its
 * halt is HLT. What interrupts there are end halts and do nothing else.
 */
#ifndef TICKET_PLATFORM_BARE_H
#define TICKET_PLATFORM_BARE_H

#include <asm/errno.h>

#include "clock.h"
#include "cpu.h"
#include "text.h"
#include "../../../kernel/platform/no_irqs.h"

static inline unsigned int platform_cpu(void)
{
	return cpu_this()->number;
}

static inline unsigned int platform_nr_cpus(void)
{
	return cpu_count;
}

static inline void platform_relax(void)
{
	cpu_relax();
}

static inline void platform_halt(unsigned long flags)
{
	(void)flags;
	cpu_halt();
}

static inline void platform_kick(unsigned int cpu)
{
	cpu_kick(cpu);
}

static inline u64 platform_clock_ns(void)
{
	return clock_to_ns(clock_cycles());
}

#define platform_cycles platform_cycles
static inline u64 platform_cycles(void)
{
	return clock_cycles();
}

static inline u64 platform_cycles_per_us(void)
{
	return clock_khz / 1000;
}

/* How often a waiter of the kernel's own lock looks before it halts. */
extern u32 platform_spin_threshold;

void *platform_zalloc(size_t size);
void platform_free(void *memory);

#define platform_print(...)	text_print(__VA_ARGS__)
#define platform_abort()	cpu_end(1)

#define PLATFORM_EXPORT(symbol)	static_assert(1, #symbol)

struct ticket_statistics;

#define PLATFORM_DECLARE_STATISTICS \
	extern struct ticket_statistics ticket_statistics[MAX_CPUS];

#define platform_statistics()	(&ticket_statistics[platform_cpu()])

#endif /* TICKET_PLATFORM_BARE_H */

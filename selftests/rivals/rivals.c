// SPDX-License-Identifier: GPL-2.0
/*
 * What all copies of the kernel's queued spinlock in one program share.
 */
#include "rivals.h"

/* The copies of section rival_per_cpu. */
char rival_cpu_areas[CONFIG_NR_CPUS][RIVAL_PER_CPU_SIZE] __aligned(SMP_CACHE_BYTES);

struct rival_events rival_events[CONFIG_NR_CPUS];

/**
 * rival_hash() - allocate a table of the kernel's for its lifetime
 * @name: for the message
 * @entry_bytes: size of one entry
 * @entries: how many at least
 * @shift: set to the logarithm of how many there are
 *
 * The program ends if the memory is not there, or if not all per-CPU variables
 * have a place.
 *
 * Context: before any lock is contended.
 * Return: the table, zero.
 */
void *rival_hash(const char *name, unsigned long entry_bytes,
		 unsigned long entries, unsigned int *shift)
{
	void *table;

	*shift = 0;
	while ((1UL << *shift) < entries)
		(*shift)++;
	table = platform_zalloc(entry_bytes << *shift);
	if (!table || __stop_rival_per_cpu - __start_rival_per_cpu > RIVAL_PER_CPU_SIZE) {
		platform_print("%s: no memory\n", name);
		platform_abort();
	}
	return table;
}

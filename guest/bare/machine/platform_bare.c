// SPDX-License-Identifier: GPL-2.0
/*
 * What the lock core needs of a platform: memory, and room for its statistics.
 */
#include "../../../kernel/statistics.h"
#include "string.h"
#include "text.h"

/* As in the kernel. */
#define STOCK_THRESHOLD	32768

#define HEAP_SIZE	(4U << 20)

struct ticket_statistics ticket_statistics[MAX_CPUS];

u32 platform_spin_threshold = STOCK_THRESHOLD;

static u8 heap[HEAP_SIZE] __aligned(4096);
static size_t heap_used;

/**
 * platform_zalloc() - allocate memory for as long as the guest lives
 * @size: of it
 *
 * Context: Before the vCPUs run side by side.
 * Return: zeroed memory, aligned to a cache line; NULL if there is none left.
 */
void *platform_zalloc(size_t size)
{
	u8 *memory = heap + heap_used;

	size = (size + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
	if (size > HEAP_SIZE - heap_used)
		return NULL;
	heap_used += size;
	return memory;
}

/**
 * platform_free() - never happens before the end
 * @memory: of platform_zalloc()
 */
void platform_free(void *memory)
{
	(void)memory;
}

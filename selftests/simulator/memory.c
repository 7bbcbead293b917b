// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory and its cache lines.
 *
 * Guest memory is at a fixed address, so that hash tables keyed by addresses
 * behave the same in every run. Variables of the lock core are guest memory
 * too; they are where the linker put them.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "host/costs.h"
#include "error.h"
#include "guest.h"
#include "memory.h"

#define ARENA_ADDRESS	0x200000000000UL
#define ARENA_BYTES	(2UL << 20)
#define ARENA_LINES	(ARENA_BYTES / CACHE_LINE)

static struct line *arena_lines;
static struct line *static_lines;
static size_t arena_used;

static struct line *alloc_lines(size_t nr)
{
	struct line *lines = mmap(NULL, nr * sizeof(*lines),
				  PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				  -1, 0);

	if (lines == MAP_FAILED)
		fatal("no memory for %zu cache lines", nr);
	return lines;
}

/**
 * memory_init() - make empty guest memory
 */
void memory_init(void)
{
	void *arena = mmap((void *)ARENA_ADDRESS, ARENA_BYTES,
			   PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			   -1, 0);

	if (arena != (void *)ARENA_ADDRESS)
		fatal("address %#lx is taken: cannot place guest memory there",
		      ARENA_ADDRESS);
	arena_lines = alloc_lines(ARENA_LINES);
	static_lines = alloc_lines((_end - __data_start) / CACHE_LINE + 2);
}

/**
 * memory_alloc() - allocate guest memory
 * @bytes: how much
 *
 * Return: zeroed memory that shares no cache line with other allocations.
 */
void *memory_alloc(size_t bytes)
{
	void *memory = (char *)ARENA_ADDRESS + arena_used;

	arena_used += (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	if (arena_used > ARENA_BYTES)
		fatal("guest memory is full: enlarge ARENA_BYTES");
	return memory;
}

/**
 * memory_line() - the cache line of an address
 * @address: guest memory
 *
 * Return: the line.
 */
struct line *memory_line(const void *address)
{
	uintptr_t offset = (uintptr_t)address - ARENA_ADDRESS;

	if (likely(offset < ARENA_BYTES))
		return &arena_lines[offset / CACHE_LINE];
	offset = (uintptr_t)address / CACHE_LINE -
		 (uintptr_t)__data_start / CACHE_LINE;
	if (offset > (size_t)(_end - __data_start) / CACHE_LINE + 1)
		fatal("%p is not guest memory: allocate shared data with platform_zalloc()",
		      address);
	return &static_lines[offset];
}

static simtime transfer_time(const struct line *line, u32 pcpu)
{
	u32 socket = COST_NUMBER(socket_cpus);

	if (line->nr_holders && line->last / socket != pcpu / socket)
		return costs.transfer_far;
	return costs.transfer_near;
}

/**
 * line_fetch() - queue for a line that the CPU does not hold, or own
 * @line: the line
 * @pcpu: who wants it
 * @now: when
 * @exclusive: to write it
 *
 * Return: how long it takes until the CPU has it.
 */
simtime line_fetch(struct line *line, u32 pcpu, simtime now, bool exclusive)
{
	simtime start = line->busy_until > now ? line->busy_until : now;
	simtime latency = transfer_time(line, pcpu);

	line->busy_until = start + (exclusive ? latency : costs.occupancy);
	return start - now + latency;
}

/**
 * line_share() - the CPU has got the line for reading
 * @line: the line
 * @pcpu: the CPU
 */
void line_share(struct line *line, u32 pcpu)
{
	if (line_holds(line, pcpu))
		return;
	line->holders[pcpu / 64] |= 1ULL << (pcpu % 64);
	line->owner = line->nr_holders++ ? NO_OWNER : pcpu;
	line->last = pcpu;
}

/**
 * line_own() - the CPU has got the line for writing and writes it now
 * @line: the line
 * @pcpu: the CPU
 *
 * Must be called before the value changes: vCPUs that have run ahead of time
 * on the old value are called back.
 */
void line_own(struct line *line, u32 pcpu)
{
	while (line->watches)
		guest_settle(line->watches->vcpu);
	if (line_owns(line, pcpu))
		return;
	memset(line->holders, 0, sizeof(line->holders));
	line->holders[pcpu / 64] = 1ULL << (pcpu % 64);
	line->nr_holders = 1;
	line->owner = pcpu;
	line->last = pcpu;
}

/**
 * watch_add() - have guest_settle() called when a line is written
 * @watch: an unused watch
 * @vcpu: for whom
 * @line: the line
 */
void watch_add(struct watch *watch, struct vcpu *vcpu, struct line *line)
{
	watch->vcpu = vcpu;
	watch->line = line;
	watch->next = line->watches;
	watch->link = &line->watches;
	if (watch->next)
		watch->next->link = &watch->next;
	line->watches = watch;
}

/**
 * watch_remove() - undo watch_add()
 * @watch: a watch in use
 */
void watch_remove(struct watch *watch)
{
	*watch->link = watch->next;
	if (watch->next)
		watch->next->link = watch->link;
}

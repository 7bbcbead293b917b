/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cache lines: who holds them, and what it costs to get one.
 *
 * A physical CPU's cache is unbounded. A line is held by any number of CPUs,
 * or owned by one that may write it. Requests for a line that the CPU does
 * not hold are served one after the other: a reader occupies the line for
 * costs.occupancy, a writer until it has the line.
 */
#ifndef SIMULATOR_MEMORY_H
#define SIMULATOR_MEMORY_H

#include "types.h"

/* Lines that one spin loop may read. */
#define WATCH_MAX	4

struct vcpu;
struct line;

struct watch {
	struct vcpu *vcpu;
	struct line *line;
	struct watch *next;
	struct watch **link;
};

struct line {
	simtime busy_until;
	u32 owner;			/* or NO_OWNER */
	u32 last;			/* who got it last */
	u32 nr_holders;
	struct watch *watches;
	u64 holders[MAX_CPUS / 64];
};

#define NO_OWNER	UINT32_MAX

/* Where the linker put the program's variables. */
extern char __data_start[], _end[];

void memory_init(void);
void *memory_alloc(size_t bytes);
struct line *memory_line(const void *address);

static inline bool line_holds(const struct line *line, u32 pcpu)
{
	return line->holders[pcpu / 64] >> (pcpu % 64) & 1;
}

static inline bool line_owns(const struct line *line, u32 pcpu)
{
	return line->nr_holders == 1 && line->owner == pcpu;
}

simtime line_fetch(struct line *line, u32 pcpu, simtime now, bool exclusive);
void line_share(struct line *line, u32 pcpu);
void line_own(struct line *line, u32 pcpu);

void watch_add(struct watch *watch, struct vcpu *vcpu, struct line *line);
void watch_remove(struct watch *watch);

#endif /* SIMULATOR_MEMORY_H */

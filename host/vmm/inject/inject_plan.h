/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A plan of preemptions: which rings of the doorbell are answered by taking the
 * CPU away from the vCPU that has rung, and for how long.
 *
 *	PLAN	RULE[;RULE...]
 *	RULE	WHO:LOCK,for=TIME[,every=K | ,at=N+N...][,jitter=P][,mode=MODE]
 *
 * A rule counts the rings of its own lock by its own kind of vCPU. It answers
 * every Kth of them, or those with the given numbers, the first being 1.
 *
 * With jitter, each distance between two answers and each time differs at
 * random by up to P percent to either side. Random numbers are taken from the
 * seed, the number of the rule and that of the answer, and from nothing else:
 * the same seed and the same plan answer the same rings for the same times,
 * whichever vCPUs they come from, and whenever.
 */
#ifndef PVMM_INJECT_PLAN_H
#define PVMM_INJECT_PLAN_H

#include "../base/types.h"

#define INJECT_MAX_RULES	16
#define INJECT_MAX_COUNTS	32
#define INJECT_MAX_LOCK		0xffff
#define INJECT_MAX_NS		(10 * NS_PER_SEC)

/* What a ring says: who has rung, and of which lock. */
#define INJECT_RING(who, lock)	((u32)(who) << 24 | (lock))

enum inject_who {
	INJECT_HOLDER = 1,	/* holds the lock */
	INJECT_WAITER,		/* is the next one in line */
};

enum inject_mode {
	INJECT_PARK,		/* its thread sleeps instead of entering the guest */
	INJECT_HOG,		/* a real-time thread takes its CPU */
};

/**
 * struct inject_rule - which rings are answered, and how
 * @who: kind of vCPU
 * @lock: number of the lock
 * @mode: how the vCPU is preempted
 * @for_ns: for how long
 * @every: distance between answers in rings; 0: see @counts
 * @nr_counts: how many there are of @counts
 * @counts: numbers of the rings that are answered, ascending
 * @jitter: in percent
 * @rings: so many there have been
 * @next: the ring that is answered next; 0: no more
 * @planned: so many have been answered
 */
struct inject_rule {
	enum inject_who who;
	u32 lock;
	enum inject_mode mode;
	u64 for_ns;
	u64 every;
	unsigned int nr_counts;
	u64 counts[INJECT_MAX_COUNTS];
	unsigned int jitter;
	u64 rings;
	u64 next;
	u64 planned;
};

struct inject_plan {
	u64 seed;
	unsigned int rules;
	struct inject_rule rule[INJECT_MAX_RULES];
};

/**
 * struct inject_answer - what a ring leads to
 * @rule: index of the rule
 * @for_ns: how long the vCPU is to be preempted
 */
struct inject_answer {
	unsigned int rule;
	u64 for_ns;
};

const char *inject_plan__parse(struct inject_plan *plan, char *text);
void inject_plan__start(struct inject_plan *plan, u64 seed);
bool inject_plan__ring(struct inject_plan *plan, u32 ring,
		       struct inject_answer *answer);
bool inject_plan__uses(const struct inject_plan *plan, enum inject_mode mode);
const char *inject_who__name(enum inject_who who);
const char *inject_mode__name(enum inject_mode mode);

#endif /* PVMM_INJECT_PLAN_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the benchmark knows of a lock.
 */
#ifndef BARE_LOCK_H
#define BARE_LOCK_H

#include "../../../kernel/ticket_lock.h"

struct bench_slot;
struct bench_thread;

/* Room for any of the locks; all zeroes are a free one. */
union bench_lock_word {
	struct ticket_lock ticket;
	u32 word;
};

/**
 * struct bench_primitive - a lock as the benchmark loop sees it
 * @lock: acquire
 * @unlock: release
 * @lock_ringing: like @lock, but rings the doorbell when the caller is the next
 *	in line; NULL: with this lock, a waiter does not know
 *
 * Only for constants: the loop inlines all.
 */
struct bench_primitive {
	void (*lock)(union bench_lock_word *word);
	void (*unlock)(union bench_lock_word *word);
	void (*lock_ringing)(struct bench_thread *thread, struct bench_slot *slot);
};

/**
 * struct bench_lock - a lock that can be measured
 * @name: what users call it
 * @implementation: tells what really runs; NULL: what @name says
 * @prepare: what has to be done before the first lock; may be NULL
 * @loop: the benchmark loop with this lock inlined
 * @has_holder: somebody holds it, if it is locked
 * @has_next: a waiter knows when it is the next in line; see @lock_ringing
 */
struct bench_lock {
	const char *name;
	const char *implementation;
	void (*prepare)(void);
	void (*loop)(struct bench_thread *thread);
	bool has_holder;
	bool has_next;
};

extern const struct bench_lock bench_lock_pvticket;
extern const struct bench_lock bench_lock_ticket;
extern const struct bench_lock bench_lock_tas;
extern const struct bench_lock bench_lock_pv_qspinlock;
extern const struct bench_lock bench_lock_pv_qspinlock_tuned;
extern const struct bench_lock bench_lock_qspinlock;
extern const struct bench_lock bench_lock_busted;

u64 bench_lock_stealing(unsigned int number);

const struct bench_lock *bench_lock_find(const char *name);
void bench_lock_print_names(void);

#endif /* BARE_LOCK_H */

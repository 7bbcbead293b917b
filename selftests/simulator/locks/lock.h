/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A lock under test.
 */
#ifndef SIMULATOR_LOCK_H
#define SIMULATOR_LOCK_H

#include "../types.h"

/**
 * struct lock_options - what a user can set about a lock
 * @spin_ns: how long pvticket's waiters spin before they halt
 * @overtake: how often a waiter of pvticket may be overtaken
 * @threshold: SPIN_THRESHOLD of the queued locks, in loops
 */
struct lock_options {
	u32 spin_ns;
	u16 overtake;
	u32 threshold;
};

/**
 * struct lock_type - how to use a lock
 * @name: what a user calls it
 * @description: one line
 * @init: makes one free lock; may use the options and the costs
 * @lock: acquires it
 * @unlock: releases it
 */
struct lock_type {
	const char *name;
	const char *description;
	void (*init)(const struct lock_options *options);
	void (*lock)(void);
	void (*unlock)(void);
};

extern const struct lock_type lock_pvticket;
extern const struct lock_type lock_pvticket_fifo;
extern const struct lock_type lock_pvticket_worse;
extern const struct lock_type lock_ticket;
extern const struct lock_type lock_busted;
extern const struct lock_type lock_tas;
extern const struct lock_type lock_pvqspinlock;
extern const struct lock_type lock_pvqspinlock_tuned;

extern const struct lock_type *const lock_types[];

const struct lock_type *lock_find(const char *name);

#endif /* SIMULATOR_LOCK_H */

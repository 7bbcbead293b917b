// SPDX-License-Identifier: GPL-2.0
/*
 * Which locks suffer: halts per lock, in a table with a fixed number of places.
 *
 * A lock gets a place when a waiter for it has halted for the first time, if
 * one of the few places that its address leads to is free. Then the caller is
 * remembered, too: most locks are in objects that have no name. Nothing here
 * waits, allocates or needs RCU, since it runs where a contended spinlock may be
 * taken: anywhere but in NMIs.
 *
 * File hot_locks in debugfs: the locks with the most halts, one line
 *
 *   <halts> <microseconds halted> <address> <symbol> <first caller>
 *
 * and a line with the halts for locks that got no place, if any.
 */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/debugfs.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "../../kernel/platform/platform.h"
#include "contention.h"
#include "hot_locks.h"

#define HOT_LOCKS_BITS		10
#define HOT_LOCKS		BIT(HOT_LOCKS_BITS)
#define HOT_LOCKS_PROBES	8
#define HOT_LOCKS_SHOWN		20

struct hot_lock {
	unsigned long lock;
	unsigned long caller;
	atomic64_t halts;
	atomic64_t blocked_ns;
};

static struct hot_lock hot_locks[HOT_LOCKS];
static atomic64_t homeless_halts;

static struct hot_lock *hot_lock_of(unsigned long lock)
{
	u32 place = hash_long(lock, HOT_LOCKS_BITS);
	unsigned int probe;

	for (probe = 0; probe < HOT_LOCKS_PROBES; probe++) {
		struct hot_lock *hot = &hot_locks[(place + probe) % HOT_LOCKS];
		unsigned long seen = READ_ONCE(hot->lock);

		if (!seen)
			seen = cmpxchg(&hot->lock, 0, lock);
		if (!seen || seen == lock)
			return hot;
	}
	return NULL;
}

void ticket_note_halt(const void *lock, u64 blocked_ns)
{
	struct hot_lock *hot = hot_lock_of((unsigned long)lock);

	if (!hot) {
		atomic64_inc(&homeless_halts);
		return;
	}
	if (!READ_ONCE(hot->caller))
		WRITE_ONCE(hot->caller, contention_caller(lock));
	atomic64_inc(&hot->halts);
	atomic64_add(blocked_ns, &hot->blocked_ns);
}

/**
 * hot_locks_reset() - forget all locks
 *
 * A halt that is noted meanwhile may be lost, or be noted for another lock.
 *
 * Context: any.
 */
void hot_locks_reset(void)
{
	unsigned int i;

	for (i = 0; i < HOT_LOCKS; i++) {
		atomic64_set(&hot_locks[i].halts, 0);
		atomic64_set(&hot_locks[i].blocked_ns, 0);
		WRITE_ONCE(hot_locks[i].caller, 0);
		WRITE_ONCE(hot_locks[i].lock, 0);
	}
	atomic64_set(&homeless_halts, 0);
}

static int by_halts(const void *left, const void *right)
{
	s64 a = atomic64_read(&((const struct hot_lock *)left)->halts);
	s64 b = atomic64_read(&((const struct hot_lock *)right)->halts);

	return a < b ? 1 : a > b ? -1 : 0;
}

static int hot_locks_show(struct seq_file *file, void *unused)
{
	struct hot_lock *copy;
	unsigned int i;

	copy = kvmalloc(sizeof(hot_locks), GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, hot_locks, sizeof(hot_locks));
	sort(copy, HOT_LOCKS, sizeof(*copy), by_halts, NULL);

	for (i = 0; i < HOT_LOCKS_SHOWN && atomic64_read(&copy[i].halts); i++)
		seq_printf(file, "%lld %llu %pK %pS %pS\n",
			   (long long)atomic64_read(&copy[i].halts),
			   div_u64(atomic64_read(&copy[i].blocked_ns),
				   NSEC_PER_USEC),
			   (void *)copy[i].lock, (void *)copy[i].lock,
			   (void *)copy[i].caller);
	if (atomic64_read(&homeless_halts))
		seq_printf(file, "%lld of locks without a place\n",
			   (long long)atomic64_read(&homeless_halts));
	kvfree(copy);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(hot_locks);

/**
 * hot_locks_debugfs_init() - create the file
 * @directory: of the module
 *
 * Context: process context.
 */
void hot_locks_debugfs_init(struct dentry *directory)
{
	debugfs_create_file("hot_locks", 0444, directory, NULL, &hot_locks_fops);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A model of the stock guest's lock: the paravirtualized queued spinlock of
 * Linux 6.1, with lock stealing.
 *
 * Waiters form an MCS queue; its head spins on the lock word, everybody else
 * on a node of its own. A newcomer may steal the lock once before it queues,
 * and for as long as the head of the queue has not set the pending byte, that
 * is, while the head does not spin.
 *
 * A queued waiter gives up spinning after a number of loops, or as soon as
 * the waiter before it does not run, and halts. When it becomes the head
 * while halted, it is not woken up: its predecessor, which has just got the
 * lock, enters it in the hash table and marks the lock SLOW, so that the
 * unlock kicks it. A head that has spun in vain does the same for itself.
 *
 * Word, written (tail, pending, locked):
 *
 *   lock		0,0,0 -> 0,0,1
 *   steal		*,0,0 -> *,0,1
 *   queue		p,*,* -> n,*,*
 *   head takes it	n,1,0 -> n,0,1, then n,0,1 -> 0,0,1 if it is the last
 *   unlock		*,*,1 -> *,*,0
 *   slow unlock	*,*,SLOW -> *,*,0, and kick the head
 *
 * Simplified: there is one lock, so the hash table is one entry; there are no
 * nested waiters, so a CPU has one node.
 */
#include "../error.h"
#include "lock.h"
#include "platform_simulator.h"

#define LOCKED			1
#define LOCKED_SLOW		3
#define PENDING			0x100

#define STOCK_THRESHOLD		(1U << 15)
#define TUNED_THRESHOLD		(1U << 12)
#define PREDECESSOR_CHECK_MASK	0xff

enum node_state { NODE_RUNNING, NODE_HALTED, NODE_HASHED };

struct node {
	struct node *next;
	u32 locked;
	u8 state;
	u32 cpu;
} __aligned(CACHE_LINE);

struct lock_word {
	union {
		u32 value;
		struct {
			union {
				u16 locked_pending;
				struct {
					u8 locked;
					u8 pending;
				};
			};
			u16 tail;
		};
	};
};

struct hash_entry {
	struct lock_word *lock;
	struct node *node;
};

static struct lock_word *the_lock;
static struct node *nodes;
static struct hash_entry *hash;
static u32 threshold;

static void init(const struct lock_options *options)
{
	threshold = options->threshold ? options->threshold : STOCK_THRESHOLD;
	the_lock = memory_alloc(sizeof(*the_lock));
	nodes = memory_alloc(platform_nr_cpus() * sizeof(*nodes));
	hash = memory_alloc(sizeof(*hash));
}

static void init_tuned(const struct lock_options *options)
{
	struct lock_options tuned = *options;

	tuned.threshold = TUNED_THRESHOLD;
	init(&tuned);
}

static void hash_insert(struct node *node)
{
	if (cmpxchg(&hash->lock, NULL, the_lock))
		fatal("pvqspinlock: two waiters are the head of the queue");
	WRITE_ONCE(hash->node, node);
}

static struct node *hash_remove(void)
{
	struct node *node;

	if (READ_ONCE(hash->lock) != the_lock)
		fatal("pvqspinlock: nobody to kick");
	node = READ_ONCE(hash->node);
	WRITE_ONCE(hash->lock, NULL);
	return node;
}

/* Halt while a byte has a value. */
static void wait_while(u8 *byte, u8 value)
{
	unsigned long flags = platform_irq_save();

	if (READ_ONCE(*byte) == value)
		platform_halt(flags);
	platform_irq_restore(flags);
}

/* *,0,0 -> *,0,1, again and again while there is a queue without pending. */
static bool steal(void)
{
	for (;;) {
		struct lock_word seen;

		seen.value = READ_ONCE(the_lock->value);
		if (!seen.locked_pending &&
		    !cmpxchg(&the_lock->locked, 0, LOCKED))
			return true;
		if (!seen.tail || seen.pending)
			return false;
		platform_relax();
	}
}

static bool predecessor_sleeps(struct node *previous, u32 loop)
{
	return !(loop & PREDECESSOR_CHECK_MASK) &&
	       READ_ONCE(previous->state) != NODE_RUNNING;
}

static bool spin_as_queued(struct node *node, struct node *previous)
{
	u32 loop;

	for (loop = threshold; loop; loop--) {
		if (READ_ONCE(node->locked))
			return true;
		if (predecessor_sleeps(previous, loop))
			return false;
		platform_relax();
	}
	return false;
}

static void wait_as_queued(struct node *node, struct node *previous)
{
	while (!spin_as_queued(node, previous)) {
		xchg(&node->state, NODE_HALTED);
		if (!READ_ONCE(node->locked))
			wait_while(&node->state, NODE_HALTED);
		/* It stays HASHED if the predecessor has made it so. */
		cmpxchg(&node->state, NODE_HALTED, NODE_RUNNING);
	}
}

static bool spin_as_head(void)
{
	u32 loop;

	WRITE_ONCE(the_lock->pending, 1);
	for (loop = threshold; loop; loop--) {
		if (!READ_ONCE(the_lock->locked) &&
		    cmpxchg(&the_lock->locked_pending, PENDING, LOCKED) ==
		    PENDING)
			return true;
		platform_relax();
	}
	WRITE_ONCE(the_lock->pending, 0);
	return false;
}

/* Enter the head in the hash table; true if the lock was free: it is ours. */
static bool mark_slow(struct node *node)
{
	hash_insert(node);
	if (xchg(&the_lock->locked, LOCKED_SLOW))
		return false;
	WRITE_ONCE(the_lock->locked, LOCKED);
	WRITE_ONCE(hash->lock, NULL);
	return true;
}

static void wait_as_head(struct node *node)
{
	bool hashed = READ_ONCE(node->state) == NODE_HASHED;

	for (;;) {
		WRITE_ONCE(node->state, NODE_RUNNING);
		if (spin_as_head())
			return;
		if (!hashed) {
			hashed = true;
			if (mark_slow(node))
				return;
		}
		WRITE_ONCE(node->state, NODE_HASHED);
		wait_while(&the_lock->locked, LOCKED_SLOW);
	}
}

/* The holder makes the next in the queue its head. */
static void promote(struct node *next)
{
	/* Pairs with the ordered xchg() in wait_as_queued(). */
	smp_store_release(&next->locked, 1);
	if (cmpxchg(&next->state, NODE_HALTED, NODE_HASHED) != NODE_HALTED)
		return;
	WRITE_ONCE(the_lock->locked, LOCKED_SLOW);
	hash_insert(next);
}

/* n,0,1 -> 0,0,1 */
static bool leave_empty_queue(u16 tail)
{
	struct lock_word seen;

	seen.value = READ_ONCE(the_lock->value);
	return seen.tail == tail &&
	       cmpxchg(&the_lock->value, seen.value, LOCKED) == seen.value;
}

static void lock_slowpath(void)
{
	u16 tail = platform_cpu() + 1;
	struct node *node = &nodes[tail - 1];
	struct node *next = NULL;
	u16 previous;

	WRITE_ONCE(node->locked, 0);
	WRITE_ONCE(node->next, NULL);
	WRITE_ONCE(node->state, NODE_RUNNING);
	node->cpu = tail - 1;
	if (steal())
		return;

	previous = xchg(&the_lock->tail, tail);
	if (previous) {
		WRITE_ONCE(nodes[previous - 1].next, node);
		wait_as_queued(node, &nodes[previous - 1]);
		next = READ_ONCE(node->next);
	}
	wait_as_head(node);
	if (leave_empty_queue(tail))
		return;
	while (!next) {
		next = READ_ONCE(node->next);
		if (!next)
			platform_relax();
	}
	promote(next);
}

static void do_lock(void)
{
	if (cmpxchg(&the_lock->value, 0, LOCKED))
		lock_slowpath();
}

static void do_unlock(void)
{
	struct node *node;

	if (cmpxchg(&the_lock->locked, LOCKED, 0) == LOCKED)
		return;
	node = hash_remove();
	/* Pairs with cmpxchg() in steal() and spin_as_head(). */
	smp_store_release(&the_lock->locked, 0);
	platform_kick(node->cpu);
}

const struct lock_type lock_pvqspinlock = {
	.name = "pvqspinlock",
	.description = "model of Linux 6.1's PV qspinlock, 2^15 loops",
	.init = init,
	.lock = do_lock,
	.unlock = do_unlock,
};

const struct lock_type lock_pvqspinlock_tuned = {
	.name = "pvqspinlock-tuned",
	.description = "the same with 2^12 loops",
	.init = init_tuned,
	.lock = do_lock,
	.unlock = do_unlock,
};

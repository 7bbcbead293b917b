// SPDX-License-Identifier: GPL-2.0
/*
 * Waiter table: from (lock, ticket) to the CPU that waits, in constant time.
 *
 * The 2012 series gave each CPU one slot and let the unlocker scan all CPUs.
 * That is O(CPUs) per kick on cache lines that every waiter writes, and one
 * slot is not enough: an interrupt handler may wait for a second lock while
 * the context below it waits for the first.
 *
 * Here a waiter claims any entry of the bucket that (lock, ticket) hashes to.
 * A bucket is one cache line, so publishing and finding touch one line each,
 * whatever the number of CPUs. Nesting needs no care: each context that waits
 * has an entry of its own.
 *
 * States of an entry, by its lock pointer:
 *
 *   NULL     free
 *   CLAIMED  being filled in; belongs to the CPU that claimed it
 *   lock     published
 *
 *   waiter_publish()   NULL -> CLAIMED (cmpxchg) -> lock (release store)
 *   waiter_retract()   lock -> NULL
 *
 * What a published entry says is the protocol of its users, in
 * ticket_algorithm.h. The table itself promises less:
 *
 * - A published entry is found until it is retracted.
 * - An entry that is retracted and claimed again during a look-up may be that
 *   of another waiter when it is used. The waiter looked for has then left the
 *   table, so it is awake; the other one is kicked, and takes its halt's end
 *   for a spurious one.
 *
 * Limit: a bucket holds WAITER_BUCKET_ENTRIES waiters. If it is full,
 * publishing fails and the caller has to go on spinning. The table has at
 * least four entries for each waiter that can exist, so this is rare; the
 * counter waiter_table_full tells how rare.
 */
#include "platform/platform.h"
#include "waiter_table.h"
#include "statistics.h"

#define WAITER_BUCKET_BYTES	64
#define WAITER_BUCKET_ENTRIES	(WAITER_BUCKET_BYTES / sizeof(struct waiter))

/* Contexts of one CPU that can halt in a lock: task, softirq, hardirq. */
#define WAITER_NESTING		3
#define WAITER_SPARE_FACTOR	4

#define WAITER_CLAIMED		((const void *)1UL)

struct waiter_bucket {
	struct waiter entry[WAITER_BUCKET_ENTRIES];
} __aligned(WAITER_BUCKET_BYTES);

static struct waiter_bucket *waiter_table;
static unsigned int waiter_table_bits;

/**
 * waiter_table_init() - allocate the table for platform_nr_cpus() CPUs
 *
 * Context: process context, may sleep; before any lock is contended.
 * Return: 0, or -ENOMEM.
 */
int waiter_table_init(void)
{
	size_t waiters = (size_t)platform_nr_cpus() * WAITER_NESTING;
	size_t entries = WAITER_BUCKET_ENTRIES;
	unsigned int bits = 0;

	while (entries < waiters * WAITER_SPARE_FACTOR) {
		entries *= 2;
		bits++;
	}

	waiter_table = platform_zalloc(sizeof(*waiter_table) << bits);
	if (!waiter_table)
		return -ENOMEM;
	waiter_table_bits = bits;
	return 0;
}

/**
 * waiter_table_exit() - free the table
 *
 * Context: process context, may sleep; no lock is contended any more.
 */
void waiter_table_exit(void)
{
	platform_free(waiter_table);
	waiter_table = NULL;
}

/*
 * Fibonacci hashing (Knuth, TAOCP 6.4). The ticket is spread over the high
 * bits first, so that neighbouring tickets of one lock and equal tickets of
 * neighbouring locks both fall into different buckets.
 */
static struct waiter_bucket *waiter_bucket(const void *lock, ticket_t ticket)
{
	u64 key = (u64)(unsigned long)lock ^ ((u64)ticket << 47);
	u64 hash = key * 0x9e3779b97f4a7c15ULL;

	return &waiter_table[waiter_table_bits ?
			     hash >> (64 - waiter_table_bits) : 0];
}

/**
 * waiter_publish() - make this CPU findable as the waiter for a ticket
 * @lock: the lock
 * @ticket: the ticket that this CPU waits for
 *
 * Context: any but NMI, preemption disabled.
 * Return: the entry, to be given to waiter_retract(); NULL if the bucket is
 * full and the caller must not halt.
 */
struct waiter *waiter_publish(const void *lock, ticket_t ticket)
{
	struct waiter_bucket *bucket = waiter_bucket(lock, ticket);
	unsigned int i;

	for (i = 0; i < WAITER_BUCKET_ENTRIES; i++) {
		struct waiter *waiter = &bucket->entry[i];

		if (READ_ONCE(waiter->lock) ||
		    cmpxchg(&waiter->lock, NULL, WAITER_CLAIMED))
			continue;

		WRITE_ONCE(waiter->ticket, ticket);
		WRITE_ONCE(waiter->cpu, platform_cpu());
		WRITE_ONCE(waiter->state, WAITER_AWAKE);
		WRITE_ONCE(waiter->overtaken, 0);
		/*
		 * [D] litmus: MP+publish+find. Pairs with smp_load_acquire()
		 * in waiter_find().
		 */
		smp_store_release(&waiter->lock, lock);
		return waiter;
	}
	ticket_count(waiter_table_full);
	return NULL;
}

/**
 * waiter_retract() - free the entry of a waiter that no longer halts
 * @waiter: what waiter_publish() returned
 *
 * Also for the entry of a waiter that has left the line, by the owner of the
 * lock that passes over it.
 *
 * Context: any but NMI.
 */
void waiter_retract(struct waiter *waiter)
{
	/*
	 * litmus: S+retract+claim. A look-up that still sees the entry costs
	 * a spurious kick. Pairs with the cmpxchg() that claims it again: what
	 * this waiter said about its state must not come after what the next
	 * one says.
	 */
	smp_store_release(&waiter->lock, NULL);
}

/**
 * waiter_find() - find the waiter for a ticket
 * @lock: the lock, used as an address only
 * @ticket: the ticket
 *
 * Context: any, also NMI.
 * Return: its entry, which may cease to be that waiter's at any time unless
 * the caller holds the lock; NULL if nobody has published that ticket.
 */
struct waiter *waiter_find(const void *lock, ticket_t ticket)
{
	struct waiter_bucket *bucket = waiter_bucket(lock, ticket);
	unsigned int i;

	for (i = 0; i < WAITER_BUCKET_ENTRIES; i++) {
		struct waiter *waiter = &bucket->entry[i];

		/* Pairs with [D] in waiter_publish(). */
		if (smp_load_acquire(&waiter->lock) == lock &&
		    READ_ONCE(waiter->ticket) == ticket)
			return waiter;
	}
	return NULL;
}

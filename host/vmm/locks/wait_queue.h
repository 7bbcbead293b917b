/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that wait in line. The lock of whoever has the queue guards it.
 */
#ifndef WAIT_QUEUE_H
#define WAIT_QUEUE_H

#include "blocking.h"

/**
 * struct wait_entry - a thread that waits, on its stack
 * @next: the one behind it
 * @cpu: whom to kick
 * @woken: it need not wait any more
 */
struct wait_entry {
	struct wait_entry *next;
	u32 cpu;
	u32 woken;
};

/**
 * struct wait_queue - first in, first out
 * @first: who waits longest, or NULL
 * @last: who came last; undefined if there is none
 */
struct wait_queue {
	struct wait_entry *first;
	struct wait_entry *last;
};

/**
 * wait_queue_append() - wait in line
 * @queue: the queue, whose lock is held
 * @entry: the calling thread's; it is followed by wait_entry_block()
 */
static inline void wait_queue_append(struct wait_queue *queue,
				     struct wait_entry *entry)
{
	*entry = (struct wait_entry){ .cpu = platform_cpu() };
	if (queue->first)
		queue->last->next = entry;
	else
		queue->first = entry;
	queue->last = entry;
}

/**
 * wait_entry_wake() - end a thread's wait
 * @entry: it is gone when this returns
 */
static inline void wait_entry_wake(struct wait_entry *entry)
{
	u32 cpu = entry->cpu;

	/* Pairs with smp_load_acquire() in wait_entry_block(). */
	smp_store_release(&entry->woken, 1);
	platform_kick(cpu);
}

/**
 * wait_queue_take_all() - take out everybody
 * @queue: the queue, whose lock is held
 *
 * Return: for wait_entries_wake(), after the lock is released.
 */
static inline struct wait_entry *wait_queue_take_all(struct wait_queue *queue)
{
	struct wait_entry *entries = queue->first;

	queue->first = NULL;
	return entries;
}

/**
 * wait_entries_wake() - wake all that wait_queue_take_all() returned
 * @entry: the first of them, or NULL
 */
static inline void wait_entries_wake(struct wait_entry *entry)
{
	while (entry) {
		struct wait_entry *next = entry->next;

		wait_entry_wake(entry);
		entry = next;
	}
}

/**
 * wait_entry_block() - wait until woken
 * @entry: what wait_queue_append() was given
 * @rank: crosscalls of this rank and higher are served meanwhile
 *
 * Context: the lock of the queue is not held.
 */
static inline void wait_entry_block(struct wait_entry *entry, u16 rank)
{
	/* Pairs with smp_store_release() in wait_entry_wake(). */
	blocking_wait(rank, smp_load_acquire(&entry->woken));
}

#endif /* WAIT_QUEUE_H */

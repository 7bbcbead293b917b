// SPDX-License-Identifier: GPL-2.0
/*
 * The table of all locks.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "lock.h"

const struct bench_lock *const bench_locks[] = {
	&bench_lock_pvticket,
	&bench_lock_ticket,
	&bench_lock_spinlock,
	&bench_lock_tas,
	&bench_lock_busted,
};

const unsigned int bench_lock_count = ARRAY_SIZE(bench_locks);

/**
 * bench_lock_find() - the lock of a given name
 * @name: the name
 *
 * Return: the lock, or NULL if there is none.
 */
const struct bench_lock *bench_lock_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < bench_lock_count; i++) {
		if (!strcmp(bench_locks[i]->name, name))
			return bench_locks[i];
	}
	return NULL;
}

/**
 * bench_lock_implementation() - what a lock really is on this machine
 * @lock: the lock
 * @name: where to put it
 * @size: size of @name, BENCH_IMPLEMENTATION_SIZE
 */
void bench_lock_implementation(const struct bench_lock *lock, char *name,
			       size_t size)
{
	if (lock->implementation)
		lock->implementation(name, size);
	else
		strscpy(name, lock->name, size);
}

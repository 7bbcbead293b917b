// SPDX-License-Identifier: GPL-2.0
/*
 * The list of locks.
 */
#include <string.h>

#include "lock.h"

const struct lock_type *const lock_types[] = {
	&lock_pvticket,
	&lock_pvticket_fifo,
	&lock_ticket,
	&lock_tas,
	&lock_pvqspinlock,
	&lock_pvqspinlock_tuned,
	&lock_pvticket_worse,
	&lock_busted,
	NULL
};

/**
 * lock_find() - find a lock by its name
 * @name: the name
 *
 * Return: the lock, or NULL.
 */
const struct lock_type *lock_find(const char *name)
{
	const struct lock_type *const *type;

	for (type = lock_types; *type; type++) {
		if (!strcmp((*type)->name, name))
			return *type;
	}
	return NULL;
}

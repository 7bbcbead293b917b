// SPDX-License-Identifier: GPL-2.0
/*
 * All locks of the image.
 */
#include "lock.h"
#include "../machine/string.h"
#include "../machine/text.h"

static const struct bench_lock *const locks[] = {
	&bench_lock_pvticket,
	&bench_lock_ticket,
	&bench_lock_tas,
	&bench_lock_pv_qspinlock,
	&bench_lock_pv_qspinlock_tuned,
	&bench_lock_qspinlock,
	&bench_lock_busted,
};

/**
 * bench_lock_find() - find a lock
 * @name: what users call it
 *
 * Return: the lock, or NULL.
 */
const struct bench_lock *bench_lock_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(locks); i++) {
		if (!strcmp(locks[i]->name, name))
			return locks[i];
	}
	return NULL;
}

/**
 * bench_lock_print_names() - for messages
 */
void bench_lock_print_names(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(locks); i++)
		text_print(" %s", locks[i]->name);
}

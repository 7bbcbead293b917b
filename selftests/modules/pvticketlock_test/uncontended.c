// SPDX-License-Identifier: GPL-2.0
/*
 * The fast paths by themselves, as the compiler makes them for a module.
 *
 * selftests/uncontended reads their instructions out of this module and
 * counts them. They are part of the test "api", so that what is read is also
 * what was run.
 */
#include <asm/barrier.h>

#include "../../../guest/pvticketlock.h"
#include "test.h"

noinline void uncontended_lock(struct ticket_lock *lock)
	__acquires(lock)
{
	ticket_lock(lock);
}

noinline void uncontended_unlock(struct ticket_lock *lock)
	__releases(lock)
{
	ticket_unlock(lock);
}

/* One locked instruction too many: those who count have to notice. */
noinline void uncontended_unlock_slowly(struct ticket_lock *lock)
	__releases(lock)
{
	/* Pairs with nothing: it is there to be counted. */
	smp_mb();
	ticket_unlock(lock);
}

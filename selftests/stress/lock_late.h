/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Negative control: touches its memory after the releasing instruction, as
 * the 2012 series did. It excludes, but must not be freed by the next owner.
 * Every third release takes long enough for that to happen.
 */
#include <sched.h>
#include <unistd.h>

#define STRESS_LOCK_NAME	"late"
#define STRESS_LATE_US		500

typedef struct { bool held; unsigned int releases; } stress_lock_t;

static unsigned int stress_late_releases;

#define stress_init(lock)						\
do {									\
	WRITE_ONCE((lock)->held, false);				\
	WRITE_ONCE((lock)->releases, 0);				\
} while (0)
#define stress_trylock(lock)						\
	(!__atomic_exchange_n(&(lock)->held, true, __ATOMIC_SEQ_CST))
#define stress_lock(lock)						\
do {									\
	while (!stress_trylock(lock))					\
		sched_yield();						\
} while (0)
#define stress_unlock(lock)						\
do {									\
	/* Pairs with the exchange in stress_trylock(). */		\
	smp_store_release(&(lock)->held, false);			\
	if (xadd(&stress_late_releases, 1) % 3 == 0)				\
		usleep(STRESS_LATE_US);					\
	WRITE_ONCE((lock)->releases, 1);				\
} while (0)

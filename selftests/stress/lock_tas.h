/* SPDX-License-Identifier: GPL-2.0 */
/* Test and set. */
#define STRESS_LOCK_NAME	"tas"

typedef struct { bool held; } stress_lock_t;

#define stress_init(lock)	WRITE_ONCE((lock)->held, false)
#define stress_trylock(lock)						\
	(!__atomic_exchange_n(&(lock)->held, true, __ATOMIC_SEQ_CST))
/* Pairs with the exchange in stress_trylock(). */
#define stress_unlock(lock)	smp_store_release(&(lock)->held, false)
#define stress_lock(lock)						\
do {									\
	while (!stress_trylock(lock))					\
		platform_relax();					\
} while (0)

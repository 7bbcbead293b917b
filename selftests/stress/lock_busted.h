/* SPDX-License-Identifier: GPL-2.0 */
/* Negative control: no exclusion. Every test has to fail. */
#define STRESS_LOCK_NAME	"busted"

typedef struct { bool held; } stress_lock_t;

#define stress_init(lock)	WRITE_ONCE((lock)->held, false)
#define stress_lock(lock)	WRITE_ONCE((lock)->held, true)
#define stress_trylock(lock)	(WRITE_ONCE((lock)->held, true), true)
#define stress_unlock(lock)	WRITE_ONCE((lock)->held, false)

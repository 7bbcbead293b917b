/* SPDX-License-Identifier: GPL-2.0 */
/* The lock core as it is: spin, then halt by futex. */
#include "../../kernel/ticket_lock.h"

#define STRESS_LOCK_NAME	"pvticket"

typedef struct ticket_lock stress_lock_t;

#define stress_init(lock)	ticket_lock_init(lock)
#define stress_lock(lock)	ticket_lock(lock)
#define stress_trylock(lock)	ticket_trylock(lock)
#define stress_unlock(lock)	ticket_unlock(lock)

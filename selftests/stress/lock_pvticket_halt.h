/* SPDX-License-Identifier: GPL-2.0 */
/* The lock core with waiters that hardly spin, so that the slow paths run. */
#include "lock_pvticket.h"
#include "../../kernel/ticket_core.h"

#undef STRESS_LOCK_NAME
#define STRESS_LOCK_NAME	"pvticket_halt"
#define stress_configure()		ticket_set_spin_ns(1)

/* SPDX-License-Identifier: GPL-2.0 */
/* The lock core without overtaking: every hand-over is to a halted waiter. */
#include "lock_pvticket.h"
#include "../../kernel/ticket_core.h"

#undef STRESS_LOCK_NAME
#define STRESS_LOCK_NAME	"pvticket_fifo"
#define stress_configure()							\
do {									\
	ticket_set_spin_ns(1);					\
	ticket_set_overtake_limit(0);					\
} while (0)

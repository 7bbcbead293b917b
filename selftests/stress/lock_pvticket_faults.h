/* SPDX-License-Identifier: GPL-2.0 */
/* The lock core with delays at the worst places, and spurious wake-ups. */
#include "lock_pvticket.h"
#include "../../kernel/ticket_core.h"

#undef STRESS_LOCK_NAME
#define STRESS_LOCK_NAME	"pvticket_faults"
#define stress_configure()						\
do {									\
	ticket_set_spin_ns(1);					\
	platform_user_inject_faults(100);				\
} while (0)

/* SPDX-License-Identifier: GPL-2.0 */
/* The lock core where nobody can be kicked: nobody gets in line. */
#include "lock_pvticket.h"
#include "../../kernel/ticket_core.h"

#undef STRESS_LOCK_NAME
#define STRESS_LOCK_NAME	"pvticket_unfair"
#define stress_configure()	ticket_set_unfair(true)

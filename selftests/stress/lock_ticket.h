/* SPDX-License-Identifier: GPL-2.0 */
/* The lock core compiled against platform_spin.h: a plain ticket lock. */
#include "lock_pvticket.h"

#undef STRESS_LOCK_NAME
#define STRESS_LOCK_NAME	"ticket"

/* SPDX-License-Identifier: GPL-2.0 */
/* The lock core with PLATFORM_USER_NATIVE: nobody ever halts. */
#include "lock_pvticket.h"

#undef STRESS_LOCK_NAME
#define STRESS_LOCK_NAME	"ticket"

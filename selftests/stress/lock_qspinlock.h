/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's queued spinlock as it is on hardware: nobody ever halts. */
#define RIVAL_NATIVE
#include "lock_pv_qspinlock.h"

#undef STRESS_LOCK_NAME
#undef stress_configure
#undef stress_count
#define STRESS_LOCK_NAME	"qspinlock"

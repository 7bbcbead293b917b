/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's queued spinlock as it is on hardware: nobody ever halts. */
#define RIVAL_NATIVE
#ifndef STRESS_LOCK_NAME
#define STRESS_LOCK_NAME	"qspinlock"
#endif
#include "lock_pv_qspinlock.h"

#undef stress_configure
#undef stress_count

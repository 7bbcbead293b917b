/* SPDX-License-Identifier: GPL-2.0 */
/* A process whose waiters never halt: what a machine without hypervisor is. */
#ifndef STRESS_PLATFORM_SPIN_H
#define STRESS_PLATFORM_SPIN_H

#define platform_pv_enabled	platform_user_pv_enabled
#include "../../kernel/platform_user.h"
#undef platform_pv_enabled

static __always_inline bool platform_pv_enabled(void)
{
	return false;
}

#endif /* STRESS_PLATFORM_SPIN_H */

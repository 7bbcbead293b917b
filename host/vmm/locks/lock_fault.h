/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Failures on purpose, so that the paths behind them are tested: those of a
 * trylock, of an allocation. Only where ranks are checked.
 */
#ifndef LOCK_FAULT_H
#define LOCK_FAULT_H

#include "../../../kernel/platform/platform.h"

#ifdef LOCK_RANK_CHECK

void lock_faults_set(u32 per_mille, u64 seed);
bool lock_fault(void);

#else

static inline bool lock_fault(void)
{
	return false;
}

#endif /* LOCK_RANK_CHECK */

#endif /* LOCK_FAULT_H */

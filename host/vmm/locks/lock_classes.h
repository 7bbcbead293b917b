/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The classes of the VMM's locks: class_NAME for each NAME of lock_ranks.h.
 */
#ifndef PVMM_LOCK_CLASSES_H
#define PVMM_LOCK_CLASSES_H

#include "lock_rank.h"

/* How long a thread of the VMM spins for a lock before it blocks. */
#define VMM_LOCK_SPIN_NS	30000

#define LOCK_RANK(name, rank)	extern const struct lock_class class_##name;
#include "lock_ranks.h"
#undef LOCK_RANK

#endif /* PVMM_LOCK_CLASSES_H */

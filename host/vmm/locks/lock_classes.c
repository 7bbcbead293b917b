// SPDX-License-Identifier: GPL-2.0
/*
 * The classes of the VMM's locks.
 */
#include "lock_classes.h"

#define LOCK_RANK(name, rank)	const struct lock_class class_##name = { #name, rank };
#include "lock_ranks.h"
#undef LOCK_RANK

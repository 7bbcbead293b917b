/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a lock says that its waiters did. A lock's header defines
 * stress_count(counters) if it knows.
 */
#ifndef STRESS_COUNTERS_H
#define STRESS_COUNTERS_H

#include "../../kernel/platform/platform.h"

/**
 * struct stress_counters - since the start of the program
 * @halts: times that a waiter halted
 * @kicks: times that a waiter was kicked
 * @spurious: halts that ended without a reason
 * @steals: acquisitions out of turn
 */
struct stress_counters {
	u64 halts;
	u64 kicks;
	u64 spurious;
	u64 steals;
};

#endif /* STRESS_COUNTERS_H */

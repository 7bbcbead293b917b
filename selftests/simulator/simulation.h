/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIMULATOR_SIMULATION_H
#define SIMULATOR_SIMULATION_H

#include "locks/lock.h"
#include "workload.h"

void simulation_run(const struct workload *workload,
		    const struct lock_options *options);

#endif /* SIMULATOR_SIMULATION_H */

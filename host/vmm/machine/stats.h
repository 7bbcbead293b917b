/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happened, in JSON.
 */
#ifndef PVMM_STATS_H
#define PVMM_STATS_H

#include <stdio.h>

#include "machine.h"

struct stats_times {
	double setup_s;		/* until the guest was entered */
	double run_s;
};

const char *stats__state(const struct vm *vm);
void stats__write(FILE *file, const struct machine *machine,
		  const struct stats_times *times);

#endif /* PVMM_STATS_H */

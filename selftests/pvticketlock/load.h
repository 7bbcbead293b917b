/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System calls that contend for the kernel's spinlocks.
 */
#ifndef SELFTEST_LOAD_H
#define SELFTEST_LOAD_H

#include <stdbool.h>

/* How long a process may go without a round, in milliseconds. */
#define LOAD_PATIENCE_MS	60000

int load_start(unsigned int processes);
bool load_goes_on(void);
int load_stop(void);

#endif /* SELFTEST_LOAD_H */

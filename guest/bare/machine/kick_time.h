/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long it takes from a kick until the halt has ended, in nanoseconds.
 */
#ifndef BARE_KICK_TIME_H
#define BARE_KICK_TIME_H

#include "../../lockbench/histogram.h"
#include "cpu.h"

/* Written by its own vCPU only. */
extern struct histogram kick_time[MAX_CPUS];

#endif /* BARE_KICK_TIME_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One lock of the uncontended benchmark.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

/**
 * struct bench_lock - a lock to measure
 * @name: as printed
 * @run: lock and unlock @pairs times, all inlined into one loop
 */
struct bench_lock {
	const char *name;
	void (*run)(uint64_t pairs);
};

extern const struct bench_lock bench_pvticket;
extern const struct bench_lock bench_ticket;
extern const struct bench_lock bench_qspinlock;
extern const struct bench_lock bench_pv_qspinlock;

#endif /* BENCH_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log-linear histogram of times: 32 buckets to each power of two.
 */
#ifndef SIMULATOR_HISTOGRAM_H
#define SIMULATOR_HISTOGRAM_H

#include "types.h"

#define HISTOGRAM_SUB_BITS	5
#define HISTOGRAM_BUCKETS	(42 << HISTOGRAM_SUB_BITS)

struct histogram {
	u64 total;
	u32 count[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, u64 ns);
void histogram_merge(struct histogram *sum, const struct histogram *one);
u64 histogram_quantile(const struct histogram *histogram, u32 per_myriad);

#endif /* SIMULATOR_HISTOGRAM_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log-linear histogram: every power of two is divided into
 * HISTOGRAM_SUB_BUCKETS buckets of equal width, so a bucket's width is at most
 * 1/HISTOGRAM_SUB_BUCKETS of the values in it, from 1 to 2^64 - 1.
 *
 * On any platform of the lock core; the benchmark of threads uses it, too.
 */
#ifndef LOCKBENCH_HISTOGRAM_H
#define LOCKBENCH_HISTOGRAM_H

#include "../../kernel/platform/platform.h"

#define HISTOGRAM_SUB_BITS	4
#define HISTOGRAM_SUB_BUCKETS	16U
#define HISTOGRAM_BUCKETS \
	((64 - HISTOGRAM_SUB_BITS + 1) * HISTOGRAM_SUB_BUCKETS)

struct histogram {
	u64 max;
	u64 count[HISTOGRAM_BUCKETS];
};

/*
 * The bucket that counts @value. Below 2 * HISTOGRAM_SUB_BUCKETS every value
 * has a bucket of its own.
 */
static __always_inline unsigned int histogram_bucket(u64 value)
{
	unsigned int shift = 63 - HISTOGRAM_SUB_BITS -
			     __builtin_clzll(value | (2 * HISTOGRAM_SUB_BUCKETS - 1));

	return (shift << HISTOGRAM_SUB_BITS) + (value >> shift);
}

static __always_inline void histogram_add(struct histogram *histogram,
					  u64 value)
{
	histogram->count[histogram_bucket(value)]++;
	if (value > histogram->max)
		histogram->max = value;
}

u64 histogram_bucket_upper(unsigned int bucket);
void histogram_merge(struct histogram *sum, const struct histogram *one);
u64 histogram_total(const struct histogram *histogram);
u64 histogram_quantile(const struct histogram *histogram,
		       unsigned int per_myriad);

#endif /* LOCKBENCH_HISTOGRAM_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log-linear histogram: every power of two is divided into
 * HISTOGRAM_SUB_BUCKETS buckets of equal width, so a bucket's width is at most
 * 1/HISTOGRAM_SUB_BUCKETS of the values in it, from 1 to 2^64 - 1.
 */
#ifndef LOCKBENCH_HISTOGRAM_H
#define LOCKBENCH_HISTOGRAM_H

#include <linux/bitops.h>
#include <linux/log2.h>
#include <linux/types.h>

#define HISTOGRAM_SUB_BUCKETS	16U
#define HISTOGRAM_SUB_BITS	ilog2(HISTOGRAM_SUB_BUCKETS)
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
	unsigned int shift = fls64(value | (2 * HISTOGRAM_SUB_BUCKETS - 1)) -
			     1 - HISTOGRAM_SUB_BITS;

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
		       unsigned int permille);

#endif /* LOCKBENCH_HISTOGRAM_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Log-linear histogram: merging and reading.
 */
#include "histogram.h"

#define MYRIAD	10000

/**
 * histogram_bucket_upper() - the greatest value that a bucket counts
 * @bucket: less than HISTOGRAM_BUCKETS
 *
 * Return: the greatest value v with histogram_bucket(v) == @bucket.
 */
u64 histogram_bucket_upper(unsigned int bucket)
{
	unsigned int shift = bucket >> HISTOGRAM_SUB_BITS;
	u64 step;

	if (shift)
		shift--;
	step = bucket - (shift << HISTOGRAM_SUB_BITS);
	return (step << shift) + ((1ULL << shift) - 1);
}

/**
 * histogram_merge() - add one histogram to another
 * @sum: what is added to
 * @one: what is added; nobody counts in it any more
 */
void histogram_merge(struct histogram *sum, const struct histogram *one)
{
	unsigned int i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		sum->count[i] += one->count[i];
	if (one->max > sum->max)
		sum->max = one->max;
}

/**
 * histogram_total() - how many values were counted
 * @histogram: the histogram
 */
u64 histogram_total(const struct histogram *histogram)
{
	u64 total = 0;
	unsigned int i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		total += histogram->count[i];
	return total;
}

/**
 * histogram_quantile() - an upper bound of a quantile
 * @histogram: the histogram
 * @per_myriad: the part of the values that shall not exceed the result, in
 *	ten-thousandths
 *
 * Return: the upper end of the bucket that the quantile lies in, which is at
 * most 1/HISTOGRAM_SUB_BUCKETS too high, but never more than the greatest
 * value. 0 if the histogram is empty.
 */
u64 histogram_quantile(const struct histogram *histogram,
		       unsigned int per_myriad)
{
	u64 rank = (histogram_total(histogram) * per_myriad + MYRIAD - 1) / MYRIAD;
	u64 upper, seen = 0;
	unsigned int i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->count[i];
		if (!histogram->count[i] || seen < rank)
			continue;
		upper = histogram_bucket_upper(i);
		return upper < histogram->max ? upper : histogram->max;
	}
	return 0;
}

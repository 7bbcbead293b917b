// SPDX-License-Identifier: GPL-2.0
#include "histogram.h"

#define SUB_BUCKETS	(1U << HISTOGRAM_SUB_BITS)

static u32 bucket_of(u64 ns)
{
	u32 log;
	u32 bucket;

	if (ns < SUB_BUCKETS)
		return ns;
	log = 63 - __builtin_clzll(ns);
	bucket = ((log - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS) +
		 (u32)((ns >> (log - HISTOGRAM_SUB_BITS)) - SUB_BUCKETS);
	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The largest value that falls into a bucket. */
static u64 bucket_upper(u32 bucket)
{
	u32 octave = bucket >> HISTOGRAM_SUB_BITS;
	u64 sub = bucket & (SUB_BUCKETS - 1);

	if (!octave)
		return sub;
	return ((SUB_BUCKETS + sub + 1) << (octave - 1)) - 1;
}

/**
 * histogram_add() - count a value
 * @histogram: where
 * @ns: the value
 */
void histogram_add(struct histogram *histogram, u64 ns)
{
	histogram->count[bucket_of(ns)]++;
	histogram->total++;
}

/**
 * histogram_merge() - add one histogram to another
 * @sum: the sum so far
 * @one: what is added
 */
void histogram_merge(struct histogram *sum, const struct histogram *one)
{
	u32 bucket;

	for (bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++)
		sum->count[bucket] += one->count[bucket];
	sum->total += one->total;
}

/**
 * histogram_quantile() - the value below which a share of all values is
 * @histogram: the values
 * @per_myriad: the share, in ten-thousandths
 *
 * Return: the upper bound of the bucket, 0 if there are no values.
 */
u64 histogram_quantile(const struct histogram *histogram, u32 per_myriad)
{
	u64 wanted = (histogram->total * per_myriad + 9999) / 10000;
	u64 seen = 0;
	u32 bucket;

	if (!histogram->total)
		return 0;
	for (bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
		seen += histogram->count[bucket];
		if (seen >= wanted)
			return bucket_upper(bucket);
	}
	return 0;
}

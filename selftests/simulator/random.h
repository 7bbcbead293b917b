/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIMULATOR_RANDOM_H
#define SIMULATOR_RANDOM_H

#include "types.h"

/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014) */
static inline u64 random_next(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Uniform in mean - mean/part ... mean + mean/part. */
static inline simtime random_around(u64 *state, simtime mean, u32 part)
{
	simtime spread = mean / part;

	return mean - spread + random_next(state) % (2 * spread + 1);
}

#endif /* SIMULATOR_RANDOM_H */

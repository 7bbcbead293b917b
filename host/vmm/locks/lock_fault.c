// SPDX-License-Identifier: GPL-2.0
/*
 * Which attempts fail on purpose.
 */
#include "lock_fault.h"

#ifdef LOCK_RANK_CHECK

#include "lock_thread.h"

#define PER_MILLE	1000U

static u32 fault_per_mille;
static u64 fault_seed;

/**
 * lock_faults_set() - say how often attempts fail
 * @per_mille: of 1000 attempts, on average; 0 is never
 * @seed: the same seed makes the same attempts of each thread fail
 *
 * Context: no other thread uses locks meanwhile, or a thread's attempts are
 * not the same in each run.
 */
void lock_faults_set(u32 per_mille, u64 seed)
{
	u32 cpu;

	WRITE_ONCE(fault_seed, seed);
	for (cpu = 0; cpu < platform_nr_cpus(); cpu++)
		WRITE_ONCE(lock_threads[cpu].fault_state, 0);
	WRITE_ONCE(fault_per_mille, per_mille);
}

/* splitmix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
 * Generators", 2014)
 */
static u64 next_random(u64 *state)
{
	u64 z = READ_ONCE(*state) + 0x9e3779b97f4a7c15ULL;

	WRITE_ONCE(*state, z);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/**
 * lock_fault() - tell whether this attempt is to fail
 *
 * Return: whether it has to.
 */
bool lock_fault(void)
{
	u32 per_mille = READ_ONCE(fault_per_mille);
	u64 *state = &lock_thread()->fault_state;

	if (!per_mille)
		return false;
	if (!READ_ONCE(*state))
		WRITE_ONCE(*state, READ_ONCE(fault_seed) + platform_cpu() + 1);
	return next_random(state) % PER_MILLE < per_mille;
}

#endif /* LOCK_RANK_CHECK */

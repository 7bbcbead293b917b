// SPDX-License-Identifier: GPL-2.0
/*
 * Test-and-set: whoever sees the lock free first takes it. And no lock at all, so
 * that the check of exclusion can be seen to work.
 */
#include "lock.h"
#include "loop.h"

static __always_inline void tas_lock(union bench_lock_word *word)
{
	while (unlikely(__atomic_exchange_n(&word->word, 1, __ATOMIC_ACQUIRE))) {
		while (READ_ONCE(word->word))
			cpu_relax();
	}
}

static __always_inline void tas_unlock(union bench_lock_word *word)
{
	/* Pairs with the exchange of the next owner. */
	smp_store_release(&word->word, 0);
}

static void tas_loop(struct bench_thread *thread)
{
	static const struct bench_primitive tas = { tas_lock, tas_unlock, NULL };

	bench_loop(thread, &tas);
}

static __always_inline void no_lock(union bench_lock_word *word)
{
	(void)word;
}

static void busted_loop(struct bench_thread *thread)
{
	static const struct bench_primitive busted = { no_lock, no_lock, NULL };

	bench_loop(thread, &busted);
}

const struct bench_lock bench_lock_tas = {
	.name = "tas",
	.loop = tas_loop,
	.has_holder = true,
};

const struct bench_lock bench_lock_busted = {
	.name = "busted",
	.loop = busted_loop,
};

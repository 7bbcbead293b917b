/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The headers that decide where the lock core runs.
 *
 * The files of the lock core include these three and no system header. They are
 * the seam at which a program swaps the machine under the algorithm: a guest
 * kernel, a process with futexes, or a checker that turns each access into a
 * scheduling point. A program of the last kind names one header of its own, with
 * all of what follows, in TICKET_PLATFORM_HEADER. The others have three, each of
 * which includes the one before, so that a lock can be part of headers that are
 * part of nearly every source: in the kernel, those of spinlock_t.
 *
 * types.h, for the lock word, with the kernel's meaning:
 *
 *   u8 u16 u32 u64 bool, __always_inline
 *
 * fast.h, for the fast paths, with the kernel's meaning:
 *
 *   READ_ONCE() WRITE_ONCE() smp_load_acquire() smp_store_release() smp_mb()
 *   xadd() cmpxchg() try_cmpxchg()			(all fully ordered)
 *   likely() unlikely(), __acquires() __releases()	(for sparse)
 *
 * and of its own, which every user of the locks in the kernel gets to see, so that
 * none is called platform_...():
 *
 *   ticket_pv_enabled()	may waiters halt? constant while a lock is used
 *   ticket_xadd()		xadd() of a lock word; may be missing
 *
 * platform.h, for the slow paths:
 *
 *   platform_cpu()		number of this CPU, stable across the call
 *   platform_nr_cpus()		one more than the highest CPU number
 *   platform_relax()		one spin iteration's pause
 *   platform_may_halt()	false where halting is impossible (NMI)
 *   platform_irq_save()	disable interrupts, return the previous state
 *   platform_irq_restore()	undo platform_irq_save()
 *   platform_halt(flags)	wait for platform_kick(); interrupts off on
 *				entry, flags tells how they were before
 *   platform_kick(cpu)		end the CPU's halt, or its next one
 *   platform_clock_ns()	a monotonic clock
 *   platform_cycles()		a clock of this CPU that costs little to read
 *   platform_cycles_per_us()	how fast it is; without them, it is
 *				platform_clock_ns()
 *   platform_elapsed(then)	the cycles since @then, and now; may be missing
 *   platform_zalloc() platform_free()
 *   platform_print() platform_abort()	for reports of the rank checker; may be
 *				missing where it is not built
 *   platform_fault()		tests may delay this CPU here; may be missing
 *   platform_note_halt(lock, ns)	a waiter for a lock was halted for so
 *				long; may be missing
 *   platform_contention_begin(lock) platform_contention_end(lock)	around
 *				a slow path, in the function that its caller
 *				calls; may be missing
 *   platform_note_bad_unlock(lock, byte)	somebody unlocks a lock that
 *				nobody holds; may be missing
 *   PLATFORM_EXPORT(symbol)	make it usable outside the module
 *   PLATFORM_DECLARE_STATISTICS, platform_statistics_add()	see statistics.h
 */
#ifndef TICKET_PLATFORM_H
#define TICKET_PLATFORM_H

#include "fast.h"

#if defined(TICKET_PLATFORM_HEADER)
/* It has been included. */
#elif defined(__KERNEL__)
#include "linux.h"
#else
#include "user.h"
#endif

#ifndef platform_fault
#define platform_fault()	do { } while (0)
#endif

#ifndef platform_note_halt
#define platform_note_halt(lock, blocked_ns)	((void)(lock))
#endif

#ifndef platform_contention_begin
#define platform_contention_begin(lock)	((void)(lock))
#define platform_contention_end(lock)	((void)(lock))
#endif

#ifndef platform_note_bad_unlock
#define platform_note_bad_unlock(lock, byte)	((void)(lock))
#endif

#ifndef platform_cycles
#define platform_cycles()		platform_clock_ns()
#define platform_cycles_per_us()	((u64)1000)
#endif

#ifndef platform_elapsed
/* The cycles since the clock was @then, which becomes what it is now. */
static inline u64 platform_elapsed(u64 *then)
{
	u64 now = platform_cycles();
	u64 elapsed = now - *then;

	*then = now;
	return elapsed;
}
#endif

#endif /* TICKET_PLATFORM_H */

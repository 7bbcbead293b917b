// SPDX-License-Identifier: GPL-2.0
/*
 * A critical section that notices if it is not one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/percpu.h>

#include "../../../guest/pvticketlock.h"
#include "test.h"

/**
 * test_critical_section() - what to do while holding the lock
 * @guarded: what it guards
 *
 * Context: any.
 */
void test_critical_section(struct test_guarded *guarded)
{
	u64 value = guarded->first;

	if (guarded->second != value)
		guarded->violations++;
	test_hold();
	guarded->first = value + 1;
	guarded->second = value + 1;
}

/* Contexts of a CPU that wait for a lock: a task, and what interrupts it. */
static DEFINE_PER_CPU(unsigned int, waiting);

/**
 * test_waiting() - does this CPU wait in test_operation()?
 *
 * Context: any that has interrupted the waiter.
 * Return: how many contexts of the CPU do.
 */
unsigned int test_waiting(void)
{
	return raw_cpu_read(waiting);
}

/**
 * test_operation() - take a lock, use what it guards, and release it
 * @lock: the lock; left alone if the module was loaded with busted=1
 * @guarded: what it guards
 *
 * Context: any, on a CPU that the caller is bound to.
 * Return: whether the caller had to wait, and had interrupted one that does.
 */
bool test_operation(struct pvticketlock *lock, struct test_guarded *guarded)
{
	bool nested = false;

	if (test_busted) {
		test_critical_section(guarded);
		return nested;
	}
	if (!pvticket_trylock(lock)) {
		nested = test_waiting();
		raw_cpu_inc(waiting);
		pvticket_lock(lock);
		raw_cpu_dec(waiting);
	}
	test_critical_section(guarded);
	pvticket_unlock(lock);
	return nested;
}

/**
 * test_excluded() - did the lock exclude?
 * @guarded: what it guarded
 * @ops: how often somebody was in the critical section
 *
 * Return: whether it did; if not, the log says what was seen.
 */
bool test_excluded(const struct test_guarded *guarded, u64 ops)
{
	if (guarded->first == ops && guarded->second == ops &&
	    !guarded->violations)
		return true;
	pr_err("%llu operations, counted %llu and %llu, %llu violations seen\n",
	       ops, guarded->first, guarded->second, guarded->violations);
	return false;
}

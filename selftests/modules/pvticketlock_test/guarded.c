// SPDX-License-Identifier: GPL-2.0
/*
 * A critical section that notices if it is not one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compiler.h>

#include "test.h"

/**
 * test_critical_section() - what to do while holding the lock
 * @guarded: what it guards
 *
 * Context: any.
 */
void test_critical_section(struct test_guarded *guarded)
{
	u64 value = READ_ONCE(guarded->first);

	if (READ_ONCE(guarded->second) != value)
		guarded->violations++;
	test_hold();
	WRITE_ONCE(guarded->first, value + 1);
	WRITE_ONCE(guarded->second, value + 1);
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

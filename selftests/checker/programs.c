// SPDX-License-Identifier: GPL-2.0
/*
 * What the CPUs of the scenarios do: take locks, touch what they protect.
 */
#include "programs.h"
#include "properties.h"
#include "qspinlock.h"
#include "scenario.h"
#include "ticket_lock.h"

/* Loses an increment, or does not see the last one, if not alone. */
static void touch_data(struct ticket_lock *lock)
{
	u32 *data = &machine.data[lock - machine.lock];

	WRITE_ONCE(*data, READ_ONCE(*data) + 1);
}

static void acquire(struct ticket_lock *lock)
{
	if (machine_scenario()->qspinlock)
		qspinlock_lock(qspinlock_of(lock));
	else
		ticket_lock(lock);
	property_acquired(lock);
}

static bool try_acquire(struct ticket_lock *lock)
{
	bool acquired = machine_scenario()->qspinlock ?
			qspinlock_trylock(qspinlock_of(lock)) :
			ticket_trylock(lock);

	if (acquired)
		property_acquired(lock);
	return acquired;
}

static void release(struct ticket_lock *lock)
{
	property_releasing(lock);
	if (machine_scenario()->qspinlock)
		qspinlock_unlock(qspinlock_of(lock));
	else
		ticket_unlock(lock);
}

static void use(struct ticket_lock *lock)
{
	acquire(lock);
	touch_data(lock);
	release(lock);
}

static void try(struct ticket_lock *lock)
{
	if (!try_acquire(lock))
		return;
	touch_data(lock);
	release(lock);
}

static void use_irqs_off(struct ticket_lock *lock)
{
	unsigned long flags = platform_irq_save();

	use(lock);
	platform_irq_restore(flags);
}

void use_a(void)
{
	use(A);
}

void use_a_twice(void)
{
	use(A);
	use(A);
}

void use_a_thrice(void)
{
	use_a_twice();
	use(A);
}

void use_a_four_times(void)
{
	use_a_twice();
	use_a_twice();
}

void try_a(void)
{
	try(A);
}

void try_a_twice(void)
{
	try(A);
	try(A);
}

/* Something else than locks: a step that an interrupt may come before. */
static void pass_time(void)
{
	READ_ONCE(machine.word[0]);
}

void use_a_then_b(void)
{
	use(A);
	use(B);
}

void use_a_irqs_off(void)
{
	pass_time();
	use_irqs_off(A);
	pass_time();
}

void use_a_irqs_off_twice(void)
{
	use_a_irqs_off();
	use_irqs_off(A);
}

void use_b(void)
{
	use(B);
}

void use_b_irqs_off(void)
{
	use_irqs_off(B);
}

void use_a_then_b_irqs_off(void)
{
	use(A);
	use_irqs_off(B);
}

/* B is taken by interrupt handlers: with A held, only with interrupts off. */
void nest_b_in_a(void)
{
	unsigned long flags;

	acquire(A);
	touch_data(A);
	flags = platform_irq_save();
	use(B);
	platform_irq_restore(flags);
	release(A);
}

void use_a_then_nest_b_in_a(void)
{
	use(A);
	nest_b_in_a();
}

/* Drop a reference to the object that A is in. Was it the last one? */
static bool use_a_and_drop(void)
{
	bool last;

	acquire(A);
	touch_data(A);
	machine.references--;
	last = !machine.references;
	release(A);
	return last;
}

/* Who drops the last reference frees the object. */
void use_a_and_put(void)
{
	if (use_a_and_drop())
		machine_free_lock(A, "put");
}

/*
 * The same, but the memory is at once made another lock, and both CPUs use
 * that one. A kick for a waiter of the old lock may still be under way.
 */
void use_a_and_recycle(void)
{
	if (use_a_and_drop()) {
		machine_free_lock(A, "put");
		machine_reuse_lock(A, "put");
		WRITE_ONCE(machine.word[0], 1);
	} else {
		while (!READ_ONCE(machine.word[0]))
			platform_relax();
	}
	use_a_twice();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Each function of the interface, alone: does it take and release the lock,
 * and does it leave preemption, interrupts and softirqs as it has to?
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>

#include "../../../guest/pvticketlock.h"
#include "test.h"

static bool is_free(struct pvticketlock *lock)
{
	return test_check(!pvticket_is_locked(lock)) &
	       test_check(!pvticket_is_contended(lock)) &
	       test_check(!irqs_disabled()) &
	       test_check(!in_softirq());
}

static bool trylock_fails(struct pvticketlock *lock)
{
	if (!pvticket_trylock(lock))
		return true;
	pvticket_unlock(lock);
	return false;
}

static bool trylock_irqsave_fails(struct pvticketlock *lock)
{
	unsigned long flags;

	if (!pvticket_trylock_irqsave(lock, flags))
		return true;
	pvticket_unlock_irqrestore(lock, flags);
	return false;
}

static bool is_held(struct pvticketlock *lock)
{
	return test_check(pvticket_is_locked(lock)) &
	       test_check(!pvticket_is_contended(lock)) &
	       test_check(trylock_fails(lock));
}

static bool check_plain(struct pvticketlock *lock)
{
	bool good;

	pvticket_lock(lock);
	good = is_held(lock) & test_check(!irqs_disabled());
	pvticket_unlock(lock);
	return good & is_free(lock);
}

static bool check_irqsave(struct pvticketlock *lock)
{
	unsigned long outer, inner;
	bool good;

	pvticket_lock_irqsave(lock, outer);
	good = is_held(lock) & test_check(irqs_disabled());
	good &= test_check(trylock_irqsave_fails(lock));
	good &= test_check(irqs_disabled());
	pvticket_unlock_irqrestore(lock, outer);
	good &= is_free(lock);

	/* Interrupts that were off stay off. */
	local_irq_save(outer);
	pvticket_lock_irqsave(lock, inner);
	pvticket_unlock_irqrestore(lock, inner);
	good &= test_check(irqs_disabled());
	local_irq_restore(outer);
	return good & is_free(lock);
}

static bool check_irq(struct pvticketlock *lock)
{
	bool good;

	pvticket_lock_irq(lock);
	good = is_held(lock) & test_check(irqs_disabled());
	pvticket_unlock_irq(lock);
	return good & is_free(lock);
}

static bool check_bh(struct pvticketlock *lock)
{
	bool good;

	pvticket_lock_bh(lock);
	good = is_held(lock) & test_check(in_softirq()) &
	       test_check(!irqs_disabled());
	pvticket_unlock_bh(lock);
	return good & is_free(lock);
}

static bool check_trylock(struct pvticketlock *lock)
{
	unsigned long flags;
	bool good;

	if (!pvticket_trylock(lock))
		return test_check(false);
	good = is_held(lock);
	good &= test_check(trylock_irqsave_fails(lock));
	good &= test_check(!irqs_disabled());
	pvticket_unlock(lock);
	good &= is_free(lock);

	if (!pvticket_trylock_irqsave(lock, flags))
		return test_check(false);
	good &= is_held(lock) & test_check(irqs_disabled());
	pvticket_unlock_irqrestore(lock, flags);
	return good & is_free(lock);
}

static bool check_uncontended(struct pvticketlock *lock)
{
	bool good;

	preempt_disable();
	uncontended_lock(&lock->ticket);
	good = test_check(pvticket_is_locked(lock));
	uncontended_unlock(&lock->ticket);
	good &= is_free(lock);
	uncontended_lock(&lock->ticket);
	uncontended_unlock_slowly(&lock->ticket);
	preempt_enable();
	return good & is_free(lock);
}

/**
 * test_api() - the interface, without contention
 * @unused: as it says
 *
 * Return: 0 or -EIO.
 */
int test_api(unsigned int unused)
{
	static DEFINE_PVTICKETLOCK(defined);
	int preemption = preempt_count();
	struct pvticketlock initialized;
	bool good;

	pvticketlock_init(&initialized);
	if (test_busted)
		return is_held(&initialized) ? 0 : -EIO;
	good = is_free(&defined) & is_free(&initialized);
	good &= check_plain(&defined) & check_plain(&initialized);
	good &= check_irqsave(&defined);
	good &= check_irq(&defined);
	good &= check_bh(&defined);
	good &= check_trylock(&defined);
	good &= check_uncontended(&defined);
	good &= test_check(preempt_count() == preemption);
	return good ? 0 : -EIO;
}

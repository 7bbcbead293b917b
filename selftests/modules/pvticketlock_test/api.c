// SPDX-License-Identifier: GPL-2.0
/*
 * Each function of the interface, alone: does it take and release the lock,
 * and does it leave preemption, interrupts and softirqs as it has to?
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/sched.h>

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

static bool trylock_irq_fails(struct pvticketlock *lock)
{
	if (!pvticket_trylock_irq(lock))
		return true;
	pvticket_unlock_irq(lock);
	return false;
}

static bool trylock_bh_fails(struct pvticketlock *lock)
{
	if (!pvticket_trylock_bh(lock))
		return true;
	pvticket_unlock_bh(lock);
	return false;
}

static bool check_trylock_variants(struct pvticketlock *lock)
{
	bool good;

	if (!pvticket_trylock_irq(lock))
		return test_check(false);
	good = is_held(lock) & test_check(irqs_disabled());
	pvticket_unlock_irq(lock);
	good &= is_free(lock);

	if (!pvticket_trylock_bh(lock))
		return test_check(false);
	good &= is_held(lock) & test_check(in_softirq());
	pvticket_unlock_bh(lock);
	good &= is_free(lock);

	pvticket_lock(lock);
	good &= test_check(trylock_irq_fails(lock)) &
		test_check(!irqs_disabled());
	good &= test_check(trylock_bh_fails(lock)) &
		test_check(!in_softirq());
	pvticket_unlock(lock);
	return good & is_free(lock);
}

/* Two of one class, as lockdep sees them. */
static bool check_nested(struct pvticketlock *unused)
{
	static struct {
		struct pvticketlock lock;
	} pair[2] = {
		{ PVTICKETLOCK_UNLOCKED(pair[0].lock) },
		{ PVTICKETLOCK_UNLOCKED(pair[1].lock) },
	};
	bool good;

	pvticket_lock(&pair[0].lock);
	pvticket_lock_nested(&pair[1].lock, SINGLE_DEPTH_NESTING);
	pvticket_assert_held(&pair[1].lock);
	good = is_held(&pair[0].lock) & is_held(&pair[1].lock);
	pvticket_unlock(&pair[1].lock);
	pvticket_lock_nest_lock(&pair[1].lock, &pair[0].lock);
	good &= is_held(&pair[1].lock);
	pvticket_unlock(&pair[1].lock);
	pvticket_unlock(&pair[0].lock);
	return good & is_free(&pair[0].lock) & is_free(&pair[1].lock);
}

#ifdef DEFINE_LOCK_GUARD_1
static bool check_guards(struct pvticketlock *lock)
{
	bool good = true;

	scoped_guard(pvticketlock, lock)
		good &= is_held(lock) & test_check(!irqs_disabled());
	good &= is_free(lock);
	scoped_guard(pvticketlock_bh, lock)
		good &= is_held(lock) & test_check(in_softirq());
	good &= is_free(lock);
	scoped_guard(pvticketlock_irq, lock)
		good &= is_held(lock) & test_check(irqs_disabled());
	good &= is_free(lock);
	scoped_guard(pvticketlock_irqsave, lock)
		good &= is_held(lock) & test_check(irqs_disabled());
	return good & is_free(lock);
}
#else
static bool check_guards(struct pvticketlock *lock)
{
	return true;
}
#endif

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
	good &= check_trylock_variants(&defined);
	good &= check_nested(&defined);
	good &= check_guards(&defined);
	good &= check_uncontended(&defined);
	good &= test_check(preempt_count() == preemption);
	return good ? 0 : -EIO;
}

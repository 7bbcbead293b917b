// SPDX-License-Identifier: GPL-2.0
/*
 * Suspend-to-idle under contention. The threads are the kernel's, so they are
 * not frozen, and contend while all devices sleep and the caller, who is
 * frozen, waits. A device of this file hears that it is the last one to be
 * suspended and the first one to be resumed: what the threads do in between,
 * they do in a sleeping system. One of them then wakes it up; a clock that
 * could do it from outside is not to be had in every virtual machine.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/string.h>
#include <linux/suspend.h>

#include "../../../guest/pvticketlock.h"
#include "test.h"

#define DRIVER_NAME	"pvticketlock_test"
#define ASLEEP_MS	300
#define AFTERWARDS_MS	500

static struct arena {
	struct pvticketlock lock;
	struct test_guarded guarded;
	bool asleep;
	unsigned int sleeps;
	/* When one of the threads wakes the system up, in jiffies. */
	unsigned long wake_up;
	atomic64_t ops_asleep;
} arena;

static int suspend_last(struct device *device)
{
	arena.wake_up = jiffies + msecs_to_jiffies(ASLEEP_MS);
	/* Pairs with smp_load_acquire() in wake_when_due(). */
	smp_store_release(&arena.asleep, true);
	return 0;
}

static int resume_first(struct device *device)
{
	WRITE_ONCE(arena.asleep, false);
	WRITE_ONCE(arena.sleeps, arena.sleeps + 1);
	return 0;
}

static const struct dev_pm_ops device_pm_ops = {
	.suspend_noirq = suspend_last,
	.resume_noirq = resume_first,
};

static int probe(struct platform_device *device)
{
	return 0;
}

static struct platform_driver driver = {
	.probe = probe,
	.driver = {
		.name = DRIVER_NAME,
		.pm = &device_pm_ops,
	},
};

static void while_asleep(const struct test_thread *thread)
{
	/* Pairs with smp_store_release() in suspend_last(). */
	if (!smp_load_acquire(&arena.asleep))
		return;
	atomic64_inc(&arena.ops_asleep);
	if (!thread->index && time_after(jiffies, READ_ONCE(arena.wake_up)))
		pm_system_wakeup();
}

static bool is_over(void)
{
	return READ_ONCE(arena.sleeps) &&
	       time_after(jiffies, READ_ONCE(arena.wake_up) +
				   msecs_to_jiffies(AFTERWARDS_MS));
}

static void contend(struct test_thread *thread)
{
	do {
		test_operation(&arena.lock, &arena.guarded);
		thread->ops++;
		while_asleep(thread);
	} while (test_threads_continue() && !is_over());
}

static int contend_with_device(unsigned int milliseconds)
{
	struct platform_device *device;
	int error;
	u64 ops;

	device = platform_device_register_simple(DRIVER_NAME,
						 PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	ops = test_threads_run(milliseconds, contend, NULL, &error);
	platform_device_unregister(device);

	pr_info("%llu operations, %lld of them asleep\n", ops,
		(long long)atomic64_read(&arena.ops_asleep));
	if (!error && !(test_check(arena.sleeps) &
			test_check(atomic64_read(&arena.ops_asleep)) &
			test_check(!pvticket_is_locked(&arena.lock)) &
			test_excluded(&arena.guarded, ops)))
		error = -EIO;
	return error;
}

/**
 * test_suspend() - contention while somebody else suspends the system to idle
 * @milliseconds: how long to wait for that at most
 *
 * Return: 0; -EIO if the system did not sleep, or if the lock does not
 * exclude; or why it could not be run.
 */
int test_suspend(unsigned int milliseconds)
{
	int error;

	memset(&arena, 0, sizeof(arena));
	pvticketlock_init(&arena.lock);
	error = platform_driver_register(&driver);
	if (error)
		return error;
	error = contend_with_device(milliseconds);
	platform_driver_unregister(&driver);
	return error;
}

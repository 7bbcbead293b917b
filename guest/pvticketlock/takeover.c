// SPDX-License-Identifier: GPL-2.0
/*
 * The parameter takeover=: switch all spinlocks of the running kernel to the
 * slow paths of kernel/ticket_qspinlock.c, and back.
 *
 * The kernel's slow paths for lock and unlock are hooked (takeover_hooks.c);
 * a flag decides for both whether the hooks redirect. The flag changes under
 * stop_machine(), and that is what makes the switch safe:
 *
 * - Every online CPU then is in its stopper thread, with interrupts off. A CPU
 *   that waits for a spinlock, spinning or halted, has preemption disabled
 *   and does not get there before it has the lock. So nobody is in a slow path,
 *   of either kind, and nobody has chosen one and not entered it yet.
 * - So no lock has anybody in line: each one is 0, or 1 if it is held, which
 *   both kinds understand. (A spinlock held by a preempted task would be a bug
 *   of its own.)
 * - CPUs that come or go are kept out by stop_machine(), which takes
 *   cpus_read_lock(). A dead CPU takes no lock any more.
 * - NMIs come even then. As long as there are hooks, an NMI handler that waits
 *   for a lock only tries it again and again: it is not in line, and so is of
 *   no kind. Handlers that began to wait before are waited for when the hooks
 *   are put in, by synchronize_rcu(): NMI handlers are RCU readers.
 *
 * After takeover=0 the hooks stay for a while, as taking them out waits for all
 * tasks, and putting them in patches code. Off, they cost a call for each
 * contended lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/stop_machine.h>
#include <linux/workqueue.h>

#include "../pvticketlock.h"
#include "takeover.h"
#include "takeover_checks.h"
#include "takeover_hooks.h"

#define UNHOOK_DELAY		(2 * HZ)
#define RETRY_MS		1000

/**
 * enum takeover_phase - may the parameter act now?
 * @TAKEOVER_LOADING: no, it is remembered for takeover_init()
 * @TAKEOVER_READY: yes
 * @TAKEOVER_GONE: no, the module is being unloaded
 */
enum takeover_phase {
	TAKEOVER_LOADING,
	TAKEOVER_READY,
	TAKEOVER_GONE,
};

/* A quarter of watchdog_thresh, as it is unless somebody changes it. */
#define LONGEST_STOP_MS		2500

static uint longest_stop_ms = LONGEST_STOP_MS;
module_param_named(takeover_stop_ms, longest_stop_ms, uint, 0644);
MODULE_PARM_DESC(takeover_stop_ms, "Refuse a takeover where to stop all CPUs takes longer, in milliseconds (default 2500)");

/* Guards all of the following, and that there is one switch at a time. */
static DEFINE_MUTEX(takeover_mutex);
static enum takeover_phase phase;
static bool wanted;
static bool hooked;
static u64 switches;
static u64 last_switch_ns;
static u64 longest_switch_ns;

static void unhook_later(struct work_struct *work);
static DECLARE_DELAYED_WORK(unhook_work, unhook_later);

/* With all other CPUs stopped. */
static int flip(void *on)
{
	takeover_hooks_redirect(*(bool *)on);
	return 0;
}

static int switch_to(bool on)
{
	u64 start = ktime_get_ns();
	int error = stop_machine(flip, &on, NULL);

	if (error)
		return error;
	last_switch_ns = ktime_get_ns() - start;
	longest_switch_ns = max(longest_switch_ns, last_switch_ns);
	switches++;
	return 0;
}

static int do_nothing(void *unused)
{
	return 0;
}

/*
 * A switch keeps the CPUs that have stopped waiting, with interrupts off, for
 * those that the host does not run. Stop them once for nothing, and see; unless
 * a switch of a moment ago has shown it.
 */
static int check_stopping(void)
{
	u64 start = ktime_get_ns();
	u64 took_ms;
	int error;

	if (hooked)
		return 0;
	error = stop_machine(do_nothing, NULL, NULL);
	took_ms = div_u64(ktime_get_ns() - start, NSEC_PER_MSEC);
	if (error || took_ms <= READ_ONCE(longest_stop_ms))
		return error;
	pr_err("takeover: to stop all CPUs took %llu ms, and a watchdog may bark; try again when the host is less busy, or allow more than takeover_stop_ms=%u\n",
	       took_ms, longest_stop_ms);
	return -ETIME;
}

static int hook(void)
{
	int error;

	if (hooked)
		return 0;
	error = takeover_hooks_add();
	hooked = !error;
	if (hooked)
		pr_info("takeover: the slow paths of the kernel's spinlocks are hooked\n");
	return error;
}

/* Nothing to be done if it fails but to keep the code that is hooked in. */
static int unhook(void)
{
	int error;

	if (!hooked)
		return 0;
	error = takeover_hooks_remove();
	hooked = !!error;
	if (!hooked)
		pr_info("takeover: the kernel's spinlocks are its own again\n");
	return error;
}

static void unhook_later(struct work_struct *work)
{
	mutex_lock(&takeover_mutex);
	if (phase == TAKEOVER_READY && !takeover_hooks_redirecting())
		unhook();
	mutex_unlock(&takeover_mutex);
}

static int enter(void)
{
	int error = takeover_check();

	if (!error)
		error = check_stopping();
	if (!error)
		error = hook();
	if (!error)
		error = switch_to(true);
	return error;
}

/* Anew, if it was to be sooner. */
static void unhook_after(unsigned long delay)
{
	cancel_delayed_work(&unhook_work);
	schedule_delayed_work(&unhook_work, delay);
}

static int leave(void)
{
	int error = switch_to(false);

	if (!error)
		unhook_after(UNHOOK_DELAY);
	return error;
}

static int takeover_switch(bool on)
{
	if (on == takeover_hooks_redirecting())
		return 0;
	return on ? enter() : leave();
}

static int takeover_set(const char *value, const struct kernel_param *param)
{
	bool on = true;
	int error = value ? kstrtobool(value, &on) : 0;

	if (error) {
		pr_err("takeover must be 0 or 1\n");
		return error;
	}
	mutex_lock(&takeover_mutex);
	switch (phase) {
	case TAKEOVER_LOADING:
		wanted = on;
		break;
	case TAKEOVER_READY:
		error = takeover_switch(on);
		break;
	case TAKEOVER_GONE:
		error = -ENODEV;
		break;
	}
	mutex_unlock(&takeover_mutex);
	return error;
}

static int takeover_get(char *buffer, const struct kernel_param *param)
{
	return sprintf(buffer, "%c\n", pvticketlock_takeover() ? 'Y' : 'N');
}

static const struct kernel_param_ops takeover_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = takeover_set,
	.get = takeover_get,
};

module_param_cb(takeover, &takeover_ops, NULL, 0644);
MODULE_PARM_DESC(takeover, "Make all spinlocks of the kernel paravirtualized ticket locks (default N)");

/**
 * pvticketlock_takeover() - are the kernel's spinlocks ticket locks?
 *
 * Context: any. The answer may be out of date when it arrives.
 * Return: whether the parameter takeover= is in effect.
 */
bool pvticketlock_takeover(void)
{
	return takeover_hooks_redirecting();
}
EXPORT_SYMBOL_GPL(pvticketlock_takeover);

static int takeover_show(struct seq_file *file, void *unused)
{
	mutex_lock(&takeover_mutex);
	seq_printf(file, "state %s\n",
		   takeover_hooks_redirecting() ? "on" :
		   hooked ? "off, hooks in place" : "off");
	seq_printf(file, "switches %llu\n", switches);
	seq_printf(file, "last_switch_ns %llu\n", last_switch_ns);
	seq_printf(file, "longest_switch_ns %llu\n", longest_switch_ns);
	mutex_unlock(&takeover_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(takeover);

/**
 * takeover_debugfs_init() - create the file takeover
 * @directory: of the module
 *
 * Context: process context.
 */
void takeover_debugfs_init(struct dentry *directory)
{
	debugfs_create_file("takeover", 0444, directory, NULL, &takeover_fops);
}

/**
 * takeover_init() - do what takeover= said when the module was loaded
 *
 * Context: process context, once waiters can halt and be kicked.
 * Return: 0 or why the locks cannot be taken over, which is logged.
 */
int takeover_init(void)
{
	int error;

	mutex_lock(&takeover_mutex);
	error = takeover_switch(wanted);
	phase = error ? TAKEOVER_GONE : TAKEOVER_READY;
	mutex_unlock(&takeover_mutex);
	return error;
}

/**
 * takeover_exit() - give the locks back to the kernel
 *
 * The parameter can be written until the module is gone, hence the phase.
 *
 * Context: process context. Does not return before nothing leads to this
 * module's code any more.
 */
void takeover_exit(void)
{
	mutex_lock(&takeover_mutex);
	phase = TAKEOVER_GONE;
	while (takeover_hooks_redirecting() && switch_to(false))
		msleep(RETRY_MS);
	while (unhook())
		msleep(RETRY_MS);
	mutex_unlock(&takeover_mutex);
	cancel_delayed_work_sync(&unhook_work);
	takeover_hooks_free();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks in the kernel's slow paths, by ftrace, as live patches have them:
 * where a function begins, its caller is sent to another one (IPMODIFY).
 *
 *   __pv_queued_spin_lock_slowpath(lock, val)		a lock was not free
 *   __pv_queued_spin_unlock_slowpath(lock, byte)	the low byte was not 1
 *
 * Both are ordinary functions to their callers: what is special in the calling
 * convention of an unlock is in a thunk around the second one.
 *
 * The hooks just choose. They, and all that they lead to, are compiled without
 * calls of ftrace (see Kbuild), so that tracing cannot recurse into them. They
 * do without RCU, so they also work where it is not watching.
 *
 * PERMANENT: while there are hooks, "sysctl kernel.ftrace_enabled=0" is refused.
 * Otherwise it would take the hooks away from under waiters.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/printk.h>

#include "../../kernel/platform/platform.h"
#include "takeover_hooks.h"

/**
 * ticket_note_bad_unlock() - tell that a spinlock of the kernel was unlocked in vain
 * @lock: the lock, which nobody holds
 * @byte: the low byte of its word
 *
 * As the kernel does for its own locks, once. Nothing is the matter with the
 * lock; who unlocks it twice has a fault.
 *
 * Context: any.
 */
void ticket_note_bad_unlock(const void *lock, u8 byte)
{
	static bool told;

	if (xchg(&told, true))
		return;
	pr_err("takeover: %pS was unlocked, but nobody holds it (byte %#x); left as it is, and not told again\n",
	       lock, byte);
	dump_stack();
}

#if IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_ARGS) && \
	IS_ENABLED(CONFIG_PARAVIRT_SPINLOCKS)

#include <linux/ftrace.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "../../kernel/ticket_qspinlock.h"
#include "../compat.h"

#define LOCK_SLOWPATH	"__pv_queued_spin_lock_slowpath"
#define UNLOCK_SLOWPATH	"__pv_queued_spin_unlock_slowpath"

/* At most: an ENDBR. */
#define FTRACE_CALL_OFFSET	4

/* Written with all other CPUs stopped. */
static bool redirecting;

/* A lock of our own, to see whether both hooks work before they have to. */
static struct {
	arch_spinlock_t lock;
	bool lock_hooked;
	u8 unlock_byte;
} probe = { .lock = __ARCH_SPIN_LOCK_UNLOCKED };

static void probe_lock_slowpath(struct qspinlock *lock, u32 val)
{
	probe.lock_hooked = true;
	atomic_set(&lock->val, _Q_LOCKED_VAL);
}

static void probe_unlock_slowpath(struct qspinlock *lock, u8 byte)
{
	probe.unlock_byte = byte;
	atomic_set(&lock->val, 0);
}

/* Not in line, so that it makes no difference whose line it is. */
static void nmi_lock_slowpath(struct qspinlock *lock, u32 val)
{
	while (!queued_spin_trylock(lock))
		cpu_relax();
}

static __always_inline bool is_probe(struct ftrace_regs *fregs)
{
	return compat_ftrace_argument(fregs, 0) == (unsigned long)&probe.lock;
}

/* Where a caller of the lock slow path is sent; NULL: nowhere else. */
static __always_inline void *lock_target(struct ftrace_regs *fregs)
{
	if (in_nmi())
		return nmi_lock_slowpath;
	if (READ_ONCE(redirecting))
		return ticket_qspinlock_lock_slowpath;
	return is_probe(fregs) ? probe_lock_slowpath : NULL;
}

static __always_inline void *unlock_target(struct ftrace_regs *fregs)
{
	if (READ_ONCE(redirecting))
		return ticket_qspinlock_unlock_slowpath;
	return is_probe(fregs) ? probe_unlock_slowpath : NULL;
}

/* ftrace's call is the first instruction of a function, but for an ENDBR. */
static __always_inline bool is_lock_slowpath(unsigned long ip)
{
	return ip - (unsigned long)__pv_queued_spin_lock_slowpath <=
	       FTRACE_CALL_OFFSET;
}

static void notrace hook(unsigned long ip, unsigned long parent_ip,
			 struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	void *target = is_lock_slowpath(ip) ? lock_target(fregs) :
					      unlock_target(fregs);

	if (target)
		compat_ftrace_redirect(fregs, target);
}

/* One for both functions: they are hooked together, or not at all. */
static struct ftrace_ops hook_ops = {
	.func = hook,
	.flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT,
};

/* Tells a switched-off ftrace from a function that somebody else has hooked. */
static void notrace no_hook(unsigned long ip, unsigned long parent_ip,
			    struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
}

static struct ftrace_ops harmless_ops = {
	.func = no_hook,
	.flags = FTRACE_OPS_FL_PERMANENT,
};

static int filter(struct ftrace_ops *ops, char *function, int reset)
{
	int error = ftrace_set_filter(ops, function, strlen(function), reset);

	if (!error)
		return 0;
	pr_err("takeover: %s: ftrace cannot hook it (%d); is it in available_filter_functions of tracefs?\n",
	       function, error);
	return -ENOENT;
}

static int add(struct ftrace_ops *ops)
{
	int error = filter(ops, LOCK_SLOWPATH, 1);

	if (!error)
		error = filter(ops, UNLOCK_SLOWPATH, 0);
	return error ? error : register_ftrace_function(ops);
}

static int why_not_added(int error)
{
	if (error != -EBUSY)
		return error;
	if (add(&harmless_ops)) {
		pr_err("takeover: ftrace is switched off; set sysctl kernel.ftrace_enabled=1\n");
		return -EPERM;
	}
	unregister_ftrace_function(&harmless_ops);
	pr_err("takeover: somebody else has patched the kernel's slow path; unload that module or live patch\n");
	return -EBUSY;
}

static bool probe_hooks(void)
{
	unsigned long flags;

	probe.lock_hooked = false;
	probe.unlock_byte = 0;

	/* Nothing here may be taken for a lock of this CPU by lockdep. */
	raw_local_irq_save(flags);
	atomic_set(&probe.lock.val, _Q_LOCKED_VAL);
	arch_spin_lock(&probe.lock);
	atomic_set(&probe.lock.val, TICKET_QSPINLOCK_LOCKED |
				    TICKET_QSPINLOCK_SLOW);
	arch_spin_unlock(&probe.lock);
	raw_local_irq_restore(flags);

	return probe.lock_hooked &&
	       probe.unlock_byte == (TICKET_QSPINLOCK_LOCKED |
				     TICKET_QSPINLOCK_SLOW);
}

/**
 * takeover_hooks_add() - put the hooks in; they do not redirect yet
 *
 * Context: process context.
 * Return: 0; -EPERM if ftrace is switched off, -EBUSY if somebody else has
 * hooked the functions, -ENOENT if there is nothing to hook, -EPROTO if a hook
 * is not reached, or what ftrace returned; errors are logged.
 */
int takeover_hooks_add(void)
{
	int error = add(&hook_ops);

	if (error)
		return why_not_added(error);
	if (!probe_hooks()) {
		unregister_ftrace_function(&hook_ops);
		pr_err("takeover: a contended spinlock does not lead to the functions hooked; this kernel's locks are of a kind that is not known\n");
		return -EPROTO;
	}
	/* NMI handlers that wait in the kernel's slow path since before. */
	synchronize_rcu();
	return 0;
}

/**
 * takeover_hooks_remove() - take the hooks out, which do not redirect
 *
 * Context: process context.
 * Return: 0, and then nobody is in a hook, or in what it leads to, any more;
 * or what ftrace returned, which is logged.
 */
int takeover_hooks_remove(void)
{
	int error = unregister_ftrace_function(&hook_ops);

	if (error)
		pr_err("takeover: ftrace has broken down (%d): the hooks, and so this module, have to stay\n",
		       error);
	/* ftrace has waited for all tasks; this waits for NMI handlers. */
	synchronize_rcu();
	return error;
}

/**
 * takeover_hooks_free() - free what adding hooks has left, whether or not it succeeded
 *
 * No hooks can be added afterwards: ftrace frees a filter and goes on using it.
 *
 * Context: process context, without hooks.
 */
void takeover_hooks_free(void)
{
	ftrace_free_filter(&hook_ops);
	ftrace_free_filter(&harmless_ops);
}

/**
 * takeover_hooks_redirect() - send contended spinlocks to this module, or not
 * @on: whether
 *
 * Context: under stop_machine().
 */
void takeover_hooks_redirect(bool on)
{
	WRITE_ONCE(redirecting, on);
}

/**
 * takeover_hooks_redirecting() - what takeover_hooks_redirect() said last
 *
 * Context: any.
 * Return: whether contended spinlocks are sent to this module.
 */
bool takeover_hooks_redirecting(void)
{
	return READ_ONCE(redirecting);
}

#else /* no ftrace, or no PV spinlocks in this kernel: takeover_check() */

int takeover_hooks_add(void)
{
	return -ENOENT;
}

int takeover_hooks_remove(void)
{
	return 0;
}

void takeover_hooks_free(void)
{
}

void takeover_hooks_redirect(bool on)
{
}

bool takeover_hooks_redirecting(void)
{
	return false;
}

#endif

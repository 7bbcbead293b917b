// SPDX-License-Identifier: GPL-2.0
/*
 * Why this kernel's spinlocks cannot be taken over: each reason with a message
 * and an error code of its own. What only shows when functions are hooked is
 * in takeover_hooks.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/cc_platform.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <asm/hypervisor.h>

#include "../../kernel/platform/platform.h"
#include "../../kernel/ticket_qspinlock.h"
#include "../compat.h"
#include "../hypervisor.h"
#include "../pvticketlock.h"
#include "backend.h"
#include "takeover_checks.h"

static int check_kernel(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT)) {
		pr_err("takeover: not with PREEMPT_RT, whose spinlocks sleep\n");
		return -EOPNOTSUPP;
	}
	if (IS_ENABLED(CONFIG_KCSAN)) {
		pr_err("takeover: not with KCSAN, which takes spinlocks itself where it looks at this module\n");
		return -EOPNOTSUPP;
	}
	if (!IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)) {
		pr_err("takeover: this kernel was built without CONFIG_DYNAMIC_FTRACE_WITH_ARGS\n");
		return -ENOENT;
	}
	return 0;
}

static int check_cpus(void)
{
	if (nr_cpu_ids <= TICKET_QSPINLOCK_MAX_CPUS)
		return 0;
	pr_err("takeover: %u CPUs are possible, but a spinlock has tickets for %u; boot with possible_cpus=%u\n",
	       nr_cpu_ids, TICKET_QSPINLOCK_MAX_CPUS,
	       TICKET_QSPINLOCK_MAX_CPUS);
	return -E2BIG;
}

#if IS_ENABLED(CONFIG_PARAVIRT_SPINLOCKS)

/* As far as the kernel's decision at boot can be told from outside. */
static const char *why_no_pv_spinlocks(void)
{
	u32 base = hypervisor_kvm_base();

	if (num_possible_cpus() == 1)
		return "there is one CPU only";
	if (base && !hypervisor_has_pv_unhalt())
		return "the host does not offer KVM_FEATURE_PV_UNHALT; does cpu-pm=on hide halts?";
	if (hypervisor_has_realtime_hint())
		return "the host says that its CPUs are not shared (KVM_HINTS_REALTIME)";
	return "nopvspin on the kernel's command line, or no hypervisor that can kick";
}

static int check_pv_spinlocks(void)
{
	unsigned long slowpath = compat_spinlock_slowpath();

	if (slowpath == (unsigned long)__pv_queued_spin_lock_slowpath)
		return 0;
	pr_err("takeover: the kernel does not use paravirtualized spinlocks, but %ps: %s\n",
	       (void *)slowpath, why_no_pv_spinlocks());
	return -ENODEV;
}

/*
 * What the kernel's inlined fast paths do to a lock that is 0, 1, or has
 * somebody in line. Its slow paths are not entered.
 */
static bool fast_paths_are_known(void)
{
	static arch_spinlock_t lock;
	const u32 line = BIT(31) | BIT(8);
	unsigned long flags;
	bool known;

	/* lockdep needs not to know. */
	raw_local_irq_save(flags);
	atomic_set(&lock.val, 0);
	arch_spin_lock(&lock);
	known = atomic_read(&lock.val) == TICKET_QSPINLOCK_LOCKED &&
		arch_spin_is_locked(&lock) && !arch_spin_is_contended(&lock);

	atomic_set(&lock.val, line | TICKET_QSPINLOCK_LOCKED);
	known = known && arch_spin_is_contended(&lock) &&
		!arch_spin_trylock(&lock);
	arch_spin_unlock(&lock);
	known = known && atomic_read(&lock.val) == line &&
		arch_spin_is_locked(&lock) && !arch_spin_trylock(&lock) &&
		!arch_spin_value_unlocked(lock);

	atomic_set(&lock.val, 0);
	known = known && arch_spin_value_unlocked(lock) &&
		arch_spin_trylock(&lock) &&
		atomic_read(&lock.val) == TICKET_QSPINLOCK_LOCKED;
	raw_local_irq_restore(flags);
	return known;
}

static int check_layout(void)
{
	BUILD_BUG_ON(sizeof(arch_spinlock_t) != sizeof(struct ticket_qspinlock));
	BUILD_BUG_ON(offsetof(struct qspinlock, locked) !=
		     offsetof(struct ticket_qspinlock, byte));
	BUILD_BUG_ON(_Q_LOCKED_VAL != TICKET_QSPINLOCK_LOCKED);
	BUILD_BUG_ON(_Q_LOCKED_MASK != 0xff);

	if (fast_paths_are_known())
		return 0;
	pr_err("takeover: the word of this kernel's spinlocks is not known\n");
	return -EPROTO;
}

#else

static int check_pv_spinlocks(void)
{
	pr_err("takeover: this kernel was built without CONFIG_PARAVIRT_SPINLOCKS\n");
	return -ENODEV;
}

static int check_layout(void)
{
	return 0;
}

#endif

static int check_backend(void)
{
	if (ticket_backend_halts())
		return 0;
	if (x86_hyper_type == X86_HYPER_MS_HYPERV)
		pr_err("takeover: the hypervisor is Hyper-V, for which there is no backend; the kernel's own spinlocks halt and kick there\n");
	else if (strcmp(pvticketlock_backend(), "native"))
		pr_err("takeover: waiters of backend=%s do not halt\n",
		       pvticketlock_backend());
	else
		pr_err("takeover: waiters of backend=native do not halt; the log says why it was chosen; ask for another with backend= when the module is loaded\n");
	return -ENXIO;
}

/* Their hosts see nothing of a guest but what it tells them; nobody has tried. */
static int check_confidential(void)
{
	if (!cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT))
		return 0;
	pr_err("takeover: not in a confidential guest (SEV, SEV-ES, SEV-SNP, TDX): nobody has tested it there\n");
	return -EOPNOTSUPP;
}

/**
 * takeover_check() - can this kernel's spinlocks be taken over?
 *
 * Context: process context, once the backend has been chosen.
 * Return: 0 if yes, as far as can be told without hooks. Otherwise, and the
 * reason is logged, -EOPNOTSUPP: PREEMPT_RT, KCSAN, a confidential guest;
 * -ENOENT: no ftrace; -E2BIG: too many CPUs; -ENODEV: no PV spinlocks; -ENXIO:
 * waiters cannot halt; -EPROTO: a lock that is not known.
 */
int takeover_check(void)
{
	static int (* const checks[])(void) = {
		check_kernel, check_confidential, check_cpus, check_pv_spinlocks,
		check_backend, check_layout,
	};
	unsigned int i;
	int error = 0;

	for (i = 0; !error && i < ARRAY_SIZE(checks); i++)
		error = checks[i]();
	return error;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that differs between kernels, from 5.10 on. Where a macro tells, it is asked
 * here; what is called COMPAT_... was asked by Kbuild.compat. Never the version:
 * distributions backport.
 *
 *   kernels        what they have
 *   -----------    -------------------------------------------------------------
 *   before 5.11    no ftrace_regs, so no takeover
 *   before 6.12    a struct ftrace_regs with the registers in it
 *   before 6.13    hrtimer_init()
 *   before 6.14    hypervisor_cpuid_base()
 *   before 7.0     pv_ops.lock
 *   before 7.2     xen_resume_notifier_unregister()
 *   before 7.3     pv_ops_lock, then a static call
 *
 * The numbers are upstream's; stable kernels have some of it earlier.
 */
#ifndef GUEST_COMPAT_H
#define GUEST_COMPAT_H

#include <linux/compiler.h>
#include <linux/hrtimer.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/notifier.h>
#include <linux/spinlock.h>
#include <linux/syscore_ops.h>
#include <linux/time64.h>
#include <linux/types.h>
#include <asm/paravirt.h>
#include <asm/processor.h>
#ifdef COMPAT_CPUID_API
#include <asm/cpuid/api.h>
#endif
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#include <linux/ftrace.h>
#endif
#ifdef COMPAT_PV_STATIC_CALL
#include <linux/static_call.h>
#endif
#include <uapi/asm/kvm_para.h>

#ifndef PSEC_PER_NSEC
#define PSEC_PER_NSEC	1000L
#endif

#ifndef KVM_SIGNATURE
#define KVM_SIGNATURE	"KVMKVMKVM\0\0\0"
#endif

/* sparse has learnt to do without. */
#ifndef __cond_lock
#define __cond_lock(lock, condition)	(condition)
#endif

/**
 * compat_hypervisor_base() - find a hypervisor's CPUID leaves
 * @signature: its name, 12 bytes
 *
 * Return: the first leaf's number, or 0 where it is another hypervisor.
 */
static inline u32 compat_hypervisor_base(const char *signature)
{
#ifdef COMPAT_CPUID_API
	return cpuid_base_hypervisor(signature, 0);
#else
	return hypervisor_cpuid_base(signature, 0);
#endif
}

/**
 * compat_hrtimer_setup() - initialize a timer
 * @timer: the timer
 * @function: what it calls
 * @clock: CLOCK_...
 * @mode: HRTIMER_MODE_...
 */
static inline void
compat_hrtimer_setup(struct hrtimer *timer,
		     enum hrtimer_restart (*function)(struct hrtimer *timer),
		     clockid_t clock, enum hrtimer_mode mode)
{
#ifdef COMPAT_HRTIMER_SETUP
	hrtimer_setup(timer, function, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = function;
#endif
}

/**
 * compat_hrtimer_setup_on_stack() - initialize a timer on the stack
 * @timer: the timer, until destroy_hrtimer_on_stack()
 * @function: what it calls
 * @clock: CLOCK_...
 * @mode: HRTIMER_MODE_...
 */
static inline void
compat_hrtimer_setup_on_stack(struct hrtimer *timer,
			      enum hrtimer_restart (*function)(struct hrtimer *timer),
			      clockid_t clock, enum hrtimer_mode mode)
{
#ifdef COMPAT_HRTIMER_SETUP
	hrtimer_setup_on_stack(timer, function, clock, mode);
#else
	hrtimer_init_on_stack(timer, clock, mode);
	timer->function = function;
#endif
}

/*
 * COMPAT_DEFINE_RESUME(NAME, FUNCTION): with compat_resume_register(&NAME), the
 * kernel calls FUNCTION() when a guest of Xen resumes, until
 * compat_resume_unregister(&NAME); it must not wait. As syscore, other vCPUs are
 * still stopped, and interrupts are off.
 */
#ifdef COMPAT_XEN_RESUME_NOTIFIER
#define COMPAT_DEFINE_RESUME(name, function)				\
static int name##_call(struct notifier_block *unused,			\
		       unsigned long event, void *data)			\
{									\
	function();							\
	return NOTIFY_OK;						\
}									\
static struct notifier_block name = { .notifier_call = name##_call }
#define compat_resume_register(name)	xen_resume_notifier_register(name)
#define compat_resume_unregister(name)	xen_resume_notifier_unregister(name)
#else
#define COMPAT_DEFINE_RESUME(name, function)				\
static void name##_call(void *unused)					\
{									\
	function();							\
}									\
static const struct syscore_ops name##_ops = {				\
	.resume = name##_call,						\
};									\
static struct syscore name = { .ops = &name##_ops }
#define compat_resume_register(name)	register_syscore(name)
#define compat_resume_unregister(name)	unregister_syscore(name)
#endif

#ifdef CONFIG_PARAVIRT_SPINLOCKS
#ifdef COMPAT_PV_STATIC_CALL
#define COMPAT_JMP_OPCODE	0xe9
#define COMPAT_JMP_BYTES	5

/**
 * compat_spinlock_slowpath() - the slow path that contended spinlocks take
 *
 * Where it is a static call, modules cannot read its key, but its trampoline is
 * a jump to it.
 *
 * Return: the address of a function; something else if it cannot be told.
 */
static inline unsigned long compat_spinlock_slowpath(void)
{
	const u8 *trampoline =
		(const u8 *)&STATIC_CALL_TRAMP(queued_spin_lock_slowpath);

	if (*trampoline != COMPAT_JMP_OPCODE)
		return (unsigned long)trampoline;
	return (unsigned long)trampoline + COMPAT_JMP_BYTES +
	       *(const s32 *)(trampoline + 1);
}
#else
static inline unsigned long compat_spinlock_slowpath(void)
{
#ifdef COMPAT_PV_OPS_LOCK
	return (unsigned long)pv_ops_lock.queued_spin_lock_slowpath;
#else
	return (unsigned long)pv_ops.lock.queued_spin_lock_slowpath;
#endif
}
#endif
#endif /* CONFIG_PARAVIRT_SPINLOCKS */

/*
 * What a function was called with that ftrace has hooked, and where its caller
 * is to continue instead.
 */
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#ifdef ftrace_regs_get_argument
#define compat_ftrace_argument(fregs, n)				\
	ftrace_regs_get_argument(fregs, n)
#else
#define compat_ftrace_argument(fregs, n)				\
	regs_get_kernel_argument(&(fregs)->regs, n)
#endif
#ifdef ftrace_regs_set_instruction_pointer
#define compat_ftrace_redirect(fregs, function)				\
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)(function))
#else
#define compat_ftrace_redirect(fregs, function)				\
	ftrace_instruction_pointer_set(fregs, (unsigned long)(function))
#endif
#endif /* CONFIG_DYNAMIC_FTRACE_WITH_ARGS */

#endif /* GUEST_COMPAT_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * KVM: halt with HLT, kick with the kick-cpu hypercall.
 *
 * The hypercall leaves a token on a vCPU that is not halted, one deep, and
 * its next HLT returns at once. That is tried once before waiters rely on it: a
 * host may promise what it does not do, and with cpu-pm=on and the like, a vCPU
 * halts where the host does not see it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/kernel_stat.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <uapi/linux/kvm_para.h>
#include <asm/hardirq.h>
#include <asm/kvm_para.h>
#include <asm/smp.h>

#include "../compat.h"
#include "../hypervisor.h"
#include "backend.h"

/* Of a trial, which an interrupt that comes first makes void. */
#define TRIAL_NS	(10 * NSEC_PER_MSEC)
#define TRIALS		20

static void kvm_halt(unsigned long flags)
{
	/*
	 * STI takes effect after the next instruction, so no interrupt comes
	 * between it and the HLT of safe_halt().
	 */
	if (irqs_disabled_flags(flags))
		halt();
	else
		safe_halt();
}

static long send_kick(unsigned int cpu)
{
	return kvm_hypercall2(KVM_HC_KICK_CPU, 0, per_cpu(x86_cpu_to_apicid, cpu));
}

static void kvm_kick(unsigned int cpu)
{
	send_kick(cpu);
}

static enum hrtimer_restart end_trial(struct hrtimer *timer)
{
	return HRTIMER_NORESTART;
}

/* Of all kinds, on this CPU. */
struct interrupts {
	irq_cpustat_t special;
	unsigned long from_devices;
};

static void count_interrupts(struct interrupts *count)
{
	memcpy(&count->special, this_cpu_ptr(&irq_stat), sizeof(count->special));
	count->from_devices = kstat_cpu_irqs_sum(smp_processor_id());
}

/*
 * Kick this CPU, and halt. Interrupts are enabled in the halt, or a host that
 * forgets the kick would never end it; so an interrupt may end it, too.
 *
 * Return: whether it has ended with no interrupt, so by the kick; @refused: what
 * the hypercall returned.
 */
static bool kick_ends_halt(struct hrtimer *timer, long *refused)
{
	struct interrupts before, after;
	bool ended = false;

	preempt_disable();
	hrtimer_start(timer, ns_to_ktime(TRIAL_NS), HRTIMER_MODE_REL_PINNED_HARD);
	local_irq_disable();
	count_interrupts(&before);
	*refused = send_kick(smp_processor_id());
	if (!*refused) {
		safe_halt();
		local_irq_disable();
		count_interrupts(&after);
		ended = !memcmp(&before, &after, sizeof(before));
	}
	local_irq_enable();
	preempt_enable();
	hrtimer_cancel(timer);
	return ended;
}

/* NULL if the host does what it promises, otherwise what it does instead. */
static const char *broken_promise(void)
{
	struct hrtimer timer;
	const char *broken = "the host offers KVM_FEATURE_PV_UNHALT, but a kick did not end a halt";
	long refused = 0;
	int trial;

	compat_hrtimer_setup_on_stack(&timer, end_trial, CLOCK_MONOTONIC,
				      HRTIMER_MODE_REL_PINNED_HARD);
	for (trial = 0; broken && !refused && trial < TRIALS; trial++)
		if (kick_ends_halt(&timer, &refused))
			broken = NULL;
	destroy_hrtimer_on_stack(&timer);
	if (!refused)
		return broken;
	pr_warn("KVM_HC_KICK_CPU returned %ld\n", refused);
	return "the host offers KVM_FEATURE_PV_UNHALT, but refuses KVM_HC_KICK_CPU";
}

static bool kvm_present(void)
{
	return hypervisor_kvm_base();
}

static const char *kvm_missing(void)
{
	if (!hypervisor_has_pv_unhalt())
		return "the host does not offer KVM_FEATURE_PV_UNHALT; does cpu-pm=on hide halts?";
	return broken_promise();
}

const struct ticket_backend ticket_backend_kvm = {
	.name = "kvm",
	.present = kvm_present,
	.missing = kvm_missing,
	.halt = kvm_halt,
	.kick = kvm_kick,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * KVM: halt with HLT, kick with the kick-cpu hypercall.
 *
 * The hypercall leaves a token on a vCPU that is not halted, one deep, and
 * its next HLT returns at once.
 */
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/stddef.h>
#include <uapi/linux/kvm_para.h>
#include <asm/kvm_para.h>
#include <asm/smp.h>

#include "../hypervisor.h"
#include "backend.h"

static const char *kvm_missing(void)
{
	if (!hypervisor_kvm_base())
		return "this machine does not run under KVM";
	if (!hypervisor_has_pv_unhalt())
		return "the host does not offer KVM_FEATURE_PV_UNHALT";
	return NULL;
}

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

static void kvm_kick(unsigned int cpu)
{
	kvm_hypercall2(KVM_HC_KICK_CPU, 0, per_cpu(x86_cpu_to_apicid, cpu));
}

const struct ticket_backend ticket_backend_kvm = {
	.name = "kvm",
	.missing = kvm_missing,
	.halt = kvm_halt,
	.kick = kvm_kick,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * What CPUID tells the guest: what KVM supports on this host, with the leaves
 * of KVM itself, minus what the user hides, and where each vCPU is.
 */
#include <errno.h>
#include <linux/kvm_para.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpuid.h"
#include "../base/error.h"
#include "kvm.h"

#define MAX_ENTRIES	256
#define LEAF_KVM	(KVM_CPUID_SIGNATURE | 1)
#define ANY_INDEX	UINT32_MAX

enum cpuid_register { EAX, EBX, ECX, EDX };

/*
 * A name may stand for several bits: then all of them come or go together.
 * Linux users know these names from QEMU.
 */
static const struct cpuid_feature {
	const char *name;
	u32 function;
	u32 index;
	enum cpuid_register reg;
	u32 bits;
} features[] = {
	{ "hypervisor", 1, 0, ECX, BIT(31) },
	{ "x2apic", 1, 0, ECX, BIT(21) },
	{ "tsc-deadline", 1, 0, ECX, BIT(24) },
	/* XSAVE, OSXSAVE, AVX, F16C, FMA; what needs their state goes, too. */
	{ "xsave", 1, 0, ECX, BIT(26) | BIT(27) | BIT(28) | BIT(29) | BIT(12) },
	{ "xsave", 7, 0, EBX, BIT(5) | BIT(14) | BIT(16) | BIT(17) | BIT(21) |
	  BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31) },
	{ "xsave", 7, 0, ECX, BIT(1) | BIT(3) | BIT(4) | BIT(6) | BIT(9) |
	  BIT(10) | BIT(11) | BIT(12) | BIT(14) },
	{ "xsave", 13, ANY_INDEX, EAX, UINT32_MAX },
	{ "xsave", 13, ANY_INDEX, EBX, UINT32_MAX },
	{ "xsave", 13, ANY_INDEX, ECX, UINT32_MAX },
	{ "xsave", 13, ANY_INDEX, EDX, UINT32_MAX },
	{ "kvmclock", LEAF_KVM, 0, EAX, BIT(KVM_FEATURE_CLOCKSOURCE) |
	  BIT(KVM_FEATURE_CLOCKSOURCE2) },
	{ "kvm-asyncpf", LEAF_KVM, 0, EAX, BIT(KVM_FEATURE_ASYNC_PF) },
	{ "kvm-steal-time", LEAF_KVM, 0, EAX, BIT(KVM_FEATURE_STEAL_TIME) },
	{ "kvm-pv-eoi", LEAF_KVM, 0, EAX, BIT(KVM_FEATURE_PV_EOI) },
	{ "kvm-pv-unhalt", LEAF_KVM, 0, EAX, BIT(KVM_FEATURE_PV_UNHALT) },
	{ "kvm-pv-tlb-flush", LEAF_KVM, 0, EAX, BIT(KVM_FEATURE_PV_TLB_FLUSH) },
	{ "kvm-pv-ipi", LEAF_KVM, 0, EAX, BIT(KVM_FEATURE_PV_SEND_IPI) },
	{ "kvm-poll-control", LEAF_KVM, 0, EAX, BIT(KVM_FEATURE_POLL_CONTROL) },
	{ "kvm-pv-sched-yield", LEAF_KVM, 0, EAX,
	  BIT(KVM_FEATURE_PV_SCHED_YIELD) },
	{ "kvm-hint-dedicated", LEAF_KVM, 0, EDX, BIT(KVM_HINTS_REALTIME) },
};

static struct kvm_cpuid_entry2 *find(struct kvm_cpuid2 *cpuid, u32 function,
				     u32 index)
{
	unsigned int i;

	for (i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == function &&
		    cpuid->entries[i].index == index)
			return &cpuid->entries[i];
	return NULL;
}

/* What KVM does without listing it, since it depends on the APIC. */
static void add_unlisted(struct kvm_cpuid2 *cpuid, int kvm_fd)
{
	struct kvm_cpuid_entry2 *leaf = find(cpuid, 1, 0);

	if (!leaf)
		return;
	leaf->ecx |= BIT(31);	/* hypervisor */
	if (kvm__has(kvm_fd, KVM_CAP_TSC_DEADLINE_TIMER))
		leaf->ecx |= BIT(24);
}

/**
 * cpuid__supported() - ask what guests can have on this host
 * @kvm_fd: of kvm__open()
 *
 * Return: for the caller to free(), with space for some more; NULL after a
 * message.
 */
struct kvm_cpuid2 *cpuid__supported(int kvm_fd)
{
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) +
					  MAX_ENTRIES * sizeof(cpuid->entries[0]));

	if (!cpuid) {
		vmm_error(ENOMEM, NULL, "CPUID");
		return NULL;
	}
	cpuid->nent = MAX_ENTRIES;
	if (ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, cpuid)) {
		vmm_error(errno, "use Linux 4.13 or later",
			  "KVM_GET_SUPPORTED_CPUID");
		free(cpuid);
		return NULL;
	}
	add_unlisted(cpuid, kvm_fd);
	return cpuid;
}

static u32 *register_of(struct kvm_cpuid_entry2 *entry, enum cpuid_register reg)
{
	switch (reg) {
	case EAX:
		return &entry->eax;
	case EBX:
		return &entry->ebx;
	case ECX:
		return &entry->ecx;
	default:
		return &entry->edx;
	}
}

static void apply(struct kvm_cpuid2 *cpuid, const struct cpuid_feature *feature,
		  bool add)
{
	unsigned int i;

	for (i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];
		u32 *reg = register_of(entry, feature->reg);

		if (entry->function != feature->function ||
		    (feature->index != ANY_INDEX &&
		     entry->index != feature->index))
			continue;
		*reg = add ? *reg | feature->bits : *reg & ~feature->bits;
	}
}

static int change_one(struct kvm_cpuid2 *cpuid, const char *change)
{
	bool known = false, add = *change == '+';
	size_t i;

	for (i = 0; i < ARRAY_SIZE(features); i++) {
		if ((*change != '+' && *change != '-') ||
		    strcmp(change + 1, features[i].name))
			continue;
		if (add && !strcmp(features[i].name, "xsave"))
			return vmm_error(EINVAL, "leave it as the host has it",
					 "--cpuid %s", change);
		apply(cpuid, &features[i], add);
		known = true;
	}
	if (!known)
		return vmm_error(EINVAL, "give +NAME or -NAME; '--cpuid list' shows names",
				 "--cpuid %s", change);
	return 0;
}

/**
 * cpuid__change() - add or hide features
 * @cpuid: of cpuid__supported()
 * @changes: "+name" or "-name", separated by commas; NULL: none
 *
 * Return: 0, or a negative errno after a message.
 */
int cpuid__change(struct kvm_cpuid2 *cpuid, const char *changes)
{
	char *copy, *change, *position = NULL;
	int error = 0;

	if (!changes)
		return 0;
	copy = strdup(changes);
	if (!copy)
		return vmm_error(ENOMEM, NULL, "--cpuid");
	for (change = strtok_r(copy, ",", &position); change && !error;
	     change = strtok_r(NULL, ",", &position))
		error = change_one(cpuid, change);
	free(copy);
	return error;
}

/**
 * cpuid__list() - print the names of features
 */
void cpuid__list(void)
{
	const char *last = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(features); i++) {
		if (strcmp(last, features[i].name))
			puts(features[i].name);
		last = features[i].name;
	}
}

/* How many bits number that many CPUs. */
static u32 id_bits(unsigned int vcpus)
{
	u32 bits = 0;

	while ((1U << bits) < vcpus)
		bits++;
	return bits;
}

/* Leaves 0xb and 0x1f: one thread per core, all cores in one package. */
static void set_extended_topology(struct kvm_cpuid_entry2 *entry,
				  unsigned int vcpu, unsigned int vcpus)
{
	static const u32 thread_level = 1, core_level = 2;

	entry->edx = vcpu;
	entry->eax = entry->index == 1 ? id_bits(vcpus) : 0;
	entry->ebx = entry->index == 1 ? vcpus : !entry->index;
	entry->ecx = entry->index;
	if (entry->index < 2)
		entry->ecx |= (entry->index ? core_level : thread_level) << 8;
}

static void set_topology(struct kvm_cpuid_entry2 *entry, unsigned int vcpu,
			 unsigned int vcpus)
{
	switch (entry->function) {
	case 1:
		entry->ebx = (entry->ebx & 0xffff) | vcpus << 16 | vcpu << 24;
		/* HTT: the number of CPUs is valid. */
		entry->edx = vcpus > 1 ? entry->edx | BIT(28) :
			entry->edx & ~BIT(28);
		break;
	case 4:
		/* Number of cores in the package, minus 1. */
		if (entry->eax & 0x1f)
			entry->eax = (entry->eax & 0x3ffffff) |
				(min(vcpus, 64U) - 1) << 26;
		break;
	case 0xb:
	case 0x1f:
		set_extended_topology(entry, vcpu, vcpus);
		break;
	case 0x80000008:
		entry->ecx = id_bits(vcpus) << 12 | (vcpus - 1);
		break;
	case 0x8000001e:
		entry->eax = vcpu;
		entry->ebx = vcpu & 0xff;
		entry->ecx = 0;
		break;
	}
}

/* The leaf has to have both levels, whatever the host's has. */
static void complete_leaf(struct kvm_cpuid2 *cpuid, u32 function)
{
	if (!find(cpuid, function, 0) || find(cpuid, function, 1) ||
	    cpuid->nent == MAX_ENTRIES)
		return;
	cpuid->entries[cpuid->nent++] = (struct kvm_cpuid_entry2){
		.function = function, .index = 1,
		.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
	};
}

/**
 * cpuid__set_topology() - say which CPU of how many this is
 * @cpuid: of cpuid__supported(); changes
 * @vcpu: number, and APIC ID
 * @vcpus: how many there are
 */
void cpuid__set_topology(struct kvm_cpuid2 *cpuid, unsigned int vcpu,
			 unsigned int vcpus)
{
	unsigned int i;

	complete_leaf(cpuid, 0xb);
	for (i = 0; i < cpuid->nent; i++)
		set_topology(&cpuid->entries[i], vcpu, vcpus);
}

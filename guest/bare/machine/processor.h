/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instructions for CPL 0, and the numbers that they take.
 */
#ifndef BARE_PROCESSOR_H
#define BARE_PROCESSOR_H

#include "types.h"

#define MSR_APIC_BASE		0x1b
#define APIC_BASE_X2APIC	(BIT(10) | BIT(11))	/* with its switch */
#define MSR_APIC_SPURIOUS	0x80f
#define APIC_ENABLED		BIT(8)
#define MSR_APIC_COMMAND	0x830
#define MSR_APIC_TIMER		0x832
#define MSR_APIC_TIMER_COUNT	0x838
#define MSR_APIC_TIMER_DIVIDER	0x83e
#define APIC_DIVIDE_BY_128	0xa
#define APIC_TIMER_NS		128		/* KVM's clock has 1 GHz */
#define MSR_GS_BASE		0xc0000101
#define MSR_KVM_STEAL_TIME	0x4b564d03

#define CPUID_X2APIC		BIT(21)
#define KVM_CPUID_SIGNATURE	0x40000000
#define KVM_SIGNATURE_EBX	0x4b4d564b	/* "KVMK" */
#define KVM_CPUID_FEATURES	0x40000001
#define KVM_FEATURE_STEAL_TIME	BIT(5)
#define KVM_FEATURE_PV_UNHALT	BIT(7)
#define KVM_HC_KICK_CPU		5

struct cpuid {
	u32 eax;
	u32 ebx;
	u32 ecx;
	u32 edx;
};

static inline struct cpuid cpuid(u32 leaf)
{
	struct cpuid registers;

	asm volatile("cpuid" : "=a" (registers.eax), "=b" (registers.ebx),
		     "=c" (registers.ecx), "=d" (registers.edx) :
		     "0" (leaf), "2" (0));
	return registers;
}

static inline u64 read_msr(u32 msr)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (msr));
	return (u64)high << 32 | low;
}

static inline void write_msr(u32 msr, u64 value)
{
	asm volatile("wrmsr" :: "c" (msr), "a" ((u32)value), "d" ((u32)(value >> 32)) :
		     "memory");
}

static inline void write_port(u16 port, u32 value)
{
	asm volatile("out %0, %1" :: "a" (value), "d" (port) : "memory");
}

static inline u32 read_port(u16 port)
{
	u32 value;

	asm volatile("in %1, %0" : "=a" (value) : "d" (port) : "memory");
	return value;
}

static inline void load_gdt(const void *table_register)
{
	asm volatile("lgdt (%0)" :: "r" (table_register) : "memory");
}

static inline void load_idt(const void *table_register)
{
	asm volatile("lidt (%0)" :: "r" (table_register) : "memory");
}

static inline void load_task(u16 selector)
{
	asm volatile("ltr %0" :: "r" (selector) : "memory");
}

static inline void clear_segments(void)
{
	asm volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs; mov %0, %%gs" ::
		     "r" (0));
}

static inline void enable_interrupts(void)
{
	asm volatile("sti" ::: "memory");
}

static inline void disable_interrupts(void)
{
	asm volatile("cli" ::: "memory");
}

/* No interrupt comes in between; they are on afterwards. */
static inline void halt_with_interrupts(void)
{
	asm volatile("sti; hlt" ::: "memory");
}

static inline u64 hypercall(bool vmmcall, u64 number, u64 first, u64 second)
{
	u64 result = number;

	if (vmmcall)
		asm volatile("vmmcall" : "+a" (result) : "b" (first), "c" (second) :
			     "memory");
	else
		asm volatile("vmcall" : "+a" (result) : "b" (first), "c" (second) :
			     "memory");
	return result;
}

#endif /* BARE_PROCESSOR_H */

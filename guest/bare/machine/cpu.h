/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vCPU: what it needs to run at CPL 0 and at CPL 3, to halt and to be kicked.
 *
 * On one of them, code runs at the speed of the hardware, or on both; see probe.h.
 * Everything but the services of entry.S runs on that one, with interrupts on and
 * all memory accessible.
 *
 * A token in memory and the end of a halt make a kick, as with a thread and its
 * futex:
 *
 *   cpu_halt()   halting = 1, full barrier; halt unless the token is there; take it
 *   cpu_kick()   set the token (full barrier); if halting, end the halt
 *
 * Either the one who halts sees the token, or the one who kicks sees that it
 * halts. An interrupt that ends the halt may arrive early: at CPL 3 it is over
 * then, and the last look at the token is at CPL 0, with interrupts off. It
 * may arrive late, and then ends the next halt for no reason.
 *
 * Where KVM_HC_KICK_CPU works, it is the host that keeps the token, and the one
 * here is for statistics only.
 */
#ifndef BARE_CPU_H
#define BARE_CPU_H

#include "entry.h"
#include "types.h"

#define MAX_CPUS	254

/* How a halted vCPU is woken up. */
enum kick_kind {
	KICK_IPI,		/* an interrupt by the x2APIC */
	KICK_HYPERCALL,		/* KVM_HC_KICK_CPU */
};

struct histogram;

/* KVM's ABI, of MSR_KVM_STEAL_TIME. */
struct steal_time {
	u64 steal_ns;
	u32 version;
	u32 flags;
	u8 preempted;
	u8 unused[47];
} ____cacheline_aligned;

/* The 64-bit TSS. */
struct task_state {
	u32 reserved;
	u64 stack[3];
	u64 interrupt_stack[8];
	u64 reserved_too;
	u16 reserved_three;
	u16 io_map;
} __packed;

/**
 * struct cpu_counters - what a vCPU has done; its own
 * @halts: halts asked for
 * @slept: those that have executed HLT
 * @spurious: those that ended without a kick
 * @kicks: kicks given
 * @ipis: those that took an interrupt or a hypercall
 */
struct cpu_counters {
	u64 halts;
	u64 slept;
	u64 spurious;
	u64 kicks;
	u64 ipis;
};

/**
 * struct cpu - a vCPU
 * @self: of GS, for cpu_this()
 * @number: also its APIC ID
 * @token: somebody has kicked it
 * @halts: executed HLT, counted where that happens
 * @halting: it is about to, or does already
 * @kicked_at: TSC of the last kick
 * @kick_time: where to count how long it takes from a kick until the halt has
 *	ended, in nanoseconds; its own, may be NULL
 * @counters: see there
 * @steal: written by the host
 * @tss: says where @stack0 is
 * @gdt: see SELECTOR_*
 * @stack0: for services and interrupts at CPL 3
 */
struct cpu {
	struct cpu *self;
	u32 number;
	u32 token;
	u32 halts;
	u32 halting;
	u64 kicked_at;
	struct histogram *kick_time;
	struct cpu_counters counters ____cacheline_aligned;
	struct steal_time steal;
	struct task_state tss ____cacheline_aligned;
	u64 gdt[8];
	u8 stack0[1024] __aligned(16);
} ____cacheline_aligned;

static_assert(offsetof(struct cpu, token) == CPU_TOKEN, "entry.h");
static_assert(offsetof(struct cpu, halts) == CPU_HALTS, "entry.h");

extern struct cpu cpus[MAX_CPUS];
extern unsigned int cpu_count;
extern unsigned int cpu_cpl;
extern enum kick_kind cpu_kick_kind;
extern u32 kvm_features;
extern bool cpu_uses_vmmcall;
extern const char *cpu_command_line;

static inline struct cpu *cpu_this(void)
{
	struct cpu *cpu;

	asm("mov %%gs:0, %0" : "=r" (cpu));
	return cpu;
}

static inline void cpu_relax(void)
{
	__builtin_ia32_pause();
}

/* Has the host taken its CPU away? KVM tells by the steal time. */
static inline bool cpu_is_preempted(unsigned int number)
{
	return READ_ONCE(cpus[number].steal.preempted) & 1;
}

void cpu_write_msr(u32 msr, u64 value);
void cpu_out(u16 port, u32 value);
u32 cpu_in(u16 port);
void cpu_to_cpl0(void);
void cpu_halt(void);
void cpu_try_halt(void);
void cpu_kick(unsigned int number);
void cpu_send_ipi(unsigned int number);
void cpu_set_alarm(u64 ns, void (*function)(void));
bool cpu_try_hypercall(void);
void cpu_wake_all(void);
void __noreturn cpu_end(u32 status);

/* Where each vCPU goes on; @number 0 first and alone, until cpu_wake_all(). */
void __noreturn cpu_main(unsigned int number);

#endif /* BARE_CPU_H */

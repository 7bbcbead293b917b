// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU: what it asks CPL 0 for, how it halts, and how it is kicked.
 */
#include "../../lockbench/histogram.h"
#include "clock.h"
#include "cpu.h"
#include "processor.h"

/* The doorbell of the VMM; writing ends the guest. */
#define PORT_REPORT		0x624

enum kick_kind cpu_kick_kind;

/* Of the first vCPU. */
static void (*alarm)(void);

/* Ask CPL 0 for something; see SERVICE_* for the registers. */
static u32 service(u32 number, u32 rcx, u32 rdx, u32 rsi)
{
	asm volatile("int3" : "+a" (number), "+c" (rcx), "+d" (rdx), "+S" (rsi) ::
		     "memory", "cc");
	return number;
}

/**
 * cpu_write_msr() - write to a register of this vCPU
 * @msr: which
 * @value: what to write
 */
void cpu_write_msr(u32 msr, u64 value)
{
	if (cpu_cpl)
		service(SERVICE_WRMSR, msr, value >> 32, value);
	else
		write_msr(msr, value);
}

/**
 * cpu_out() - write to a port
 * @port: which
 * @value: 4 bytes
 */
void cpu_out(u16 port, u32 value)
{
	if (cpu_cpl)
		service(SERVICE_OUT, 0, port, value);
	else
		write_port(port, value);
}

/**
 * cpu_in() - read from a port
 * @port: which
 *
 * Return: 4 bytes.
 */
u32 cpu_in(u16 port)
{
	return cpu_cpl ? service(SERVICE_IN, 0, port, 0) : read_port(port);
}

/**
 * cpu_to_cpl0() - leave CPL 3 for ever
 *
 * Context: The first vCPU, before cpu_wake_all().
 */
void cpu_to_cpl0(void)
{
	service(SERVICE_TO_CPL0, 0, 0, 0);
	cpu_cpl = 0;
}

/* Until a kick, or an interrupt for no reason. */
static void sleep(struct cpu *cpu)
{
	if (cpu_cpl) {
		service(SERVICE_HALT, 0, 0, 0);
		return;
	}
	disable_interrupts();
	if (cpu_kick_kind == KICK_HYPERCALL || !READ_ONCE(cpu->token)) {
		cpu->halts++;
		halt_with_interrupts();
	} else {
		enable_interrupts();
	}
}

/**
 * cpu_halt() - halt this vCPU until it is kicked, or for no reason
 */
void cpu_halt(void)
{
	struct cpu *cpu = cpu_this();
	u32 halts = cpu->halts;

	cpu->counters.halts++;
	WRITE_ONCE(cpu->halting, 1);
	/* Pairs with the exchange in cpu_kick(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (cpu_kick_kind == KICK_HYPERCALL || !READ_ONCE(cpu->token))
		sleep(cpu);
	WRITE_ONCE(cpu->halting, 0);
	cpu->counters.slept += cpu->halts - halts;
	if (!__atomic_exchange_n(&cpu->token, 0, __ATOMIC_SEQ_CST)) {
		cpu->counters.spurious++;
		if (alarm && !cpu->number)
			alarm();
	} else if (cpu->kick_time && cpu->halts != halts) {
		u64 since = clock_since(clock_cycles(), READ_ONCE(cpu->kicked_at));

		histogram_add(cpu->kick_time, clock_to_ns(since));
	}
}

/**
 * cpu_send_ipi() - end the halt of a vCPU, whatever it is for
 * @number: which
 */
void cpu_send_ipi(unsigned int number)
{
	cpu_write_msr(MSR_APIC_COMMAND, (u64)number << 32 | VECTOR_KICK);
}

static u64 kick_by_hypercall(unsigned int number)
{
	return hypercall(cpu_uses_vmmcall, KVM_HC_KICK_CPU, 0, number);
}

/**
 * cpu_try_halt() - ask for a halt that a token ends before it begins
 *
 * Context: Nobody kicks this vCPU meanwhile.
 */
void cpu_try_halt(void)
{
	struct cpu *cpu = cpu_this();

	WRITE_ONCE(cpu->token, 1);
	if (cpu_kick_kind == KICK_HYPERCALL)
		kick_by_hypercall(cpu->number);
	sleep(cpu);
	WRITE_ONCE(cpu->token, 0);
}

/* A mutant loses one kick of so many. */
#ifdef LOSE_ONE_KICK_IN
static bool is_lost(void)
{
	static u64 kicks;

	return !(__atomic_add_fetch(&kicks, 1, __ATOMIC_RELAXED) % LOSE_ONE_KICK_IN);
}
#else
static bool is_lost(void)
{
	return false;
}
#endif

/**
 * cpu_kick() - end the halt of a vCPU, or its next one
 * @number: which
 */
void cpu_kick(unsigned int number)
{
	struct cpu *cpu = &cpus[number];
	struct cpu_counters *counters = &cpu_this()->counters;

	counters->kicks++;
	if (is_lost())
		return;
	WRITE_ONCE(cpu->kicked_at, clock_cycles());
	/* Pairs with the fence in cpu_halt(). */
	if (__atomic_exchange_n(&cpu->token, 1, __ATOMIC_SEQ_CST))
		return;
	if (cpu_kick_kind == KICK_HYPERCALL) {
		counters->ipis++;
		kick_by_hypercall(number);
	} else if (READ_ONCE(cpu->halting)) {
		counters->ipis++;
		cpu_send_ipi(number);
	}
}

static void start_timer(u64 ns)
{
	cpu_write_msr(MSR_APIC_TIMER_COUNT, ns / APIC_TIMER_NS);
}

/**
 * cpu_set_alarm() - have something looked at after some time
 * @ns: how much, up to 500 s
 * @function: is called once a halt that has ended without a kick is over; it may
 *	be called too early
 *
 * If this vCPU does not halt then, nothing happens.
 *
 * Context: The first vCPU.
 */
void cpu_set_alarm(u64 ns, void (*function)(void))
{
	alarm = function;
	start_timer(ns);
}

/**
 * cpu_try_hypercall() - look whether KVM_HC_KICK_CPU does what it promises
 *
 * This vCPU kicks itself and halts. It is awake at once, or the timer wakes it up.
 *
 * Context: The first vCPU, at CPL 0.
 * Return: whether it does.
 */
bool cpu_try_hypercall(void)
{
	const u64 most = 5 * NSEC_PER_MSEC;
	u64 start;

	if (!(kvm_features & KVM_FEATURE_PV_UNHALT) || kick_by_hypercall(0))
		return false;
	disable_interrupts();
	start_timer(2 * most);
	start = clock_cycles();
	halt_with_interrupts();
	start_timer(0);
	return clock_to_ns(clock_cycles() - start) < most;
}

/**
 * cpu_end() - end the guest
 * @status: 0 is success
 */
void cpu_end(u32 status)
{
	cpu_out(PORT_REPORT, status);
	for (;;)
		cpu_halt();
}

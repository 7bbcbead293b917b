// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that is nothing but the lock benchmark. Documentation/bare.rst tells
 * how it works.
 */
#include "../../../kernel/ticket_core.h"
#include "config.h"
#include "costs.h"
#include "../machine/probe.h"
#include "../machine/text.h"
#include "work.h"

/* As fast as CPUs of this host execute guests. */
static void choose_cpl(u32 asked)
{
	probe_cpl3();
	if (asked == CPL_AUTO ? probe_cpl0_is_native() : !asked)
		cpu_to_cpl0();
}

/* Where CPL 0 is emulated, the instruction for hypercalls may never end. */
static void choose_kick(u32 asked)
{
	bool works = !cpu_cpl && asked != KICK_IPI && probe_cpl0_is_native() &&
		cpu_try_hypercall();

	if (asked == KICK_HYPERCALL && !works)
		fail("kick=hypercall: KVM_HC_KICK_CPU does not work here, or not at CPL %u",
		     cpu_cpl);
	cpu_kick_kind = works ? KICK_HYPERCALL : KICK_IPI;
}

static void prepare(struct bench_run *run)
{
	config_parse(&run->config);
	choose_cpl(run->config.cpl);
	choose_kick(run->config.kick);
	if (run->config.costs)
		return;
	if (ticket_init())
		fail("no memory for the lock core");
	work_calibrate();
	ticket_set_spin_ns(run->config.spin_ns);
	ticket_set_overtake_limit(run->config.overtake);
	bench_begin(run);
}

static void __noreturn measure_costs(unsigned int number)
{
	if (!number) {
		costs_print();
		cpu_end(0);
	}
	if (number == 1)
		costs_answer();
	for (;;)
		cpu_halt();
}

/* cpu_start() calls it, at the privilege level that was chosen. */
void cpu_main(unsigned int number)
{
	struct bench_run *run = &bench_run;

	if (!number) {
		prepare(run);
		cpu_wake_all();
	}
	if (run->config.costs)
		measure_costs(number);
	if (number < run->config.threads)
		bench_thread(run, number);
	if (!number) {
		bench_wait_for_all(run);
		result_print(run);
		cpu_end(0);
	}
	for (;;)
		cpu_halt();
}

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

#define CALIBRATION_LOOPS	500
#define CALIBRATION_TRIALS	8

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

/* The spinning time becomes a number of loops; see guest/pvticketlock/spin_time.c. */
static u32 spin_loops(u32 spin_ns)
{
	u64 best = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < CALIBRATION_TRIALS; i++) {
		u64 start = clock_cycles();
		bool descheduled = ticket_pause(CALIBRATION_LOOPS);
		u64 taken = clock_cycles() - start;

		if (!descheduled && taken < best)
			best = taken;
	}
	if (best == UINT64_MAX)
		best = CALIBRATION_LOOPS * TICKET_DESCHEDULED_US * clock_khz / 1000;
	best = clock_from_ns(spin_ns) * CALIBRATION_LOOPS / best;
	return best ? best : 1;
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
	ticket_set_spin_loops(spin_loops(run->config.spin_ns));
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

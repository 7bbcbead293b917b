/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scenario: what each CPU does, and what may happen to it meanwhile.
 */
#ifndef CHECKER_SCENARIO_H
#define CHECKER_SCENARIO_H

#include "machine.h"

/**
 * struct scenario - a small program for the machine
 * @name: for the command line
 * @about: for the report
 * @nr_cpus: virtual CPUs
 * @program: what each of them runs
 * @irq: interrupt handler, runs with interrupts off
 * @irqs: how many interrupts each CPU may get
 * @nmi: NMI handler
 * @nmis: how many NMIs each CPU may get
 * @spurious: how many halts of each CPU may end for no reason
 * @native: waiters only spin, unlock is a plain store
 * @halts_late: a broken machine: interrupts are on before the halt begins
 * @first_ticket: head and tail at the beginning
 * @one_bucket: the waiter table has a single bucket
 * @table_taken: entries of it that others hold all the time
 * @max_overtakings: how often others may go ahead of one waiter; 0: FIFO
 * @slow: only in check-long
 * @must_fail: a negative control: text that the violation contains
 */
struct scenario {
	const char *name;
	const char *about;
	unsigned int nr_cpus;
	void (*program[MACHINE_MAX_CPUS])(void);
	void (*irq)(void);
	u8 irqs[MACHINE_MAX_CPUS];
	void (*nmi)(void);
	u8 nmis[MACHINE_MAX_CPUS];
	u8 spurious[MACHINE_MAX_CPUS];
	bool native;
	bool halts_late;
	ticket_t first_ticket;
	bool one_bucket;
	u8 table_taken;
	u8 max_overtakings;
	bool slow;
	const char *must_fail;
};

extern const struct scenario scenarios[];
extern const unsigned int nr_scenarios;

/* Run before the CPUs start, outside of any CPU. */
void scenario_prepare(const struct scenario *scenario);

#endif /* CHECKER_SCENARIO_H */

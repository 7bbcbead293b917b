/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scenario: what each CPU does, and what may happen to it meanwhile.
 */
#ifndef CHECKER_SCENARIO_H
#define CHECKER_SCENARIO_H

#include "engine/machine.h"

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
 * @lates: how often each CPU may find that much time has passed
 * @leaves: some waiter leaves the line
 * @ticket_bits: of the kernel's word, if not 3
 * @qspinlock: the locks are in the word of the kernel's own spinlock
 * @native: waiters only spin, unlock is a plain store
 * @xen: wait as the Xen backend does
 * @halts_late: a broken machine: interrupts are on before the halt begins
 * @forgets_kicks: a broken machine: a kick has no effect before the halt
 * @allowed_to_overtake: what the core is told, if not @overtake_limit
 * @first_ticket: head and tail at the beginning
 * @one_bucket: the waiter table has a single bucket
 * @table_taken: entries of it that others hold all the time
 * @overtake_limit: how often others may overtake the first in line; 0: FIFO
 * @spin_loops: how often a waiter looks before it halts, 0: once
 * @no_halts: there are none, which otherwise is an error
 * @max_preemptions: explore only schedules with at most so many; 0: all
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
	u8 lates[MACHINE_MAX_CPUS];
	bool leaves;
	u8 ticket_bits;
	bool qspinlock;
	bool native;
	bool xen;
	bool halts_late;
	bool forgets_kicks;
	u8 allowed_to_overtake;
	ticket_t first_ticket;
	bool one_bucket;
	u8 table_taken;
	u8 overtake_limit;
	u8 spin_loops;
	bool no_halts;
	u8 max_preemptions;
	bool slow;
	const char *must_fail;
};

extern const struct scenario scenarios[];
extern const unsigned int nr_scenarios;
/* Those that must fail, and others that say what the machine can do. */
extern const struct scenario controls[];
extern const unsigned int nr_controls;

/* Run before the CPUs start, outside of any CPU. */
void scenario_prepare(const struct scenario *scenario);

#endif /* CHECKER_SCENARIO_H */

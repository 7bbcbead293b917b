// SPDX-License-Identifier: GPL-2.0
/*
 * The scenarios. Longer than 400 lines: one table, an entry for each.
 *
 * In most of them waiters look once before they halt, so that both a turn
 * that comes while spinning and a bound that is exhausted occur.
 */
#include "properties.h"
#include "programs.h"
#include "scenario.h"
#include "ticket_core.h"
#include "ticket_lock.h"
#include "waiter_table.h"

/* Near enough to the end of the tickets for any scenario to go past it. */
#define NEARLY_WRAPPED	((ticket_t)0xfffc)

void scenario_prepare(const struct scenario *scenario)
{
	static struct ticket_lock others_lock;
	unsigned int i;

	ticket_exit();
	if (ticket_init())
		violate("ticket_init() failed");
	ticket_set_spin_ns(scenario->spin_loops ?: 1);
	ticket_set_overtake_limit(scenario->allowed_to_overtake ?:
				  scenario->overtake_limit);
	for (i = 0; i < MACHINE_MAX_LOCKS; i++) {
		ticket_lock_init(&machine.lock[i]);
		machine.lock[i].tickets.head = scenario->first_ticket;
		machine.lock[i].tickets.tail = scenario->first_ticket;
	}
	for (i = 0; i < scenario->table_taken; i++)
		waiter_publish(&others_lock, i * TICKET_LOCK_INC);
	machine.references = scenario->nr_cpus;
}

const struct scenario scenarios[] = {
	{
		.name = "lock-2",
		.about = "two CPUs, two acquisitions each",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
	}, {
		.name = "lock-3",
		.about = "three CPUs, one acquisition each",
		.nr_cpus = 3,
		.program = { use_a, use_a, use_a },
	}, {
		.name = "patience",
		.about = "two CPUs that look again before they get in line",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
		.spin_loops = 2,
		.overtake_limit = 1,
	}, {
		.name = "lock-2-deep",
		.about = "two CPUs, three acquisitions each",
		.nr_cpus = 2,
		.program = { use_a_thrice, use_a_thrice },
	}, {
		.name = "trylock",
		.about = "two CPUs take the lock, one tries twice",
		.nr_cpus = 3,
		.program = { use_a, use_a, try_a_twice },
	}, {
		.name = "spurious",
		.about = "halts may end for no reason",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
		.spurious = { 2, 2 },
	}, {
		.name = "wrap",
		.about = "the tickets wrap around",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
		.first_ticket = NEARLY_WRAPPED,
	}, {
		.name = "wrap-trylock",
		.about = "the tickets wrap around, one CPU only tries",
		.nr_cpus = 3,
		.program = { use_a, use_a, try_a },
		.first_ticket = NEARLY_WRAPPED + TICKET_LOCK_INC,
	}, {
		.name = "free",
		.about = "the last owner frees the lock",
		.nr_cpus = 2,
		.program = { use_a_and_put, use_a_and_put },
	}, {
		.name = "free-3",
		.about = "the last of three owners frees the lock",
		.nr_cpus = 3,
		.program = { use_a_and_put, use_a_and_put, use_a_and_put },
	}, {
		.name = "recycle",
		.about = "the last owner makes another lock of the freed memory",
		.nr_cpus = 2,
		.program = { use_a_and_recycle, use_a_and_recycle },
		.spurious = { 1, 1 },
	}, {
		.name = "one-bucket",
		.about = "all waiters share a bucket",
		.nr_cpus = 3,
		.program = { use_a, use_a, use_a },
		.one_bucket = true,
	}, {
		.name = "entry-reused",
		.about = "an entry goes to the waiter of another lock while it is looked at",
		.nr_cpus = 3,
		.program = { use_a, use_a_then_b, use_b },
		.spurious = { 0, 1, 0 },
		.one_bucket = true,
		.table_taken = 3,
	}, {
		.name = "kick-interrupted",
		.about = "a handler waits for who is marked but not yet kicked",
		.nr_cpus = 3,
		.program = { use_a, use_a_then_b_irqs_off, use_b_irqs_off },
		.irq = use_b,
		.irqs = { 1, 0, 0 },
		.spurious = { 0, 1, 0 },
		.one_bucket = true,
		.table_taken = 2,
		.max_preemptions = 4,
	}, {
		.name = "late",
		.about = "waiters find that their CPU was descheduled",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
		.lates = { 2, 2 },
	}, {
		.name = "bucket-full",
		.about = "no waiter finds a free entry: they spin",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
		.one_bucket = true,
		.table_taken = 4,
		.no_halts = true,
	}, {
		.name = "bucket-nearly-full",
		.about = "one of two waiters finds a free entry",
		.nr_cpus = 3,
		.program = { use_a, use_a, use_a },
		.one_bucket = true,
		.table_taken = 3,
	}, {
		.name = "irq-same-lock",
		.about = "a handler takes the lock that tasks take with interrupts off",
		.nr_cpus = 2,
		.program = { use_a_irqs_off_twice, use_a_irqs_off },
		.irq = use_a,
		.irqs = { 1, 1 },
	}, {
		.name = "irq-other-lock",
		.about = "a handler takes another lock of the class, also while its CPU halts",
		.nr_cpus = 2,
		.program = { use_a, use_a_then_b_irqs_off },
		.irq = use_b,
		.irqs = { 1, 0 },
	}, {
		.name = "irq-nested",
		.about = "the owner of one lock takes that of the handler",
		.nr_cpus = 2,
		.program = { use_a, nest_b_in_a },
		.irq = use_b,
		.irqs = { 1, 0 },
	}, {
		.name = "irq-three",
		.about = "a handler waits for a third CPU while its CPU halts for the second",
		.nr_cpus = 3,
		.program = { use_a, use_a, use_b_irqs_off },
		.irq = use_b,
		.irqs = { 1, 0, 0 },
	}, {
		.name = "irq-spurious",
		.about = "interrupts and spurious returns",
		.nr_cpus = 2,
		.program = { use_a, use_a_then_b_irqs_off },
		.irq = use_b,
		.irqs = { 1, 0 },
		.spurious = { 1, 1 },
	}, {
		.name = "nmi",
		.about = "an NMI handler spins for another lock",
		.nr_cpus = 2,
		.program = { use_a, nest_b_in_a },
		.nmi = use_b,
		.nmis = { 1, 0 },
	}, {
		.name = "xen-2",
		.about = "event channels: two CPUs, two acquisitions each",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
		.xen = true,
	}, {
		.name = "xen-3",
		.about = "event channels: three CPUs",
		.nr_cpus = 3,
		.program = { use_a, use_a, use_a },
		.xen = true,
	}, {
		.name = "xen-spurious",
		.about = "event channels: waits may end for no reason",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
		.spurious = { 2, 2 },
		.xen = true,
	}, {
		.name = "xen-irq",
		.about = "event channels: a handler waits on top of its CPU's wait",
		.nr_cpus = 2,
		.program = { use_a, use_a_then_b_irqs_off },
		.irq = use_b,
		.irqs = { 2, 0 },
		.xen = true,
	}, {
		.name = "xen-irq-three",
		.about = "event channels: the handler waits for a third CPU",
		.nr_cpus = 3,
		.program = { use_a, use_a, use_b_irqs_off },
		.irq = use_b,
		.irqs = { 1, 0, 0 },
		.xen = true,
	}, {
		.name = "xen-irq-spurious",
		.about = "event channels: interrupts, and waits that end for no reason",
		.nr_cpus = 2,
		.program = { use_a, use_a_then_b_irqs_off },
		.irq = use_b,
		.irqs = { 1, 0 },
		.spurious = { 1, 1 },
		.xen = true,
	}, {
		.name = "xen-overtake-irq",
		.about = "event channels: a handler overtakes the task whose wait it interrupts",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_then_b_irqs_off },
		.irq = use_b,
		.irqs = { 1, 0 },
		.overtake_limit = 1,
		.xen = true,
	}, {
		.name = "native",
		.about = "no hypervisor: waiters spin, unlock is a plain store",
		.nr_cpus = 3,
		.program = { use_a, use_a, try_a },
		.native = true,
	}, {
		.name = "native-free",
		.about = "no hypervisor: the last owner frees the lock",
		.nr_cpus = 3,
		.program = { use_a_and_put, use_a_and_put, use_a_and_put },
		.native = true,
	}, {
		.name = "lock-3-deep",
		.about = "three CPUs, one acquires twice",
		.nr_cpus = 3,
		.program = { use_a_twice, use_a, use_a },
		.slow = true,
	}, {
		.name = "overtake-2",
		.about = "the owner comes back and overtakes a halted waiter",
		.nr_cpus = 2,
		.program = { use_a_thrice, use_a },
		.overtake_limit = 1,
	}, {
		.name = "overtake-2-both",
		.about = "two CPUs overtake each other",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
		.overtake_limit = 2,
	}, {
		.name = "overtake-3",
		.about = "three CPUs, one overtakes",
		.nr_cpus = 3,
		.program = { use_a, use_a, use_a },
		.overtake_limit = 1,
	}, {
		.name = "overtake-patient",
		.about = "who overtakes looks more than once",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
		.overtake_limit = 1,
		.spin_loops = 2,
	}, {
		.name = "overtake-trylock",
		.about = "trylock does not overtake",
		.nr_cpus = 3,
		.program = { use_a, use_a, try_a_twice },
		.overtake_limit = 1,
	}, {
		.name = "overtake-spurious",
		.about = "overtaking, and halts that end for no reason",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
		.overtake_limit = 1,
		.spurious = { 1, 1 },
	}, {
		.name = "overtake-late",
		.about = "overtaking by waiters whose CPU was descheduled",
		.nr_cpus = 2,
		.program = { use_a_thrice, use_a_twice },
		.lates = { 1, 1 },
		.overtake_limit = 1,
	}, {
		.name = "overtake-late-3",
		.about = "the same with three CPUs",
		.nr_cpus = 3,
		.program = { use_a_twice, use_a, use_a },
		.lates = { 0, 0, 1 },
		.overtake_limit = 1,
		.max_preemptions = 3,
	}, {
		.name = "overtake-wrap",
		.about = "overtaking while the tickets wrap around",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
		.first_ticket = NEARLY_WRAPPED,
		.overtake_limit = 1,
	}, {
		.name = "overtake-free",
		.about = "the last owner frees the lock, in whatever order they got it",
		.nr_cpus = 3,
		.program = { use_a_and_put, use_a_and_put, use_a_and_put },
		.overtake_limit = 1,
	}, {
		.name = "overtake-bucket-full",
		.about = "overtaking when one of two waiters finds a free entry",
		.nr_cpus = 3,
		.program = { use_a, use_a, use_a },
		.one_bucket = true,
		.table_taken = 3,
		.overtake_limit = 1,
	}, {
		.name = "overtake-one-bucket",
		.about = "overtaking when all waiters share a bucket",
		.nr_cpus = 3,
		.program = { use_a, use_a, use_a },
		.one_bucket = true,
		.overtake_limit = 1,
	}, {
		.name = "overtake-recycle",
		.about = "overtaking, and the last owner makes another lock of the freed memory",
		.nr_cpus = 2,
		.program = { use_a_and_recycle, use_a_and_recycle },
		.overtake_limit = 1,
	}, {
		.name = "overtake-irq",
		.about = "a handler overtakes the task whose halt it interrupts, for another lock",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_then_b_irqs_off },
		.irq = use_b,
		.irqs = { 1, 0 },
		.overtake_limit = 1,
	}, {
		.name = "overtake-irq-same",
		.about = "a handler takes and overtakes on the lock of the tasks",
		.nr_cpus = 2,
		.program = { use_a_irqs_off_twice, use_a_irqs_off_twice },
		.irq = use_a,
		.irqs = { 1, 1 },
		.overtake_limit = 1,
	}, {
		.name = "overtake-nmi",
		.about = "an NMI handler takes another lock, with overtaking",
		.nr_cpus = 2,
		.program = { use_a_twice, nest_b_in_a },
		.nmi = use_b,
		.nmis = { 1, 0 },
		.overtake_limit = 1,
	}, {
		.name = "overtake-3-deep",
		.about = "three CPUs, one comes twice and overtakes",
		.nr_cpus = 3,
		.program = { use_a_twice, use_a, use_a },
		.overtake_limit = 1,
		.slow = true,
	}, {
		.name = "overtake-3-twice",
		.about = "three CPUs, two acquisitions each, with overtaking",
		.nr_cpus = 3,
		.program = { use_a_twice, use_a_twice, use_a_twice },
		.overtake_limit = 2,
		.max_preemptions = 4,
		.slow = true,
	}, {
		.name = "overtake-irq-three",
		.about = "three CPUs, two locks, interrupts and spurious returns",
		.nr_cpus = 3,
		.program = { use_a_twice, use_a_then_b_irqs_off,
			     use_a_then_b_irqs_off },
		.irq = use_b,
		.irqs = { 1, 0, 0 },
		.spurious = { 1, 1, 0 },
		.overtake_limit = 1,
		.max_preemptions = 4,
		.slow = true,
	}, {
		.name = "overtake-entry-reused",
		.about = "overtaking, and an entry goes to another lock's waiter",
		.nr_cpus = 3,
		.program = { use_a_twice, use_a_then_b, use_b },
		.spurious = { 0, 1, 0 },
		.one_bucket = true,
		.table_taken = 3,
		.overtake_limit = 1,
		.slow = true,
	}, {
		.name = "leave-3",
		.about = "who is second in line wakes up before the first, and leaves",
		.nr_cpus = 3,
		.program = { use_a, use_a, use_a },
		.spurious = { 0, 0, 1 },
		.overtake_limit = 1,
		.leaves = true,
	}, {
		.name = "leave-kicked",
		.about = "who is second in line is kicked, as the first does not run, and leaves",
		.nr_cpus = 3,
		.program = { use_a_twice, use_a, use_a },
		.overtake_limit = 2,
		.leaves = true,
		.max_preemptions = 4,
	}, {
		.name = "leave-and-return",
		.about = "who has left gets in line again",
		.nr_cpus = 3,
		.program = { use_a, use_a, use_a_twice },
		.spurious = { 0, 0, 1 },
		.overtake_limit = 1,
		.leaves = true,
		.max_preemptions = 4,
	}, {
		.name = "leave-free",
		.about = "the last owner frees the lock, after somebody has left the line",
		.nr_cpus = 3,
		.program = { use_a_and_put, use_a_and_put, use_a_and_put },
		.spurious = { 0, 0, 1 },
		.overtake_limit = 1,
		.leaves = true,
		.max_preemptions = 5,
	}, {
		.name = "leave-wrap",
		.about = "who has left is passed over while the tickets wrap around",
		.nr_cpus = 3,
		.program = { use_a, use_a, use_a },
		.spurious = { 0, 0, 1 },
		.first_ticket = NEARLY_WRAPPED,
		.overtake_limit = 1,
		.leaves = true,
		.max_preemptions = 5,
	}, {
		.name = "qspinlock-no-room",
		.about = "the kernel's word: too few tickets for anybody to leave the line",
		.nr_cpus = 3,
		.program = { use_a_twice, use_a, use_a_twice },
		.spurious = { 0, 0, 1 },
		.qspinlock = true,
		.ticket_bits = 2,
		.overtake_limit = 1,
		.max_preemptions = 4,
	}, {
		.name = "qspinlock-overtake-again",
		.about = "the kernel's word: the same word again, for another entry of the table",
		.nr_cpus = 3,
		.program = { use_a_twice, use_a_then_nest_b_in_a, use_a_twice },
		.irq = use_b,
		.irqs = { 1, 0, 0 },
		.qspinlock = true,
		.one_bucket = true,
		.table_taken = 2,
		.overtake_limit = 1,
		.max_preemptions = 4,
		.slow = true,
	}, {
		.name = "qspinlock-wrap",
		.about = "the kernel's word: the tickets wrap around while the line is not empty",
		.nr_cpus = 3,
		.program = { use_a_four_times, use_a_thrice, use_a_thrice },
		.qspinlock = true,
		.ticket_bits = 2,
		.overtake_limit = 1,
		.max_preemptions = 3,
	},
};

const unsigned int nr_scenarios = sizeof(scenarios) / sizeof(*scenarios);

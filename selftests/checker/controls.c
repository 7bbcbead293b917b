// SPDX-License-Identifier: GPL-2.0
/*
 * Negative controls of the checker itself: for each property a program, or a
 * machine, that violates it and has to be caught. The mutants of the lock core
 * are elsewhere (mutants/).
 *
 * Two of them must pass: they say what the memory model does not do.
 */
#include "programs.h"
#include "properties.h"
#include "scenario.h"
#include "ticket_lock.h"
#include "waiter_table.h"

static void no_lock(void)
{
	property_acquired(A);
	WRITE_ONCE(machine.data[0], READ_ONCE(machine.data[0]) + 1);
	property_releasing(A);
}

/* The same, but nobody looks at who owns the lock. */
static void no_lock_unnoticed(void)
{
	machine.acquisitions++;
	WRITE_ONCE(machine.data[0], READ_ONCE(machine.data[0]) + 1);
}

/* Draws a ticket, but whoever comes first gets the lock. */
static void unfair_lock(void)
{
	ticket_draw(A);
	while (cmpxchg(&machine.word[0], 0, 1))
		platform_relax();
	property_acquired(A);
	WRITE_ONCE(machine.data[0], READ_ONCE(machine.data[0]) + 1);
	xadd(&A->tickets.head, TICKET_LOCK_INC);
	property_releasing(A);
	xadd(&machine.word[0], -1);
}

/* Does not halt, but what it waits for never happens. */
static void wait_for_nothing(void)
{
	while (!READ_ONCE(machine.word[0]))
		platform_relax();
}

static void halt_for_nothing(void)
{
	platform_halt(platform_irq_save());
}

static void free_and_look(void)
{
	machine_free_lock(A, "free");
	ticket_is_locked(A);
}

static void leave_flag(void)
{
	xadd(&A->tickets.head, TICKET_SLOWPATH_FLAG);
}

static void leave_lock(void)
{
	ticket_lock(A);
}

static void leave_waiter(void)
{
	waiter_publish(A, 0);
}

/* Both orders of "I come; do you?" that x86 stores and loads can make. */
static void announce_and_look(u32 *mine, const u32 *yours, bool fence)
{
	WRITE_ONCE(*mine, 1);
	if (fence)
		smp_mb();	/* pairs with itself on the other CPU */
	if (READ_ONCE(*mine) != 1)
		violate("a CPU does not see its own store");
	if (!READ_ONCE(*yours) && !--machine.references)
		violate("store buffers: neither sees the other's store");
}

static void first_unfenced(void)
{
	announce_and_look(&machine.word[0], &machine.word[1], false);
}

static void second_unfenced(void)
{
	announce_and_look(&machine.word[1], &machine.word[0], false);
}

static void first_fenced(void)
{
	announce_and_look(&machine.word[0], &machine.word[1], true);
}

static void second_fenced(void)
{
	announce_and_look(&machine.word[1], &machine.word[0], true);
}

static void send_message(void)
{
	WRITE_ONCE(machine.word[0], 1);
	WRITE_ONCE(machine.word[1], 1);
}

static void receive_message(void)
{
	if (READ_ONCE(machine.word[1]) && !READ_ONCE(machine.word[0]))
		violate("stores overtake each other");
}

const struct scenario controls[] = {
	{
		.name = "tso-fenced",
		.about = "two stores, each followed by a fence and a load",
		.nr_cpus = 2,
		.program = { first_fenced, second_fenced },
		.no_halts = true,
	}, {
		.name = "tso-message",
		.about = "stores are seen in order",
		.nr_cpus = 2,
		.program = { send_message, receive_message },
		.no_halts = true,
	}, {
		.name = "control-tso",
		.about = "two stores, each followed by a load, without a fence",
		.nr_cpus = 2,
		.program = { first_unfenced, second_unfenced },
		.must_fail = "store buffers",
	}, {
		.name = "control-exclusion",
		.about = "no lock is taken",
		.nr_cpus = 2,
		.program = { no_lock, no_lock },
		.must_fail = "exclusion:",
	}, {
		.name = "control-data",
		.about = "no lock is taken, only the data tell",
		.nr_cpus = 2,
		.program = { no_lock_unnoticed, no_lock_unnoticed },
		.must_fail = "data:",
	}, {
		.name = "control-order",
		.about = "a lock that draws tickets and ignores them",
		.nr_cpus = 3,
		.program = { unfair_lock, unfair_lock, unfair_lock },
		.must_fail = "drew its ticket before",
	}, {
		.name = "control-overtake",
		.about = "more overtaking is allowed than the bound says",
		.nr_cpus = 2,
		.program = { use_a_thrice, use_a },
		.overtake_limit = 1,
		.allowed_to_overtake = 2,
		.must_fail = "was overtaken more than 1 times",
	}, {
		.name = "control-halt",
		.about = "a halt that nobody ends",
		.nr_cpus = 1,
		.program = { halt_for_nothing },
		.must_fail = "halted forever: CPUs 0x1",
	}, {
		.name = "control-spin",
		.about = "a loop that nobody ends",
		.nr_cpus = 1,
		.program = { wait_for_nothing },
		.must_fail = "no schedule leads to the end",
	}, {
		.name = "control-freed",
		.about = "a look at a freed lock",
		.nr_cpus = 1,
		.program = { free_and_look },
		.must_fail = "touches the freed lock0",
	}, {
		.name = "control-flag",
		.about = "SP is left behind",
		.nr_cpus = 1,
		.program = { leave_flag },
		.must_fail = "flag:",
	}, {
		.name = "control-locked",
		.about = "a lock is not released",
		.nr_cpus = 1,
		.program = { leave_lock },
		.must_fail = "is not free",
	}, {
		.name = "control-table",
		.about = "a waiter is left in the table",
		.nr_cpus = 1,
		.program = { leave_waiter },
		.must_fail = "table:",
	}, {
		.name = "control-halts-late",
		.about = "a machine that enables interrupts before it halts",
		.nr_cpus = 2,
		.program = { use_a, nest_b_in_a },
		.irq = use_b,
		.irqs = { 1, 0 },
		.halts_late = true,
		.must_fail = "lost wake-up",
	}, {
		.name = "control-kick-forgotten",
		.about = "a host that forgets kicks that come before the halt",
		.nr_cpus = 2,
		.program = { use_a, use_a },
		.forgets_kicks = true,
		.must_fail = "lost wake-up",
	},
};

const unsigned int nr_controls = sizeof(controls) / sizeof(*controls);

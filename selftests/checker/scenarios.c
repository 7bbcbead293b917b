// SPDX-License-Identifier: GPL-2.0
/*
 * The scenarios.
 *
 * In each of them waiters spin once before they halt, so that both a turn
 * that comes while spinning and a bound that is exhausted occur.
 */
#include "properties.h"
#include "scenario.h"
#include "ticket_slowpath.h"
#include "waiter_table.h"

#define A	(&machine.lock[0])
#define B	(&machine.lock[1])

#define SPIN_LOOPS	1
/* Near enough to the end of the tickets for any scenario to go past it. */
#define NEARLY_WRAPPED	((ticket_t)0xfffc)

/* Loses an increment, or does not see the last one, if not alone. */
static void touch_data(struct ticket_lock *lock)
{
	u32 *data = &machine.data[lock - machine.lock];

	WRITE_ONCE(*data, READ_ONCE(*data) + 1);
}

static void acquire(struct ticket_lock *lock)
{
	ticket_lock(lock);
	property_acquired(lock);
}

static void release(struct ticket_lock *lock)
{
	property_releasing(lock);
	ticket_unlock(lock);
}

static void use(struct ticket_lock *lock)
{
	acquire(lock);
	touch_data(lock);
	release(lock);
}

static void try(struct ticket_lock *lock)
{
	if (!ticket_trylock(lock))
		return;
	property_acquired(lock);
	touch_data(lock);
	release(lock);
}

static void use_irqs_off(struct ticket_lock *lock)
{
	unsigned long flags = platform_irq_save();

	use(lock);
	platform_irq_restore(flags);
}

static void use_a(void)
{
	use(A);
}

static void use_a_twice(void)
{
	use(A);
	use(A);
}

static void use_a_thrice(void)
{
	use_a_twice();
	use(A);
}

static void try_a(void)
{
	try(A);
}

static void try_a_twice(void)
{
	try(A);
	try(A);
}

static void use_a_irqs_off(void)
{
	use_irqs_off(A);
}

static void use_a_irqs_off_twice(void)
{
	use_irqs_off(A);
	use_irqs_off(A);
}

static void use_b(void)
{
	use(B);
}

static void use_b_irqs_off(void)
{
	use_irqs_off(B);
}

static void use_a_then_b_irqs_off(void)
{
	use(A);
	use_irqs_off(B);
}

/* B is taken by interrupt handlers: with A held, only with interrupts off. */
static void nest_b_in_a(void)
{
	unsigned long flags;

	acquire(A);
	touch_data(A);
	flags = platform_irq_save();
	use(B);
	platform_irq_restore(flags);
	release(A);
}

/* A lock inside an object with references: who drops the last one frees it. */
static void use_a_and_put(void)
{
	bool last;

	acquire(A);
	touch_data(A);
	machine.references--;
	last = !machine.references;
	release(A);
	if (last)
		machine_free_lock(A, "put");
}

void scenario_prepare(const struct scenario *scenario)
{
	static struct ticket_lock others_lock;
	unsigned int i;

	waiter_table_exit();
	if (waiter_table_init())
		violate("waiter_table_init() failed");
	ticket_set_spin_loops(SPIN_LOOPS);
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
		.name = "bucket-full",
		.about = "no waiter finds a free entry: they spin",
		.nr_cpus = 2,
		.program = { use_a_twice, use_a_twice },
		.one_bucket = true,
		.table_taken = 4,
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
		.about = "three CPUs, two acquisitions each",
		.nr_cpus = 3,
		.program = { use_a_twice, use_a_twice, use_a_twice },
		.slow = true,
	}, {
		.name = "control-halts-late",
		.about = "a machine that enables interrupts before it halts",
		.nr_cpus = 2,
		.program = { use_a, nest_b_in_a },
		.irq = use_b,
		.irqs = { 1, 0 },
		.halts_late = true,
		.must_fail = "lost wake-up",
	},
};

const unsigned int nr_scenarios = sizeof(scenarios) / sizeof(*scenarios);

// SPDX-License-Identifier: GPL-2.0
/*
 * What a CPU remembers from one wait for the next.
 *
 * A waiter cannot ask the host how busy its CPUs are, but it sees what comes
 * of it: that its own CPU was taken away while it spun, and that spinning was
 * in vain. Such a wait is followed by more of the kind, as the other virtual
 * machines stay.
 *
 * Each CPU has its own hints and is the only one to write to them. They decide
 * how long to spin, never who gets the lock. So an interrupt handler that waits
 * in between two of their accesses does no harm, and their accesses need no
 * order.
 */
#include "platform/platform.h"
#include "waiter_hints.h"

/*
 * How scarce host CPUs look from a CPU: a wait that shows it adds, each wait
 * takes one away. One such wait is just bad luck, two in a row are not. 0 as
 * the most: nobody keeps the score.
 */
#ifndef WAITER_MOST_SCARCE
#define WAITER_MOST_SCARCE	16
#endif
#define WAITER_SCARCER		4
#define WAITER_SCARCE		5

/* A line for each CPU, as the others have no business with it. */
#define WAITER_HINTS_BYTES	64

/**
 * struct waiter_hints - what is remembered of a CPU between two waits
 * @descheduled: the host ran something else during the last one
 * @scarcity: how scarce host CPUs look, up to WAITER_MOST_SCARCE
 */
struct waiter_hints {
	u16 descheduled;
	u16 scarcity;
} __aligned(WAITER_HINTS_BYTES);

static struct waiter_hints *waiter_hints;

/**
 * waiter_hints_init() - allocate the hints of platform_nr_cpus() CPUs
 *
 * Context: process context, may sleep; before any lock is contended.
 * Return: 0, or -ENOMEM.
 */
int waiter_hints_init(void)
{
	waiter_hints = platform_zalloc(sizeof(*waiter_hints) *
				       platform_nr_cpus());
	return waiter_hints ? 0 : -ENOMEM;
}

/**
 * waiter_hints_exit() - free the hints
 *
 * Context: process context, may sleep; no lock is contended any more.
 */
void waiter_hints_exit(void)
{
	platform_free(waiter_hints);
	waiter_hints = NULL;
}

/**
 * waiter_note_scarcity() - this CPU's wait suggests that host CPUs are scarce
 *
 * Context: any, preemption disabled.
 */
void waiter_note_scarcity(void)
{
	struct waiter_hints *hints = &waiter_hints[platform_cpu()];
	u16 scarcity;

	if (!WAITER_MOST_SCARCE)
		return;
	scarcity = READ_ONCE(hints->scarcity) + WAITER_SCARCER;
	if (scarcity > WAITER_MOST_SCARCE)
		scarcity = WAITER_MOST_SCARCE;
	WRITE_ONCE(hints->scarcity, scarcity);
}

/**
 * waiter_sees_scarcity() - do the last waits of this CPU say so?
 *
 * To be asked once for each time that the CPU spins. A hint, as an interrupt
 * handler may wait meanwhile.
 *
 * Context: any, preemption disabled.
 */
bool waiter_sees_scarcity(void)
{
	struct waiter_hints *hints = &waiter_hints[platform_cpu()];
	u16 scarcity;

	if (!WAITER_MOST_SCARCE)
		return false;
	scarcity = READ_ONCE(hints->scarcity);
	if (scarcity)
		WRITE_ONCE(hints->scarcity, scarcity - 1);
	return scarcity >= WAITER_SCARCE;
}

/**
 * waiter_note_descheduled() - the host ran something else while this CPU waited
 *
 * Context: any, preemption disabled.
 */
void waiter_note_descheduled(void)
{
	WRITE_ONCE(waiter_hints[platform_cpu()].descheduled, 1);
	waiter_note_scarcity();
}

/**
 * waiter_was_descheduled() - did the host, when this CPU waited last?
 *
 * Forgets it. A hint: an interrupt handler that waits, too, may take it.
 *
 * Context: any, preemption disabled.
 */
bool waiter_was_descheduled(void)
{
	struct waiter_hints *hints = &waiter_hints[platform_cpu()];

	if (!READ_ONCE(hints->descheduled))
		return false;
	WRITE_ONCE(hints->descheduled, 0);
	return true;
}

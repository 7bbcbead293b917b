// SPDX-License-Identifier: GPL-2.0
/*
 * The properties, and the ghost state that they need: who owns a lock, and
 * who waits for it in which order.
 *
 * A waiter's place in the order is the moment at which it draws its ticket,
 * that is, adds to the tail. Those who have drawn get the lock in that order.
 * Who gets it without a ticket overtakes the first of them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "properties.h"
#include "scenario.h"
#include "ticket_qspinlock.h"
#include "trace.h"
#include "waiter_table.h"

#define POISON	0x6b6b6b6b

char violation[512];

/* Only the first one counts. */
void violate(const char *format, ...)
{
	va_list arguments;

	if (violation[0])
		return;
	va_start(arguments, format);
	vsnprintf(violation, sizeof(violation), format, arguments);
	va_end(arguments);
}

static struct lock_ghost *ghost_at(const void *address)
{
	size_t lock = ((char *)address - (char *)machine.lock) /
		      sizeof(machine.lock[0]);

	return lock < MACHINE_MAX_LOCKS ? &machine.ghost[lock] : NULL;
}

static const char *context_name(unsigned int context)
{
	static const char * const names[MACHINE_LEVELS] = {
		"", "'s interrupt handler", "'s NMI handler",
	};
	static char name[2][40];
	static unsigned int next;
	char *result = name[next++ % 2];

	snprintf(result, sizeof(name[0]), "cpu%u%s", context / MACHINE_LEVELS,
		 names[context % MACHINE_LEVELS]);
	return result;
}

/* No byte of a lock is touched once it has been freed. */
void property_check_access(const void *address, size_t size)
{
	const struct lock_ghost *ghost = ghost_at(address);

	if (ghost && ghost->freed)
		violate("%s touches the freed %s",
			context_name(machine_context()),
			trace_name(address, size));
}

static unsigned int place_of(const struct lock_ghost *ghost,
			     unsigned int context)
{
	unsigned int i;

	for (i = 0; i < ghost->nr_queued; i++)
		if (ghost->queue[i].context == context)
			break;
	return i;
}

/* Does a write add to the tail of a lock? */
static bool draws_ticket(u64 before, u64 after)
{
	const unsigned int shift = 32 - TICKET_QSPINLOCK_TICKET_BITS;
	const u64 ticket = 1ULL << shift;

	/* The last of a line takes the tail back to 0, and writes the head. */
	if (machine_scenario()->qspinlock)
		return (u32)(after - before) == ticket;
	return (before ^ after) >> 8 * offsetof(struct ticket_lock,
						tickets.tail) >
	       TICKET_PARITY_FLAG;
}

/* Whoever adds to the tail draws a ticket. */
void property_observe_write(const void *address, size_t size,
			    u64 before, u64 after)
{
	struct lock_ghost *ghost = ghost_at(address);
	struct queued_context *queued;

	if (!ghost || size != sizeof(struct ticket_lock) ||
	    !draws_ticket(before, after))
		return;
	if (place_of(ghost, machine_context()) < ghost->nr_queued) {
		violate("order: %s draws two tickets",
			context_name(machine_context()));
		return;
	}
	queued = &ghost->queue[ghost->nr_queued++];
	queued->context = machine_context();
	queued->overtaken = 0;
	queued->looks = 0;
}

/*
 * Who is in line and not the first looks until its spinning time is over, which
 * begins anew when another one becomes the first: one look for each unit of it,
 * one more, and one before it halts. The word may change up to two times before
 * this file learns of it: the owner passes over who has left, and gets the lock.
 */
static unsigned int most_looks(void)
{
	const unsigned int changes = 3, others = 2;

	return changes * ((machine_scenario()->spin_loops ?: 1) + others);
}

/*
 * NMI handlers, who finds no room in the table, and all where there is no
 * hypervisor, spin for as long as it takes.
 */
static bool may_halt(void)
{
	return ticket_pv_enabled() && platform_may_halt() &&
	       !machine_scenario()->table_taken;
}

void property_observe_look(const void *address, size_t size)
{
	struct lock_ghost *ghost = ghost_at(address);
	unsigned int place;

	if (!ghost || size != sizeof(struct ticket_lock) || !may_halt())
		return;
	place = place_of(ghost, machine_context());
	if (!place || place >= ghost->nr_queued)
		return;
	if (++ghost->queue[place].looks > most_looks())
		violate("time: %s is not the first in line, and spins on and on",
			context_name(machine_context()));
}

/* This context is going to halt: it has looked in time, whatever it waits for. */
void property_halting(void)
{
	unsigned int i;

	for (i = 0; i < MACHINE_MAX_LOCKS; i++) {
		struct lock_ghost *ghost = &machine.ghost[i];
		unsigned int place = place_of(ghost, machine_context());

		if (place < ghost->nr_queued)
			ghost->queue[place].looks = 0;
	}
}

/* Who is at @place leaves the line. For the others, something has happened. */
static void leave_queue(struct lock_ghost *ghost, unsigned int place)
{
	struct queued_context *queue = ghost->queue;
	size_t entry = sizeof(queue[0]);
	unsigned int i;

	ghost->nr_queued--;
	memmove(&queue[place], &queue[place + 1],
		(ghost->nr_queued - place) * entry);
	memset(&queue[ghost->nr_queued], 0, entry);
	for (i = 0; !place && i < ghost->nr_queued; i++)
		queue[i].looks = 0;
}

/* @context got the lock without being the first in line. */
static void overtake(struct queued_context *first, unsigned int context)
{
	u8 limit = machine_scenario()->overtake_limit;

	machine_events.overtakings++;
	if (++first->overtaken > limit)
		violate("order: %s was overtaken more than %u times, now by %s",
			context_name(first->context), limit,
			context_name(context));
}

static void check_order(struct ticket_lock *lock, struct lock_ghost *ghost)
{
	unsigned int place = place_of(ghost, machine_context());
	struct queued_context *first = &ghost->queue[0];

	if (!ghost->nr_queued)
		return;
	if (place == ghost->nr_queued) {
		overtake(first, machine_context());
		return;
	}
	if (place && !machine_scenario()->overtake_limit) {
		violate("order: %s got %s, but %s drew its ticket before",
			context_name(machine_context()),
			trace_name(lock, sizeof(*lock)),
			context_name(first->context));
		return;
	}
	if (place) {
		machine_events.leavings++;
		overtake(first, machine_context());
	}
	leave_queue(ghost, place);
}

/* This context has just got @lock. */
void property_acquired(struct ticket_lock *lock)
{
	struct lock_ghost *ghost = ghost_at(lock);

	trace_event("", "owns %s", trace_name(lock, sizeof(*lock)));
	if (ghost->owner)
		violate("exclusion: %s got %s while %s owns it",
			context_name(machine_context()),
			trace_name(lock, sizeof(*lock)),
			context_name(ghost->owner - 1));
	ghost->owner = machine_context() + 1;
	machine.acquisitions++;
	check_order(lock, ghost);
}

/* This context is going to release @lock. */
void property_releasing(struct ticket_lock *lock)
{
	ghost_at(lock)->owner = 0;
}

/* Whoever frees the lock has no reason to believe that anybody needs it. */
void property_freed(struct ticket_lock *lock)
{
	struct lock_ghost *ghost = ghost_at(lock);

	if (ghost->owner || ghost->nr_queued)
		violate("the scenario frees a lock in use");
	lock->head_tail = POISON;
	ghost->freed = true;
}

void property_reused(struct ticket_lock *lock)
{
	ghost_at(lock)->freed = false;
	lock->head_tail = 0;
}

static void check_lock_at_end(unsigned int number)
{
	const struct ticket_lock *lock = &machine.lock[number];
	const struct lock_ghost *ghost = &machine.ghost[number];
	const char *name = trace_name(lock, sizeof(*lock));

	if (ghost->freed)
		return;
	if (ghost->owner)
		violate("at the end %s has an owner", name);
	if (machine_scenario()->qspinlock) {
		if (lock->head_tail)
			violate("at the end %s is not 0", name);
		return;
	}
	if (lock->tickets.head & TICKET_SLOWPATH_FLAG ||
	    lock->tickets.tail & TICKET_PARITY_FLAG)
		violate("flag: nobody waits for %s, but SP or P is set", name);
	else if (lock->tickets.head != lock->tickets.tail)
		violate("at the end %s is not free", name);
}

static void check_table_at_end(void)
{
	const struct waiter *waiter = (const struct waiter *)machine.table;
	size_t entries = machine_table_bytes() / sizeof(*waiter);
	unsigned int taken = 0;
	size_t i;

	for (i = 0; i < entries; i++)
		taken += !!waiter[i].lock;
	if (taken != machine_scenario()->table_taken)
		violate("table: at the end %u waiters are published", taken);
}

/* Critical sections that excluded each other have lost no increment. */
static void check_data_at_end(void)
{
	u32 counted = 0;
	unsigned int i;

	for (i = 0; i < MACHINE_MAX_LOCKS; i++)
		counted += machine.data[i];
	if (counted != machine.acquisitions)
		violate("data: %u critical sections, but only %u are seen in the data",
			machine.acquisitions, counted);
}

/* All CPUs have ended their programs, all stores have reached memory. */
void property_check_end(void)
{
	unsigned int i;

	for (i = 0; i < MACHINE_MAX_LOCKS; i++)
		check_lock_at_end(i);
	check_table_at_end();
	check_data_at_end();
}

/* Nothing can happen, or nothing that leads to the end. */
void property_describe_stuck(void)
{
	unsigned int cpu, halted = 0, spinning = 0;

	for (cpu = 0; cpu < machine_scenario()->nr_cpus; cpu++) {
		const struct vcpu *vcpu = &machine.cpu[cpu];

		if ((vcpu->operation.kind == OPERATION_HALT ||
		     vcpu->operation.kind == OPERATION_POLL) && !vcpu->token)
			halted |= 1U << cpu;
		else if (!vcpu->done)
			spinning |= 1U << cpu;
	}
	violate("lost wake-up: halted forever: CPUs 0x%x, spinning forever: CPUs 0x%x",
		halted, spinning);
}

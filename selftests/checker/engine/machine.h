/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The virtual machine under which the lock core is checked.
 *
 * Each virtual CPU is a fiber. It runs until it is about to touch shared
 * memory, halt or kick, announces that (struct operation) and waits for the
 * explorer to choose it. All that can differ between two moments of a run is
 * in struct machine and in the fibers' stacks, so that a moment can be saved,
 * compared and returned to.
 *
 * Memory is x86-TSO: a plain store goes to the CPU's store buffer, whose
 * oldest entry reaches memory at any later time; loads see the CPU's own
 * buffered stores; a locked instruction, a fence and a kick wait until the
 * buffer is empty.
 */
#ifndef CHECKER_MACHINE_H
#define CHECKER_MACHINE_H

#include "../checker_platform.h"
#include "ticket_types.h"

#define MACHINE_MAX_CPUS	3
#define MACHINE_MAX_LOCKS	3
#define MACHINE_BUFFER_ENTRIES	8
#define MACHINE_TABLE_BYTES	2048
/* Contexts of one CPU: task, interrupt, NMI. */
#define MACHINE_LEVELS		3

enum operation_kind {
	OPERATION_NONE,
	OPERATION_LOAD,
	OPERATION_STORE,
	OPERATION_XADD,
	OPERATION_CMPXCHG,
	OPERATION_MB,
	OPERATION_HALT,
	OPERATION_KICK,
	OPERATION_FREE,
	OPERATION_NOTHING,	/* a moment for an interrupt */
	OPERATION_CLOCK,	/* may find that much time has passed */
	OPERATION_POLL,		/* Xen: wait for the pending bit */
	OPERATION_CLEAR,	/* Xen: clear it */
};

/**
 * struct operation - what a CPU does next
 * @kind: which
 * @size: bytes accessed
 * @address: memory accessed
 * @site: place in the source
 */
struct operation {
	u8 kind;
	u8 size;
	const void *address;
	const char *site;
};

struct buffered_store {
	void *address;
	u64 value;
	u64 size;
};

/**
 * struct vcpu - a virtual CPU, all but its stack
 * @stack_pointer: of the fiber, while it is not running
 * @operation: the next one
 * @store: store buffer, oldest entry first
 * @nr_stores: entries in @store
 * @done: the CPU's program has ended
 * @irqs_on: interrupts are enabled
 * @token: kicked; one deep, taken by the next return from a halt
 * @waits: Xen: waits that interrupt each other
 * @level: 0 in the task, 1 in an interrupt handler, 2 in an NMI handler
 * @irqs: interrupts that may still arrive
 * @nmis: NMIs that may still arrive
 * @spurious: halts that may still end for no reason
 * @lates: how often the host may still run something else for long
 */
struct vcpu {
	void *stack_pointer;
	struct operation operation;
	struct buffered_store store[MACHINE_BUFFER_ENTRIES];
	u8 nr_stores;
	bool done;
	bool irqs_on;
	bool token;
	u8 waits;
	u8 level;
	u8 irqs;
	u8 nmis;
	u8 spurious;
	u8 lates;
};

/*
 * A context that waits for a lock, how often others went ahead of it, and how
 * often it has looked since it got in line or halted, or another became the
 * first.
 */
struct queued_context {
	u8 context;
	u8 overtaken;
	u8 looks;
};

/**
 * struct lock_ghost - what the checker knows about a lock
 * @owner: context that holds it plus 1, or 0
 * @freed: its memory was freed
 * @nr_queued: contexts that have drawn a ticket and not got the lock yet
 * @queue: these, in the order of their tickets
 */
struct lock_ghost {
	u8 owner;
	u8 freed;
	u8 nr_queued;
	struct queued_context queue[MACHINE_MAX_CPUS * MACHINE_LEVELS];
};

struct machine {
	struct vcpu cpu[MACHINE_MAX_CPUS];
	struct lock_ghost ghost[MACHINE_MAX_LOCKS];
	/* Shared memory: the locks, what they protect, the waiter table. */
	struct ticket_lock lock[MACHINE_MAX_LOCKS];
	u32 data[MACHINE_MAX_LOCKS];
	u32 references;
	u32 acquisitions;
	/* For controls only. */
	u32 word[2];
	u64 table[MACHINE_TABLE_BYTES / sizeof(u64)] __aligned(64);
};

struct scenario;

enum transition_kind {
	TRANSITION_STEP,	/* do the announced operation */
	TRANSITION_FLUSH,	/* oldest buffered store reaches memory */
	TRANSITION_IRQ,		/* run the interrupt handler */
	TRANSITION_NMI,		/* run the NMI handler */
	TRANSITION_SPURIOUS,	/* return from the halt for no reason */
	TRANSITION_LATE,	/* read the clock after a long time */
	NR_TRANSITION_KINDS,
};

struct transition {
	u8 kind;
	u8 cpu;
};

extern struct machine machine;

/* How often these were explored: a scenario without them shows nothing. */
struct machine_events {
	u64 kicked_halts;
	u64 irqs;
	u64 nmis;
	u64 spurious;
	u64 lates;
	u64 overtakings;
	u64 leavings;
};

extern struct machine_events machine_events;

void machine_boot(const struct scenario *scenario);
unsigned int machine_transitions(struct transition *list);
bool machine_is_mandatory(struct transition transition);
void machine_execute(struct transition transition);
bool machine_all_done(void);
const struct scenario *machine_scenario(void);
size_t machine_table_bytes(void);

u64 machine_hash(void);
size_t machine_image_size(void);
void machine_save(void *image);
void machine_restore(const void *image);

/* For what else waits for the explorer's choice. */
void machine_announce(enum operation_kind kind, const char *site);

/* For the scenarios' programs. */
unsigned int machine_context(void);
void machine_free_lock(struct ticket_lock *lock, const char *site);
void machine_reuse_lock(struct ticket_lock *lock, const char *site);

/* Of memory other than the machine's: static data of the lock core. */
extern bool machine_statics_shared;
extern bool machine_statics_written;
extern bool machine_buffer_was_full;

/* Another seed, other fingerprints: the number of states must not change. */
extern u64 machine_hash_seed;

#endif /* CHECKER_MACHINE_H */

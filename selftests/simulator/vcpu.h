/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual CPU, as its guest code, the memory and the host see it.
 */
#ifndef SIMULATOR_VCPU_H
#define SIMULATOR_VCPU_H

#include "fiber.h"
#include "histogram.h"
#include "memory.h"
#include "types.h"

enum vcpu_state {
	VCPU_READY,		/* waits for a physical CPU */
	VCPU_RUNNING,		/* is the current one of a physical CPU */
	VCPU_POLLING,		/* halted, its physical CPU polls for a kick */
	VCPU_HALTED,		/* sleeps until it is kicked or interrupted */
};

/**
 * struct vcpu_spin - a vCPU that runs ahead of time in a spin loop
 * @active: runs ahead; the fields below are valid
 * @pending: has reached an operation that must wait for its time
 * @start: its time at the checkpoint
 * @chunk: how far it runs ahead
 * @ple_start: the vCPU's at the checkpoint
 * @ple_last: the vCPU's at the checkpoint
 * @nr_lines: how many lines the loop reads
 * @watches: one for each of them
 * @checkpoint: what its fiber returns to if the loop is disturbed
 */
struct vcpu_spin {
	bool active;
	bool pending;
	simtime start;
	simtime chunk;
	simtime ple_start;
	simtime ple_last;
	u32 nr_lines;
	struct watch watches[WATCH_MAX];
	struct fiber_checkpoint checkpoint;
};

struct vcpu_counters {
	u64 ops;
	u64 halts;
	u64 kicks;
	u64 spurious;
	u64 ple_exits;
	u64 holder_preemptions;
	u64 waiter_preemptions;
	simtime steal;
	simtime wait_max;
};

/**
 * struct vcpu - a virtual CPU
 * @fiber: runs its guest code
 * @id: its number, from 0
 * @state: what the host does with it
 * @now: while it runs: when its present operation ends
 * @remaining: while it does not: how much of that operation is left
 * @random: state of the random numbers of its thread
 * @in_loop: since the last PAUSE it has only read lines that its CPU holds
 * @nr_reads: how many lines it has read since then
 * @reads: these lines
 * @spin: how it runs ahead of time in a spin loop
 * @holds: its thread is in the critical section
 * @waits: its thread waits for the lock
 * @token: was kicked while it was not halted
 * @interruptible: has halted with interrupts enabled
 * @in_ple: has yielded in a pause loop since it got its physical CPU
 * @ple_eligible: may be boosted by a pause loop exit although it yielded in one
 * @halted_at: when it halted last
 * @halt_poll: for how long its physical CPU polls when it halts
 * @ple_start: when the present pause loop began
 * @ple_last: when its last PAUSE ended
 * @ple_window: how long a pause loop may last before it exits
 * @preempted: what the guest can read: 1 while it is off its CPU
 * @pcpu: the physical CPU that it is on, or was on last
 * @vruntime: the time that it has run, as the scheduler compares it
 * @ready_since: when it began to wait for a physical CPU
 * @last_ran: when it left its physical CPU last
 * @next_ready: the next one that waits for the same physical CPU
 * @counters: what it has done so far
 * @waits_histogram: how long its thread waited for the lock, in nanoseconds
 */
struct vcpu {
	struct fiber fiber;
	u32 id;
	enum vcpu_state state;
	simtime now;
	simtime remaining;

	/* guest */
	u64 random;
	bool in_loop;
	u32 nr_reads;
	struct line *reads[WATCH_MAX];
	struct vcpu_spin spin;
	bool holds;
	bool waits;

	/* hypervisor */
	bool token;
	bool interruptible;
	bool in_ple;
	bool ple_eligible;
	simtime halted_at;
	simtime halt_poll;
	simtime ple_start;
	simtime ple_last;
	simtime ple_window;
	u32 *preempted;

	/* host scheduler */
	u32 pcpu;
	s64 vruntime;
	simtime ready_since;
	simtime last_ran;
	struct vcpu *next_ready;

	struct vcpu_counters counters;
	struct histogram waits_histogram;
};

extern struct vcpu *vcpus;
extern u32 nr_vcpus;
extern u32 nr_pcpus;

/* Event sources, in the order in which simultaneous events happen. */
static inline u32 source_guest(u32 pcpu)
{
	return pcpu;
}

static inline u32 source_tick(u32 pcpu)
{
	return nr_pcpus + pcpu;
}

static inline u32 source_noise(u32 pcpu)
{
	return 2 * nr_pcpus + pcpu;
}

static inline u32 source_guest_tick(u32 vcpu)
{
	return 3 * nr_pcpus + vcpu;
}

static inline u32 source_poll_end(u32 vcpu)
{
	return 3 * nr_pcpus + nr_vcpus + vcpu;
}

/* Pending at the end of the run; keeps fibers from running beyond it. */
static inline u32 source_end(void)
{
	return 3 * nr_pcpus + 2 * nr_vcpus;
}

/* The event that is being processed, and its time. */
extern simtime sim_now;
extern u32 sim_source;

#endif /* SIMULATOR_VCPU_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Running guest code in virtual time.
 *
 * A vCPU's fiber runs until an operation of its own ends at or after the next
 * event (run_limit); then it yields to the main loop, which runs whatever is
 * due first.
 *
 * Spin loops would make an event of every iteration. A loop that has only
 * read lines that its CPU holds, and paused, goes on doing the same until
 * somebody writes one of these lines or takes the CPU away. So it runs ahead
 * of time, with a checkpoint of its fiber, and sleeps until the time it has
 * reached. If it is disturbed earlier (guest_settle()), the fiber returns to
 * the checkpoint and runs again, up to the operation that is then under way.
 * Such a loop has no effects but the passing of time, so this changes nothing
 * in the result: guest_single_step turns it off, and the output is the same.
 * Anything else that a fiber does while it is ahead waits for its time.
 */
#include "host/costs.h"
#include "events.h"
#include "guest.h"
#include "host/host.h"
#include "vcpu.h"

#define SPIN_CHUNK_MIN_PAUSES	16
#define SPIN_CHUNK_MAX_PAUSES	1024

struct vcpu *current_vcpu;
bool guest_single_step;
u64 guest_operations;

/* The running fiber is ahead of time. */
static bool running_ahead;

static inline void guest_advance(struct vcpu *vcpu, simtime time)
{
	guest_operations++;
	vcpu->now += time;
	if (unlikely(vcpu->now >= run_limit))
		fiber_yield(&vcpu->fiber);
}

/* From here on the vCPU is in time, and no spin loop is being observed. */
static inline struct vcpu *guest_begin(void)
{
	struct vcpu *vcpu = current_vcpu;

	if (unlikely(running_ahead)) {
		vcpu->spin.pending = true;
		fiber_yield(&vcpu->fiber);
	}
	vcpu->in_loop = false;
	return vcpu;
}

static bool spin_watches(const struct vcpu *vcpu, const struct line *line)
{
	u32 i;

	for (i = 0; i < vcpu->spin.nr_lines; i++) {
		if (vcpu->spin.watches[i].line == line)
			return true;
	}
	return false;
}

static void note_read(struct vcpu *vcpu, struct line *line)
{
	u32 i;

	for (i = 0; i < vcpu->nr_reads; i++) {
		if (vcpu->reads[i] == line)
			return;
	}
	if (i < WATCH_MAX)
		vcpu->reads[vcpu->nr_reads++] = line;
	else
		vcpu->in_loop = false;
}

/**
 * guest_read() - load from memory
 * @address: what will be loaded
 */
void guest_read(const void *address)
{
	struct vcpu *vcpu = current_vcpu;
	struct line *line = memory_line(address);

	if (unlikely(!vcpu))
		return;
	if (running_ahead) {
		if (likely(spin_watches(vcpu, line))) {
			guest_advance(vcpu, costs.read_hit);
			return;
		}
		guest_begin();
	}
	if (line_holds(line, vcpu->pcpu)) {
		note_read(vcpu, line);
		guest_advance(vcpu, costs.read_hit);
		return;
	}
	vcpu->in_loop = false;
	guest_advance(vcpu, line_fetch(line, vcpu->pcpu, vcpu->now, false));
	line_share(line, vcpu->pcpu);
}

static void guest_modify(void *address, simtime hit_cost)
{
	struct line *line = memory_line(address);
	simtime cost = hit_cost;
	struct vcpu *vcpu;

	if (unlikely(!current_vcpu))
		return;
	vcpu = guest_begin();
	if (!line_owns(line, vcpu->pcpu))
		cost += line_fetch(line, vcpu->pcpu, vcpu->now, true);
	guest_advance(vcpu, cost);
	sim_now = vcpu->now;
	line_own(line, vcpu->pcpu);
}

/**
 * guest_write() - store to memory
 * @address: what will be stored to
 */
void guest_write(void *address)
{
	guest_modify(address, costs.read_hit);
}

/**
 * guest_exchange() - a locked read-modify-write instruction
 * @address: its operand
 */
void guest_exchange(void *address)
{
	guest_modify(address, costs.atomic_hit);
}

/**
 * guest_barrier() - a full memory barrier
 */
void guest_barrier(void)
{
	guest_advance(guest_begin(), costs.barrier);
}

/**
 * guest_compute() - do something that takes time and touches no shared memory
 * @time: how long
 */
void guest_compute(simtime time)
{
	guest_advance(guest_begin(), time);
}

/**
 * guest_now() - read the clock
 *
 * Afterwards the vCPU is in time: what its code does to anything but its own
 * stack, without being an operation, must come after a call of this function.
 *
 * Return: the time.
 */
simtime guest_now(void)
{
	return guest_begin()->now;
}

/* Let the host's decisions take effect before the guest goes on. */
static void guest_reschedule(struct vcpu *vcpu)
{
	fiber_yield(&vcpu->fiber);
}

/**
 * guest_halt() - halt until kicked
 * @interruptible: also until interrupted
 */
void guest_halt(bool interruptible)
{
	struct vcpu *vcpu = guest_begin();

	guest_advance(vcpu, costs.exit);
	sim_now = vcpu->now;
	host_halt(vcpu, interruptible);
	guest_reschedule(vcpu);
}

/**
 * guest_kick() - end another vCPU's halt, or its next one
 * @target: its number
 */
void guest_kick(u32 target)
{
	struct vcpu *vcpu = guest_begin();

	guest_advance(vcpu, costs.exit + costs.kick);
	sim_now = vcpu->now;
	host_kick(vcpu, &vcpus[target]);
	guest_reschedule(vcpu);
}

/* A PAUSE loop has lasted too long for the CPU's taste. */
static void pause_loop_exit(struct vcpu *vcpu)
{
	guest_begin();
	guest_advance(vcpu, costs.exit);
	sim_now = vcpu->now;
	host_pause_loop_exit(vcpu);
	guest_reschedule(vcpu);
	vcpu->ple_start = vcpu->now;
}

static bool pause_loop_detected(struct vcpu *vcpu)
{
	if (!costs.ple_window)
		return false;
	if (vcpu->now > vcpu->ple_last + costs.ple_gap)
		vcpu->ple_start = vcpu->now;
	return vcpu->now - vcpu->ple_start > vcpu->ple_window;
}

/* The loop body did nothing but read lines that the CPU still holds. */
static bool spin_detected(const struct vcpu *vcpu)
{
	u32 i;

	if (!vcpu->in_loop || !vcpu->nr_reads || guest_single_step)
		return false;
	for (i = 0; i < vcpu->nr_reads; i++) {
		if (!line_holds(vcpu->reads[i], vcpu->pcpu))
			return false;
	}
	return true;
}

static void spin_begin(struct vcpu *vcpu)
{
	struct vcpu_spin *spin = &vcpu->spin;

	spin->active = true;
	spin->pending = false;
	spin->nr_lines = vcpu->nr_reads;
	for (u32 i = 0; i < spin->nr_lines; i++)
		watch_add(&spin->watches[i], vcpu, vcpu->reads[i]);
	/* guest_run() takes it from here. */
	fiber_yield(&vcpu->fiber);
}

static void spin_end(struct vcpu *vcpu)
{
	struct vcpu_spin *spin = &vcpu->spin;

	while (spin->nr_lines)
		watch_remove(&spin->watches[--spin->nr_lines]);
	spin->active = false;
	spin->pending = false;
	vcpu->in_loop = false;
}

/**
 * guest_relax() - PAUSE
 */
void guest_relax(void)
{
	struct vcpu *vcpu = current_vcpu;

	if (unlikely(pause_loop_detected(vcpu)))
		pause_loop_exit(vcpu);
	guest_advance(vcpu, costs.pause);
	vcpu->ple_last = vcpu->now;
	if (running_ahead)
		return;
	if (spin_detected(vcpu))
		spin_begin(vcpu);
	vcpu->in_loop = true;
	vcpu->nr_reads = 0;
}

static void run_fiber(struct vcpu *vcpu, bool ahead, simtime limit)
{
	struct vcpu *previous_vcpu = current_vcpu;
	simtime previous_limit = run_limit;
	bool previous_ahead = running_ahead;

	current_vcpu = vcpu;
	running_ahead = ahead;
	run_limit = limit;
	fiber_resume(&vcpu->fiber);
	current_vcpu = previous_vcpu;
	running_ahead = previous_ahead;
	run_limit = previous_limit;
}

/* Take a checkpoint and run ahead from there. */
static void run_chunk(struct vcpu *vcpu)
{
	struct vcpu_spin *spin = &vcpu->spin;
	simtime shortest = costs.pause * SPIN_CHUNK_MIN_PAUSES;
	simtime longest = costs.pause * SPIN_CHUNK_MAX_PAUSES;

	if (!fiber_save(&vcpu->fiber, &spin->checkpoint)) {
		spin_end(vcpu);
		return;
	}
	spin->start = vcpu->now;
	spin->ple_start = vcpu->ple_start;
	spin->ple_last = vcpu->ple_last;
	spin->chunk *= 2;
	if (spin->chunk < shortest)
		spin->chunk = shortest;
	if (spin->chunk > longest)
		spin->chunk = longest;
	run_fiber(vcpu, true, vcpu->now + spin->chunk);
}

/**
 * guest_run() - process a vCPU's event: its present operation ends
 * @vcpu: the current vCPU of its physical CPU
 */
void guest_run(struct vcpu *vcpu)
{
	if (vcpu->spin.active && !vcpu->spin.pending) {
		run_chunk(vcpu);
	} else {
		if (vcpu->spin.active)
			spin_end(vcpu);
		run_fiber(vcpu, false, events_second_time());
		/* Only a fiber that is in time begins to run ahead. */
		if (vcpu->spin.active)
			run_chunk(vcpu);
	}
	if (vcpu->state == VCPU_RUNNING)
		events_set(source_guest(vcpu->pcpu), vcpu->now);
}

/**
 * guest_settle() - call back a vCPU that has run ahead of time
 * @vcpu: a running vCPU
 *
 * Afterwards the vCPU is in the operation that ends next, as seen from the
 * event that is being processed.
 */
void guest_settle(struct vcpu *vcpu)
{
	struct vcpu_spin *spin = &vcpu->spin;
	simtime limit = sim_now;

	if (!spin->active)
		return;
	if (source_guest(vcpu->pcpu) < sim_source)
		limit++;
	fiber_restore(&vcpu->fiber, &spin->checkpoint);
	vcpu->now = spin->start;
	vcpu->ple_start = spin->ple_start;
	vcpu->ple_last = spin->ple_last;
	spin->chunk = sim_now - spin->start;
	run_fiber(vcpu, true, limit);
	spin_end(vcpu);
	events_set(source_guest(vcpu->pcpu), vcpu->now);
}

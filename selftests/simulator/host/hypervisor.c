// SPDX-License-Identifier: GPL-2.0
/*
 * What KVM does: halts with and without polling, kicks, pause-loop exits and
 * the guest's timer.
 *
 * A kick to a vCPU that is not halted leaves a token, one deep, which the next
 * halt consumes. States: see enum vcpu_state.
 *
 *   host_halt()   RUNNING -> RUNNING, if there was a token
 *                 RUNNING -> POLLING -> HALTED, or RUNNING -> HALTED
 *   host_wake()   POLLING -> RUNNING, HALTED -> READY
 */
#include "costs.h"
#include "../events.h"
#include "../guest.h"
#include "host.h"
#include "../vcpu.h"

u32 host_lose_kicks;

#define HALT_POLL_START		(10000 * PS_PER_NS)

/**
 * host_halt() - a vCPU executes HLT
 * @vcpu: whose fiber runs
 * @interruptible: with interrupts enabled
 */
void host_halt(struct vcpu *vcpu, bool interruptible)
{
	vcpu->counters.halts++;
	if (vcpu->token) {
		vcpu->token = false;
		return;
	}
	vcpu->interruptible = interruptible;
	vcpu->halted_at = sim_now;
	if (vcpu->halt_poll && !scheduler_has_waiting(vcpu->pcpu)) {
		vcpu->state = VCPU_POLLING;
		events_set(source_guest(vcpu->pcpu), SIMTIME_NEVER);
		events_set(source_poll_end(vcpu->id),
			   sim_now + vcpu->halt_poll);
	} else {
		scheduler_block(vcpu);
	}
}

/* Poll longer if that would have caught the kick, not at all if hopeless. */
static void adapt_halt_poll(struct vcpu *vcpu)
{
	simtime halted = sim_now - vcpu->halted_at;

	if (halted <= vcpu->halt_poll)
		return;
	if (halted > costs.halt_poll)
		vcpu->halt_poll = 0;
	else if (!vcpu->halt_poll)
		vcpu->halt_poll = HALT_POLL_START;
	else
		vcpu->halt_poll *= 2;
	if (vcpu->halt_poll > costs.halt_poll)
		vcpu->halt_poll = costs.halt_poll;
}

/* Returns true if a CPU had to be interrupted. */
static bool host_wake(struct vcpu *vcpu, bool kicked)
{
	adapt_halt_poll(vcpu);
	if (!kicked)
		vcpu->counters.spurious++;
	if (vcpu->state == VCPU_POLLING) {
		events_set(source_poll_end(vcpu->id), SIMTIME_NEVER);
		vcpu->state = VCPU_RUNNING;
		vcpu->now = sim_now + costs.poll_wake;
		events_set(source_guest(vcpu->pcpu), vcpu->now);
		return false;
	}
	return scheduler_wake(vcpu);
}

/* Fault injection: every so many kicks one is lost. */
static bool kick_is_lost(void)
{
	static u32 count;

	return host_lose_kicks && ++count % host_lose_kicks == 0;
}

/**
 * host_kick() - the kick hypercall
 * @vcpu: the caller
 * @target: whom it kicks
 */
void host_kick(struct vcpu *vcpu, struct vcpu *target)
{
	vcpu->counters.kicks++;
	if (kick_is_lost())
		return;
	switch (target->state) {
	case VCPU_HALTED:
	case VCPU_POLLING:
		if (host_wake(target, true) && target->pcpu != vcpu->pcpu)
			scheduler_charge(vcpu, costs.ipi);
		break;
	case VCPU_RUNNING:
		scheduler_charge(target, costs.ipi_running);
		target->token = true;
		break;
	case VCPU_READY:
		target->token = true;
		break;
	}
	if (COST_NUMBER(kick_yields) && target->state == VCPU_READY)
		scheduler_yield_to(vcpu, target);
}

/* A vCPU that yielded in a pause loop is eligible every other time only. */
static bool worth_boosting(struct vcpu *vcpu)
{
	bool eligible = !vcpu->in_ple || vcpu->ple_eligible;

	if (vcpu->in_ple)
		vcpu->ple_eligible = !vcpu->ple_eligible;
	return eligible;
}

/**
 * host_pause_loop_exit() - a vCPU spins: run one that may hold the lock
 * @vcpu: whose fiber runs
 */
void host_pause_loop_exit(struct vcpu *vcpu)
{
	static u32 last_boosted;
	u32 i;

	vcpu->counters.ple_exits++;
	vcpu->ple_window *= 2;
	for (i = 1; i <= nr_vcpus; i++) {
		u32 candidate = (last_boosted + i) % nr_vcpus;
		struct vcpu *target = &vcpus[candidate];

		if (target == vcpu || target->state != VCPU_READY ||
		    !worth_boosting(target))
			continue;
		last_boosted = candidate;
		vcpu->in_ple = true;
		vcpu->ple_eligible = false;
		scheduler_yield_to(vcpu, target);
		return;
	}
}

/**
 * host_guest_tick() - a vCPU's timer fires
 * @vcpu: the vCPU
 */
void host_guest_tick(struct vcpu *vcpu)
{
	events_set(source_guest_tick(vcpu->id), sim_now + costs.guest_tick);
	switch (vcpu->state) {
	case VCPU_HALTED:
	case VCPU_POLLING:
		if (vcpu->interruptible) {
			host_wake(vcpu, false);
			scheduler_charge(vcpu, costs.guest_tick_cost);
		}
		break;
	case VCPU_RUNNING:
	case VCPU_READY:
		scheduler_charge(vcpu, costs.guest_tick_cost);
		break;
	}
}

/**
 * host_poll_end() - nobody has kicked a polling vCPU
 * @vcpu: the vCPU
 */
void host_poll_end(struct vcpu *vcpu)
{
	events_set(source_poll_end(vcpu->id), SIMTIME_NEVER);
	scheduler_block(vcpu);
}

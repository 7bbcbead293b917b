// SPDX-License-Identifier: GPL-2.0
/*
 * The host's scheduler: one fair run queue per physical CPU, in the manner of
 * Linux 6.1's CFS.
 *
 * The vCPU with the least virtual run time is next. A slice is a share of
 * costs.latency and is checked at ticks. A vCPU that wakes up gets a credit
 * of half the latency and preempts if it is behind by more than the wake-up
 * granularity. It prefers its last CPU, then any idle one. CPUs without work
 * pull from the longest queue. A directed yield skips the caller and
 * makes the target its queue's next, within the wake-up granularity.
 *
 * Longer than 400 lines: all that touches the run queues.
 */
#include <stdlib.h>

#include "costs.h"
#include "../error.h"
#include "../events.h"
#include "../guest.h"
#include "host.h"
#include "../random.h"
#include "../vcpu.h"

struct pcpu {
	u32 id;
	struct vcpu *current;
	struct vcpu *ready;		/* by virtual run time */
	u32 nr_ready;
	s64 min_vruntime;
	struct vcpu *next;
	struct vcpu *skip;
	simtime charged_until;
	simtime slice_start;
	u32 ticks;
	u64 random;
};

static struct pcpu *pcpus;
static u32 total_ready;

static void start_timers(struct pcpu *pcpu, u64 seed)
{
	seed = ~(seed + pcpu->id);
	pcpu->random = random_next(&seed);
	if (costs.tick)
		events_set(source_tick(pcpu->id), costs.tick);
	if (costs.noise_period)
		events_set(source_noise(pcpu->id),
			   random_around(&pcpu->random, costs.noise_period, 1));
}

/**
 * scheduler_init() - start the vCPUs, spread evenly
 * @seed: of the run
 */
void scheduler_init(u64 seed)
{
	u32 i;

	pcpus = calloc(nr_pcpus, sizeof(*pcpus));
	if (!pcpus)
		fatal("no memory for %u physical CPUs", nr_pcpus);
	for (i = 0; i < nr_pcpus; i++) {
		pcpus[i].id = i;
		start_timers(&pcpus[i], seed);
	}
	for (i = 0; i < nr_vcpus; i++) {
		vcpus[i].pcpu = i % nr_pcpus;
		vcpus[i].vruntime = (s64)costs.latency / 2;
		vcpus[i].state = VCPU_HALTED;
		scheduler_wake(&vcpus[i]);
	}
}

static bool runs_before(const struct vcpu *a, const struct vcpu *b)
{
	return a->vruntime < b->vruntime ||
	       (a->vruntime == b->vruntime && a->id < b->id);
}

static void queue_insert(struct pcpu *pcpu, struct vcpu *vcpu)
{
	struct vcpu **at = &pcpu->ready;

	while (*at && runs_before(*at, vcpu))
		at = &(*at)->next_ready;
	vcpu->next_ready = *at;
	*at = vcpu;
	pcpu->nr_ready++;
	total_ready++;
}

static void queue_remove(struct pcpu *pcpu, struct vcpu *vcpu)
{
	struct vcpu **at = &pcpu->ready;

	while (*at != vcpu)
		at = &(*at)->next_ready;
	*at = vcpu->next_ready;
	pcpu->nr_ready--;
	total_ready--;
	if (pcpu->next == vcpu)
		pcpu->next = NULL;
}

/* Charge the current vCPU for its time up to now. */
static void account(struct pcpu *pcpu)
{
	struct vcpu *current = pcpu->current;
	s64 least;

	if (current && sim_now > pcpu->charged_until) {
		current->vruntime += sim_now - pcpu->charged_until;
		pcpu->charged_until = sim_now;
	}
	if (!current && !pcpu->ready)
		return;
	least = current ? current->vruntime : pcpu->ready->vruntime;
	if (pcpu->ready && pcpu->ready->vruntime < least)
		least = pcpu->ready->vruntime;
	if (least > pcpu->min_vruntime)
		pcpu->min_vruntime = least;
}

static void set_preempted(struct vcpu *vcpu, u32 preempted)
{
	line_own(memory_line(vcpu->preempted), vcpu->pcpu);
	*vcpu->preempted = preempted;
}

/* The CPU is free: let a vCPU that is in no queue run on it. */
static void start(struct pcpu *pcpu, struct vcpu *vcpu, simtime delay)
{
	pcpu->current = vcpu;
	pcpu->charged_until = sim_now;
	pcpu->slice_start = sim_now;
	vcpu->counters.steal += sim_now - vcpu->ready_since;
	vcpu->state = VCPU_RUNNING;
	vcpu->pcpu = pcpu->id;
	vcpu->now = sim_now + delay + vcpu->remaining;
	vcpu->remaining = 0;
	vcpu->ple_window = costs.ple_window;
	vcpu->in_ple = false;
	set_preempted(vcpu, 0);
	events_set(source_guest(pcpu->id), vcpu->now);
}

/* The current vCPU leaves the CPU, for the queue or for sleep. */
static struct vcpu *stop(struct pcpu *pcpu)
{
	struct vcpu *vcpu = pcpu->current;

	account(pcpu);
	events_set(source_guest(pcpu->id), SIMTIME_NEVER);
	vcpu->last_ran = sim_now;
	pcpu->current = NULL;
	set_preempted(vcpu, 1);
	return vcpu;
}

static bool within_granularity(const struct vcpu *vcpu,
			       const struct vcpu *first)
{
	return vcpu->vruntime - first->vruntime <=
	       (s64)costs.wakeup_granularity;
}

/* Whom to run; takes it from the queue. */
static struct vcpu *pick(struct pcpu *pcpu)
{
	struct vcpu *first = pcpu->ready;
	struct vcpu *best = first;

	if (!first)
		return NULL;
	if (best == pcpu->skip && best->next_ready &&
	    within_granularity(best->next_ready, first))
		best = best->next_ready;
	if (pcpu->next && within_granularity(pcpu->next, first))
		best = pcpu->next;
	pcpu->skip = NULL;
	pcpu->next = NULL;
	queue_remove(pcpu, best);
	return best;
}

static void make_ready(struct pcpu *pcpu, struct vcpu *vcpu)
{
	vcpu->state = VCPU_READY;
	vcpu->ready_since = sim_now;
	queue_insert(pcpu, vcpu);
}

static void count_preemption(struct vcpu *vcpu)
{
	if (vcpu->holds)
		vcpu->counters.holder_preemptions++;
	else if (vcpu->waits)
		vcpu->counters.waiter_preemptions++;
}

/* A polling vCPU gives up its CPU as soon as another one wants it. */
static bool end_poll(struct pcpu *pcpu)
{
	struct vcpu *vcpu = pcpu->current;

	if (!vcpu || vcpu->state != VCPU_POLLING)
		return false;
	host_poll_end(vcpu);
	return true;
}

/* Choose again between the current vCPU and the queue, after a delay. */
static void reschedule_after(struct pcpu *pcpu, simtime delay)
{
	struct vcpu *previous = pcpu->current;
	struct vcpu *chosen;

	if (end_poll(pcpu))
		return;
	guest_settle(previous);
	stop(pcpu);
	previous->remaining = previous->now - sim_now;
	make_ready(pcpu, previous);
	chosen = pick(pcpu);
	if (chosen != previous)
		count_preemption(previous);
	start(pcpu, chosen,
	      delay + (chosen == previous ? 0 : costs.context_switch));
}

static void reschedule(struct pcpu *pcpu)
{
	reschedule_after(pcpu, 0);
}

static void migrate(struct vcpu *vcpu, struct pcpu *to)
{
	vcpu->vruntime += to->min_vruntime - pcpus[vcpu->pcpu].min_vruntime;
	vcpu->pcpu = to->id;
}

static struct pcpu *busiest(void)
{
	struct pcpu *most = NULL;
	u32 i;

	if (!total_ready)
		return NULL;
	for (i = 0; i < nr_pcpus; i++) {
		if (pcpus[i].nr_ready && (!most ||
					  pcpus[i].nr_ready > most->nr_ready))
			most = &pcpus[i];
	}
	return most;
}

/* Take a vCPU from another queue; a cache-hot one only if @hot. */
static struct vcpu *pull(struct pcpu *to, struct pcpu *from, bool hot)
{
	struct vcpu *vcpu;

	for (vcpu = from->ready; vcpu; vcpu = vcpu->next_ready) {
		if (hot || sim_now - vcpu->last_ran >= costs.migration_cost)
			break;
	}
	if (!vcpu)
		return NULL;
	queue_remove(from, vcpu);
	migrate(vcpu, to);
	return vcpu;
}

/* Nothing runs on the CPU: find something. */
static void schedule(struct pcpu *pcpu, simtime delay)
{
	struct vcpu *chosen = pick(pcpu);
	struct pcpu *from;

	if (!chosen) {
		from = busiest();
		if (from)
			chosen = pull(pcpu, from, false);
		delay += costs.balance;
	}
	if (chosen)
		start(pcpu, chosen, delay + costs.context_switch);
}

/**
 * scheduler_block() - a vCPU goes to sleep
 * @vcpu: the current one of its CPU, in its halt
 */
void scheduler_block(struct vcpu *vcpu)
{
	struct pcpu *pcpu = &pcpus[vcpu->pcpu];

	stop(pcpu);
	vcpu->state = VCPU_HALTED;
	vcpu->remaining = 0;
	schedule(pcpu, costs.block);
}

static struct pcpu *select_pcpu(const struct vcpu *vcpu)
{
	u32 i, id = vcpu->pcpu;

	for (i = 0; i < nr_pcpus; i++, id = (id + 1) % nr_pcpus) {
		if (!pcpus[id].current)
			return &pcpus[id];
	}
	return &pcpus[vcpu->pcpu];
}

/**
 * scheduler_wake() - a sleeping vCPU becomes runnable
 * @vcpu: the vCPU
 *
 * Return: true if its CPU was interrupted, to run it or to choose.
 */
bool scheduler_wake(struct vcpu *vcpu)
{
	struct pcpu *pcpu = select_pcpu(vcpu);
	s64 credited;

	account(pcpu);
	migrate(vcpu, pcpu);
	credited = pcpu->min_vruntime - (s64)costs.latency / 2;
	if (vcpu->vruntime < credited)
		vcpu->vruntime = credited;
	make_ready(pcpu, vcpu);
	if (!pcpu->current)
		start(pcpu, pick(pcpu), costs.idle_wake + costs.context_switch);
	else if (pcpu->current->state == VCPU_POLLING ||
		 !within_granularity(pcpu->current, vcpu))
		reschedule(pcpu);
	else
		return false;
	return true;
}

/**
 * scheduler_yield_to() - run another vCPU instead
 * @vcpu: the current one of its CPU
 * @target: a vCPU that waits for a CPU
 */
void scheduler_yield_to(struct vcpu *vcpu, struct vcpu *target)
{
	struct pcpu *own = &pcpus[vcpu->pcpu];
	struct pcpu *other = &pcpus[target->pcpu];

	scheduler_charge(vcpu, costs.yield_to);
	other->next = target;
	own->skip = vcpu;
	if (other != own)
		reschedule(other);
	if (own->ready)
		reschedule(own);
}

/**
 * scheduler_has_waiting() - is there anything else to run?
 * @pcpu: on this CPU
 *
 * Return: true if its queue is not empty.
 */
bool scheduler_has_waiting(u32 pcpu)
{
	return pcpus[pcpu].nr_ready;
}

/**
 * scheduler_current() - the vCPU that runs
 * @pcpu: on this CPU
 *
 * Return: the vCPU, or NULL.
 */
struct vcpu *scheduler_current(u32 pcpu)
{
	return pcpus[pcpu].current;
}

/**
 * scheduler_charge() - take time from a vCPU's guest code
 * @vcpu: a running or ready vCPU
 * @time: how much
 */
void scheduler_charge(struct vcpu *vcpu, simtime time)
{
	if (vcpu->state != VCPU_RUNNING) {
		vcpu->remaining += time;
		return;
	}
	guest_settle(vcpu);
	vcpu->now += time;
	events_set(source_guest(vcpu->pcpu), vcpu->now);
}

static simtime slice(const struct pcpu *pcpu)
{
	simtime share = costs.latency / (pcpu->nr_ready + 1);

	return share > costs.min_granularity ? share : costs.min_granularity;
}

/* The current vCPU has had its share, or is too far ahead of the next. */
static bool slice_used_up(const struct pcpu *pcpu)
{
	simtime ran = sim_now - pcpu->slice_start;
	simtime share = slice(pcpu);

	if (!pcpu->ready)
		return false;
	if (ran > share)
		return true;
	return ran >= costs.min_granularity &&
	       pcpu->current->vruntime - pcpu->ready->vruntime > (s64)share;
}

static void balance(struct pcpu *pcpu)
{
	struct pcpu *from = busiest();
	struct vcpu *vcpu;
	u32 least = pcpu->nr_ready + (pcpu->current ? 2 : 1);

	if (!from || from == pcpu || from->nr_ready < least)
		return;
	vcpu = pull(pcpu, from, true);
	if (pcpu->current)
		queue_insert(pcpu, vcpu);
	else
		start(pcpu, vcpu, costs.balance + costs.context_switch);
}

/**
 * scheduler_tick() - the host's timer interrupt
 * @id: the physical CPU that it interrupts
 */
void scheduler_tick(u32 id)
{
	struct pcpu *pcpu = &pcpus[id];
	struct vcpu *current = pcpu->current;

	events_set(source_tick(id), sim_now + costs.tick);
	if (!current || ++pcpu->ticks % COST_NUMBER(balance_ticks) == 0)
		balance(pcpu);
	if (!current || current->state != VCPU_RUNNING)
		return;
	account(pcpu);
	scheduler_charge(current, costs.tick_cost);
	if (slice_used_up(pcpu))
		reschedule(pcpu);
}

/**
 * scheduler_noise() - other work of the host runs for a while
 * @id: the physical CPU that it takes
 *
 * Whoever has run least comes next, so the present vCPU often has to wait.
 */
void scheduler_noise(u32 id)
{
	struct pcpu *pcpu = &pcpus[id];
	simtime cost = random_around(&pcpu->random, costs.noise_cost, 2);

	events_set(source_noise(id), sim_now +
		   random_around(&pcpu->random, costs.noise_period, 1));
	if (pcpu->current && pcpu->current->state == VCPU_RUNNING)
		reschedule_after(pcpu, costs.context_switch + cost);
}

/**
 * scheduler_steal() - how long a vCPU has waited for a CPU
 * @vcpu: the vCPU
 *
 * Return: the time, up to now.
 */
simtime scheduler_steal(const struct vcpu *vcpu)
{
	simtime steal = vcpu->counters.steal;

	if (vcpu->state == VCPU_READY)
		steal += sim_now - vcpu->ready_since;
	return steal;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The explorer: a depth-first walk through the graph of states.
 *
 * The state is saved before a step, and restored for the next alternative. A
 * state that was seen before is not explored again; that is what makes the
 * walk finite, also through loops, and small enough to be complete. Seen is
 * judged by a 64-bit fingerprint of all memory, store buffers and stacks.
 *
 * Besides the violations that a step reports, these are looked for:
 *
 * - A state in which no CPU can go on although programs have not ended.
 * - After the walk, a state from which the end cannot be reached any more,
 *   though CPUs run: a loop without exit.
 *
 * Interrupts and spurious returns are explored, but do not count as a way to
 * go on: who waits for the next tick has lost a wake-up.
 *
 * A bound on preemptions is only used to print a short schedule for what the
 * complete walk has found.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"
#include "../properties.h"
#include "states.h"
#include "../trace.h"

#define MAX_TRANSITIONS	(6 * MACHINE_MAX_CPUS)
#define NO_CPU		255

/* A step of the current path. */
struct frame {
	u32 state;
	u8 last_cpu;
	u8 preemptions;
	u8 nr_transitions;
	u8 next;
	struct transition transition[MAX_TRANSITIONS];
	size_t image;
};

static struct frame *path;
static u32 path_length, path_space;
static char *images;
static size_t images_used, images_space;
static u8 preemption_bound;

static void *grow(void *old, size_t size)
{
	void *memory = realloc(old, size);

	if (!memory) {
		fprintf(stderr, "checker: out of memory (%zu bytes)\n", size);
		exit(2);
	}
	return memory;
}

static struct frame *push(u32 state)
{
	size_t size = machine_image_size();
	struct frame *frame;

	if (path_length == path_space) {
		path_space = path_space ? 2 * path_space : 256;
		path = grow(path, path_space * sizeof(*path));
	}
	if (images_used + size > images_space) {
		images_space = 2 * (images_space + size);
		images = grow(images, images_space);
	}
	frame = &path[path_length++];
	memset(frame, 0, sizeof(*frame));
	frame->state = state;
	frame->image = images_used;
	frame->nr_transitions = machine_transitions(frame->transition);
	machine_save(images + images_used);
	images_used += size;
	return frame;
}

static void pop(void)
{
	images_used = path[--path_length].image;
}

static bool has_mandatory(const struct frame *frame, u8 cpu)
{
	unsigned int i;

	for (i = 0; i < frame->nr_transitions; i++)
		if (machine_is_mandatory(frame->transition[i]) &&
		    (cpu == NO_CPU || frame->transition[i].cpu == cpu))
			return true;
	return false;
}

/* Leaving a CPU that could go on is a preemption; so is an interrupt. */
static u8 preemptions_of(const struct frame *frame,
			 struct transition transition)
{
	if (preemption_bound == EXPLORE_ALL)
		return 0;
	if (!machine_is_mandatory(transition))
		return 1;
	return frame->last_cpu != NO_CPU &&
	       frame->last_cpu != transition.cpu &&
	       has_mandatory(frame, frame->last_cpu);
}

static u64 hash_with(u8 last_cpu)
{
	u64 hash = machine_hash();

	if (preemption_bound != EXPLORE_ALL)
		hash ^= (last_cpu + 1) * 0x9e3779b97f4a7c15ULL;
	return hash;
}

/* A state that has just been reached: is it good, bad, or undecided? */
static void judge(struct frame *frame)
{
	if (machine_all_done()) {
		property_check_end();
		state_get(frame->state)->good = true;
	} else if (!has_mandatory(frame, NO_CPU)) {
		property_describe_stuck();
	}
}

static void record_schedule(struct exploration *result)
{
	u32 i;

	result->steps = path_length - 1;
	result->schedule = grow(NULL, path_length * sizeof(struct transition));
	for (i = 0; i + 1 < path_length; i++)
		result->schedule[i] = path[i].transition[path[i].next - 1];
}

/* The schedule that first reached a state. */
static void record_schedule_to(struct exploration *result, u32 state)
{
	u32 at;
	u32 i;

	result->steps = 0;
	for (at = state; state_get(at)->parent != STATE_NONE;
	     at = state_get(at)->parent)
		result->steps++;
	result->schedule = grow(NULL, (result->steps + 1) *
				      sizeof(struct transition));
	i = result->steps;
	for (at = state; state_get(at)->parent != STATE_NONE;
	     at = state_get(at)->parent)
		result->schedule[--i] = state_get(at)->by;
}

/* Take the next alternative of the last frame. */
static void advance(struct exploration *result)
{
	struct frame *frame = &path[path_length - 1];
	struct transition transition = frame->transition[frame->next++];
	u8 preemptions = frame->preemptions +
			 preemptions_of(frame, transition);
	u32 from = frame->state;
	bool added;
	u32 to;

	if (preemptions > preemption_bound)
		return;
	if (frame->next > 1)
		machine_restore(images + frame->image);
	machine_execute(transition);
	result->transitions++;

	to = states_find_or_add(hash_with(transition.cpu), &added);
	if (preemption_bound == EXPLORE_ALL &&
	    machine_is_mandatory(transition))
		states_add_edge(from, to);
	if (added) {
		state_get(to)->parent = from;
		state_get(to)->by = transition;
	} else if (!violation[0] &&
		   (preemption_bound == EXPLORE_ALL ||
		    state_get(to)->preemptions <= preemptions)) {
		/* The machine is elsewhere now: restore for the next one. */
		return;
	}
	state_get(to)->preemptions = preemptions;
	frame = push(to);
	frame->last_cpu = transition.cpu;
	frame->preemptions = preemptions;
	if (path_length > result->longest)
		result->longest = path_length;
	if (!violation[0])
		judge(frame);
}

static void walk(struct exploration *result)
{
	struct frame *frame;

	while (path_length && !violation[0]) {
		frame = &path[path_length - 1];
		if (frame->next == frame->nr_transitions) {
			pop();
			continue;
		}
		advance(result);
		if (states_count() >= STATES_MAX)
			violate("incomplete: more than %u states", STATES_MAX);
		if (machine_statics_written && !machine_statics_shared)
			return;
	}
}

static void check_hope(struct exploration *result)
{
	u32 hopeless = states_first_hopeless();

	if (hopeless == STATE_NONE)
		return;
	violate("lost wake-up: CPUs run, but no schedule leads to the end");
	record_schedule_to(result, hopeless);
}

static void walk_from_boot(const struct scenario *scenario,
			   struct exploration *result)
{
	struct frame *frame;
	bool added;

	memset(result, 0, sizeof(*result));
	states_clear();
	path_length = 0;
	images_used = 0;
	machine_boot(scenario);
	frame = push(states_find_or_add(hash_with(NO_CPU), &added));
	frame->last_cpu = NO_CPU;
	judge(frame);
	walk(result);
}

/**
 * explore() - explore a scenario
 * @scenario: which
 * @max_preemptions: only schedules with at most so many, or EXPLORE_ALL
 * @result: what was found; to be given to explore_release()
 */
void explore(const struct scenario *scenario, u8 max_preemptions,
	     struct exploration *result)
{
	preemption_bound = max_preemptions;
	walk_from_boot(scenario, result);
	if (machine_statics_written && !machine_statics_shared) {
		/* They are not constant: begin again, and watch them. */
		machine_statics_shared = true;
		walk_from_boot(scenario, result);
	}
	result->states = states_count();
	if (violation[0])
		record_schedule(result);
	else if (max_preemptions == EXPLORE_ALL)
		check_hope(result);
	result->complete = !violation[0];
	memcpy(result->violation, violation, sizeof(violation));
}

void explore_release(struct exploration *result)
{
	free(result->schedule);
	result->schedule = NULL;
	states_clear();
}

/* Run the schedule again, and tell. */
void explore_print_schedule(const struct scenario *scenario,
			    const struct exploration *result)
{
	u32 i;

	trace_start();
	machine_boot(scenario);
	for (i = 0; i < result->steps; i++)
		machine_execute(result->schedule[i]);
	tracing = false;
}

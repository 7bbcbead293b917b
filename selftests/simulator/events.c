// SPDX-License-Identifier: GPL-2.0
/*
 * An indexed binary heap that always holds every source.
 */
#include <stdlib.h>

#include "error.h"
#include "events.h"

struct event {
	simtime time;
	u32 source;
};

static struct event *heap;
static u32 *position;
static u32 heap_size;

simtime run_limit;

/**
 * events_init() - make a queue in which nothing is pending
 * @nr_sources: the sources are 0 to @nr_sources - 1
 */
void events_init(u32 nr_sources)
{
	u32 source;

	heap_size = nr_sources;
	heap = calloc(nr_sources, sizeof(*heap));
	position = calloc(nr_sources, sizeof(*position));
	if (!heap || !position)
		fatal("no memory for %u event sources", nr_sources);
	for (source = 0; source < nr_sources; source++) {
		heap[source].time = SIMTIME_NEVER;
		heap[source].source = source;
		position[source] = source;
	}
}

static inline bool event_before(const struct event *a, const struct event *b)
{
	return a->time < b->time ||
	       (a->time == b->time && a->source < b->source);
}

static inline void heap_put(u32 at, struct event event)
{
	heap[at] = event;
	position[event.source] = at;
}

static void heap_up(u32 at, struct event event)
{
	while (at) {
		u32 parent = (at - 1) / 2;

		if (!event_before(&event, &heap[parent]))
			break;
		heap_put(at, heap[parent]);
		at = parent;
	}
	heap_put(at, event);
}

static void heap_down(u32 at, struct event event)
{
	for (;;) {
		u32 child = 2 * at + 1;

		if (child >= heap_size)
			break;
		if (child + 1 < heap_size &&
		    event_before(&heap[child + 1], &heap[child]))
			child++;
		if (!event_before(&heap[child], &event))
			break;
		heap_put(at, heap[child]);
		at = child;
	}
	heap_put(at, event);
}

/**
 * events_set() - set when a source is next due
 * @source: the source
 * @time: when, or SIMTIME_NEVER; replaces what was set before
 */
void events_set(u32 source, simtime time)
{
	u32 at = position[source];
	struct event event = { time, source };

	if (time < heap[at].time)
		heap_up(at, event);
	else
		heap_down(at, event);
	if (time < run_limit)
		run_limit = time;
}

/**
 * events_first() - the source that is due first
 *
 * Return: its number.
 */
u32 events_first(void)
{
	return heap[0].source;
}

/**
 * events_first_time() - when events_first() is due
 *
 * Return: the time.
 */
simtime events_first_time(void)
{
	return heap[0].time;
}

/**
 * events_second_time() - when another source than events_first() is due
 *
 * Return: the time.
 */
simtime events_second_time(void)
{
	simtime second = SIMTIME_NEVER;

	if (heap_size > 1)
		second = heap[1].time;
	if (heap_size > 2 && heap[2].time < second)
		second = heap[2].time;
	return second;
}

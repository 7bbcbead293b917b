// SPDX-License-Identifier: GPL-2.0
/*
 * Is the lock's memory left alone once the next owner has it?
 *
 * Threads drop references to an object under the lock that is in it. Who
 * drops the last one frees the object as soon as it has unlocked, while those
 * before it may still be on their way out of unlock(): the pattern of
 * complete() on an on-stack completion. With AddressSanitizer the object is
 * freed; without, it is filled with a pattern and checked later.
 */
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

#define POISON			0x6b
#define QUARANTINE_OBJECTS	64
#define REFERENCES_PER_THREAD	8
#define YIELD_EVERY		5

struct object {
	stress_lock_t lock;
	unsigned int references;
};

struct arena {
	unsigned int threads;
	unsigned int arrived;
	unsigned int meetings;
	struct object *object;
	unsigned int freed;
	u64 wrongly_freed;
	u64 touched;
	struct object *quarantine[QUARANTINE_OBJECTS];
	unsigned int quarantined;
};

static bool is_poisoned(const struct object *object)
{
	const unsigned char *byte = (const unsigned char *)object;
	size_t i;

	for (i = 0; i < sizeof(*object); i++) {
		if (READ_ONCE(byte[i]) != POISON)
			return false;
	}
	return true;
}

/* What is in quarantine, the oldest first, makes room. */
static void evict(struct arena *arena)
{
	unsigned int slot = arena->quarantined % QUARANTINE_OBJECTS;

	if (arena->quarantine[slot]) {
		arena->touched += !is_poisoned(arena->quarantine[slot]);
		free(arena->quarantine[slot]);
	}
	arena->quarantine[slot] = NULL;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static void object_free(struct arena *arena, struct object *object)
{
	(void)arena;
	free(object);
}
#else
static void object_free(struct arena *arena, struct object *object)
{
	memset(object, POISON, sizeof(*object));
	evict(arena);
	arena->quarantine[arena->quarantined++ % QUARANTINE_OBJECTS] = object;
}
#endif

static void next_object(struct arena *arena)
{
	struct object *object = NULL;

	/* The first one in any case. */
	if (!arena->meetings || !stress_stopped()) {
		object = malloc(sizeof(*object));
		stress_init(&object->lock);
		object->references = arena->threads *
				     REFERENCES_PER_THREAD;
		arena->freed = 0;
	}
	arena->object = object;
}

static void drop_reference(struct arena *arena, struct object *object)
{
	unsigned int left;

	stress_lock(&object->lock);
	left = object->references - 1;
	stress_hold();
	/* Let the others have a go while this one is in the middle. */
	if (left % YIELD_EVERY == 0)
		sched_yield();
	object->references = left;
	stress_unlock(&object->lock);

	/* A lock that excludes lets this happen once. */
	if (!left && !xadd(&arena->freed, 1))
		object_free(arena, object);
}

/* A barrier that nobody sleeps in, so that all go on at the same time. */
static void meet(struct arena *arena)
{
	unsigned int meetings = READ_ONCE(arena->meetings);

	if (xadd(&arena->arrived, 1) == arena->threads - 1) {
		WRITE_ONCE(arena->arrived, 0);
		/* Pairs with smp_load_acquire() below. */
		smp_store_release(&arena->meetings, meetings + 1);
		return;
	}
	/* Pairs with smp_store_release() above. */
	while (smp_load_acquire(&arena->meetings) == meetings)
		sched_yield();
}

static void drop_body(struct stress_thread *thread)
{
	struct arena *arena = thread->shared;
	unsigned int i;

	for (;;) {
		if (!thread->index)
			next_object(arena);
		meet(arena);
		if (!arena->object)
			return;
		for (i = 0; i < REFERENCES_PER_THREAD; i++)
			drop_reference(arena, arena->object);
		meet(arena);
		if (!thread->index && arena->freed != 1)
			arena->wrongly_freed++;
		thread->ops++;
	}
}

TEST_F(stress, memory_is_left_alone_after_unlock)
{
	struct arena arena = { .threads = self->threads };
	struct stress_result result;
	unsigned int i;

	result = stress_run(self->threads, drop_body, &arena);
	for (i = 0; i < QUARANTINE_OBJECTS; i++) {
		evict(&arena);
		arena.quarantined++;
	}
	ASSERT_LT(0, result.ops);
	EXPECT_EQ(0, arena.wrongly_freed);
	EXPECT_EQ(0, arena.touched);
}

TEST_HARNESS_MAIN

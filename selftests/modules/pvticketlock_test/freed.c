// SPDX-License-Identifier: GPL-2.0
/*
 * Is the lock's memory left alone once the next owner has it?
 *
 * Each thread makes objects with two references and shares them with its
 * neighbour. Both drop their reference under the lock that is in the object,
 * and who drops the last one frees it, while the other may still be on its
 * way out of unlock. Under KASAN it is freed; otherwise it is filled with a
 * pattern, and looked at later.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../../guest/pvticketlock.h"
#include "test.h"

#define POISON		0x6b
#define REFERENCES	2
#define LATE_TRIES	500

struct object {
	struct pvticketlock lock;
	unsigned int references;
	u32 touched_late;
	struct object *next;
};

struct mailbox {
	struct object *object;
	/* Freed by this thread. */
	struct object *quarantine;
	u64 made;
	u64 freed;
};

struct arena {
	bool late;
	unsigned int threads;
	struct mailbox mailbox[];
};

/* The link stays out of what is poisoned. */
static void object_free(struct mailbox *mailbox, struct object *object)
{
	mailbox->freed++;
	if (IS_ENABLED(CONFIG_KASAN)) {
		kfree(object);
		return;
	}
	memset(object, POISON, offsetof(struct object, next));
	object->next = mailbox->quarantine;
	mailbox->quarantine = object;
}

/* Come back to the object, if possible when the next owner has freed it. */
static void touch_late(struct object *object)
{
	unsigned int tries = LATE_TRIES;

	while (READ_ONCE(object->references) <= REFERENCES && tries--)
		usleep_range(100, 200);
	WRITE_ONCE(object->touched_late, 1);
}

static void drop(struct arena *arena, struct mailbox *mailbox,
		 struct object *object)
{
	unsigned int left;

	pvticket_lock(&object->lock);
	left = --object->references;
	test_hold();
	pvticket_unlock(&object->lock);

	if (!left)
		object_free(mailbox, object);
	else if (arena->late)
		touch_late(object);
}

static struct object *object_make(struct mailbox *mailbox)
{
	struct object *object = kzalloc(sizeof(*object), GFP_KERNEL);

	if (object) {
		pvticketlock_init(&object->lock);
		object->references = REFERENCES;
		mailbox->made++;
	}
	return object;
}

static void share(struct arena *arena, struct mailbox *mine,
		  struct mailbox *neighbour)
{
	struct object *object;

	if (READ_ONCE(neighbour->object))
		return;
	object = object_make(mine);
	if (!object)
		return;
	/* The neighbour is the only one that empties it, and we fill it. */
	smp_store_release(&neighbour->object, object);
	drop(arena, mine, object);
}

static void take_share(struct arena *arena, struct mailbox *mine)
{
	struct object *object = xchg(&mine->object, NULL);

	if (object)
		drop(arena, mine, object);
}

static void share_objects(struct test_thread *thread)
{
	struct arena *arena = thread->shared;
	struct mailbox *mine = &arena->mailbox[thread->index];
	struct mailbox *neighbour =
		&arena->mailbox[(thread->index + 1) % arena->threads];

	do {
		share(arena, mine, neighbour);
		take_share(arena, mine);
		thread->ops++;
	} while (test_threads_continue());
}

/* Return how many of the objects were touched after they had been freed. */
static u64 empty_quarantine(struct mailbox *mailbox)
{
	struct object *object;
	u64 touched = 0;

	while ((object = mailbox->quarantine)) {
		mailbox->quarantine = object->next;
		touched += !!memchr_inv(object, POISON,
					offsetof(struct object, next));
		kfree(object);
	}
	return touched;
}

static bool arena_is_good(struct arena *arena)
{
	u64 made = 0, freed = 0, touched = 0;
	unsigned int i;

	for (i = 0; i < arena->threads; i++) {
		struct mailbox *mailbox = &arena->mailbox[i];

		take_share(arena, mailbox);
		touched += empty_quarantine(mailbox);
		made += mailbox->made;
		freed += mailbox->freed;
	}
	pr_info("%llu objects made, %llu freed, %llu touched afterwards\n",
		made, freed, touched);
	return test_check(made) & test_check(made == freed) &
	       test_check(!touched);
}

static int run(unsigned int milliseconds, bool late)
{
	unsigned int threads = num_online_cpus();
	struct arena *arena;
	int error;

	arena = kzalloc(struct_size(arena, mailbox, threads), GFP_KERNEL);
	if (!arena)
		return -ENOMEM;
	arena->late = late;
	arena->threads = threads;
	test_threads_run(milliseconds, share_objects, arena, &error);
	if (!arena_is_good(arena) && !error)
		error = -EIO;
	kfree(arena);
	return error;
}

/**
 * test_freed() - locks that their next owner frees
 * @milliseconds: for how long
 *
 * Return: 0; -EIO if memory was touched after it had been freed; -ENOMEM.
 */
int test_freed(unsigned int milliseconds)
{
	return run(milliseconds, false);
}

/**
 * test_freed_late() - the same, with an unlock that comes back to the lock
 * @milliseconds: for how long
 *
 * Return: -EIO.
 */
int test_freed_late(unsigned int milliseconds)
{
	return run(milliseconds, true);
}

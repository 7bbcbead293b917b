// SPDX-License-Identifier: GPL-2.0
/*
 * Stopping all virtual CPUs at once.
 *
 * After "Stop-the-world" in "MonitorU: vSMP" (Agesen, 2010):
 *
 *   stop_world()	takes the stop lock, sends all others a crosscall that is
 *			released early, and waits until each has arrived
 *   respond()		what the crosscall does: tell the master, and park until
 *			it resumes the world
 *   resume_world()	lets them go
 *
 * The ranks order the stop lock below the crosscall, and that below parking.
 * Who waits for the stop lock therefore serves the crosscall, and parks. So two
 * that stop the world at once do so one after the other. A parked thread holds
 * nothing above its base rank but the crosscall, and serves those of higher
 * ranks: the master can have it do work.
 *
 * A vCPU that is offline is not waited for. If it comes online during the stop,
 * the deferred crosscall makes it park before it enters the guest. It is not
 * counted, and the generation tells it whether its stop is over.
 */
#include "stop_world.h"

struct stop_request {
	struct stop_world *world;
	u32 generation;
};

/* Wait for the end of a stop, unless it is over. */
static void park(const struct stop_request *request, u32 arrivals)
{
	struct stop_world *world = request->world;
	struct wait_entry entry;
	u32 master;

	lock_rank_check(world->responder, LOCK_SITE);
	ticket_lock(&world->guard);
	if (!world->stopped || world->generation != request->generation) {
		ticket_unlock(&world->guard);
		return;
	}
	/* Pairs with smp_load_acquire() in have_arrived(). */
	smp_store_release(&world->arrived, world->arrived + arrivals);
	master = world->master;
	wait_queue_append(&world->parked, &entry);
	ticket_unlock(&world->guard);

	platform_kick(master);
	wait_entry_block(&entry, world->responder->rank);
}

static void respond(void *owner, const void *argument)
{
	(void)owner;
	park(argument, 1);
}

static void respond_late(void *owner, const void *argument)
{
	(void)owner;
	park(argument, 0);
}

/**
 * stop_world_init() - make a world without members
 * @world: the world
 * @classes: the locks it needs, which outlive it
 * @max_members: how many may join
 *
 * Return: 0, or -ENOMEM.
 */
int stop_world_init(struct stop_world *world, const struct stop_classes *classes,
		    u32 max_members)
{
	*world = (struct stop_world){
		.max_members = max_members,
		.responder = classes->responder,
		.request = {
			.class = classes->crosscall,
			.run = respond,
			.run_deferred = respond_late,
			.early_release = true,
			.deferrable = true,
		},
	};
	ranked_mutex_init(&world->lock, classes->lock);
	world->members = platform_zalloc(max_members * LOCK_THREAD_ALIGNMENT);
	return world->members ? 0 : -ENOMEM;
}

/**
 * stop_world_destroy() - undo stop_world_init()
 * @world: a world without members
 */
void stop_world_destroy(struct stop_world *world)
{
	platform_free(world->members);
}

/**
 * stop_world_join() - let a vCPU be stopped
 * @world: the world
 * @inbox: that of the vCPU, attached or not
 *
 * Context: base rank.
 * Return: 0, or -ENOSPC if there are as many members as there may be.
 */
int stop_world_join(struct stop_world *world, struct vcpu_inbox *inbox)
{
	int error = 0;

	ranked_mutex_lock(&world->lock);
	if (world->nr_members == world->max_members)
		error = -ENOSPC;
	else
		world->members[world->nr_members++] = inbox;
	ranked_mutex_unlock(&world->lock);
	return error;
}

/**
 * stop_world_leave() - undo stop_world_join()
 * @world: the world
 * @inbox: a member
 *
 * Context: base rank.
 */
void stop_world_leave(struct stop_world *world, struct vcpu_inbox *inbox)
{
	u32 i;

	ranked_mutex_lock(&world->lock);
	for (i = 0; i < world->nr_members; i++) {
		if (world->members[i] == inbox)
			world->members[i] = world->members[--world->nr_members];
	}
	ranked_mutex_unlock(&world->lock);
}

/* Put the caller's inbox last. Return: how many others there are. */
static u32 other_members(struct stop_world *world)
{
	struct vcpu_inbox *own = lock_thread()->inbox;
	u32 last = world->nr_members - 1;
	u32 i;

	for (i = 0; i < world->nr_members; i++) {
		if (world->members[i] == own) {
			world->members[i] = world->members[last];
			world->members[last] = own;
			return last;
		}
	}
	return world->nr_members;
}

static struct stop_request begin(struct stop_world *world)
{
	struct stop_request request = { .world = world };

	ticket_lock(&world->guard);
	request.generation = ++world->generation;
	world->stopped = true;
	world->arrived = 0;
	world->master = platform_cpu();
	ticket_unlock(&world->guard);
	return request;
}

static bool have_arrived(const struct stop_world *world, u32 expected)
{
	/* Pairs with smp_store_release() in park(). */
	return smp_load_acquire(&world->arrived) == expected;
}

/**
 * stop_world_at() - stop all members but the calling thread's
 * @world: the world
 * @site: where
 *
 * Context: base rank; any thread, a member or not.
 * Return: 0, and the caller has to resume_world(); or -ENOMEM, and nothing
 * has happened.
 */
int stop_world_at(struct stop_world *world, const char *site)
{
	struct stop_request request;
	int expected = 0;
	u32 others;

	ranked_mutex_acquire(&world->lock, site);
	request = begin(world);
	others = other_members(world);
	if (others)
		expected = crosscall_issue(world->members, others,
					   &world->request, &request,
					   sizeof(request), site);
	if (expected < 0) {
		resume_world(world);
		return expected;
	}
	blocking_wait(world->responder->rank, have_arrived(world, expected));
	return 0;
}

/**
 * resume_world() - let all members go on
 * @world: a world that the caller has stopped
 */
void resume_world(struct stop_world *world)
{
	struct wait_entry *parked;

	ticket_lock(&world->guard);
	world->stopped = false;
	parked = wait_queue_take_all(&world->parked);
	ticket_unlock(&world->guard);
	wait_entries_wake(parked);
	ranked_mutex_unlock(&world->lock);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stopping all virtual CPUs at once.
 *
 * Between stop_world() and resume_world(), every member is at base rank and
 * outside the guest, or offline. What changes only under a stop is constant
 * for everybody else between two drains, without a lock.
 */
#ifndef STOP_WORLD_H
#define STOP_WORLD_H

#include "crosscall.h"
#include "../locks/ranked_mutex.h"
#include "../locks/wait_queue.h"

/**
 * struct stop_classes - the locks of a stop, by ascending rank
 * @lock: held by who stops the world; just above the base rank
 * @crosscall: of the request to stop
 * @responder: at which the stopped wait. They serve crosscalls of this rank
 *	and higher.
 */
struct stop_classes {
	const struct lock_class *lock;
	const struct lock_class *crosscall;
	const struct lock_class *responder;
};

/**
 * struct stop_world - vCPUs that are stopped together
 * @lock: one stop at a time; guards @members and @nr_members
 * @members: their inboxes
 * @nr_members: how many
 * @max_members: size of @members
 * @request: the crosscall
 * @responder: class of @parked
 * @guard: guards the rest
 * @generation: of the last stop
 * @stopped: it has not been resumed
 * @arrived: members that have answered it
 * @master: the thread to kick when one arrives
 * @parked: members that wait for its end
 */
struct stop_world {
	struct ranked_mutex lock;
	struct vcpu_inbox **members;
	u32 nr_members;
	u32 max_members;
	struct crosscall_type request;
	const struct lock_class *responder;
	struct ticket_lock guard;
	u32 generation;
	bool stopped;
	u32 arrived;
	u32 master;
	struct wait_queue parked;
};

int stop_world_init(struct stop_world *world, const struct stop_classes *classes,
		    u32 max_members);
void stop_world_destroy(struct stop_world *world);
int stop_world_join(struct stop_world *world, struct vcpu_inbox *inbox);
void stop_world_leave(struct stop_world *world, struct vcpu_inbox *inbox);

int stop_world_at(struct stop_world *world, const char *site)
	__acquires(world);
void resume_world(struct stop_world *world)
	__releases(world);

/*
 * Stop all members but the calling thread's; wait until they have stopped, and
 * for who else stops the world meanwhile. See stop_world_at().
 */
#define stop_world(world)	stop_world_at(world, LOCK_SITE)

#endif /* STOP_WORLD_H */

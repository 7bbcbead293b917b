/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device: what answers to accesses of the guest.
 *
 * Locks, see lock_ranks.h. A device either is safe with only its own lock, or is not, and then
 * runs under the global lock as well. Order: a device's own lock, then the
 * global lock, never the reverse. No lock is held while a vCPU is in the
 * guest, nor while a device is looked up.
 *
 * Turns. What a device does for one access, or for one event of its line, is
 * bounded. If something is left, the thread that has done it comes back later:
 * see worker.h.
 *
 * Lifetime. A device has a reference for as long as a bus shows it, and one
 * for each access in progress, and for unfinished work. The last one that is dropped releases it.
 */
#ifndef PVMM_DEVICE_H
#define PVMM_DEVICE_H

#include "../base/state.h"
#include "../base/types.h"
#include "../execution/worker.h"
#include "../locks/ranked_mutex.h"

struct device;

/*
 * One access of a guest, with all that follows from it. What a device does for
 * it may not lead to a device again. To itself, it would find its own work
 * half done. To another, it would take a second device's lock, and two vCPUs
 * that come from opposite sides would wait for each other for ever.
 */
struct transaction {
	struct device *device;	/* that has been entered */
	unsigned int vcpu;
	struct worker *worker;	/* the thread */
};

struct device_operations {
	/* The offset is within the region; size is 1, 2, 4 or 8 bytes. */
	u64 (*read)(struct device *device, struct transaction *transaction,
		    u64 offset, unsigned int size);
	void (*write)(struct device *device, struct transaction *transaction,
		      u64 offset, unsigned int size, u64 value);
	/* Go on with what has been left unfinished; NULL: nothing ever is. */
	void (*work)(struct device *device);
	/* The last reference has gone; NULL: nothing to do. */
	void (*release)(struct device *device);
	/* Save or load all that the guest can notice; NULL: there is nothing. */
	void (*exchange)(struct device *device, struct state *state);
	/* All of the machine has been loaded; go on; NULL: nothing to do. */
	void (*resume)(struct device *device);
};

struct device {
	const struct device_operations *operations;
	const char *name;
	/* Set before it is added to a bus, by devices that need no more. */
	bool own_lock_suffices;
	unsigned int references;
	struct ranked_mutex lock;
	/* Set by who does a piece of work that is not all; under the lock. */
	bool unfinished;
	struct worker *worker;		/* that will come back; NULL: none */
	struct queued_action work;
	u64 accesses;
	u64 reentries;
};

extern struct ranked_mutex device_global_lock;

void device__init(struct device *device, const char *name,
		  const struct device_operations *operations);
void device__get(struct device *device);
void device__put(struct device *device);
bool device__enter(struct device *device, struct transaction *transaction);
void device__leave(struct device *device, struct transaction *transaction);
void device__lock(struct device *device);
void device__unlock(struct device *device, struct worker *worker);
void device__exchange(struct device *device, struct state *state);
void device__resume(struct device *device, struct worker *worker);

#endif /* PVMM_DEVICE_H */

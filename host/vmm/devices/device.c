// SPDX-License-Identifier: GPL-2.0
/*
 * Devices: references, and which locks an access takes.
 */
#include "device.h"
#include "../locks/lock_classes.h"

/* For devices that are not safe without it. All zero: nobody holds it. */
struct ranked_mutex device_global_lock = { .class = &class_global };

/**
 * device__init() - set up what all devices have
 * @device: to be set up; it has one reference afterwards
 * @name: in messages and statistics
 * @operations: what it does
 */
void device__init(struct device *device, const char *name,
		  const struct device_operations *operations)
{
	device->name = name;
	device->operations = operations;
	device->own_lock_suffices = false;
	device->references = 1;
	device->accesses = 0;
	device->reentries = 0;
	ranked_mutex_init(&device->lock, &class_device);
}

/**
 * device__get() - take a reference
 * @device: to which the caller has one, or which it sees on a bus under RCU
 */
void device__get(struct device *device)
{
	__atomic_fetch_add(&device->references, 1, __ATOMIC_RELAXED);
}

/**
 * device__put() - drop a reference; with the last one the device goes
 * @device: the caller does not use it any more
 *
 * Context: Without the device's lock.
 */
void device__put(struct device *device)
{
	/* Orders all uses of the device before its release. */
	if (__atomic_sub_fetch(&device->references, 1, __ATOMIC_ACQ_REL))
		return;
	if (device->operations->release)
		device->operations->release(device);
}

static void lock(struct device *device)
{
	ranked_mutex_lock(&device->lock);
	if (!device->own_lock_suffices)
		ranked_mutex_lock(&device_global_lock);
}

static void unlock(struct device *device)
{
	if (!device->own_lock_suffices)
		ranked_mutex_unlock(&device_global_lock);
	ranked_mutex_unlock(&device->lock);
}

/**
 * device__enter() - make a device part of a transaction, and lock it
 * @device: the caller has a reference
 * @transaction: of the calling thread
 *
 * Context: Takes the device's own lock, and then the global one unless the
 * device does without.
 *
 * Return: whether it was entered; false if the transaction has led to a device
 * before, which is counted.
 */
bool device__enter(struct device *device, struct transaction *transaction)
{
	if (transaction->device) {
		count(&device->reentries);
		return false;
	}
	lock(device);
	transaction->device = device;
	count(&device->accesses);
	return true;
}

/**
 * device__leave() - undo device__enter()
 * @device: the one that was entered
 * @transaction: of the calling thread
 */
void device__leave(struct device *device, struct transaction *transaction)
{
	transaction->device = NULL;
	unlock(device);
}

/**
 * device__exchange() - save the state of a device, or load it
 * @device: no vCPU runs
 * @state: on its way
 */
void device__exchange(struct device *device, struct state *state)
{
	if (!device->operations->exchange)
		return;
	lock(device);
	device->operations->exchange(device, state);
	unlock(device);
}

/**
 * device__resume() - have a device go on whose state has been loaded
 * @device: all others have been loaded, too
 */
void device__resume(struct device *device)
{
	if (!device->operations->resume)
		return;
	lock(device);
	device->operations->resume(device);
	unlock(device);
}

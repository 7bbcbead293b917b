// SPDX-License-Identifier: GPL-2.0
/*
 * Devices: references, which locks an access takes, and who comes back to work
 * that is left.
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
	device->unfinished = false;
	device->worker = NULL;
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
 * device__put() - drop a reference, and with the last one the device
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

/**
 * device__lock() - take the locks of a device, for who comes from outside
 * @device: the caller has a reference
 *
 * Context: Not in a transaction. The device's own lock, and the global one unless
 * the device does without.
 */
void device__lock(struct device *device)
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

static void work(void *owner, struct queued_action *action)
{
	struct device *device = container_of(action, struct device, work);
	struct worker *worker = device->worker;

	(void)owner;
	device__lock(device);
	device->worker = NULL;
	device->unfinished = false;
	if (!worker->ended(worker))
		device->operations->work(device);
	device__unlock(device, worker);
	device__put(device);
}

/**
 * device__unlock() - undo device__lock()
 * @device: which
 * @worker: the calling thread, which comes back if the device has unfinished work,
 *	unless somebody does already
 */
void device__unlock(struct device *device, struct worker *worker)
{
	bool post = device->unfinished && !device->worker;

	if (post) {
		device->worker = worker;
		device->work.run = work;
		device__get(device);
	}
	unlock(device);
	if (post)
		worker->post(worker, &device->work);
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
	device__lock(device);
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
	device__unlock(device, transaction->worker);
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
	device__lock(device);
	device->operations->exchange(device, state);
	unlock(device);
}

/**
 * device__resume() - have a device go on whose state has been loaded
 * @device: all others have been loaded, too
 * @worker: the calling thread, or another that takes over
 */
void device__resume(struct device *device, struct worker *worker)
{
	if (!device->operations->resume)
		return;
	device__lock(device);
	device->operations->resume(device);
	device__unlock(device, worker);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A virtio driver that does what it is told.
 */
#include <string.h>

#include "driver.h"

/* Any writes of the driver to the rings go the other way round to the device. */
static void *ring(struct driver *driver, unsigned int queue, u64 offset)
{
	return driver->memory->base + DRIVER_RINGS + queue * DRIVER_STRIDE +
		offset;
}

static void post(struct worker *worker, struct queued_action *action)
{
	container_of(worker, struct driver, worker)->posted = action;
}

static bool has_ended(const struct worker *worker)
{
	return container_of(worker, struct driver, worker)->ended;
}

void driver__init(struct driver *driver, struct virtio_device *virtio,
		  const struct guest_memory *memory)
{
	*driver = (struct driver){
		.virtio = virtio, .memory = memory,
		.worker = { post, has_ended },
		.transaction.worker = &driver->worker,
	};
}

u32 driver__read(struct driver *driver, u64 offset)
{
	struct device *device = &driver->virtio->device;
	u32 value;

	device__enter(device, &driver->transaction);
	value = device->operations->read(device, &driver->transaction, offset,
					 sizeof(value));
	device__leave(device, &driver->transaction);
	return value;
}

void driver__write(struct driver *driver, u64 offset, u32 value)
{
	struct device *device = &driver->virtio->device;

	device__enter(device, &driver->transaction);
	device->operations->write(device, &driver->transaction, offset,
				  sizeof(value), value);
	device__leave(device, &driver->transaction);
}

void driver__place_queue(struct driver *driver, unsigned int queue, u32 size,
			 u64 descriptors, u64 available, u64 used)
{
	driver__write(driver, VIRTIO_MMIO_QUEUE_SEL, queue);
	driver__write(driver, VIRTIO_MMIO_QUEUE_NUM, size);
	driver__write(driver, VIRTIO_MMIO_QUEUE_DESC_LOW, descriptors);
	driver__write(driver, VIRTIO_MMIO_QUEUE_AVAIL_LOW, available);
	driver__write(driver, VIRTIO_MMIO_QUEUE_USED_LOW, used);
	driver__write(driver, VIRTIO_MMIO_QUEUE_READY, 1);
}

void driver__set_queue(struct driver *driver, unsigned int queue, u32 size,
		       u64 rings)
{
	driver__place_queue(driver, queue, size, rings,
			    rings + DRIVER_AVAILABLE, rings + DRIVER_USED);
}

void driver__stop(struct driver *driver)
{
	driver__write(driver, VIRTIO_MMIO_STATUS, 0);
}

void driver__start(struct driver *driver, unsigned int queues)
{
	unsigned int i;

	driver__stop(driver);
	memset(ring(driver, 0, 0), 0, queues * DRIVER_STRIDE);
	driver__write(driver, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	driver__write(driver, VIRTIO_MMIO_DRIVER_FEATURES, 1);
	driver__write(driver, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver__write(driver, VIRTIO_MMIO_DRIVER_FEATURES, driver->features);
	driver__write(driver, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_FEATURES_OK);
	for (i = 0; i < queues; i++)
		driver__set_queue(driver, i, DRIVER_QUEUE_SIZE,
				  DRIVER_RINGS + i * DRIVER_STRIDE);
	driver__write(driver, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_FEATURES_OK |
		      VIRTIO_CONFIG_S_DRIVER_OK);
}

void driver__describe(struct driver *driver, unsigned int queue, u16 index,
		      u64 address, u32 length, u16 flags, u16 next)
{
	struct vring_desc *table = ring(driver, queue, 0);

	table[index] = (struct vring_desc){ address, length, flags, next };
}

void driver__set_available_index(struct driver *driver, unsigned int queue,
				 u16 index)
{
	struct vring_avail *available = ring(driver, queue, DRIVER_AVAILABLE);

	available->idx = index;
}

void driver__offer(struct driver *driver, unsigned int queue, u16 head)
{
	struct vring_avail *available = ring(driver, queue, DRIVER_AVAILABLE);

	available->ring[available->idx % DRIVER_QUEUE_SIZE] = head;
	available->idx++;
}

u16 driver__used_index(struct driver *driver, unsigned int queue)
{
	struct vring_used *used = ring(driver, queue, DRIVER_USED);

	return used->idx;
}

void driver__notify(struct driver *driver, unsigned int queue)
{
	driver__write(driver, VIRTIO_MMIO_QUEUE_NOTIFY, queue);
}

/* The thread comes back to the device; returns whether it had left something. */
bool driver__give_turn(struct driver *driver)
{
	struct queued_action *action = driver->posted;

	driver->posted = NULL;
	if (action)
		action->run(NULL, action);
	return action;
}

/* Until nothing is left; returns how many turns that took. */
unsigned int driver__give_turns(struct driver *driver, unsigned int most)
{
	unsigned int turns = 0;

	while (turns < most && driver__give_turn(driver))
		turns++;
	return turns;
}

/* The thread is to end after some more turns: what is left then is dropped. */
void driver__end(struct driver *driver, unsigned int turns)
{
	driver__give_turns(driver, turns);
	driver->ended = true;
	driver__give_turn(driver);
	driver->ended = false;
}

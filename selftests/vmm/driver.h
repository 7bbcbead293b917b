/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtio driver that is as small as it can be, and that does what it is
 * told, right or wrong.
 */
#ifndef VMM_TEST_DRIVER_H
#define VMM_TEST_DRIVER_H

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "../../host/vmm/virtio/virtio_mmio.h"

#define DRIVER_QUEUE_SIZE	8
/* Descriptors, available ring and used ring of each queue. */
#define DRIVER_RINGS		0x1000
#define DRIVER_STRIDE		0x400
#define DRIVER_AVAILABLE	0x100
#define DRIVER_USED		0x200

struct driver {
	struct virtio_device *virtio;
	const struct guest_memory *memory;
	u32 features;			/* that it accepts, the lower half */
	struct transaction transaction;
	struct worker worker;
	struct queued_action *posted;	/* to the worker */
	bool ended;			/* the worker */
};

void driver__init(struct driver *driver, struct virtio_device *virtio,
		  const struct guest_memory *memory);
u32 driver__read(struct driver *driver, u64 offset);
void driver__write(struct driver *driver, u64 offset, u32 value);
void driver__place_queue(struct driver *driver, unsigned int queue, u32 size,
			 u64 descriptors, u64 available, u64 used);
void driver__set_queue(struct driver *driver, unsigned int queue, u32 size,
		       u64 rings);
void driver__stop(struct driver *driver);
void driver__start(struct driver *driver, unsigned int queues);
void driver__describe(struct driver *driver, unsigned int queue, u16 index,
		      u64 address, u32 length, u16 flags, u16 next);
void driver__offer(struct driver *driver, unsigned int queue, u16 head);
void driver__set_available_index(struct driver *driver, unsigned int queue,
				 u16 index);
u16 driver__used_index(struct driver *driver, unsigned int queue);
void driver__notify(struct driver *driver, unsigned int queue);
bool driver__give_turn(struct driver *driver);
unsigned int driver__give_turns(struct driver *driver, unsigned int most);
void driver__end(struct driver *driver, unsigned int turns);

#endif /* VMM_TEST_DRIVER_H */

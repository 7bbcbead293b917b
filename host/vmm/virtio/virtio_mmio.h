/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The transport of virtio devices: registers in memory, and an interrupt.
 */
#ifndef PVMM_VIRTIO_MMIO_H
#define PVMM_VIRTIO_MMIO_H

#include "../devices/device.h"
#include "../devices/irq.h"
#include "virtqueue.h"

#define VIRTIO_MAX_QUEUES	(2 * 5)
#define VIRTIO_MMIO_SIZE	0x200

struct virtio_device;

/* Called under the lock of the device. */
struct virtio_operations {
	/* The driver has put buffers into a queue. */
	void (*notify)(struct virtio_device *virtio, unsigned int queue);
	/* The driver begins anew. */
	void (*reset)(struct virtio_device *virtio);
	/* As those of all devices, for what a type has besides; or NULL. */
	void (*exchange)(struct virtio_device *virtio, struct state *state);
	void (*resume)(struct virtio_device *virtio);
};

struct virtio_device {
	struct device device;
	const struct virtio_operations *operations;
	void (*release)(struct virtio_device *virtio);
	struct irq_line *irq;
	u32 type;
	u64 features;		/* that the device offers */
	u64 accepted;		/* by the driver */
	const void *config;
	size_t config_size;
	struct virtqueue queues[VIRTIO_MAX_QUEUES];
	unsigned int nr_queues;
	/* The registers. */
	u32 status;
	u32 interrupt_status;
	u32 features_page;
	u32 accepted_page;
	u32 selected;
};

/* What a type of device is. */
struct virtio_definition {
	const char *name;
	u32 type;
	u64 features;
	unsigned int queues;
	const void *config;
	size_t config_size;
	const struct virtio_operations *operations;
	void (*release)(struct virtio_device *virtio);
};

void virtio__init(struct virtio_device *virtio,
		  const struct virtio_definition *definition,
		  struct guest_memory *memory, struct irq_line *irq);
void virtio__returned(struct virtio_device *virtio, unsigned int queue);
void virtio__check(struct virtio_device *virtio);

#endif /* PVMM_VIRTIO_MMIO_H */

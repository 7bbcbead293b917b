/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtio devices: what all of them have, and their transport, which is registers in
 * memory and an interrupt.
 */
#ifndef PVMM_VIRTIO_MMIO_H
#define PVMM_VIRTIO_MMIO_H

#include "../devices/device.h"
#include "../devices/irq.h"
#include "virtqueue.h"

#define VIRTIO_MAX_QUEUES	(2 * 5)
#define VIRTIO_MMIO_SIZE	0x200

struct virtio_device;

/**
 * enum virtio_fate - what becomes of a buffer
 * @VIRTIO_RETURN: the device is done with it
 * @VIRTIO_KEEP: it stays in the queue; the device serves the queue again when
 *	whatever it waits for has happened
 * @VIRTIO_GO_ON: it stays in the queue, and is served on in the next turn
 * @VIRTIO_BREAK: no driver may offer such a buffer
 */
enum virtio_fate {
	VIRTIO_RETURN,
	VIRTIO_KEEP,
	VIRTIO_GO_ON,
	VIRTIO_BREAK,
};

/**
 * struct virtio_turn - what the device may do before others have their turn
 * @chain: the buffer to be served now
 * @bytes: that may still be transferred; the device counts them down
 * @written: bytes that the device has written into the buffer, if it returns it
 */
struct virtio_turn {
	struct virtqueue_chain *chain;
	u64 bytes;
	u32 written;
};

/* Called under the lock of the device. */
struct virtio_operations {
	/* Serve the buffer of the turn, which is from this queue. */
	enum virtio_fate (*serve)(struct virtio_device *virtio,
				  unsigned int queue, struct virtio_turn *turn);
	/* Buffers have been offered; NULL: virtio__serve() does it. */
	void (*notify)(struct virtio_device *virtio, unsigned int queue);
	/* The driver begins anew; or NULL. */
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
	u32 unfinished;		/* a bit for each queue to be served on */
	struct virtqueue_chain chain;	/* that is being served */
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
bool virtio__is_driven(const struct virtio_device *virtio);
void virtio__interrupt(struct virtio_device *virtio, u32 reason);
void virtio__notify(struct virtio_device *virtio, unsigned int queue);
void virtio__serve(struct virtio_device *virtio, unsigned int queue);
void virtio__serve_later(struct virtio_device *virtio, unsigned int queue);
void virtio__work(struct virtio_device *virtio);

#endif /* PVMM_VIRTIO_MMIO_H */

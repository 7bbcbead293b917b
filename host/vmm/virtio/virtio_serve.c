// SPDX-License-Identifier: GPL-2.0
/*
 * Serving the queues of virtio devices, in turns.
 *
 * How many buffers a driver offers, and how large they are, is up to the guest: it
 * may offer new ones while old ones are served, or have the device write what
 * offers the next one. So a turn is bounded, in buffers and in bytes. If it has not
 * been enough, the queue is unfinished, the locks are released, and the thread
 * comes back (worker.h).
 *
 * A buffer that does not fit into a turn is put back into its queue, and taken out
 * of it again: so nothing of it stays mapped between turns. The device remembers how
 * far it has got. A driver that changes the buffer meanwhile gets what it asks for.
 */
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#include "virtio_mmio.h"

/* A turn takes well under a millisecond, unless a disk or the like takes longer. */
#define TURN_BUFFERS	64
#define TURN_BYTES	MIB

/* Tell the driver that buffers have been returned. */
static void tell_returned(struct virtio_device *virtio,
			  const struct virtqueue *queue, u16 before)
{
	if (queue->next_used != before &&
	    virtqueue__wants_interrupt(queue, before))
		virtio__interrupt(virtio, VIRTIO_MMIO_INT_VRING);
}

/* Tell the driver that a queue is broken. */
static void tell_broken(struct virtio_device *virtio)
{
	if (virtio->status & VIRTIO_CONFIG_S_NEEDS_RESET)
		return;
	virtio->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	virtio__interrupt(virtio, VIRTIO_MMIO_INT_CONFIG);
}

/* Returns whether the next buffer may be served in this turn. */
static bool decide(struct virtio_device *virtio, unsigned int number,
		   const struct virtio_turn *turn, enum virtio_fate fate)
{
	struct virtqueue *queue = &virtio->queues[number];

	switch (fate) {
	case VIRTIO_RETURN:
		virtqueue__push(queue, turn->chain, turn->written);
		return true;
	case VIRTIO_GO_ON:
		virtio__serve_later(virtio, number);
		virtqueue__unpop(queue, turn->chain);
		return false;
	case VIRTIO_KEEP:
		virtqueue__unpop(queue, turn->chain);
		return false;
	default:
		virtqueue__break(queue, turn->chain);
		return false;
	}
}

/* At the end of a turn that has not come upon a buffer which has to stay. */
static void look_again(struct virtio_device *virtio, unsigned int number)
{
	struct virtqueue *queue = &virtio->queues[number];

	if (!virtqueue__has_available(queue))
		virtqueue__ask_for_notify(queue);
	if (virtqueue__has_available(queue))
		virtio__serve_later(virtio, number);
}

/**
 * virtio__serve() - serve the buffers of a queue, for a turn
 * @virtio: a device that is driven
 * @number: which of its queues
 *
 * Context: Under the lock of the device.
 */
void virtio__serve(struct virtio_device *virtio, unsigned int number)
{
	struct virtqueue *queue = &virtio->queues[number];
	struct virtio_turn turn = {
		.chain = &virtio->chain, .bytes = TURN_BYTES,
	};
	u16 before = queue->next_used;
	unsigned int served = 0;
	bool goes_on = true, is_empty = false;

	while (goes_on && turn.bytes && served++ < TURN_BUFFERS) {
		turn.written = 0;
		is_empty = !virtqueue__pop(queue, turn.chain);
		goes_on = !is_empty &&
			decide(virtio, number, &turn,
			       virtio->operations->serve(virtio, number, &turn));
	}
	if (goes_on || is_empty)
		look_again(virtio, number);
	tell_returned(virtio, queue, before);
	if (queue->broken)
		tell_broken(virtio);
}

/**
 * virtio__serve_later() - serve a queue on in the next turn
 * @virtio: which device
 * @number: which of its queues
 *
 * Context: Under the lock of the device, by who then unlocks it with
 * device__unlock() or device__leave().
 */
void virtio__serve_later(struct virtio_device *virtio, unsigned int number)
{
	virtio->unfinished |= BIT(number);
	virtio->device.unfinished = true;
}

/**
 * virtio__notify() - serve a queue to which the driver has added buffers
 * @virtio: a device that is driven
 * @number: which of its queues
 *
 * Context: Under the lock of the device.
 */
void virtio__notify(struct virtio_device *virtio, unsigned int number)
{
	if (virtio->operations->notify)
		virtio->operations->notify(virtio, number);
	else
		virtio__serve(virtio, number);
}

/**
 * virtio__work() - serve what is unfinished, for a turn
 * @virtio: which device
 *
 * Context: Under the lock of the device.
 */
void virtio__work(struct virtio_device *virtio)
{
	u32 queues = virtio->unfinished;

	virtio->unfinished = 0;
	for (; queues; queues &= queues - 1)
		if (virtio__is_driven(virtio))
			virtio__notify(virtio, __builtin_ctz(queues));
}

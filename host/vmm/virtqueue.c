// SPDX-License-Identifier: GPL-2.0
/*
 * A split virtqueue (virtio 1.2, section 2.7), from the side of the device.
 *
 * Everything in guest memory may change at any time and be anything. So each
 * field is read once, into a variable, and checked there: an index against the
 * size of the queue, an address and a length against RAM, the length of a
 * chain against the size of the queue, which also ends a chain that loops. A
 * queue that does not make sense is broken, and stays so until it is reset.
 *
 * Everything is under the lock of the device.
 */
#include <linux/virtio_ring.h>
#include <string.h>

#include "types.h"
#include "virtqueue.h"

#define AVAILABLE_RING	offsetof(struct vring_avail, ring)
#define USED_RING	offsetof(struct vring_used, ring)

/**
 * virtqueue__reset() - forget what a driver has set
 * @queue: keeps only the memory of its guest
 */
void virtqueue__reset(struct virtqueue *queue)
{
	*queue = (struct virtqueue){ .memory = queue->memory };
}

static bool is_power_of_two(u32 number)
{
	return number && !(number & (number - 1));
}

static bool is_sound(const struct virtqueue *queue)
{
	u64 size = queue->size;

	return is_power_of_two(queue->size) && size <= VIRTQUEUE_MAX &&
		!(queue->descriptors % VRING_DESC_ALIGN_SIZE) &&
		!(queue->available % VRING_AVAIL_ALIGN_SIZE) &&
		!(queue->used % VRING_USED_ALIGN_SIZE) &&
		guest_memory__at(queue->memory, queue->descriptors,
				 size * sizeof(struct vring_desc)) &&
		guest_memory__at(queue->memory, queue->available,
				 AVAILABLE_RING + size * sizeof(u16)) &&
		guest_memory__at(queue->memory, queue->used, USED_RING +
				 size * sizeof(struct vring_used_elem));
}

/**
 * virtqueue__set_ready() - the driver has set the queue up, or takes it down
 * @queue: its size and addresses are the driver's
 * @ready: which of the two
 *
 * Return: false if the queue is to be used but does not make sense.
 */
bool virtqueue__set_ready(struct virtqueue *queue, bool ready)
{
	queue->ready = ready && is_sound(queue);
	queue->broken = ready && !queue->ready;
	queue->next_available = 0;
	queue->next_used = 0;
	return !queue->broken;
}

/**
 * virtqueue__exchange() - save a queue, or load it
 * @queue: any
 * @state: on its way
 */
void virtqueue__exchange(struct virtqueue *queue, struct state *state)
{
	state__value(state, &queue->size);
	state__value(state, &queue->descriptors);
	state__value(state, &queue->available);
	state__value(state, &queue->used);
	state__flag(state, &queue->ready);
	state__flag(state, &queue->broken);
	state__value(state, &queue->next_available);
	state__value(state, &queue->next_used);
	state__check(state, !queue->ready || is_sound(queue), "queue");
}

/* A field of a ring. The ring has been found to be RAM, naturally aligned. */
static u16 *ring_u16(const struct virtqueue *queue, u64 ring, u64 offset)
{
	return guest_memory__at(queue->memory, ring + offset, sizeof(u16));
}

static u16 available_index(const struct virtqueue *queue)
{
	/*
	 * Pairs with the driver's write barrier between the entry and the
	 * index.
	 */
	return smp_load_acquire(ring_u16(queue, queue->available,
					 offsetof(struct vring_avail, idx)));
}

/**
 * virtqueue__has_available() - whether the driver has offered a buffer
 * @queue: any
 *
 * Return: true if virtqueue__pop() would find something, sound or not.
 */
bool virtqueue__has_available(const struct virtqueue *queue)
{
	return queue->ready && !queue->broken &&
		available_index(queue) != queue->next_available;
}

static bool read_descriptor(const struct virtqueue *queue, u16 index,
			    struct vring_desc *descriptor)
{
	if (index >= queue->size)
		return false;
	/* A copy: what is checked is what is used. */
	memcpy(descriptor,
	       guest_memory__at(queue->memory, queue->descriptors +
				index * sizeof(*descriptor),
				sizeof(*descriptor)),
	       sizeof(*descriptor));
	return !(descriptor->flags & VRING_DESC_F_INDIRECT);
}

/* Returns false if the piece is not RAM or in the wrong order. */
static bool add_piece(const struct virtqueue *queue,
		      struct virtqueue_chain *chain,
		      const struct vring_desc *descriptor)
{
	unsigned int number = chain->readable + chain->writable;
	void *data = guest_memory__at(queue->memory, descriptor->addr,
				      descriptor->len);

	if (!data || number == queue->size)
		return false;
	chain->pieces[number] = (struct iovec){ data, descriptor->len };
	if (descriptor->flags & VRING_DESC_F_WRITE) {
		chain->writable++;
		chain->writable_bytes += descriptor->len;
		return true;
	}
	chain->readable++;
	chain->readable_bytes += descriptor->len;
	return !chain->writable;
}

static bool walk(const struct virtqueue *queue, struct virtqueue_chain *chain)
{
	struct vring_desc descriptor;
	u16 index = chain->head;

	do {
		if (!read_descriptor(queue, index, &descriptor) ||
		    !add_piece(queue, chain, &descriptor))
			return false;
		index = descriptor.next;
	} while (descriptor.flags & VRING_DESC_F_NEXT);
	return true;
}

/**
 * virtqueue__pop() - take the next buffer that the driver offers
 * @queue: any
 * @chain: to be filled in
 *
 * Return: whether there is one. A buffer that is not sound breaks the queue.
 */
bool virtqueue__pop(struct virtqueue *queue, struct virtqueue_chain *chain)
{
	u16 offered;

	if (!queue->ready || queue->broken)
		return false;
	offered = available_index(queue) - queue->next_available;
	if (!offered)
		return false;
	chain->head = READ_ONCE(*ring_u16(queue, queue->available,
					  AVAILABLE_RING + sizeof(u16) *
					  (queue->next_available %
					   queue->size)));
	chain->readable = 0;
	chain->writable = 0;
	chain->readable_bytes = 0;
	chain->writable_bytes = 0;
	if (offered > queue->size || !walk(queue, chain)) {
		queue->broken = true;
		return false;
	}
	queue->next_available++;
	return true;
}

/**
 * virtqueue__unpop() - put the buffer back that was taken last
 * @queue: from which it was taken; nothing has been pushed since
 */
void virtqueue__unpop(struct virtqueue *queue)
{
	queue->next_available--;
}

/**
 * virtqueue__push() - return a buffer to the driver
 * @queue: from which it was taken
 * @chain: the buffer
 * @written: bytes that the device has written into it
 */
void virtqueue__push(struct virtqueue *queue,
		     const struct virtqueue_chain *chain, u32 written)
{
	struct vring_used_elem *element;
	u64 offset = USED_RING + sizeof(*element) *
		(queue->next_used % queue->size);

	element = guest_memory__at(queue->memory, queue->used + offset,
				   sizeof(*element));
	WRITE_ONCE(element->id, chain->head);
	WRITE_ONCE(element->len, written);
	queue->next_used++;
	/* Pairs with the driver's read barrier between index and entry. */
	smp_store_release(ring_u16(queue, queue->used,
				   offsetof(struct vring_used, idx)),
			  queue->next_used);
}

/**
 * virtqueue__wants_interrupt() - whether the driver waits for used buffers
 * @queue: to which some have been returned
 *
 * Return: true if it is to be interrupted.
 */
bool virtqueue__wants_interrupt(const struct virtqueue *queue)
{
	/*
	 * The used index is visible before the flag is read. Pairs with the
	 * driver's barrier between clearing the flag and looking at the index.
	 */
	smp_mb();
	return !(READ_ONCE(*ring_u16(queue, queue->available, 0)) &
		 VRING_AVAIL_F_NO_INTERRUPT);
}

/**
 * virtqueue_chain__writable() - the pieces that the device writes
 * @chain: a buffer
 *
 * Return: the first of them.
 */
struct iovec *virtqueue_chain__writable(struct virtqueue_chain *chain)
{
	return chain->pieces + chain->readable;
}

/* Copies between data and pieces, from an offset on; returns bytes. */
static size_t copy(const struct iovec *piece, unsigned int number, u64 offset,
		   void *data, size_t size, bool to_guest)
{
	size_t done = 0;

	for (; number && done < size; number--, piece++) {
		size_t length;
		u8 *start;

		if (offset >= piece->iov_len) {
			offset -= piece->iov_len;
			continue;
		}
		start = (u8 *)piece->iov_base + offset;
		length = min(piece->iov_len - offset, size - done);
		if (to_guest)
			memcpy(start, (u8 *)data + done, length);
		else
			memcpy((u8 *)data + done, start, length);
		done += length;
		offset = 0;
	}
	return done;
}

/**
 * virtqueue_chain__read() - copy from what the driver gives
 * @chain: a buffer
 * @offset: where to begin, in bytes
 * @data: where to
 * @size: bytes at most
 *
 * Return: bytes.
 */
size_t virtqueue_chain__read(const struct virtqueue_chain *chain, u64 offset,
			     void *data, size_t size)
{
	return copy(chain->pieces, chain->readable, offset, data, size, false);
}

/**
 * virtqueue_chain__write() - copy into what the driver expects
 * @chain: a buffer
 * @offset: where to begin, in bytes
 * @data: what
 * @size: bytes at most
 *
 * Return: bytes.
 */
size_t virtqueue_chain__write(struct virtqueue_chain *chain, u64 offset,
			      const void *data, size_t size)
{
	return copy(virtqueue_chain__writable(chain), chain->writable, offset,
		    (void *)data, size, true);
}

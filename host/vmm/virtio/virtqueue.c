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
 * Pages of the guest may be taken away at any time, too: whatever is accessed is
 * translated for that access, and its pages are kept as long. For the pieces of a
 * buffer, this is until the device is done with it; for a field of a ring, until
 * it has been read or written.
 *
 * Everything is under the lock of the device.
 *
 * Longer than 400 lines: all that touches the rings.
 */
#include <linux/virtio_ring.h>
#include <string.h>

#include "../base/types.h"
#include "virtqueue.h"

#define AVAILABLE_RING	offsetof(struct vring_avail, ring)
#define USED_RING	offsetof(struct vring_used, ring)
/* A table of descriptors, the ring's own or an indirect one, has entries of this. */
#define DESCRIPTOR	sizeof(struct vring_desc)
/* No driver may offer longer ones (virtio 1.2, section 2.7.5). */
#define CHAIN_BYTES_MAX	(4 * GIB)

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

static bool has_feature(const struct virtqueue *queue, unsigned int feature)
{
	return queue->features & BIT(feature);
}

/*
 * With VIRTIO_RING_F_EVENT_IDX, an index follows each ring, at which the other side
 * wants to be told: used_event, the driver's, and avail_event, the device's.
 */
static u64 used_event(const struct virtqueue *queue)
{
	return queue->available + AVAILABLE_RING + queue->size * sizeof(u16);
}

static u64 avail_event(const struct virtqueue *queue)
{
	return queue->used + USED_RING +
		queue->size * sizeof(struct vring_used_elem);
}

static u64 event_bytes(const struct virtqueue *queue)
{
	return has_feature(queue, VIRTIO_RING_F_EVENT_IDX) ? sizeof(u16) : 0;
}

static u64 available_bytes(const struct virtqueue *queue)
{
	return used_event(queue) - queue->available + event_bytes(queue);
}

static u64 used_bytes(const struct virtqueue *queue)
{
	return avail_event(queue) - queue->used + event_bytes(queue);
}

/*
 * If the device wrote where it looks for buffers, each that it returns could be
 * another one offered, without end.
 */
static bool rings_are_apart(const struct virtqueue *queue)
{
	return queue->used >= queue->available + available_bytes(queue) ||
		queue->available >= queue->used + used_bytes(queue);
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
				 available_bytes(queue)) &&
		guest_memory__at(queue->memory, queue->used,
				 used_bytes(queue)) &&
		rings_are_apart(queue);
}

/**
 * virtqueue__set_ready() - set a queue up as the driver says, or take it down
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

/*
 * Fields of the rings, which are naturally aligned. Return false if the page has
 * been taken away since the ring was found to be RAM.
 *
 * Reading pairs with the driver's write barrier between an entry and the index,
 * writing with its read barrier between the index and an entry.
 */
static bool read_field(const struct virtqueue *queue, u64 address, u16 *value)
{
	struct guest_mapping mapping;

	if (guest_memory__get(queue->memory, address, sizeof(*value), false,
			      &mapping))
		return false;
	/* Pairs with the driver, see above. */
	*value = smp_load_acquire((u16 *)mapping.memory);
	guest_map__put(&mapping);
	return true;
}

static bool write_field(const struct virtqueue *queue, u64 address, u16 value)
{
	struct guest_mapping mapping;

	if (guest_memory__get(queue->memory, address, sizeof(value), true,
			      &mapping))
		return false;
	/* Pairs with the driver, see above. */
	smp_store_release((u16 *)mapping.memory, value);
	guest_map__put(&mapping);
	return true;
}

/* How many buffers are offered and have not been taken. */
static bool count_offered(const struct virtqueue *queue, u16 *offered)
{
	u16 index;

	if (!read_field(queue, queue->available +
			offsetof(struct vring_avail, idx), &index))
		return false;
	*offered = index - queue->next_available;
	return true;
}

/**
 * virtqueue__has_available() - tell whether the driver has offered a buffer
 * @queue: any
 *
 * Return: true if virtqueue__pop() would find something, sound or not.
 */
bool virtqueue__has_available(const struct virtqueue *queue)
{
	u16 offered;

	return queue->ready && !queue->broken &&
		count_offered(queue, &offered) && offered;
}

/* Descriptors of a chain: those of the ring, or an indirect table. */
struct table {
	u64 address;
	u64 entries;
	bool is_indirect;
};

static bool read_descriptor(const struct virtqueue *queue,
			    const struct table *table, u16 index,
			    struct vring_desc *descriptor)
{
	struct guest_mapping mapping;

	if (index >= table->entries ||
	    guest_memory__get(queue->memory, table->address + index * DESCRIPTOR,
			      DESCRIPTOR, false, &mapping))
		return false;
	/* A copy: what is checked is what is used. */
	memcpy(descriptor, mapping.memory, sizeof(*descriptor));
	guest_map__put(&mapping);
	return true;
}

/*
 * Go on in the table that a descriptor stands for, which is the last one of its own,
 * as tables do not lead to others. Returns false if it does not make sense.
 */
static bool enter_table(const struct virtqueue *queue, struct table *table,
			const struct vring_desc *descriptor)
{
	bool sound = has_feature(queue, VIRTIO_RING_F_INDIRECT_DESC) &&
		!table->is_indirect &&
		!(descriptor->flags & VRING_DESC_F_NEXT) &&
		descriptor->len && !(descriptor->len % DESCRIPTOR);

	*table = (struct table){
		descriptor->addr, descriptor->len / DESCRIPTOR, true,
	};
	return sound;
}

/* Translates a piece, which may be empty, and keeps its pages. */
static bool map_piece(const struct virtqueue *queue,
		      const struct vring_desc *descriptor,
		      struct guest_mapping *mapping)
{
	if (!descriptor->len) {
		*mapping = (struct guest_mapping){ 0 };
		return guest_memory__at(queue->memory, descriptor->addr, 0);
	}
	return !guest_memory__get(queue->memory, descriptor->addr,
				  descriptor->len,
				  descriptor->flags & VRING_DESC_F_WRITE,
				  mapping);
}

/* The device does not access the pieces any more. */
static void release_pieces(struct virtqueue_chain *chain)
{
	unsigned int i;

	for (i = 0; i < chain->readable + chain->writable; i++)
		if (chain->mappings[i].map)
			guest_map__put(&chain->mappings[i]);
}

/* Returns false if the piece is not RAM, in the wrong order, or too much. */
static bool add_piece(const struct virtqueue *queue,
		      struct virtqueue_chain *chain,
		      const struct vring_desc *descriptor)
{
	unsigned int number = chain->readable + chain->writable;
	struct guest_mapping mapping;

	if (number == queue->size ||
	    chain->readable_bytes + chain->writable_bytes + descriptor->len >
	    CHAIN_BYTES_MAX || !map_piece(queue, descriptor, &mapping))
		return false;
	chain->mappings[number] = mapping;
	chain->pieces[number] = (struct iovec){ mapping.memory,
						descriptor->len };
	if (descriptor->flags & VRING_DESC_F_WRITE) {
		chain->writable++;
		chain->writable_bytes += descriptor->len;
		return true;
	}
	chain->readable++;
	chain->readable_bytes += descriptor->len;
	return !chain->writable;
}

static bool read_head(const struct virtqueue *queue, u16 *head)
{
	return read_field(queue, queue->available + AVAILABLE_RING +
			  sizeof(*head) * (queue->next_available % queue->size),
			  head);
}

static bool walk(const struct virtqueue *queue, struct virtqueue_chain *chain)
{
	struct table table = { queue->descriptors, queue->size, false };
	struct vring_desc descriptor;
	u16 index = chain->head;

	/* Ends: it enters one table at most, and adds as many pieces as fit. */
	for (;;) {
		if (!read_descriptor(queue, &table, index, &descriptor))
			return false;
		if (descriptor.flags & VRING_DESC_F_INDIRECT) {
			if (!enter_table(queue, &table, &descriptor))
				return false;
			index = 0;
			continue;
		}
		if (!add_piece(queue, chain, &descriptor))
			return false;
		if (!(descriptor.flags & VRING_DESC_F_NEXT))
			return true;
		index = descriptor.next;
	}
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
	u16 offered = 0;

	chain->readable = 0;
	chain->writable = 0;
	chain->readable_bytes = 0;
	chain->writable_bytes = 0;
	if (!queue->ready || queue->broken)
		return false;
	if (!count_offered(queue, &offered) || offered > queue->size ||
	    (offered && !(read_head(queue, &chain->head) &&
			  walk(queue, chain)))) {
		virtqueue__break(queue, chain);
		return false;
	}
	queue->next_available += !!offered;
	return offered;
}

/**
 * virtqueue__break() - break a queue whose driver has violated the protocol
 * @queue: of no use until it is reset
 * @chain: what was taken from it
 */
void virtqueue__break(struct virtqueue *queue, struct virtqueue_chain *chain)
{
	release_pieces(chain);
	queue->broken = true;
}

/**
 * virtqueue__unpop() - put the buffer back that was taken last
 * @queue: from which it was taken; nothing has been pushed since
 * @chain: the buffer
 */
void virtqueue__unpop(struct virtqueue *queue, struct virtqueue_chain *chain)
{
	release_pieces(chain);
	queue->next_available--;
}

/**
 * virtqueue__push() - return a buffer to the driver
 * @queue: from which it was taken
 * @chain: the buffer
 * @written: bytes that the device has written into it
 */
void virtqueue__push(struct virtqueue *queue, struct virtqueue_chain *chain,
		     u32 written)
{
	const struct vring_used_elem element = { chain->head, written };
	struct guest_mapping mapping;

	release_pieces(chain);
	if (guest_memory__get(queue->memory, queue->used + USED_RING +
			      sizeof(element) * (queue->next_used % queue->size),
			      sizeof(element), true, &mapping)) {
		queue->broken = true;
		return;
	}
	memcpy(mapping.memory, &element, sizeof(element));
	guest_map__put(&mapping);
	if (!write_field(queue, queue->used + offsetof(struct vring_used, idx),
			 ++queue->next_used))
		queue->broken = true;
}

/* Whether an index that was @before and is now next_used has passed the driver's. */
static bool passes_event(const struct virtqueue *queue, u16 before)
{
	u16 event;

	return !read_field(queue, used_event(queue), &event) ||
		vring_need_event(event, queue->next_used, before);
}

/**
 * virtqueue__wants_interrupt() - tell whether the driver waits for used buffers
 * @queue: to which some have been returned
 * @before: next_used when that was asked last
 *
 * Return: true if it is to be interrupted.
 */
bool virtqueue__wants_interrupt(const struct virtqueue *queue, u16 before)
{
	u16 flags;

	/*
	 * The used index is visible before what the driver wants is read. Pairs with
	 * the driver's barrier between saying so and looking at the index.
	 */
	smp_mb();
	if (has_feature(queue, VIRTIO_RING_F_EVENT_IDX))
		return passes_event(queue, before);
	return !read_field(queue, queue->available, &flags) ||
		!(flags & VRING_AVAIL_F_NO_INTERRUPT);
}

/**
 * virtqueue__ask_for_notify() - have the driver notify when it offers the next buffer
 * @queue: in which the device has found no more; it has to look once more afterwards
 */
void virtqueue__ask_for_notify(struct virtqueue *queue)
{
	if (!queue->ready || queue->broken ||
	    !has_feature(queue, VIRTIO_RING_F_EVENT_IDX))
		return;
	if (!write_field(queue, avail_event(queue), queue->next_available))
		queue->broken = true;
	/*
	 * The driver sees it before the device looks again. Pairs with its barrier
	 * between the index of what it offers and looking whether to notify.
	 */
	smp_mb();
}

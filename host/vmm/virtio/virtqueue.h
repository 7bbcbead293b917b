/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A split virtqueue, from the side of the device.
 */
#ifndef PVMM_VIRTQUEUE_H
#define PVMM_VIRTQUEUE_H

#include <sys/uio.h>

#include "../memory/memory.h"
#include "../base/state.h"

#define VIRTQUEUE_MAX		256

struct virtqueue {
	struct guest_memory *memory;
	/* What the driver has set; checked when it sets ready. */
	u32 size;
	u64 descriptors;
	u64 available;
	u64 used;
	u64 features;		/* that the driver has accepted */
	bool ready;
	bool broken;		/* the driver has violated the protocol */
	u16 next_available;
	u16 next_used;
};

/*
 * A buffer: pieces of guest memory, first those that the device reads. Their
 * pages stay until the buffer is returned or put back.
 */
struct virtqueue_chain {
	u16 head;
	unsigned int readable;
	unsigned int writable;
	u64 readable_bytes;
	u64 writable_bytes;
	struct iovec pieces[VIRTQUEUE_MAX];
	struct guest_mapping mappings[VIRTQUEUE_MAX];
};

void virtqueue__reset(struct virtqueue *queue);
void virtqueue__exchange(struct virtqueue *queue, struct state *state);
bool virtqueue__set_ready(struct virtqueue *queue, bool ready);
bool virtqueue__pop(struct virtqueue *queue, struct virtqueue_chain *chain);
void virtqueue__push(struct virtqueue *queue, struct virtqueue_chain *chain,
		     u32 written);
bool virtqueue__has_available(const struct virtqueue *queue);
void virtqueue__unpop(struct virtqueue *queue, struct virtqueue_chain *chain);
void virtqueue__break(struct virtqueue *queue, struct virtqueue_chain *chain);
bool virtqueue__wants_interrupt(const struct virtqueue *queue, u16 before);
void virtqueue__ask_for_notify(struct virtqueue *queue);

const struct iovec *
virtqueue_chain__writable(const struct virtqueue_chain *chain);
size_t virtqueue_chain__read(const struct virtqueue_chain *chain, u64 offset,
			     void *data, size_t size);
size_t virtqueue_chain__write(const struct virtqueue_chain *chain, u64 offset,
			      const void *data, size_t size);

#endif /* PVMM_VIRTQUEUE_H */

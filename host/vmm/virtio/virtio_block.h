/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A disk: a file of this host.
 */
#ifndef PVMM_VIRTIO_BLOCK_H
#define PVMM_VIRTIO_BLOCK_H

#include <linux/virtio_blk.h>

#include "virtio_mmio.h"

struct virtio_block {
	struct virtio_device virtio;
	struct virtio_blk_config config;
	struct iovec pieces[VIRTQUEUE_MAX];	/* data of the present request */
	u64 done;				/* bytes of it, in turns before */
	int fd;
	u64 size;				/* bytes */
	bool read_only;
};

int virtio_block__open(struct virtio_block *block, const char *path,
		       bool read_only);
void virtio_block__init(struct virtio_block *block,
			struct guest_memory *memory,
			struct irq_line *irq);

#endif /* PVMM_VIRTIO_BLOCK_H */

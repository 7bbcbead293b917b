// SPDX-License-Identifier: GPL-2.0
/*
 * A virtio block device (virtio 1.2, section 5.2). A request is served by the
 * vCPU that has made it, under the lock of the device.
 *
 * A request is a header, data, and a byte for the result. How they are spread
 * over the pieces of a buffer is up to the driver.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_ids.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/error.h"
#include "virtio_block.h"

#define SECTOR_SIZE	512ULL
/* A header, and a status; the rest of a full chain is data. */
#define SEGMENTS_MAX	(VIRTQUEUE_MAX - 2)

/* Part of a buffer: length bytes from offset on. Returns how many pieces. */
static unsigned int slice(const struct iovec *from, unsigned int number,
			  u64 offset, u64 length, struct iovec *to)
{
	unsigned int pieces = 0;

	for (; number && length; number--, from++) {
		if (offset >= from->iov_len) {
			offset -= from->iov_len;
			continue;
		}
		to[pieces].iov_base = (u8 *)from->iov_base + offset;
		to[pieces].iov_len = min((u64)from->iov_len - offset, length);
		length -= to[pieces++].iov_len;
		offset = 0;
	}
	return pieces;
}

/* Whether the bytes are on the disk; written without overflow. */
static bool in_range(const struct virtio_block *block, u64 sector, u64 length)
{
	return sector <= block->size / SECTOR_SIZE &&
		length <= block->size - sector * SECTOR_SIZE &&
		!(length % SECTOR_SIZE);
}

static u8 result_of(ssize_t done, u64 length)
{
	return done >= 0 && (u64)done == length ? VIRTIO_BLK_S_OK :
		VIRTIO_BLK_S_IOERR;
}

static u8 read_sectors(struct virtio_block *block, u64 sector)
{
	struct virtqueue_chain *chain = &block->chain;
	u64 length = chain->writable_bytes - 1;
	unsigned int pieces;

	if (!in_range(block, sector, length))
		return VIRTIO_BLK_S_IOERR;
	pieces = slice(virtqueue_chain__writable(chain), chain->writable, 0,
		       length, block->pieces);
	return result_of(preadv(block->fd, block->pieces, pieces,
				sector * SECTOR_SIZE), length);
}

static u8 write_sectors(struct virtio_block *block, u64 sector)
{
	struct virtqueue_chain *chain = &block->chain;
	size_t header = sizeof(struct virtio_blk_outhdr);
	u64 length = chain->readable_bytes - header;
	unsigned int pieces;

	if (block->read_only || !in_range(block, sector, length))
		return VIRTIO_BLK_S_IOERR;
	pieces = slice(chain->pieces, chain->readable, header, length,
		       block->pieces);
	return result_of(pwritev(block->fd, block->pieces, pieces,
				 sector * SECTOR_SIZE), length);
}

static u8 identify(struct virtio_block *block)
{
	char name[VIRTIO_BLK_ID_BYTES] = "pvmm";

	virtqueue_chain__write(&block->chain, 0, name,
			       min((u64)sizeof(name),
				   block->chain.writable_bytes - 1));
	return VIRTIO_BLK_S_OK;
}

static u8 serve(struct virtio_block *block,
		const struct virtio_blk_outhdr *header)
{
	switch (header->type) {
	case VIRTIO_BLK_T_IN:
		return read_sectors(block, header->sector);
	case VIRTIO_BLK_T_OUT:
		return write_sectors(block, header->sector);
	case VIRTIO_BLK_T_FLUSH:
		return fdatasync(block->fd) ? VIRTIO_BLK_S_IOERR :
			VIRTIO_BLK_S_OK;
	case VIRTIO_BLK_T_GET_ID:
		return identify(block);
	default:
		return VIRTIO_BLK_S_UNSUPP;
	}
}

static void serve_request(struct virtio_block *block, struct virtqueue *queue)
{
	struct virtqueue_chain *chain = &block->chain;
	struct virtio_blk_outhdr header;
	u32 written;
	u8 status;

	if (!chain->writable_bytes || chain->writable_bytes > UINT32_MAX ||
	    virtqueue_chain__read(chain, 0, &header, sizeof(header)) !=
	    sizeof(header)) {
		virtqueue__break(queue, chain);
		return;
	}
	status = serve(block, &header);
	virtqueue_chain__write(chain, chain->writable_bytes - 1, &status, 1);
	written = header.type == VIRTIO_BLK_T_OUT ? 1 : chain->writable_bytes;
	virtqueue__push(queue, chain, written);
}

static void notify(struct virtio_device *virtio, unsigned int number)
{
	struct virtio_block *block =
		container_of(virtio, struct virtio_block, virtio);
	struct virtqueue *queue = &virtio->queues[number];
	bool returned = false;

	while (virtqueue__pop(queue, &block->chain)) {
		serve_request(block, queue);
		returned = true;
	}
	if (returned)
		virtio__returned(virtio, number);
}

static void release(struct virtio_device *virtio)
{
	struct virtio_block *block =
		container_of(virtio, struct virtio_block, virtio);

	close(block->fd);
}

/* Another disk would surprise the guest: its cache knows this one. */
static void exchange(struct virtio_device *virtio, struct state *state)
{
	struct virtio_block *block =
		container_of(virtio, struct virtio_block, virtio);
	u64 size = block->size;

	state__value(state, &size);
	state__check(state, size == block->size,
		     "size of the disk: give the same one with --disk");
}

static const struct virtio_operations block_operations = {
	.notify = notify,
	.exchange = exchange,
};

/**
 * virtio_block__open() - open the file behind a disk
 * @block: to be set up
 * @path: a regular file or a block device
 * @read_only: whether the guest may only read
 *
 * Return: 0, or a negative errno after a message.
 */
int virtio_block__open(struct virtio_block *block, const char *path,
		       bool read_only)
{
	int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	off_t size;

	if (fd < 0)
		return vmm_error(errno, "check the path and its permissions, or add ',ro'",
				 "disk %s", path);
	size = lseek(fd, 0, SEEK_END);
	if (size < (off_t)SECTOR_SIZE) {
		close(fd);
		return vmm_error(EINVAL, "give a file of whole sectors of 512 bytes",
				 "disk %s", path);
	}
	block->fd = fd;
	block->size = size / SECTOR_SIZE * SECTOR_SIZE;
	block->read_only = read_only;
	return 0;
}

/**
 * virtio_block__init() - make a disk
 * @block: of virtio_block__open(); closes the file in the end
 * @memory: of its guest
 * @irq: its interrupt line
 */
void virtio_block__init(struct virtio_block *block,
			struct guest_memory *memory,
			struct irq_line *irq)
{
	const struct virtio_definition definition = {
		.name = "virtio-block",
		.type = VIRTIO_ID_BLOCK,
		.features = BIT(VIRTIO_BLK_F_FLUSH) | BIT(VIRTIO_BLK_F_SEG_MAX) |
			(block->read_only ? BIT(VIRTIO_BLK_F_RO) : 0),
		.queues = 1,
		.config = &block->config,
		.config_size = sizeof(block->config),
		.operations = &block_operations,
		.release = release,
	};

	block->config = (struct virtio_blk_config){
		.capacity = block->size / SECTOR_SIZE,
		.seg_max = SEGMENTS_MAX,
	};
	virtio__init(&block->virtio, &definition, memory, irq);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A virtio block device (virtio 1.2, section 5.2). A request is served by the
 * vCPU that has made it, under the lock of the device.
 *
 * A request is a header, data, and a byte for the result. How they are spread
 * over the pieces of a buffer is up to the driver.
 *
 * One system call is made for a request in each turn, and what it has not done, for
 * whatever reason, is left to the next turn: a limit, a short transfer, or a signal
 * that wants the vCPU for something else.
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

/* Where the data of a request begins: after its header, or at the first byte. */
static u64 data_offset(u32 type)
{
	return type == VIRTIO_BLK_T_OUT ? sizeof(struct virtio_blk_outhdr) : 0;
}

/* The data of a request, but for what has been transferred. */
static unsigned int slice_data(struct virtio_block *block, u32 type, u64 length)
{
	struct virtqueue_chain *chain = &block->virtio.chain;
	u64 offset = data_offset(type) + block->done;

	return type == VIRTIO_BLK_T_OUT ?
		slice(chain->pieces, chain->readable, offset, length,
		      block->pieces) :
		slice(virtqueue_chain__writable(chain), chain->writable, offset,
		      length, block->pieces);
}

static u64 data_length(const struct virtqueue_chain *chain, u32 type)
{
	return type == VIRTIO_BLK_T_OUT ?
		chain->readable_bytes - data_offset(type) :
		chain->writable_bytes - 1;
}

/* Returns VIRTIO_BLK_S_*, or UNFINISHED. */
#define UNFINISHED	-1

static int transfer_sectors(struct virtio_block *block,
			    const struct virtio_blk_outhdr *header,
			    struct virtio_turn *turn)
{
	u64 length = data_length(turn->chain, header->type);
	bool writes = header->type == VIRTIO_BLK_T_OUT;
	unsigned int pieces;
	ssize_t done;
	off_t where;

	if ((writes && block->read_only) ||
	    !in_range(block, header->sector, length))
		return VIRTIO_BLK_S_IOERR;
	if (block->done >= length)
		return VIRTIO_BLK_S_OK;
	pieces = slice_data(block, header->type,
			    min(length - block->done, turn->bytes));
	where = header->sector * SECTOR_SIZE + block->done;
	done = writes ? pwritev(block->fd, block->pieces, pieces, where) :
		preadv(block->fd, block->pieces, pieces, where);
	if (done < 0)
		return errno == EINTR ? UNFINISHED : VIRTIO_BLK_S_IOERR;
	/* Somebody has made the file shorter. */
	if (!done)
		return VIRTIO_BLK_S_IOERR;
	turn->bytes -= done;
	block->done += done;
	return block->done == length ? VIRTIO_BLK_S_OK : UNFINISHED;
}

static int flush(const struct virtio_block *block)
{
	if (!fdatasync(block->fd))
		return VIRTIO_BLK_S_OK;
	return errno == EINTR ? UNFINISHED : VIRTIO_BLK_S_IOERR;
}

static int identify(const struct virtqueue_chain *chain)
{
	char name[VIRTIO_BLK_ID_BYTES] = "pvmm";

	virtqueue_chain__write(chain, 0, name, min((u64)sizeof(name),
						   chain->writable_bytes - 1));
	return VIRTIO_BLK_S_OK;
}

static int do_request(struct virtio_block *block,
		      const struct virtio_blk_outhdr *header,
		      struct virtio_turn *turn)
{
	switch (header->type) {
	case VIRTIO_BLK_T_IN:
	case VIRTIO_BLK_T_OUT:
		return transfer_sectors(block, header, turn);
	case VIRTIO_BLK_T_FLUSH:
		return flush(block);
	case VIRTIO_BLK_T_GET_ID:
		return identify(turn->chain);
	default:
		return VIRTIO_BLK_S_UNSUPP;
	}
}

static enum virtio_fate serve(struct virtio_device *virtio, unsigned int number,
			      struct virtio_turn *turn)
{
	struct virtio_block *block =
		container_of(virtio, struct virtio_block, virtio);
	struct virtqueue_chain *chain = turn->chain;
	struct virtio_blk_outhdr header;
	int result;
	u8 status;

	(void)number;
	if (!chain->writable_bytes ||
	    virtqueue_chain__read(chain, 0, &header, sizeof(header)) !=
	    sizeof(header))
		return VIRTIO_BREAK;
	result = do_request(block, &header, turn);
	if (result == UNFINISHED)
		return VIRTIO_GO_ON;
	block->done = 0;
	status = result;
	virtqueue_chain__write(chain, chain->writable_bytes - 1, &status, 1);
	turn->written = header.type == VIRTIO_BLK_T_OUT ? 1 :
		chain->writable_bytes;
	return VIRTIO_RETURN;
}

static void reset(struct virtio_device *virtio)
{
	container_of(virtio, struct virtio_block, virtio)->done = 0;
}

static void release(struct virtio_device *virtio)
{
	struct virtio_block *block =
		container_of(virtio, struct virtio_block, virtio);

	close(block->fd);
}

/*
 * Another disk would surprise the guest: its cache knows this one. A request that
 * has been served in part is served anew.
 */
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
	.serve = serve,
	.reset = reset,
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

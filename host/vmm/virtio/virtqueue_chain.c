// SPDX-License-Identifier: GPL-2.0
/*
 * What a buffer of a virtqueue holds: its pieces as one range of bytes.
 */
#include <string.h>

#include "../base/types.h"
#include "virtqueue.h"

/**
 * virtqueue_chain__writable() - get the pieces that the device writes
 * @chain: a buffer
 *
 * Return: the first of them.
 */
const struct iovec *
virtqueue_chain__writable(const struct virtqueue_chain *chain)
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
size_t virtqueue_chain__write(const struct virtqueue_chain *chain, u64 offset,
			      const void *data, size_t size)
{
	return copy(virtqueue_chain__writable(chain), chain->writable, offset,
		    (void *)data, size, true);
}

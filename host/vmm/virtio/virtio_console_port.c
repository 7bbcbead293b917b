// SPDX-License-Identifier: GPL-2.0
/*
 * A port of a virtio console device: data between its two queues and its line.
 *
 * Input is taken from the line only once a program listens and there is a buffer
 * for it, so nothing is lost. Output that does not fit into the line stays in its
 * buffer until the line has space.
 */
#include "virtio_console_port.h"

/**
 * console_port__receive_queue() - get the queue with buffers for a port's input
 * @number: of the port
 *
 * Port 0 has queues 0 and 1; those of control come before port 1's.
 *
 * Return: number of the queue; that for output is the next one.
 */
unsigned int console_port__receive_queue(unsigned int number)
{
	return number ? 2 * number + 2 : 0;
}

/**
 * console_port__want_input() - have input told if there is a use for it
 * @port: which
 *
 * Context: Under the lock of the device.
 */
void console_port__want_input(struct virtio_console_port *port)
{
	unsigned int number = console_port__receive_queue(port->number);
	struct virtqueue *queue = &port->console->virtio.queues[number];

	chardev__want_input(&port->chardev,
			    port->open && virtqueue__has_available(queue));
}

/**
 * console_port__transmit() - serve a buffer with output
 * @port: which
 * @turn: the buffer
 *
 * Context: Under the lock of the device.
 * Return: VIRTIO_KEEP while the line is full.
 */
enum virtio_fate console_port__transmit(struct virtio_console_port *port,
					struct virtio_turn *turn)
{
	struct virtqueue_chain *chain = turn->chain;
	u64 offset = port->sent;
	unsigned int i;

	for (i = 0; i < chain->readable; i++) {
		const struct iovec *piece = &chain->pieces[i];
		size_t length, done;

		if (offset >= piece->iov_len) {
			offset -= piece->iov_len;
			continue;
		}
		if (!turn->bytes)
			return VIRTIO_GO_ON;
		length = min(piece->iov_len - offset, turn->bytes);
		done = chardev__write(&port->chardev,
				      (u8 *)piece->iov_base + offset, length);
		port->sent += done;
		turn->bytes -= done;
		if (done < length)
			return VIRTIO_KEEP;
		if (offset + done < piece->iov_len)
			return VIRTIO_GO_ON;
		offset = 0;
	}
	port->sent = 0;
	return VIRTIO_RETURN;
}

/* Into the first piece that is not empty; a line has little at a time. */
static size_t read_line(struct virtio_console_port *port,
			const struct virtqueue_chain *chain, u64 most)
{
	const struct iovec *piece = virtqueue_chain__writable(chain);
	struct iovec target;

	while (!piece->iov_len)
		piece++;
	target = (struct iovec){ piece->iov_base, min(piece->iov_len, most) };
	return chardev__read(&port->chardev, &target, 1);
}

/**
 * console_port__receive() - serve a buffer for input
 * @port: which
 * @turn: the buffer
 *
 * Context: Under the lock of the device.
 * Return: VIRTIO_KEEP if nobody listens, or nothing has arrived.
 */
enum virtio_fate console_port__receive(struct virtio_console_port *port,
				       struct virtio_turn *turn)
{
	size_t length;

	/* It could never be filled: the line would be ready for ever. */
	if (!turn->chain->writable_bytes)
		return VIRTIO_BREAK;
	if (!port->open)
		return VIRTIO_KEEP;
	length = read_line(port, turn->chain, turn->bytes);
	if (!length)
		return VIRTIO_KEEP;
	turn->bytes -= length;
	turn->written = length;
	return VIRTIO_RETURN;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtio serial ports, and consoles.
 */
#ifndef PVMM_VIRTIO_CONSOLE_H
#define PVMM_VIRTIO_CONSOLE_H

#include <linux/virtio_console.h>

#include "../devices/chardev.h"
#include "virtio_mmio.h"

#define VIRTIO_CONSOLE_PORTS	4
#define VIRTIO_CONSOLE_NAME_MAX	32
/* Messages to the driver that wait for a buffer; 3 for each port are enough. */
#define VIRTIO_CONSOLE_MESSAGES	(4 * VIRTIO_CONSOLE_PORTS)

struct virtio_console;

struct virtio_console_port {
	struct virtio_console *console;
	unsigned int number;
	const char *name;		/* NULL: a console */
	struct chardev chardev;
	bool open;			/* by a program of the guest */
	u64 sent;			/* of the first buffer to be sent */
};

struct virtio_console {
	struct virtio_device virtio;
	struct virtio_console_config config;
	struct virtio_console_port ports[VIRTIO_CONSOLE_PORTS];
	unsigned int nr_ports;
	struct virtio_console_control messages[VIRTIO_CONSOLE_MESSAGES];
	unsigned int nr_messages;
};

int virtio_console__add_port(struct virtio_console *console,
			     struct event_loop *loop, const char *name,
			     const char *line);
void virtio_console__init(struct virtio_console *console,
			  struct guest_memory *memory,
			  struct irq_line *irq);

#endif /* PVMM_VIRTIO_CONSOLE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A disk and a console for fuzzers, with nothing behind them that lasts.
 */
#ifndef VMM_TEST_VIRTIO_DEVICES_H
#define VMM_TEST_VIRTIO_DEVICES_H

#include <stdlib.h>
#include <unistd.h>

#include "../../host/vmm/virtio/virtio_block.h"
#include "../../host/vmm/virtio/virtio_console.h"

static inline void test_disk__init(struct virtio_block *block,
				   struct guest_memory *memory,
				   struct irq_line *irq, off_t size)
{
	char path[] = "/tmp/vmm-fuzz-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0 || ftruncate(fd, size) ||
	    virtio_block__open(block, path, false))
		abort();
	close(fd);
	unlink(path);
	virtio_block__init(block, memory, irq);
}

/* A port and a console; the loop is set up, too. */
static inline void test_console__init(struct virtio_console *console,
				      struct event_loop *loop,
				      struct guest_memory *memory,
				      struct irq_line *irq)
{
	if (event_loop__init(loop) ||
	    virtio_console__add_port(console, loop, "agent", "null") ||
	    virtio_console__add_port(console, loop, NULL, "null"))
		abort();
	virtio_console__init(console, memory, irq);
}

#endif /* VMM_TEST_VIRTIO_DEVICES_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Disks and consoles for tests and fuzzers, with nothing behind them that lasts.
 */
#ifndef VMM_TEST_VIRTIO_DEVICES_H
#define VMM_TEST_VIRTIO_DEVICES_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../host/vmm/virtio/virtio_block.h"
#include "../../host/vmm/virtio/virtio_console.h"
#include "driver.h"
#include "fixture.h"

static inline void test_disk__init(struct virtio_block *block,
				   struct guest_memory *memory,
				   struct irq_line *irq, off_t size)
{
	char path[] = "/tmp/vmm-disk-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0 || ftruncate(fd, size) ||
	    virtio_block__open(block, path, false))
		abort();
	close(fd);
	unlink(path);
	virtio_block__init(block, memory, irq);
}

/* A disk, its guest and its driver, all but the driver's start. */
static inline void test_disk__set_up(struct virtio_block *block,
				     struct guest_memory *memory, u64 bytes,
				     struct counted_irq *irq,
				     struct driver *driver, off_t size)
{
	test_locks__init();
	test_thread__enter("test");
	test_memory__alloc(memory, bytes);
	counted_irq__init(irq);
	test_disk__init(block, memory, &irq->line, size);
	driver__init(driver, &block->virtio, memory);
}

/* A console with two ports to nowhere; the loop is set up, too. */
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

/* A console with one port, its guest and its driver. */
struct test_port {
	struct guest_memory memory;
	struct counted_irq irq;
	struct event_loop loop;
	struct virtio_console console;
	struct driver driver;
	int peer;
};

/* The console, with a "pipe" or a "file" behind its port; and the other end of that. */
static inline void test_port__open(struct test_port *port, const char *name,
				   const char *kind)
{
	bool is_pipe = !strcmp(kind, "pipe");
	char directory[] = "/tmp/vmm-port-XXXXXX";
	char path[sizeof(directory) + sizeof("/port")];
	char line[sizeof(path) + sizeof("pipe:")];

	if (!mkdtemp(directory))
		abort();
	snprintf(path, sizeof(path), "%s/port", directory);
	snprintf(line, sizeof(line), "%s:%s", kind, path);
	if ((is_pipe && mkfifo(path, 0600)) || event_loop__init(&port->loop) ||
	    virtio_console__add_port(&port->console, &port->loop, name, line))
		abort();
	virtio_console__init(&port->console, &port->memory, &port->irq.line);
	port->peer = open(path, is_pipe ? O_RDWR | O_NONBLOCK : O_RDONLY);
	if (port->peer < 0)
		abort();
	unlink(path);
	rmdir(directory);
}

/* @memory: bytes of the guest; @kind: what is behind the port, "pipe" or "file". */
static inline void test_port__set_up(struct test_port *port, u64 memory,
				     const char *name, const char *kind)
{
	memset(port, 0, sizeof(*port));
	test_locks__init();
	test_thread__enter("test");
	test_memory__alloc(&port->memory, memory);
	counted_irq__init(&port->irq);
	test_port__open(port, name, kind);
	driver__init(&port->driver, &port->console.virtio, &port->memory);
	driver__start(&port->driver, 4);
}

static inline void test_port__tear_down(struct test_port *port)
{
	device__put(&port->console.virtio.device);
	event_loop__destroy(&port->loop);
	test_memory__free(&port->memory);
	close(port->peer);
	test_thread__exit();
}

#endif /* VMM_TEST_VIRTIO_DEVICES_H */

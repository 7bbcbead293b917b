/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the VMM share: a guest that is only memory, and interrupt
 * lines that only count.
 */
#ifndef VMM_TEST_FIXTURE_H
#define VMM_TEST_FIXTURE_H

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../../host/vmm/devices/irq.h"
#include "../../host/vmm/locks/lock_classes.h"
#include "../../host/vmm/memory/memory.h"
#include "../../host/vmm/locks/rcu.h"
#include "../../host/vmm/locks/lock_thread.h"

/* A thread that accesses devices; once for all in this process. */
static inline void test_locks__init(void)
{
	if (locks_init(VMM_LOCK_SPIN_NS))
		abort();
}

static inline void test_thread__enter(const char *name)
{
	if (lock_thread_enter(name))
		abort();
	rcu_register_thread();
}

static inline void test_thread__exit(void)
{
	rcu_unregister_thread();
	lock_thread_exit();
}

/* A line that counts how often it goes up. */
struct counted_irq {
	struct irq_line line;
	bool level;
	unsigned int edges;
};

static inline void counted_irq__set(struct irq_line *line, bool level)
{
	struct counted_irq *irq = container_of(line, struct counted_irq, line);

	irq->edges += level && !irq->level;
	irq->level = level;
}

static inline void counted_irq__init(struct counted_irq *irq)
{
	*irq = (struct counted_irq){ .line.set = counted_irq__set };
}

/*
 * Guest memory from malloc(), so that AddressSanitizer sees who leaves it. It
 * is smaller than that of a guest which boots.
 */
static inline void test_memory__alloc(struct guest_memory *memory, u64 size)
{
	memory->base = calloc(1, size);
	memory->size = size;
	if (!memory->base || guest_memory__init_map(memory))
		abort();
}

static inline void test_memory__free(struct guest_memory *memory)
{
	guest_map__destroy(&memory->map);
	free(memory->base);
}

/* A peer of a unix socket, which never blocks. */
static inline int test_peer__connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		abort();
	strcpy(address.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		abort();
	return fd;
}

#endif /* VMM_TEST_FIXTURE_H */

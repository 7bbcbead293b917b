/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a driver carries out what a fuzzer tells it; see steps.h.
 */
#ifndef VMM_TEST_PROGRAM_H
#define VMM_TEST_PROGRAM_H

#include <string.h>
#include <unistd.h>

#include "../driver.h"
#include "../fixture.h"
#include "../virtio_devices.h"
#include "steps.h"

#define PROGRAM_MEMORY		(64 * KIB)
#define PROGRAM_SECTORS		128
#define PROGRAM_QUEUES		4
/* A device that does not come to an end has a loop that it does not see. */
#define PROGRAM_STEPS_MAX	256
#define PROGRAM_TURNS_MAX	8

/**
 * struct program_guest - what programs are carried out in
 * @memory: ends at the end of an allocation
 * @irq: of both devices
 * @loop: of the console
 * @block: a disk of PROGRAM_SECTORS sectors
 * @console: with ports to nowhere
 */
struct program_guest {
	struct guest_memory memory;
	struct counted_irq irq;
	struct event_loop loop;
	struct virtio_block block;
	struct virtio_console console;
};

static inline void program_guest__init(struct program_guest *guest,
				       const char *thread)
{
	test_locks__init();
	test_thread__enter(thread);
	test_memory__alloc(&guest->memory, PROGRAM_MEMORY);
	counted_irq__init(&guest->irq);
	test_disk__init(&guest->block, &guest->memory, &guest->irq.line,
			PROGRAM_SECTORS * 512);
	test_console__init(&guest->console, &guest->loop, &guest->memory,
			   &guest->irq.line);
}

/* As long as the device serves what it is offered. */
static inline void program__keep_offering(struct driver *driver,
					  unsigned int queue, u16 head)
{
	const u8 *rings = driver->memory->base + DRIVER_RINGS +
		queue * DRIVER_STRIDE;
	u16 offered = READ_ONCE(*(u16 *)(rings + DRIVER_AVAILABLE + 2));
	u16 used = READ_ONCE(*(u16 *)(rings + DRIVER_USED + 2));

	if ((u16)(offered - used) < DRIVER_QUEUE_SIZE)
		driver__offer(driver, queue, head);
}

static inline void program__step(struct driver *driver, int disk,
				 const struct step *step)
{
	unsigned int queue = step->argument % PROGRAM_QUEUES;
	ssize_t written;

	switch (step->kind % STEP_KINDS) {
	case STEP_WRITE_REGISTER:
		driver__write(driver, step->where % VIRTIO_MMIO_SIZE,
			      step->value);
		break;
	case STEP_WRITE_MEMORY:
		memcpy(driver->memory->base +
		       step->where % (PROGRAM_MEMORY - 4), &step->value, 4);
		break;
	case STEP_DESCRIBE:
		/* The end of memory is where mistakes show. */
		driver__describe(driver, queue, step->where %
				 DRIVER_QUEUE_SIZE, PROGRAM_MEMORY -
				 (step->value & 0xffff), step->value >> 16,
				 step->argument >> 4, step->where >> 8);
		break;
	case STEP_OFFER:
		driver__offer(driver, queue, step->where);
		break;
	case STEP_NOTIFY:
		driver__notify(driver, queue);
		break;
	case STEP_WRITE_DISK:
		written = pwrite(disk, &step->value, 4,
				 step->where % (PROGRAM_SECTORS * 512 - 4));
		(void)written;
		break;
	case STEP_KEEP_OFFERING:
		program__keep_offering(driver, queue, step->where);
		break;
	}
}

#endif /* VMM_TEST_PROGRAM_H */

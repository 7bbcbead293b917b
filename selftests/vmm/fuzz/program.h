/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a driver carries out what a fuzzer tells it; see steps.h.
 */
#ifndef VMM_TEST_PROGRAM_H
#define VMM_TEST_PROGRAM_H

#include <string.h>
#include <unistd.h>

#include "../driver.h"
#include "steps.h"

#define PROGRAM_MEMORY		(64 * KIB)
#define PROGRAM_SECTORS		128
#define PROGRAM_QUEUES		4
/* A device that does not come to an end has a loop that it does not see. */
#define PROGRAM_STEPS_MAX	256
#define PROGRAM_TURNS_MAX	8

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

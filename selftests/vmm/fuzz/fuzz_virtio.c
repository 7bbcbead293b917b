// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a driver that does anything. The input is a program for it: 8
 * bytes for each step, which writes to a register or into guest memory. Guest
 * memory ends at the end of an allocation, so that AddressSanitizer sees a
 * device that goes beyond it.
 */
#include "../driver.h"
#include "../fixture.h"
#include "../steps.h"
#include "../virtio_devices.h"

#define MEMORY		(64 * KIB)
#define SECTORS		16
#define QUEUES		4
/* A device that does not come to an end has a loop that it does not see. */
#define STEPS_MAX	256
#define TURNS_MAX	8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct guest_memory memory;
static struct counted_irq irq;
static struct event_loop loop;
static struct virtio_block block;
static struct virtio_console console;
static struct driver drivers[2];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	test_locks__init();
	test_thread__enter("fuzzer");
	test_memory__alloc(&memory, MEMORY);
	counted_irq__init(&irq);
	test_disk__init(&block, &memory, &irq.line, SECTORS * 512);
	driver__init(&drivers[0], &block.virtio, &memory);
	test_console__init(&console, &loop, &memory, &irq.line);
	driver__init(&drivers[1], &console.virtio, &memory);
	return 0;
}

static void take_step(struct driver *driver, const struct step *step)
{
	unsigned int queue = step->argument % QUEUES;

	switch (step->kind % STEP_KINDS) {
	case STEP_WRITE_REGISTER:
		driver__write(driver, step->where % VIRTIO_MMIO_SIZE,
			      step->value);
		break;
	case STEP_WRITE_MEMORY:
		memcpy(memory.base + step->where % (MEMORY - 4), &step->value,
		       4);
		break;
	case STEP_DESCRIBE:
		/* The end of memory is where mistakes show. */
		driver__describe(driver, queue, step->where %
				 DRIVER_QUEUE_SIZE, MEMORY -
				 (step->value & 0xffff), step->value >> 16,
				 step->argument >> 4, step->where >> 8);
		break;
	case STEP_OFFER:
		driver__offer(driver, queue, step->where);
		break;
	case STEP_NOTIFY:
		driver__notify(driver, queue);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct driver *driver;
	struct step step;
	size_t i;

	if (!size)
		return 0;
	driver = &drivers[data[0] & 1];
	memset(memory.base, 0, MEMORY);
	driver__start(driver, QUEUES);
	for (i = 1; i + sizeof(step) <= size && i < STEPS_MAX * sizeof(step);
	     i += sizeof(step)) {
		memcpy(&step, data + i, sizeof(step));
		take_step(driver, &step);
		driver__give_turn(driver);
	}
	driver__end(driver, TURNS_MAX);
	return 0;
}

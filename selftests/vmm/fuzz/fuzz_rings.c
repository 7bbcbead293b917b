// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a guest of two vCPUs, of which one keeps writing into the rings, the
 * buffers and the registers while the other one has them served, and a disk with
 * whatever they have put there before.
 *
 * The input: the device, and whether the driver accepts what rings offer; the number
 * of steps of the second vCPU; its steps, which it repeats until the first one is done;
 * and those of the first. A device that serves what it is offered for as long as
 * somebody offers something never comes back to the first vCPU, which libFuzzer
 * notices. One that serves more than a turn has before it comes back is noticed here.
 */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "program.h"

#define SECOND_STEPS_MAX	8
/* What a turn may return: see virtio_serve.c. */
#define TURN_BUFFERS		64
/* What is done in the first byte and the second, beside the first steps. */
#define HEADER			2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct program_guest guest;
static struct virtio_device *devices[2];

/* The second vCPU, and what it is to do. */
static struct {
	pthread_t thread;
	struct driver driver;
	struct step steps[SECOND_STEPS_MAX];
	unsigned int nr_steps;
	bool has_served;	/* it may have: its steps are not only memory */
	sem_t begin;
	sem_t done;
	bool has_begun;
	bool is_to_end;
} second;

static void *run_second(void *argument)
{
	unsigned int i;

	(void)argument;
	test_thread__enter("second");
	for (;;) {
		while (sem_wait(&second.begin))
			;
		WRITE_ONCE(second.has_begun, true);
		while (!READ_ONCE(second.is_to_end)) {
			for (i = 0; i < second.nr_steps; i++)
				program__step(&second.driver, guest.block.fd,
					      &second.steps[i]);
			driver__give_turn(&second.driver);
		}
		driver__end(&second.driver, 0);
		sem_post(&second.done);
	}
	return NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	program_guest__init(&guest, "first");
	devices[0] = &guest.block.virtio;
	devices[1] = &guest.console.virtio;
	sem_init(&second.begin, 0, 0);
	sem_init(&second.done, 0, 0);
	if (pthread_create(&second.thread, NULL, run_second, NULL))
		abort();
	return 0;
}

static bool has_served(void)
{
	unsigned int i;

	for (i = 0; i < second.nr_steps; i++) {
		unsigned int kind = second.steps[i].kind % STEP_KINDS;

		if (kind == STEP_NOTIFY || kind == STEP_WRITE_REGISTER)
			return true;
	}
	return false;
}

/* Returns how many bytes of the input have been used up. */
static size_t start_second(struct virtio_device *virtio, const uint8_t *data,
			   size_t size)
{
	size_t bytes;

	second.nr_steps = data[1] % (SECOND_STEPS_MAX + 1);
	bytes = second.nr_steps * sizeof(second.steps[0]);
	if (HEADER + bytes > size)
		second.nr_steps = 0;
	if (!second.nr_steps)
		return HEADER;
	memcpy(second.steps, data + HEADER, bytes);
	second.has_served = has_served();
	driver__init(&second.driver, virtio, &guest.memory);
	second.has_begun = false;
	second.is_to_end = false;
	sem_post(&second.begin);
	while (!READ_ONCE(second.has_begun))
		sched_yield();
	return HEADER + bytes;
}

static void end_second(void)
{
	if (!second.nr_steps)
		return;
	WRITE_ONCE(second.is_to_end, true);
	while (sem_wait(&second.done))
		;
}

/* One step, and how much it had a device return. */
static void take_step(struct driver *driver, const struct step *step)
{
	const struct virtqueue *queue =
		&driver->virtio->queues[step->argument % PROGRAM_QUEUES];
	u16 before = READ_ONCE(queue->next_used);

	program__step(driver, guest.block.fd, step);
	/* The other vCPU may have had its turns as well. */
	if (step->kind % STEP_KINDS == STEP_NOTIFY &&
	    !(second.nr_steps && second.has_served) &&
	    (u16)(queue->next_used - before) > TURN_BUFFERS)
		abort();
	driver__give_turn(driver);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct virtio_device *virtio;
	struct driver driver;
	struct step step;
	size_t i;

	if (size < HEADER)
		return 0;
	virtio = devices[data[0] & 1];
	memset(guest.memory.base, 0, PROGRAM_MEMORY);
	driver__init(&driver, virtio, &guest.memory);
	if (data[0] & 2)
		driver.features = BIT(VIRTIO_RING_F_INDIRECT_DESC) |
			BIT(VIRTIO_RING_F_EVENT_IDX);
	driver__start(&driver, PROGRAM_QUEUES);
	for (i = start_second(virtio, data, size);
	     i + sizeof(step) <= size && i < PROGRAM_STEPS_MAX * sizeof(step);
	     i += sizeof(step)) {
		memcpy(&step, data + i, sizeof(step));
		take_step(&driver, &step);
	}
	end_second();
	driver__end(&driver, PROGRAM_TURNS_MAX);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the inputs from which a fuzzer starts.
 *
 *	seeds loader|virtio|rings|snapshot DIRECTORY
 */
#include <linux/virtio_config.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../../host/vmm/snapshot/machine_identity.h"
#include "../images.h"
#include "records.h"
#include "steps.h"

static void write_seed(const char *directory, const char *name,
		       const void *seed, size_t size)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	if (!file || fwrite(seed, size, 1, file) != 1 || fclose(file)) {
		perror(path);
		exit(1);
	}
}

static void write_images(const char *directory)
{
	unsigned char image[IMAGE_BZIMAGE_SIZE];

	image_bzimage(image);
	write_seed(directory, "bzimage", image, IMAGE_BZIMAGE_SIZE);
	image_elf(image);
	write_seed(directory, "elf", image, IMAGE_ELF_SIZE);
}

#define NEXT	0x10
#define WRITE	0x20

/* Drivers that do everything right: the first byte selects the device. */
static void write_drivers(const char *directory)
{
	static const struct {
		uint8_t padding[7];
		uint8_t device;
		struct step steps[6];
	} block = {
		.device = 0,
		.steps = {
			/* The header: read sector 0. */
			{ STEP_WRITE_MEMORY, 0, 0x8000, 0 },
			{ STEP_DESCRIBE, NEXT, 0x0100, 16 << 16 | 0x8000 },
			{ STEP_DESCRIBE, NEXT | WRITE, 0x0201,
			  512 << 16 | 0x0400 },
			{ STEP_DESCRIBE, WRITE, 0x0002, 1 << 16 | 0x0010 },
			{ STEP_OFFER, 0, 0, 0 },
			{ STEP_NOTIFY, 0, 0, 0 },
		},
	}, console = {
		.device = 1,
		.steps = {
			/* A buffer for answers, and "device ready". */
			{ STEP_DESCRIBE, WRITE | 2, 0, 64 << 16 | 0x0100 },
			{ STEP_OFFER, 2, 0, 0 },
			{ STEP_WRITE_MEMORY, 0, 0x8004, 1 << 16 },
			{ STEP_DESCRIBE, 3, 0, 8 << 16 | 0x8000 },
			{ STEP_OFFER, 3, 0, 0 },
			{ STEP_NOTIFY, 3, 0, 0 },
		},
	};

	write_seed(directory, "block", &block.device,
		   1 + sizeof(block.steps));
	write_seed(directory, "console", &console.device,
		   1 + sizeof(console.steps));
}

/* The rounds of a loop in which the two meet. */
#define NOTIFIES	100
/* As many as there are steps for. */
#define FEEDING_SECTORS	100

/*
 * One vCPU, and a disk on which each sector, read to where the header is and to
 * where the index of the available ring is, asks for the next one.
 */
static void write_feeding(const char *directory)
{
	/* Distances from the end of memory: the header, and DRIVER_AVAILABLE. */
	const uint32_t header = 0x8000, available = 0x10000 - 0x1100;
	static struct {
		uint8_t padding[6];
		uint8_t device;
		uint8_t second;
		struct step steps[2 * FEEDING_SECTORS + 7];
	} seed;
	struct step *step = seed.steps;
	unsigned int i;

	*step++ = (struct step){ STEP_DESCRIBE, NEXT, 0x0100,
				 16 << 16 | header };
	*step++ = (struct step){ STEP_DESCRIBE, NEXT | WRITE, 0x0201,
				 16 << 16 | header };
	*step++ = (struct step){ STEP_DESCRIBE, NEXT | WRITE, 0x0302,
				 4 << 16 | available };
	*step++ = (struct step){ STEP_DESCRIBE, NEXT | WRITE, 0x0403,
				 492 << 16 | 0x0400 };
	*step++ = (struct step){ STEP_DESCRIBE, WRITE, 0x0004, 1 << 16 | 0x10 };
	for (i = 0; i < FEEDING_SECTORS; i++) {
		/* The sector of the header, and the index. */
		*step++ = (struct step){ STEP_WRITE_DISK, 0, i * 512 + 8, i + 1 };
		*step++ = (struct step){ STEP_WRITE_DISK, 0, i * 512 + 16,
					 (i + 2) << 16 };
	}
	*step++ = (struct step){ STEP_OFFER, 0, 0, 0 };
	*step++ = (struct step){ STEP_NOTIFY, 0, 0, 0 };
	write_seed(directory, "feeding", &seed.device,
		   2 + (step - seed.steps) * sizeof(*step));
}

/*
 * Two vCPUs: one notifies, the other one offers the same buffer again as soon as it
 * has been returned.
 */
static void write_rings(const char *directory)
{
	static const struct {
		uint8_t padding[6];
		uint8_t device;
		uint8_t second;
		struct step steps[NOTIFIES + 4];
	} offering = {
		.device = 0,
		.second = 1,
		.steps = {
			{ STEP_KEEP_OFFERING, 0, 0, 0 },
			{ STEP_DESCRIBE, NEXT, 0x0100, 16 << 16 | 0x8000 },
			{ STEP_DESCRIBE, NEXT | WRITE, 0x0201,
			  512 << 16 | 0x0400 },
			{ STEP_DESCRIBE, WRITE, 0x0002, 1 << 16 | 0x0010 },
			[4 ... NOTIFIES + 3] = { STEP_NOTIFY, 0, 0, 0 },
		},
	}, talking = {
		.device = 1,
		.second = 1,
		.steps = {
			{ STEP_KEEP_OFFERING, 1, 0, 0 },
			{ STEP_DESCRIBE, 1, 0, 64 << 16 | 0x0100 },
			[2 ... NOTIFIES + 3] = { STEP_NOTIFY, 1, 0, 0 },
		},
	};

	write_seed(directory, "offering", &offering.device,
		   2 + sizeof(offering.steps));
	write_seed(directory, "talking", &talking.device,
		   2 + sizeof(talking.steps));
	write_feeding(directory);
}

#define STATE_MAX	512
#define QUEUES		6

/* As virtio_mmio.c and virtqueue.c save it. */
struct virtio_state {
	uint64_t accepted;
	uint32_t status;
	uint32_t registers[4];
	struct {
		uint32_t size;
		uint64_t descriptors;
		uint64_t available;
		uint64_t used;
		uint8_t ready;
		uint8_t broken;
		uint16_t next_available;
		uint16_t next_used;
	} __attribute__((packed)) queue[QUEUES];
} __attribute__((packed));

/* One section, zero but for its start, and what its bytes begin with. */
static void write_section(const char *directory, const char *name,
			  struct record record, const void *start,
			  size_t length)
{
	struct {
		uint8_t padding[3];
		uint8_t input;
		struct record record;
		uint8_t bytes[STATE_MAX];
	} seed = { .input = INPUT_RECORDS, .record = record };
	size_t bytes = record.kind == SNAPSHOT_MEMORY ? 0 : record.size;

	memcpy(seed.bytes, start, length);
	write_seed(directory, name, &seed.input,
		   1 + sizeof(seed.record) + bytes);
}

/* A driver uses the device, and each queue has a buffer. */
static void write_driven(const char *directory, const char *name,
			 uint8_t number, unsigned int queues, uint16_t own,
			 uint64_t own_start)
{
	struct virtio_state state = { .status = VIRTIO_CONFIG_S_DRIVER_OK };
	uint16_t size = offsetof(struct virtio_state, queue[queues]);
	uint8_t bytes[STATE_MAX] = { 0 };
	unsigned int i;

	for (i = 0; i < queues; i++) {
		state.queue[i].size = 8;
		state.queue[i].descriptors = 0x1000 + i * 0x1000;
		state.queue[i].available = 0x1400 + i * 0x1000;
		state.queue[i].used = 0x1800 + i * 0x1000;
		state.queue[i].ready = 1;
		state.queue[i].next_available = UINT16_MAX;
	}
	memcpy(bytes, &state, size);
	memcpy(bytes + size, &own_start, sizeof(own_start));
	write_section(directory, name,
		      (struct record){ SNAPSHOT_DEVICE, number, size + own },
		      bytes, size + own);
}

/* Each device at rest: its state is zero, and as long as it is. */
static void write_snapshots(const char *directory)
{
	static const struct {
		const char *name;
		struct record record;
	} sections[] = {
		{ "serial", { SNAPSHOT_DEVICE, 0, 2 * 24 + 9 } },
		{ "clock", { SNAPSHOT_DEVICE, 1, 1 + 128 + 8 } },
		{ "disk", { SNAPSHOT_DEVICE, 2, 28 + 34 + 8 } },
		{ "console", { SNAPSHOT_DEVICE, 3, 28 + QUEUES * 34 + 150 } },
		{ "machine", { SNAPSHOT_MACHINE, 0,
			       sizeof(struct machine_identity) } },
		{ "memory", { SNAPSHOT_MEMORY, 3, 1 } },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sections); i++)
		write_section(directory, sections[i].name, sections[i].record,
			      "", 0);
	write_driven(directory, "driven-disk", 2, 1, 8, RECORDS_DISK_SIZE);
	write_driven(directory, "driven-console", 3, QUEUES, 150, 0);
}

static const struct {
	const char *name;
	void (*write)(const char *directory);
} kinds[] = {
	{ "loader", write_images },
	{ "virtio", write_drivers },
	{ "rings", write_rings },
	{ "snapshot", write_snapshots },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc == 3 && i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(argv[1], kinds[i].name))
			continue;
		kinds[i].write(argv[2]);
		return 0;
	}
	return 2;
}

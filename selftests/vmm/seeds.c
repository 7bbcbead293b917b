// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the inputs from which a fuzzer starts.
 *
 *	seeds loader|virtio DIRECTORY
 */
#include <stdio.h>
#include <stdlib.h>

#include "images.h"
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

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "loader"))
		write_drivers(argv[2]);
	else
		write_images(argv[2]);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a driver that does anything. The input is a program for it: 8
 * bytes for each step, which writes to a register or into guest memory. Guest
 * memory ends at the end of an allocation, so that AddressSanitizer sees a
 * device that goes beyond it.
 */
#include "program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct program_guest guest;
static struct driver drivers[2];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	program_guest__init(&guest, "fuzzer");
	driver__init(&drivers[0], &guest.block.virtio, &guest.memory);
	driver__init(&drivers[1], &guest.console.virtio, &guest.memory);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct driver *driver;
	struct step step;
	size_t i;

	if (!size)
		return 0;
	driver = &drivers[data[0] & 1];
	memset(guest.memory.base, 0, PROGRAM_MEMORY);
	driver__start(driver, PROGRAM_QUEUES);
	for (i = 1; i + sizeof(step) <= size && i < PROGRAM_STEPS_MAX * sizeof(step);
	     i += sizeof(step)) {
		memcpy(&step, data + i, sizeof(step));
		program__step(driver, guest.block.fd, &step);
		driver__give_turn(driver);
	}
	driver__end(driver, PROGRAM_TURNS_MAX);
	return 0;
}

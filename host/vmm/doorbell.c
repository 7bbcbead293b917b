// SPDX-License-Identifier: GPL-2.0
/*
 * The doorbell: how a program in the guest tells its host something. Reading
 * the first register tells the number that was rung with last.
 */
#include "doorbell.h"

static u64 doorbell_read(struct device *device, struct transaction *transaction,
			 u64 offset, unsigned int size)
{
	struct doorbell *doorbell = container_of(device, struct doorbell, device);

	(void)transaction;
	(void)size;
	return offset == DOORBELL_RING ? doorbell->last : 0;
}

static void doorbell_write(struct device *device,
			   struct transaction *transaction, u64 offset,
			   unsigned int size, u64 value)
{
	struct doorbell *doorbell = container_of(device, struct doorbell, device);

	(void)transaction;
	(void)size;
	if (offset == DOORBELL_RING) {
		doorbell->rings++;
		doorbell->last = value;
	} else if (offset == DOORBELL_REPORT && doorbell->report) {
		doorbell->report(doorbell, value);
	}
}

static const struct device_operations doorbell_operations = {
	.read = doorbell_read,
	.write = doorbell_write,
};

/**
 * doorbell__init() - make a doorbell
 * @doorbell: the caller sets report()
 */
void doorbell__init(struct doorbell *doorbell)
{
	*doorbell = (struct doorbell){ 0 };
	device__init(&doorbell->device, "doorbell", &doorbell_operations);
}

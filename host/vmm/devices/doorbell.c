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
	switch (offset) {
	case DOORBELL_RING:
		return doorbell->last;
	case DOORBELL_RINGS:
		return (u32)doorbell->rings;
	case DOORBELL_REPORT:
		return 0;
	default:
		return doorbell->tell ? doorbell->tell(doorbell, offset) : 0;
	}
}

static void doorbell_write(struct device *device,
			   struct transaction *transaction, u64 offset,
			   unsigned int size, u64 value)
{
	struct doorbell *doorbell = container_of(device, struct doorbell, device);

	(void)size;
	if (offset == DOORBELL_RING) {
		doorbell->rings++;
		doorbell->last = value;
		if (doorbell->ring)
			doorbell->ring(doorbell, transaction->vcpu, value);
	} else if (offset == DOORBELL_REPORT && doorbell->report) {
		doorbell->report(doorbell, value);
	}
}

static void doorbell_exchange(struct device *device, struct state *state)
{
	struct doorbell *doorbell = container_of(device, struct doorbell, device);

	state__value(state, &doorbell->rings);
	state__value(state, &doorbell->last);
}

static const struct device_operations doorbell_operations = {
	.read = doorbell_read,
	.write = doorbell_write,
	.exchange = doorbell_exchange,
};

/**
 * doorbell__init() - make a doorbell
 * @doorbell: the caller sets the functions that it wants
 */
void doorbell__init(struct doorbell *doorbell)
{
	*doorbell = (struct doorbell){ 0 };
	device__init(&doorbell->device, "doorbell", &doorbell_operations);
}

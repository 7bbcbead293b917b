// SPDX-License-Identifier: GPL-2.0
/*
 * ACPI's fixed registers (specification 6.4, section 4.8), as acpi.c describes
 * them. ACPI is always on, there are no events, and so no interrupts.
 */
#include <time.h>

#include "power.h"

#define OFFSET_STATUS		0
#define OFFSET_ENABLE		2
#define OFFSET_CONTROL		(POWER_CONTROL - LAYOUT_POWER)
#define OFFSET_TIMER		(POWER_TIMER - LAYOUT_POWER)
#define OFFSET_RESET		(POWER_RESET - LAYOUT_POWER)

#define CONTROL_ACPI_ENABLED	BIT(0)
#define CONTROL_SLEEP		BIT(13)
#define CONTROL_TYPE(value)	((value) >> 10 & 7)
#define TIMER_HZ		3579545ULL

static u32 host_timer(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * TIMER_HZ + now.tv_nsec * TIMER_HZ / NS_PER_SEC;
}

static u32 read_timer(const struct power *power)
{
	return host_timer() + power->timer_offset;
}

static u64 power_read(struct device *device, struct transaction *transaction,
		      u64 offset, unsigned int size)
{
	struct power *power = container_of(device, struct power, device);

	(void)transaction;
	(void)size;
	switch (offset) {
	case OFFSET_STATUS:
		return power->status;
	case OFFSET_ENABLE:
		return power->enable;
	case OFFSET_CONTROL:
		return CONTROL_ACPI_ENABLED;
	case OFFSET_TIMER:
		return read_timer(power);
	default:
		return 0;
	}
}

static void write_control(struct power *power, u16 value)
{
	if ((value & CONTROL_SLEEP) && CONTROL_TYPE(value) == POWER_SLEEP_TYPE_OFF)
		power->power_off(power);
}

static void power_write(struct device *device, struct transaction *transaction,
			u64 offset, unsigned int size, u64 value)
{
	struct power *power = container_of(device, struct power, device);

	(void)transaction;
	(void)size;
	switch (offset) {
	case OFFSET_STATUS:
		power->status &= ~value;	/* write 1 to clear */
		break;
	case OFFSET_ENABLE:
		power->enable = value;
		break;
	case OFFSET_CONTROL:
		write_control(power, value);
		break;
	case OFFSET_RESET:
		if ((u8)value == POWER_RESET_VALUE)
			power->reset(power);
		break;
	}
}

/* The timer goes on from where it was. */
static void power_exchange(struct device *device, struct state *state)
{
	struct power *power = container_of(device, struct power, device);
	u32 timer = read_timer(power);

	state__value(state, &power->status);
	state__value(state, &power->enable);
	state__value(state, &timer);
	power->timer_offset = timer - host_timer();
}

static const struct device_operations power_operations = {
	.read = power_read,
	.write = power_write,
	.exchange = power_exchange,
};

/**
 * power__init() - set up ACPI's fixed registers
 * @power: the caller sets power_off() and reset()
 */
void power__init(struct power *power)
{
	*power = (struct power){ 0 };
	device__init(&power->device, "power", &power_operations);
}

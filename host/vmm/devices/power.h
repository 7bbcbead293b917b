/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ACPI's fixed registers: power off, reset, and the power management timer.
 */
#ifndef PVMM_POWER_H
#define PVMM_POWER_H

#include "device.h"
#include "../base/layout.h"

#define POWER_EVENT		(LAYOUT_POWER + 0)
#define POWER_EVENT_LENGTH	4
#define POWER_CONTROL		(LAYOUT_POWER + 4)
#define POWER_CONTROL_LENGTH	2
#define POWER_TIMER		(LAYOUT_POWER + 8)
#define POWER_TIMER_LENGTH	4
#define POWER_RESET		(LAYOUT_POWER + 12)
#define POWER_PORTS		16
#define POWER_RESET_VALUE	1
#define POWER_SLEEP_TYPE_OFF	5

struct power {
	struct device device;
	u16 status;
	u16 enable;
	u32 timer_offset;	/* guest's timer minus that of the host */
	/* What the guest asked for; called under the device's lock. */
	void (*power_off)(struct power *power);
	void (*reset)(struct power *power);
};

void power__init(struct power *power);

#endif /* PVMM_POWER_H */

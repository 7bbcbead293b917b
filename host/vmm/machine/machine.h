/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine that a guest sees: a VM with all of its devices.
 */
#ifndef PVMM_MACHINE_H
#define PVMM_MACHINE_H

#include "../boot/acpi.h"
#include "../devices/chardev.h"
#include "../devices/doorbell.h"
#include "../inject/inject.h"
#include "../devices/power.h"
#include "../devices/rtc.h"
#include "../devices/serial.h"
#include "../virtio/virtio_block.h"
#include "../virtio/virtio_console.h"
#include "../vm/vm.h"

struct machine {
	struct vm vm;
	struct chardev console;
	struct irq_line serial_irq;
	struct serial serial;
	struct rtc rtc;
	struct power power;
	struct doorbell doorbell;
	struct inject inject;
	struct virtio_console ports;
	struct virtio_block disks[MAX_DISKS];
	struct irq_line virtio_irqs[1 + MAX_DISKS];
	unsigned int nr_virtio;
	struct acpi_config acpi;
};

int machine__create(struct machine *machine, const struct options *options);
void machine__destroy(struct machine *machine);
int machine__boot(struct machine *machine);

#endif /* PVMM_MACHINE_H */

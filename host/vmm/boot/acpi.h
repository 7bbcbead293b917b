/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ACPI tells the guest: its CPUs, how to power off, and which devices
 * cannot be found otherwise.
 */
#ifndef PVMM_ACPI_H
#define PVMM_ACPI_H

#include "../memory/memory.h"

#define ACPI_MAX_CPUS		254
#define ACPI_MAX_DEVICES	16

/* A device in the tables; resources that it does not have are 0. */
struct acpi_device {
	const char *hardware_id;	/* 8 characters at most */
	u32 memory;
	u32 memory_size;
	u16 port;
	u8 ports;
	u8 irq;
};

struct acpi_config {
	unsigned int cpus;
	unsigned int devices;
	struct acpi_device device[ACPI_MAX_DEVICES];
};

int acpi__write_tables(struct guest_memory *memory,
		       const struct acpi_config *config);

#endif /* PVMM_ACPI_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * The doorbell of a VMM that preempts on command.
 */
#include <linux/acpi.h>
#include <linux/io.h>
#include <linux/ioport.h>

#include "doorbell.h"

#define DOORBELL_ID	"PVMM0001"

/* Registers, 4 bytes each, from the device's first port on. */
#define REGISTER_RING		0
#define REGISTER_RINGS		8
#define REGISTER_PLANNED	12
#define REGISTER_DONE		16
#define REGISTER_HELD_US	20
#define REGISTER_MODES		24

/* Its first port; 0: it has not been found. */
static unsigned int port;

#ifdef CONFIG_ACPI
static unsigned int first_port(struct acpi_device *device)
{
	struct resource_entry *entry;
	unsigned int found = 0;
	LIST_HEAD(resources);

	acpi_dev_get_resources(device, &resources, NULL, NULL);
	resource_list_for_each_entry(entry, &resources) {
		if (resource_type(entry->res) == IORESOURCE_IO)
			found = entry->res->start;
	}
	acpi_dev_free_resource_list(&resources);
	return found;
}

static unsigned int find_port(void)
{
	struct acpi_device *device;
	unsigned int found;

	device = acpi_dev_get_first_match_dev(DOORBELL_ID, NULL, -1);
	if (!device)
		return 0;
	found = first_port(device);
	acpi_dev_put(device);
	return found;
}
#else
static unsigned int find_port(void)
{
	return 0;
}
#endif

/**
 * doorbell_find() - look whether there is a doorbell
 *
 * Context: may sleep. To be called before the other functions.
 * Return: whether there is.
 */
bool doorbell_find(void)
{
	port = find_port();
	return port;
}

/**
 * doorbell_ring() - say something to the VMM
 * @who: what the caller is to the lock
 * @lock: number of the lock, at most DOORBELL_MAX_LOCK
 *
 * Context: any, with or without locks.
 */
void doorbell_ring(enum doorbell_who who, u32 lock)
{
	outl((u32)who << 24 | lock, port + REGISTER_RING);
}

/**
 * doorbell_read() - learn what has come of it
 * @counts: to be filled in
 *
 * Context: any.
 */
void doorbell_read(struct doorbell_counts *counts)
{
	counts->rings = inl(port + REGISTER_RINGS);
	counts->planned = inl(port + REGISTER_PLANNED);
	counts->done = inl(port + REGISTER_DONE);
	counts->held_us = inl(port + REGISTER_HELD_US);
	counts->modes = inl(port + REGISTER_MODES);
}

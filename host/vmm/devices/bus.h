/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which device answers at which address: one bus for ports, one for memory.
 */
#ifndef PVMM_BUS_H
#define PVMM_BUS_H

#include "device.h"

struct bus_table;

struct bus {
	const char *name;
	struct bus_table *table;	/* read under RCU */
	struct ranked_mutex lock;		/* held by who replaces the table */
	u64 unclaimed;			/* accesses that found no device */
};

int bus__init(struct bus *bus, const char *name);
void bus__destroy(struct bus *bus);
int bus__add(struct bus *bus, struct device *device, u64 start, u64 length);
int bus__remove(struct bus *bus, struct device *device);
bool bus__read(struct bus *bus, struct transaction *transaction, u64 address,
	       void *data, unsigned int size);
bool bus__write(struct bus *bus, struct transaction *transaction, u64 address,
		const void *data, unsigned int size);

void bus__for_each(const struct bus *bus,
		   void (*look)(void *argument, const struct device *device),
		   void *argument);

#endif /* PVMM_BUS_H */

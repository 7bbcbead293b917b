// SPDX-License-Identifier: GPL-2.0
/*
 * Finding the device at an address, without a lock.
 *
 * The table is immutable. Who changes a bus makes a new one, publishes it, and
 * frees the old one after a grace period. A reader looks a device up inside an
 * RCU critical section and takes a reference before it leaves: the table's own
 * reference is dropped only after the grace period, so the count cannot have
 * reached zero. Then the device is locked and entered.
 *
 * So an access that has begun before a device is removed may still be served
 * by it, as on a real bus; one that begins after bus__remove() has returned
 * finds nothing. Removing a device while a transaction of the same thread is
 * inside of a device is not possible: ranks forbid it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "../base/error.h"
#include "../locks/lock_classes.h"
#include "../locks/rcu.h"

#ifdef __SANITIZE_THREAD__
char rcu_grace_period;
#endif

struct bus_region {
	u64 start;
	u64 length;
	struct device *device;
};

/* Sorted by start; regions do not overlap. */
struct bus_table {
	unsigned int regions;
	struct bus_region region[];
};

static struct bus_table *new_table(unsigned int regions)
{
	struct bus_table *table = calloc(1, sizeof(*table) +
					 regions * sizeof(table->region[0]));

	if (!table) {
		vmm_error(ENOMEM, NULL, "table of %u devices", regions);
		return NULL;
	}
	table->regions = regions;
	return table;
}

/**
 * bus__init() - make an empty bus
 * @bus: to be set up
 * @name: in messages
 *
 * Return: 0, or a negative errno after a message.
 */
int bus__init(struct bus *bus, const char *name)
{
	*bus = (struct bus){ .name = name };
	bus->table = new_table(0);
	ranked_mutex_init(&bus->lock, &class_bus);
	return bus->table ? 0 : -ENOMEM;
}

/**
 * bus__destroy() - remove all devices
 * @bus: that nobody accesses any more
 */
void bus__destroy(struct bus *bus)
{
	unsigned int i;

	if (!bus->table)
		return;
	for (i = 0; i < bus->table->regions; i++)
		device__put(bus->table->region[i].device);
	free(bus->table);
	bus->table = NULL;
}

/* The lock of the bus is held. */
static void replace_table(struct bus *bus, struct bus_table *table)
{
	struct bus_table *old = bus->table;

	/* Pairs with rcu_follow() in look_up(). */
	rcu_publish(&bus->table, table);
	rcu_wait_for_readers();
	free(old);
}

static bool overlap(const struct bus_region *a, const struct bus_region *b)
{
	return a->start - b->start < b->length ||
		b->start - a->start < a->length;
}

/* A copy of the table with one region more; NULL if it is in the way. */
static struct bus_table *table_with(const struct bus *bus,
				    const struct bus_region *region)
{
	const struct bus_table *old = bus->table;
	struct bus_table *table = new_table(old->regions + 1);
	unsigned int i, before = 0;

	if (!table)
		return NULL;
	for (i = 0; i < old->regions; i++) {
		if (overlap(&old->region[i], region)) {
			vmm_error(EEXIST, NULL, "%s: %s at %#llx overlaps %s",
				  bus->name, region->device->name,
				  (unsigned long long)region->start,
				  old->region[i].device->name);
			free(table);
			return NULL;
		}
		before += old->region[i].start < region->start;
	}
	memcpy(table->region, old->region, before * sizeof(*region));
	table->region[before] = *region;
	memcpy(table->region + before + 1, old->region + before,
	       (old->regions - before) * sizeof(*region));
	return table;
}

/**
 * bus__add() - register a device at some addresses
 * @bus: where
 * @device: the bus takes a reference of its own
 * @start: first address
 * @length: how many, at least 1
 *
 * Context: Any thread without locks above class_bus; waits for readers.
 * Return: 0, or a negative errno after a message.
 */
int bus__add(struct bus *bus, struct device *device, u64 start, u64 length)
{
	struct bus_region region = { start, length, device };
	struct bus_table *table;

	ranked_mutex_lock(&bus->lock);
	table = table_with(bus, &region);
	if (table) {
		device__get(device);
		replace_table(bus, table);
	}
	ranked_mutex_unlock(&bus->lock);
	return table ? 0 : -EEXIST;
}

/* How many regions of a table a device has. */
static unsigned int regions_of(const struct bus_table *table,
			       const struct device *device)
{
	unsigned int i, number = 0;

	for (i = 0; i < table->regions; i++)
		number += table->region[i].device == device;
	return number;
}

/* A copy of the table without @number regions that a device has. */
static struct bus_table *table_without(const struct bus_table *old,
				       const struct device *device,
				       unsigned int number)
{
	struct bus_table *table = new_table(old->regions - number);
	unsigned int i, to = 0;

	for (i = 0; table && i < old->regions; i++)
		if (old->region[i].device != device)
			table->region[to++] = old->region[i];
	return table;
}

/**
 * bus__remove() - unregister a device; accesses go on meanwhile
 * @bus: where
 * @device: the references of the bus are dropped
 *
 * Context: Without locks, outside of RCU's critical sections; waits for
 * readers. Accesses that have begun before may still be in the device.
 * Return: 0; -ENOENT if it is not there; -ENOMEM.
 */
int bus__remove(struct bus *bus, struct device *device)
{
	struct bus_table *table = NULL;
	unsigned int number;

	ranked_mutex_lock(&bus->lock);
	number = regions_of(bus->table, device);
	if (number)
		table = table_without(bus->table, device, number);
	if (table)
		replace_table(bus, table);
	ranked_mutex_unlock(&bus->lock);
	if (!table)
		return number ? -ENOMEM : -ENOENT;
	while (number--)
		device__put(device);
	return 0;
}

/* The last region that starts at or before the address, if that is inside. */
static const struct bus_region *find(const struct bus_table *table, u64 address,
				     unsigned int size)
{
	unsigned int low = 0, high = table->regions;
	const struct bus_region *region;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (table->region[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	region = &table->region[low - 1];
	if (address - region->start >= region->length ||
	    size > region->length - (address - region->start))
		return NULL;
	return region;
}

/* Returns a device with a reference, or NULL. */
static struct device *look_up(struct bus *bus, u64 address, unsigned int size,
			      u64 *offset)
{
	const struct bus_region *region;
	struct device *device = NULL;

	rcu_enter();
	/* Pairs with rcu_publish() in replace_table(). */
	region = find(rcu_follow(&bus->table), address, size);
	if (region) {
		device = region->device;
		*offset = address - region->start;
		device__get(device);
	}
	rcu_leave();
	if (!device)
		count(&bus->unclaimed);
	return device;
}

/* What an access does, once the device has been found. */
struct access {
	u64 offset;
	unsigned int size;
	bool write;
	u64 value;
};

static bool enter_and_access(struct device *device,
			     struct transaction *transaction,
			     struct access *access)
{
	if (!device__enter(device, transaction))
		return false;
	if (access->write)
		device->operations->write(device, transaction, access->offset,
					  access->size, access->value);
	else
		access->value = device->operations->read(device, transaction,
							 access->offset,
							 access->size);
	device__leave(device, transaction);
	return true;
}

static bool dispatch(struct bus *bus, struct transaction *transaction,
		     u64 address, struct access *access)
{
	struct device *device = look_up(bus, address, access->size,
					&access->offset);
	bool entered;

	if (!device)
		return false;
	entered = enter_and_access(device, transaction, access);
	device__put(device);
	return entered;
}

/**
 * bus__read() - read from a device
 * @bus: of ports or of memory
 * @transaction: of the calling thread, which is registered with RCU
 * @address: the guest's
 * @data: where the value goes, size bytes; all ones if there is no device
 * @size: 1, 2, 4 or 8
 *
 * Return: whether a device has answered.
 */
bool bus__read(struct bus *bus, struct transaction *transaction, u64 address,
	       void *data, unsigned int size)
{
	struct access access = { .size = size };
	bool answered = dispatch(bus, transaction, address, &access);

	if (!answered)
		access.value = UINT64_MAX;
	memcpy(data, &access.value, size);
	return answered;
}

/**
 * bus__write() - write to a device
 * @bus: of ports or of memory
 * @transaction: of the calling thread, which is registered with RCU
 * @address: the guest's
 * @data: the value, size bytes
 * @size: 1, 2, 4 or 8
 *
 * Return: whether a device has answered.
 */
bool bus__write(struct bus *bus, struct transaction *transaction, u64 address,
		const void *data, unsigned int size)
{
	struct access access = { .size = size, .write = true };

	memcpy(&access.value, data, size);
	return dispatch(bus, transaction, address, &access);
}

/**
 * bus__for_each() - look at all devices
 * @bus: that does not change meanwhile
 * @look: called for each region
 * @argument: for @look
 */
void bus__for_each(const struct bus *bus,
		   void (*look)(void *argument, const struct device *device),
		   void *argument)
{
	unsigned int i;

	for (i = 0; i < bus->table->regions; i++)
		look(argument, bus->table->region[i].device);
}

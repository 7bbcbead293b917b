// SPDX-License-Identifier: GPL-2.0
/*
 * The state of all devices of a machine, for snapshots.
 */
#include <errno.h>

#include "../base/error.h"
#include "machine_state.h"

/* What the state of any device takes; virtio devices have the most. */
#define DEVICE_STATE_MAX	4096

#define MAX_DEVICES	(5 + MAX_DISKS)

/* All devices, by the number of their sections. Returns how many. */
static unsigned int list_devices(struct machine *machine,
				 struct device *devices[])
{
	unsigned int i, number = 0;

	devices[number++] = &machine->serial.device;
	devices[number++] = &machine->rtc.device;
	devices[number++] = &machine->power.device;
	devices[number++] = &machine->doorbell.device;
	if (machine->vm.options->serial_ports)
		devices[number++] = &machine->ports.virtio.device;
	for (i = 0; i < machine->vm.options->disks; i++)
		devices[number++] = &machine->disks[i].virtio.device;
	return number;
}

/**
 * machine__save_devices() - write the state of all devices
 * @machine: whose vCPUs have been stopped
 * @writer: where to; tells of errors
 */
void machine__save_devices(struct machine *machine,
			   struct snapshot_writer *writer)
{
	struct device *devices[MAX_DEVICES];
	unsigned int i, number = list_devices(machine, devices);
	u8 bytes[DEVICE_STATE_MAX];

	for (i = 0; i < number; i++) {
		struct state state = { .data = bytes, .size = sizeof(bytes) };

		device__exchange(devices[i], &state);
		if (state.wrong && !writer->error)
			writer->error = EOVERFLOW;
		snapshot_writer__add(writer, SNAPSHOT_DEVICE, i, bytes,
				     state.offset);
	}
}

static int load_device(struct device *device,
		       const struct snapshot_section *section)
{
	struct state state = { .loads = true };

	if (section) {
		state.data = (u8 *)snapshot_section__data(section);
		state.size = section->size;
		device__exchange(device, &state);
	}
	state__check(&state, section && state.offset == state.size, "size");
	if (!state.wrong)
		return 0;
	return vmm_error(EINVAL, "write a new snapshot",
			 "snapshot: %s: wrong %s", device->name, state.wrong);
}

/**
 * machine__load_devices() - read the state of all devices
 * @machine: does not run yet
 * @image: has been checked, but for what is in its sections
 *
 * Return: 0, or -EINVAL after a message: then the machine must not run.
 */
int machine__load_devices(struct machine *machine,
			  const struct snapshot_image *image)
{
	struct device *devices[MAX_DEVICES];
	unsigned int i, number = list_devices(machine, devices);
	int error = 0;

	for (i = 0; !error && i < number; i++)
		error = load_device(devices[i],
				    snapshot_image__find(image, SNAPSHOT_DEVICE,
							 i));
	return error;
}

/**
 * machine__resume_devices() - have all devices go on
 * @machine: has been loaded, all of it
 */
void machine__resume_devices(struct machine *machine)
{
	struct device *devices[MAX_DEVICES];
	unsigned int i, number = list_devices(machine, devices);

	for (i = 0; i < number; i++)
		device__resume(devices[i], &machine->vm.loop.worker);
}

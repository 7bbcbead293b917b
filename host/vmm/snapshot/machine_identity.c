// SPDX-License-Identifier: GPL-2.0
/*
 * What tells one machine from another, for snapshots.
 */
#include <errno.h>
#include <string.h>

#include "../base/error.h"
#include "machine_identity.h"

/**
 * machine_identity__of() - describe the machine that options ask for
 * @identity: to be filled in
 * @options: its options
 */
void machine_identity__of(struct machine_identity *identity,
			  const struct options *options)
{
	unsigned int i;

	memset(identity, 0, sizeof(*identity));
	identity->memory = options->memory;
	identity->cpus = options->cpus;
	identity->disks = options->disks;
	identity->ports = options->serial_ports;
	for (i = 0; i < options->disks; i++)
		identity->read_only |= (u32)options->disk[i].read_only << i;
	for (i = 0; i < options->serial_ports; i++)
		if (options->serial_port[i].name)
			memcpy(identity->port[i], options->serial_port[i].name,
			       strnlen(options->serial_port[i].name,
				       VIRTIO_CONSOLE_NAME_MAX));
}

static int differ(const char *what, u64 snapshot, u64 machine,
		  const char *option)
{
	return vmm_error(EINVAL, option,
			 "snapshot: it has %llu %s, this machine %llu",
			 (unsigned long long)snapshot, what,
			 (unsigned long long)machine);
}

/**
 * machine_identity__check() - check that a snapshot is one of this machine
 * @image: has been checked, but for what is in its sections
 * @options: of this machine
 *
 * Return: 0, or -EINVAL after a message.
 */
int machine_identity__check(const struct snapshot_image *image,
			    const struct options *options)
{
	const struct snapshot_section *section =
		snapshot_image__find(image, SNAPSHOT_MACHINE, 0);
	struct machine_identity wanted, is;

	machine_identity__of(&is, options);
	if (!section || section->size != sizeof(wanted))
		return vmm_error(EINVAL, "write a new snapshot",
				 "snapshot: it does not say which machine");
	memcpy(&wanted, snapshot_section__data(section), sizeof(wanted));
	if (wanted.cpus != is.cpus)
		return differ("vCPUs", wanted.cpus, is.cpus,
			      "give as many with --cpus");
	if (wanted.memory != is.memory)
		return differ("MiB of memory", wanted.memory / MIB,
			      is.memory / MIB, "give as many with --mem");
	if (wanted.disks != is.disks)
		return differ("disks", wanted.disks, is.disks,
			      "give the same ones with --disk");
	if (wanted.ports != is.ports)
		return differ("ports", wanted.ports, is.ports,
			      "give the same ones with --port and --hvc");
	if (memcmp(&wanted, &is, sizeof(is)))
		return vmm_error(EINVAL, "give the same --disk, --port and --hvc, in this order",
				 "snapshot: other names of ports, or disks that are read-only");
	return 0;
}

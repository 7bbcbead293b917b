/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tells one machine from another, for snapshots.
 */
#ifndef PVMM_MACHINE_IDENTITY_H
#define PVMM_MACHINE_IDENTITY_H

#include "../vm/options.h"
#include "snapshot_format.h"
#include "../virtio/virtio_console.h"

/**
 * struct machine_identity - what a machine is by its options
 * @memory: bytes
 * @cpus: number of vCPUs
 * @disks: number of disks
 * @ports: number of serial ports and virtio consoles
 * @read_only: bit N: disk N is
 * @port: names, as that of --port; all zero for a console
 */
struct machine_identity {
	u64 memory;
	u32 cpus;
	u32 disks;
	u32 ports;
	u32 read_only;
	char port[MAX_SERIAL_PORTS][VIRTIO_CONSOLE_NAME_MAX];
};

void machine_identity__of(struct machine_identity *identity,
			  const struct options *options);
int machine_identity__check(const struct snapshot_image *image,
			    const struct options *options);

#endif /* PVMM_MACHINE_IDENTITY_H */

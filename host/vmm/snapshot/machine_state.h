/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of all devices of a machine, for snapshots.
 */
#ifndef PVMM_MACHINE_STATE_H
#define PVMM_MACHINE_STATE_H

#include "../machine/machine.h"
#include "snapshot_format.h"

void machine__save_devices(struct machine *machine,
			   struct snapshot_writer *writer);
int machine__load_devices(struct machine *machine,
			  const struct snapshot_image *image);
void machine__resume_devices(struct machine *machine);

#endif /* PVMM_MACHINE_STATE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the control socket does to a machine.
 */
#ifndef PVMM_CONTROL_MACHINE_H
#define PVMM_CONTROL_MACHINE_H

#include "../snapshot/snapshot.h"
#include "control.h"

/**
 * struct control_machine - the commands of a machine
 * @control: takes them
 * @snapshots: of the machine
 * @setup_s: how long it took until the guest was entered
 * @entered_s: when that was, on the monotonic clock
 */
struct control_machine {
	struct control control;
	struct snapshots *snapshots;
	double setup_s;
	double entered_s;
};

int control_machine__open(struct control_machine *control,
			  struct snapshots *snapshots, const char *path);

#endif /* PVMM_CONTROL_MACHINE_H */

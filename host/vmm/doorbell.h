/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The doorbell: how a program in the guest tells its host something.
 */
#ifndef PVMM_DOORBELL_H
#define PVMM_DOORBELL_H

#include "device.h"

/* Registers, as ports and in memory; 4 bytes each. */
#define DOORBELL_RING		0	/* write: any number */
#define DOORBELL_REPORT		4	/* write: end the guest, 0 is success */
#define DOORBELL_SIZE		8

struct doorbell {
	struct device device;
	u64 rings;
	u32 last;		/* number that was rung with */
	/* Called under the device's lock. */
	void (*report)(struct doorbell *doorbell, u32 status);
};

void doorbell__init(struct doorbell *doorbell);

#endif /* PVMM_DOORBELL_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The doorbell: how a program in the guest tells its host something, and learns
 * what has come of it.
 */
#ifndef PVMM_DOORBELL_H
#define PVMM_DOORBELL_H

#include "device.h"

/* Registers, as ports and in memory; 4 bytes each. */
#define DOORBELL_RING		0	/* write: any number */
#define DOORBELL_REPORT		4	/* write: end the guest, 0 is success */
#define DOORBELL_RINGS		8	/* read: how often it was rung */
#define DOORBELL_PLANNED	12	/* read: preemptions, see inject.h */
#define DOORBELL_DONE		16	/* read: those that are over */
#define DOORBELL_HELD_US	20	/* read: their time, together */
#define DOORBELL_MODES		24	/* read: bit 0: parking, bit 1: hogs */
#define DOORBELL_SIZE		28

struct doorbell {
	struct device device;
	u64 rings;
	u32 last;		/* number that was rung with */
	/* All are called under the device's lock, and may be missing. */
	void (*ring)(struct doorbell *doorbell, unsigned int vcpu, u32 number);
	u32 (*tell)(struct doorbell *doorbell, u64 offset);
	void (*report)(struct doorbell *doorbell, u32 status);
};

void doorbell__init(struct doorbell *doorbell);

#endif /* PVMM_DOORBELL_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * At which privilege level does code run at the speed of the hardware?
 */
#ifndef BARE_PROBE_H
#define BARE_PROBE_H

#include "types.h"

/* Iterations of a loop of three instructions, per millisecond, at a level. */
struct probe_speeds {
	u64 cpl0;
	u64 cpl3;
};

extern struct probe_speeds probe_speeds;

void probe_cpl0(void);
void probe_cpl3(void);
bool probe_cpl0_is_native(void);

#endif /* BARE_PROBE_H */

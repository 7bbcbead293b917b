/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Starting a guest again after a reset.
 */
#ifndef PVMM_REBOOT_H
#define PVMM_REBOOT_H

#include "vm/options.h"

/* Exit code of a process whose guest has been reset. */
#define EXIT_RESET	64

int run_again_after_reset(struct options *options,
			  int (*run)(const struct options *options));

#endif /* PVMM_REBOOT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The user's terminal, while the guest has it for its console.
 */
#ifndef PVMM_TERMINAL_H
#define PVMM_TERMINAL_H

void terminal__set_raw(void);
void terminal__restore(void);

#endif /* PVMM_TERMINAL_H */

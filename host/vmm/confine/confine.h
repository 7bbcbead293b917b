/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which files a process may reach.
 */
#ifndef PVMM_CONFINE_H
#define PVMM_CONFINE_H

int confine__to_open_files(void);

#endif /* PVMM_CONFINE_H */

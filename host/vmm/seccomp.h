/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a VMM whose guest runs may ask of the kernel.
 */
#ifndef PVMM_SECCOMP_H
#define PVMM_SECCOMP_H

int seccomp__restrict(int snapshots);

#endif /* PVMM_SECCOMP_H */

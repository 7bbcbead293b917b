/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Standard input, output and error without waiting for who is at their other end.
 */
#ifndef PVMM_NONBLOCKING_H
#define PVMM_NONBLOCKING_H

int nonblocking__of(int fd);
void nonblocking__restore(void);

#endif /* PVMM_NONBLOCKING_H */

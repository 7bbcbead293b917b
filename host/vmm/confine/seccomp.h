/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What threads may ask of the kernel.
 */
#ifndef PVMM_SECCOMP_H
#define PVMM_SECCOMP_H

#include <stdbool.h>

/**
 * enum thread_kind - what a thread is there for
 * @THREAD_MAIN: waits for files and signals, and takes snapshots
 * @THREAD_VCPU: runs a vCPU, and the devices that it accesses
 * @THREAD_HOG: takes a CPU
 * @THREAD_KINDS: how many there are
 */
enum thread_kind {
	THREAD_MAIN,
	THREAD_VCPU,
	THREAD_HOG,
	THREAD_KINDS,
};

int seccomp__compile(bool snapshots);
int seccomp__restrict(enum thread_kind kind);

#endif /* PVMM_SECCOMP_H */

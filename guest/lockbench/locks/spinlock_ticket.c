// SPDX-License-Identifier: GPL-2.0
/*
 * Which lock raw_spinlock_t is, in a kernel where it is the lock of this project:
 * instead of spinlock_probe.c.
 */
#include <linux/string.h>

#include "../../pvticketlock.h"
#include "spinlock_probe.h"

void spinlock_probe(void)
{
}

/**
 * spinlock_probe_name() - which lock raw_spinlock_t is
 */
const char *spinlock_probe_name(void)
{
	return spinlock_probe_is_paravirt() ?
	       "PV ticket lock of the kernel" : "ticket lock of the kernel";
}

/**
 * spinlock_probe_is_paravirt() - does raw_spinlock_t halt and kick?
 */
bool spinlock_probe_is_paravirt(void)
{
	return strcmp(pvticketlock_backend(), "native");
}

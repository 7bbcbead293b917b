// SPDX-License-Identifier: GPL-2.0
/*
 * No hypervisor, or none that can help: waiters spin, unlock is a store.
 */
#include <linux/stddef.h>

#include "backend.h"

static bool native_present(void)
{
	return true;
}

static const char *native_missing(void)
{
	return NULL;
}

const struct ticket_backend ticket_backend_native = {
	.name = "native",
	.present = native_present,
	.missing = native_missing,
};

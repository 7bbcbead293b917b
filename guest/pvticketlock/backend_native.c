// SPDX-License-Identifier: GPL-2.0
/*
 * No hypervisor, or none that can help: waiters spin, unlock is a store.
 */
#include <linux/stddef.h>

#include "backend.h"

static const char *native_missing(void)
{
	return NULL;
}

const struct ticket_backend ticket_backend_native = {
	.name = "native",
	.missing = native_missing,
};

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fast paths need from a platform; see platform.h.
 */
#ifndef TICKET_PLATFORM_FAST_H
#define TICKET_PLATFORM_FAST_H

#include "types.h"

#if defined(TICKET_PLATFORM_HEADER)
/* It has been included. */
#elif defined(__KERNEL__)
#include "linux_fast.h"
#else
#include "user_fast.h"
#endif

#ifndef ticket_xadd
#define ticket_xadd(pointer, increment)	xadd(pointer, increment)
#endif

#endif /* TICKET_PLATFORM_FAST_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the lock word needs from a platform; see platform.h.
 */
#ifndef TICKET_PLATFORM_TYPES_H
#define TICKET_PLATFORM_TYPES_H

#if defined(TICKET_PLATFORM_HEADER)
#include TICKET_PLATFORM_HEADER
#elif defined(__KERNEL__)
#include "linux_types.h"
#else
#include "user_types.h"
#endif

#endif /* TICKET_PLATFORM_TYPES_H */

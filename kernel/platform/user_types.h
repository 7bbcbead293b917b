/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock core in a process: types, by the names that the kernel has for them.
 */
#ifndef TICKET_PLATFORM_USER_TYPES_H
#define TICKET_PLATFORM_USER_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#ifndef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#endif
#ifndef __noreturn
#define __noreturn		__attribute__((__noreturn__))
#endif
#define __aligned(bytes)	__attribute__((__aligned__(bytes)))

#endif /* TICKET_PLATFORM_USER_TYPES_H */

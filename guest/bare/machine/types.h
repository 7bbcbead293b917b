/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types and macros by the names that the kernel has for them.
 */
#ifndef BARE_TYPES_H
#define BARE_TYPES_H

#include "../../../kernel/platform/user_types.h"
#include "../../../kernel/platform/user_fast.h"

typedef __uint128_t u128;

#define static_assert		_Static_assert
#define __packed		__attribute__((__packed__))
#define noinline		__attribute__((__noinline__))
#define __printf(text, first)	__attribute__((__format__(__printf__, text, first)))
#define CACHE_LINE		64
#define ____cacheline_aligned	__aligned(CACHE_LINE)

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define BIT(number)		(1U << (number))

#endif /* BARE_TYPES_H */

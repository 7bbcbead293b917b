/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Basic types and macros of the VMM, besides those of kernel/.
 */
#ifndef PVMM_TYPES_H
#define PVMM_TYPES_H

#include "../../../kernel/platform/platform.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#endif
#define BIT(number)		(1ULL << (number))
#define KIB			1024ULL
#define MIB			(1024 * KIB)
#define GIB			(1024 * MIB)
#define PAGE_SIZE		4096ULL
#define NS_PER_SEC		1000000000ULL

#define container_of(pointer, type, member)				\
	((type *)((char *)(pointer) - offsetof(type, member)))

#define min(a, b)							\
({									\
	__typeof__(a) __a = (a);					\
	__typeof__(b) __b = (b);					\
	__a < __b ? __a : __b;						\
})

/* Statistics: nothing is ordered by them. */
static inline void count(u64 *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

#endif /* PVMM_TYPES_H */

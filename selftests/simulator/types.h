/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Basic types of the simulator. Virtual time is counted in picoseconds.
 */
#ifndef SIMULATOR_TYPES_H
#define SIMULATOR_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

typedef u64 simtime;

#define SIMTIME_NEVER		UINT64_MAX
#define PS_PER_NS		1000ULL
#define NS_PER_SEC		1000000000ULL

#define MAX_CPUS		1024
#define CACHE_LINE		64

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define likely(condition)	__builtin_expect(!!(condition), 1)
#define unlikely(condition)	__builtin_expect(!!(condition), 0)

#endif /* SIMULATOR_TYPES_H */

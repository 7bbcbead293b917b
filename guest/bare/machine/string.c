// SPDX-License-Identifier: GPL-2.0
/*
 * Memory and strings.
 */
#include "string.h"

void *memset(void *memory, int value, size_t size)
{
	u8 *byte = memory;

	while (size--)
		*byte++ = value;
	return memory;
}

void *memcpy(void *to, const void *from, size_t size)
{
	const u8 *source = from;
	u8 *byte = to;

	while (size--)
		*byte++ = *source++;
	return to;
}

int strcmp(const char *one, const char *other)
{
	while (*one && *one == *other) {
		one++;
		other++;
	}
	return (u8)*one - (u8)*other;
}

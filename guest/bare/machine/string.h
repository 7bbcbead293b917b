/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory and strings: what the compiler calls, and little more.
 */
#ifndef BARE_STRING_H
#define BARE_STRING_H

#include "types.h"

void *memset(void *memory, int value, size_t size);
void *memcpy(void *to, const void *from, size_t size);
int strcmp(const char *one, const char *other);

#endif /* BARE_STRING_H */

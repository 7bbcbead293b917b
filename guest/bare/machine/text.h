/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the image has to say: text in memory, which its VMM prints at the end.
 */
#ifndef BARE_TEXT_H
#define BARE_TEXT_H

#include "types.h"

void text_init(char *area, size_t size);
void __printf(1, 2) text_print(const char *format, ...);
void __noreturn __printf(1, 2) fail(const char *format, ...);

#endif /* BARE_TEXT_H */

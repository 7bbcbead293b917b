// SPDX-License-Identifier: GPL-2.0
/*
 * Shared memory that the lock core touches without READ_ONCE() and friends.
 *
 * The core is compiled with -fsanitize=thread, and these are the functions
 * that the compiler then calls at each plain access. Such an access would not
 * be a step of the schedule, so it is a violation of its own.
 */
#include "machine.h"
#include "../properties.h"
#include "../trace.h"

static void check_plain(const void *address, size_t size)
{
	if ((const char *)address >= (char *)machine.lock &&
	    (const char *)address < (char *)(&machine + 1))
		violate("plain access to %s, which is shared",
			trace_name(address, size));
}

#define PLAIN_ACCESS(size)						\
void __tsan_read##size(const void *address);				\
void __tsan_read##size(const void *address)				\
{									\
	check_plain(address, size);					\
}									\
void __tsan_write##size(const void *address);				\
void __tsan_write##size(const void *address)				\
{									\
	check_plain(address, size);					\
}

PLAIN_ACCESS(1)
PLAIN_ACCESS(2)
PLAIN_ACCESS(4)
PLAIN_ACCESS(8)
PLAIN_ACCESS(16)

void __tsan_init(void);
void __tsan_init(void)
{
}

void __tsan_func_entry(const void *caller);
void __tsan_func_entry(const void *caller)
{
	(void)caller;
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}

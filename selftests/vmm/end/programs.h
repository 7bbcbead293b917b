/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where pvmm and the tiny guest are, for tests that start them.
 */
#ifndef VMM_TEST_PROGRAMS_H
#define VMM_TEST_PROGRAMS_H

#include <libgen.h>
#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

/* The directory of this very program, which has them, too. Returns false if unknown. */
static inline bool programs__find(char *directory, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", directory, size - 1);

	if (length <= 0)
		return false;
	directory[length] = '\0';
	dirname(directory);
	return true;
}

#endif /* VMM_TEST_PROGRAMS_H */

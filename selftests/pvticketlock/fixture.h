/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each test begins and ends with none of the modules loaded.
 */
#ifndef SELFTEST_FIXTURE_H
#define SELFTEST_FIXTURE_H

#include <errno.h>

#include "kselftest_harness.h"
#include "guest.h"

/* Seconds. A bound on tests that hang; machines may be slow. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300

/* Waiters hardly spin, so that they halt even if the lock is soon free. */
#define HALT_SOON	"spin_ns=100"

static inline int unload_all(void)
{
	static const char * const modules[] = {
		"lockbench", "pvticketlock_test", "pvticketlock",
	};
	unsigned int i;
	int error;

	for (i = 0; i < ARRAY_SIZE(modules); i++) {
		error = guest_unload(modules[i]);
		if (error && error != -ENOENT)
			return error;
	}
	return 0;
}

static inline int load_all(const char *parameters)
{
	int error = guest_load("pvticketlock", parameters);

	return error ? error : guest_load("pvticketlock_test", "");
}

#endif /* SELFTEST_FIXTURE_H */

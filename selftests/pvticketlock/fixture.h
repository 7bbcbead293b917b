/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each test begins and ends with none of the modules loaded.
 *
 * With SELFTEST_FAULTS in the environment, all of them run with faults injected
 * with that probability, per mille. SELFTEST_FACTOR is by how much to multiply
 * the time that tests run.
 */
#ifndef SELFTEST_FIXTURE_H
#define SELFTEST_FIXTURE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "guest.h"

/* Seconds. A bound on tests that hang; machines may be slow. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300

/* Waiters hardly spin, so that they halt even if the lock is soon free. */
#define HALT_SOON	"spin_ns=100"

/* Of the module with the tests: it takes no lock, and they have to fail. */
#define BUSTED		"busted=1"

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

static inline int inject_faults(const char *per_mille)
{
	return guest_write(DEBUGFS "pvticketlock/fault_per_mille", per_mille);
}

/* How often into all tests, or NULL. */
static inline const char *faults_everywhere(void)
{
	return getenv("SELFTEST_FAULTS");
}

/* While the kernel's spinlocks are taken over: the same tests once more. */
static inline bool taken_over(void)
{
	return getenv("SELFTEST_TAKEOVER");
}

static inline int load_lock(const char *parameters)
{
	bool takeover = taken_over() && !strstr(parameters, "backend=native");
	char all[256];
	int error;

	snprintf(all, sizeof(all), "%s%s", parameters,
		 takeover ? " takeover=1" : "");
	error = guest_load("pvticketlock", all);
	if (error || !faults_everywhere())
		return error;
	return inject_faults(faults_everywhere());
}

static inline int load_all(const char *parameters)
{
	int error = load_lock(parameters);

	return error ? error : guest_load("pvticketlock_test", "");
}

static inline int load_busted(void)
{
	int error = load_lock(HALT_SOON);

	return error ? error : guest_load("pvticketlock_test", BUSTED);
}

static inline long long counter(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "pvticketlock/%s", name);
	return guest_number(path);
}

/* Run a test of the module; 0 or a negative errno. */
static inline int run(const char *test, unsigned int argument)
{
	char path[128], text[16];

	snprintf(path, sizeof(path), DEBUGFS "pvticketlock_test/%s", test);
	snprintf(text, sizeof(text), "%u", argument);
	return guest_write(path, text);
}

static inline unsigned int factor(void)
{
	const char *text = getenv("SELFTEST_FACTOR");

	return text ? atoi(text) : 1;
}

/*
 * Whether something happens in a short run is up to the scheduler, of the host,
 * too. Run again until it has: run is 0 or an error, which ends it, and so does
 * a hundred runs in vain.
 */
#define RUNS_IN_VAIN	100

#define run_until(happened, run) ({					\
	unsigned int _left = RUNS_IN_VAIN;				\
	int _error;							\
									\
	do {								\
		_error = (run);						\
	} while (!_error && !(happened) && --_left);			\
	_error;								\
})

/* A control has to fail with -EIO: again, until it has. */
static inline int run_until_caught(const char *test, unsigned int argument)
{
	int error = 0;

	run_until(error, (error = run(test, argument), 0));
	return error;
}

/* What the kernel reports by itself is no negative control for a test. */
static inline bool kernel_has(const char *checker)
{
	char path[128], text[8] = "";

	snprintf(path, sizeof(path),
		 "/sys/module/pvticketlock_test/parameters/%s", checker);
	guest_read(path, text, sizeof(text));
	return text[0] == 'Y';
}

/*
 * Why contention shows nothing here, or NULL; busted: contention without a lock.
 * The harness of Linux 6.1 runs a test even if FIXTURE_SETUP() has skipped it,
 * so tests ask for themselves.
 */
static inline const char *no_contention(bool busted)
{
	if (guest_cpus() < 2)
		return "one CPU, no contention";
	if (busted && kernel_has("kcsan"))
		return "KCSAN would report it";
	return NULL;
}

#endif /* SELFTEST_FIXTURE_H */

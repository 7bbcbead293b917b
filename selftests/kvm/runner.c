// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table of tests: each runs in a process of its own, and may be one that a kernel
 * without the series must fail.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

/* Also the limit for a vCPU that never stops; SELFTEST_TIMEOUT_S overrides it. */
#define TEST_TIMEOUT_S	60
#define KSFT_SKIP_CODE	4

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static int timeout_s(void)
{
	const char *text = getenv("SELFTEST_TIMEOUT_S");

	return text && atoi(text) > 0 ? atoi(text) : TEST_TIMEOUT_S;
}

/* Wait for @child, and kill it when its time is up. */
static bool wait_for(pid_t child, int *status)
{
	time_t end = now_s() + timeout_s();

	while (now_s() < end) {
		if (waitpid(child, status, WNOHANG) == child)
			return true;
		usleep(10000);
	}

	fprintf(stderr, "killed after %d s\n", timeout_s());
	kill(child, SIGKILL);
	return waitpid(child, status, 0) == child;
}

/* Run @test in a process of its own, with its output on stderr. */
static int run_forked(const struct kick_test *test)
{
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	if (!child) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		test->run();
		exit(0);
	}
	if (child < 0 || !wait_for(child, &status))
		return -1;

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The version of the kernel that runs, as LINUX() makes it. */
static unsigned int kernel_version(void)
{
	unsigned int major, minor;
	struct utsname name;

	TEST_ASSERT(!uname(&name) &&
		    sscanf(name.release, "%u.%u", &major, &minor) == 2,
		    "%s: not a kernel release", name.release);
	return LINUX(major, minor);
}

/* Must a kernel like this one fail the test? */
static bool is_expected_to_fail(const struct kick_test *test)
{
	unsigned int version = kernel_version();

	return test->stock && !host_is_patched() && version >= test->since &&
	       (!test->until || version < test->until);
}

static bool report(unsigned int number, const struct kick_test *test, int code)
{
	bool xfail = is_expected_to_fail(test);

	if (code == KSFT_SKIP_CODE) {
		printf("ok %u %s # SKIP\n", number, test->name);
		return true;
	}
	if (code && xfail) {
		printf("ok %u %s # XFAIL %s\n", number, test->name, test->stock);
		return true;
	}
	if (!code && xfail) {
		printf("not ok %u %s # XPASS although: %s\n", number, test->name,
		       test->stock);
		return false;
	}

	printf("%sok %u %s\n", code ? "not " : "", number, test->name);
	return !code;
}

/* Without names, all tests are wanted. */
static bool is_wanted(const struct kick_test *test, char **names)
{
	char **name;

	for (name = names; *name; name++)
		if (!strcmp(*name, test->name))
			return true;
	return !*names;
}

/**
 * kick_tests_main - run tests and report in KTAP
 * @argv: of main(); names after the first one limit what is run
 * @tests: the tests
 * @count: their number
 *
 * Return: the exit code of the program.
 */
int kick_tests_main(char **argv, const struct kick_test *tests, unsigned int count)
{
	unsigned int i, wanted = 0, number = 0, failed = 0;

	for (i = 0; i < count; i++)
		wanted += is_wanted(&tests[i], argv + 1);
	printf("TAP version 13\n1..%u\n", wanted);
	printf("# KVM %s the pv_unhalt series\n",
	       host_is_patched() ? "with" : "without");

	for (i = 0; i < count; i++)
		if (is_wanted(&tests[i], argv + 1))
			failed += !report(++number, &tests[i],
					  run_forked(&tests[i]));

	return failed || !wanted ? 1 : 0;
}

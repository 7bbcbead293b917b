// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	TEST_ASSERT(fd >= 0 && write(fd, text, strlen(text)) > 0, "%s: %s", path,
		    strerror(errno));
	close(fd);
}

static void enable_tracepoints(const char *value)
{
	write_file(TRACE_INSTANCE "events/kvm/kvm_pv_kick/enable", value);
	write_file(TRACE_INSTANCE "events/kvm/kvm_pv_unhalt/enable", value);
}

/* Trace into an empty buffer; a kernel without tracing skips the test. */
void start_trace(void)
{
	int fd;

	TEST_REQUIRE(!access("/sys/kernel/tracing/instances", W_OK));
	mkdir(TRACE_INSTANCE, 0700);
	fd = open(TRACE_INSTANCE "trace", O_WRONLY | O_TRUNC);
	TEST_ASSERT(fd >= 0, "the trace cannot be emptied: %s", strerror(errno));
	close(fd);
	enable_tracepoints("1");
}

void stop_trace(void)
{
	enable_tracepoints("0");
}

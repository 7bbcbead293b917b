// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is counted and traced is what was sent: in the binary statistics, in
 * debugfs, and in the trace.
 */
#include <glob.h>

#include "harness.h"

#define NO_STATISTICS	"there are no such statistics"

static struct kvm_vcpu *vcpus[2];

static void kick_1(void)
{
	TEST_ASSERT(!kick_from(vcpus[0], 1), "the kick fails");
}

static void expect_stat(int vcpu, const char *name, uint64_t expected)
{
	uint64_t value = vcpu_stat(vcpus[vcpu], name);

	TEST_ASSERT(value == expected, "vCPU %d: %s is %lu, expected %lu", vcpu,
		    name, value, expected);
}

/* 7 kicks: 5 that set or find a token, one to nobody, one to an offline vCPU. */
static void send_kicks(void)
{
	kick_1();
	kick_1();
	kick_1();
	kick_from(vcpus[0], 9);
	expect_sync(vcpus[1], "kicked before the halt");
	expect_halted(vcpus[1], "second halt");
	kick_1();
	expect_sync(vcpus[1], "kicked while halted");
	kick_1();
	set_mp_state(vcpus[1], KVM_MP_STATE_UNINITIALIZED);
	kick_1();
}

static void binary(void)
{
	create_kick_vm(2, vcpus);
	require_patched_host();
	send_kicks();

	expect_stat(0, "pv_kick_sent", 7);
	expect_stat(0, "pv_kick_absent", 1);
	expect_stat(0, "pv_kick_offline", 1);
	expect_stat(0, "pv_kick_running", 5);
	expect_stat(0, "pv_kick_woken", 0);
	expect_stat(0, "pv_kick_preempted", 0);
	expect_stat(0, "pv_kick_coalesced", 2);
	expect_stat(1, "pv_unhalt_consumed", 2);
	expect_stat(1, "pv_unhalt_spurious", 1);
	expect_stat(1, "pv_unhalt_cleared", 1);
	expect_stat(1, "pv_unhalt_latency_hist", 1);
}

/* The value of a file below the VM's directory in debugfs; its last column. */
static uint64_t debugfs_value(const char *name)
{
	uint64_t value = 0, first, last;
	char pattern[128], line[128];
	glob_t found;
	FILE *file;

	snprintf(pattern, sizeof(pattern), "/sys/kernel/debug/kvm/%d-*/%s",
		 getpid(), name);
	TEST_ASSERT(!glob(pattern, 0, NULL, &found) && found.gl_pathc == 1,
		    "%s: there is not one such file", pattern);
	file = fopen(found.gl_pathv[0], "r");
	TEST_ASSERT(file, "%s: %s", found.gl_pathv[0], strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		uint64_t column = 0;

		if (sscanf(line, "%lu %lu %lu", &first, &last, &column) == 1)
			column = first;
		value += column;
	}
	fclose(file);
	globfree(&found);
	return value;
}

static void expect_debugfs(const char *name, uint64_t expected)
{
	uint64_t value = debugfs_value(name);

	TEST_ASSERT(value == expected, "debugfs: %s is %lu, expected %lu", name,
		    value, expected);
}

static void debugfs(void)
{
	require_patched_host();
	create_kick_vm(2, vcpus);
	send_kicks();

	expect_debugfs("pv_kick_sent", 7);
	expect_debugfs("pv_kick_absent", 1);
	expect_debugfs("pv_kick_offline", 1);
	expect_debugfs("pv_kick_running", 5);
	expect_debugfs("pv_kick_coalesced", 2);
	expect_debugfs("pv_unhalt_consumed", 2);
	expect_debugfs("pv_unhalt_spurious", 1);
	expect_debugfs("pv_unhalt_cleared", 1);
	expect_debugfs("vcpu1/pv_unhalt_latency", 1);
	expect_debugfs("vcpu0/pv_unhalt_latency", 0);
}

/* How many lines of the trace end like this? */
static unsigned int traced(const char *text)
{
	FILE *file = fopen(TRACE_INSTANCE "trace", "r");
	unsigned int count = 0;
	char line[512];

	TEST_ASSERT(file, TRACE_INSTANCE "trace: %s", strerror(errno));
	while (fgets(line, sizeof(line), file))
		count += !!strstr(line, text);
	fclose(file);
	return count;
}

static void expect_traced(const char *text, unsigned int expected)
{
	unsigned int count = traced(text);

	TEST_ASSERT(count == expected, "'%s' is %u times in the trace, expected %u",
		    text, count, expected);
}

static void tracepoints(void)
{
	require_patched_host();
	create_kick_vm(2, vcpus);
	start_trace();
	send_kicks();
	stop_trace();

	expect_traced("kvm_pv_kick: vcpu 0 ", 7);
	expect_traced("apic_id 0x1 running", 5);
	expect_traced("apic_id 0x9 absent", 1);
	expect_traced("apic_id 0x1 offline", 1);
	expect_traced("kvm_pv_unhalt: vcpu 1 ", 2);
	expect_traced("latency_ns 0 spurious", 1);
}

static const struct kick_test tests[] = {
	KICK_TEST(binary, NO_STATISTICS),
	KICK_TEST(debugfs, NO_STATISTICS),
	KICK_TEST(tracepoints, "there are no such tracepoints"),
};

int main(int argc, char **argv)
{
	(void)argc;
	return kick_tests_main(argv, tests, ARRAY_SIZE(tests));
}

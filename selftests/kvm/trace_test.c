// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is traced is what was sent, and a histogram of the time from the kick to the
 * end of the halt comes out of the two events.
 */
#include <stdio.h>

#include "harness.h"

#define NO_TRACEPOINTS	"there are no such tracepoints"

static struct kvm_vcpu *vcpus[2];

static void kick_1(void)
{
	TEST_ASSERT(!kick_from(vcpus[0], 1), "the kick fails");
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

/* How many lines of a file of the trace instance have this text? */
static unsigned int lines_with(const char *name, const char *text)
{
	char path[256], line[512];
	unsigned int count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", TRACE_INSTANCE, name);
	file = fopen(path, "r");
	TEST_ASSERT(file, "%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), file))
		count += !!strstr(line, text);
	fclose(file);
	return count;
}

static void expect_traced(const char *text, unsigned int expected)
{
	unsigned int count = lines_with("trace", text);

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
	expect_traced("apic_id 0x1 target 1 running", 5);
	expect_traced("apic_id 0x9 target -1 absent", 1);
	expect_traced("apic_id 0x1 target 1 offline", 1);
	expect_traced("kvm_pv_unhalt: vcpu 1", 2);
}

#define KICKS		TRACE_INSTANCE "events/kvm/kvm_pv_kick/trigger"
#define UNHALTS		TRACE_INSTANCE "events/kvm/kvm_pv_unhalt/trigger"
#define LATENCY		"events/synthetic/kvm_pv_latency/"
#define TAKE_TIME	"hist:keys=target:kicked=common_timestamp.usecs"
#define COMPUTE		"hist:keys=vcpu_id:us=common_timestamp.usecs-$kicked:" \
			"onmatch(kvm.kvm_pv_kick).trace(kvm_pv_latency,$us)"
#define HISTOGRAM	"hist:keys=us.log2"

/* As Documentation/host.rst has it.  Each consumed kick is in the histogram. */
static void latency(void)
{
	require_patched_host();
	create_kick_vm(2, vcpus);
	start_trace();
	write_file("/sys/kernel/tracing/synthetic_events", "kvm_pv_latency u64 us");
	write_file(KICKS, TAKE_TIME);
	write_file(UNHALTS, COMPUTE);
	write_file(TRACE_INSTANCE LATENCY "trigger", HISTOGRAM);
	send_kicks();
	TEST_ASSERT(lines_with(LATENCY "hist", "Hits: 2"),
		    "two halts have ended by a kick, but are not in the histogram");
	write_file(TRACE_INSTANCE LATENCY "trigger", "!" HISTOGRAM);
	write_file(UNHALTS, "!" COMPUTE);
	write_file(KICKS, "!" TAKE_TIME);
	write_file("/sys/kernel/tracing/synthetic_events", "!kvm_pv_latency u64 us");
	stop_trace();
}

static const struct kick_test tests[] = {
	KICK_TEST(tracepoints, NO_TRACEPOINTS),
	KICK_TEST(latency, NO_TRACEPOINTS),
};

int main(int argc, char **argv)
{
	(void)argc;
	return kick_tests_main(argv, tests, ARRAY_SIZE(tests));
}

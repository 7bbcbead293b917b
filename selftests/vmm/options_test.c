// SPDX-License-Identifier: GPL-2.0
/*
 * The command line: what it means, and what is refused.
 */
#include <errno.h>
#include <getopt.h>
#include <linux/kvm.h>

#include "../harness.h"
#include "../../host/vmm/vm/options.h"

#define MAX_ARGUMENTS	8
#define LENGTH		128

static struct options options;
/* Options point into them. */
static char text[MAX_ARGUMENTS + 1][LENGTH];

/* Parses a list that ends with NULL. */
static int parse(const char *first, ...)
{
	char *argv[MAX_ARGUMENTS + 2] = { "pvmm" };
	const char *argument;
	va_list list;
	int argc = 1;

	va_start(list, first);
	for (argument = first; argument && argc <= MAX_ARGUMENTS;
	     argument = va_arg(list, const char *)) {
		snprintf(text[argc], LENGTH, "%s", argument);
		argv[argc] = text[argc];
		argc++;
	}
	va_end(list);
	optind = 0;
	return options__parse(&options, argc, argv);
}

TEST(defaults)
{
	ASSERT_EQ(0, parse(NULL));
	EXPECT_EQ(1, options.cpus);
	EXPECT_EQ(256 * MIB, options.memory);
	EXPECT_STREQ("stdio", options.console);
	EXPECT_TRUE(options.seccomp);
	EXPECT_EQ(0, options.cpu_lists);
}

TEST(bare_image)
{
	ASSERT_EQ(0, parse("--bare", "image", NULL));
	EXPECT_STREQ("image", options.bare);
	EXPECT_STREQ("null", options.console);
	ASSERT_EQ(0, parse("--bare", "image", "--console", "stdio", NULL));
	EXPECT_STREQ("stdio", options.console);
}

TEST(numbers_have_bounds)
{
	EXPECT_EQ(0, parse("--cpus", "254", "--mem", "32", NULL));
	EXPECT_EQ(254, options.cpus);
	EXPECT_EQ(32 * MIB, options.memory);
	EXPECT_EQ(-EINVAL, parse("--cpus", "255", NULL));
	EXPECT_EQ(-EINVAL, parse("--cpus", "0", NULL));
	EXPECT_EQ(-EINVAL, parse("--cpus", "-1", NULL));
	EXPECT_EQ(-EINVAL, parse("--cpus", "4x", NULL));
	EXPECT_EQ(-EINVAL, parse("--cpus", "", NULL));
	EXPECT_EQ(-EINVAL, parse("--mem", "31", NULL));
	EXPECT_EQ(-EINVAL, parse("--mem", "99999999999999999999", NULL));
	EXPECT_EQ(-EINVAL, parse("--timeout", "0", NULL));
}

TEST(affinity)
{
	ASSERT_EQ(0, parse("--affinity", "0-2,5:1", NULL));
	ASSERT_EQ(2, options.cpu_lists);
	EXPECT_EQ(4, CPU_COUNT(&options.cpu_list[0]));
	EXPECT_TRUE(CPU_ISSET(2, &options.cpu_list[0]));
	EXPECT_TRUE(CPU_ISSET(5, &options.cpu_list[0]));
	EXPECT_EQ(1, CPU_COUNT(&options.cpu_list[1]));
	EXPECT_EQ(-EINVAL, parse("--affinity", "2-1", NULL));
	EXPECT_EQ(-EINVAL, parse("--affinity", "a", NULL));
	EXPECT_EQ(-EINVAL, parse("--affinity", "", NULL));
	EXPECT_EQ(-EINVAL, parse("--affinity", "99999", NULL));
}

TEST(scheduling)
{
	ASSERT_EQ(0, parse("--sched", "fifo:7", NULL));
	EXPECT_EQ(SCHED_FIFO, options.sched_policy);
	EXPECT_EQ(7, options.sched_priority);
	EXPECT_EQ(0, parse("--sched", "batch", NULL));
	EXPECT_EQ(-EINVAL, parse("--sched", "fifo", NULL));
	EXPECT_EQ(-EINVAL, parse("--sched", "fifo:0", NULL));
	EXPECT_EQ(-EINVAL, parse("--sched", "other:3", NULL));
	EXPECT_EQ(-EINVAL, parse("--sched", "fast", NULL));
}

TEST(exits)
{
	ASSERT_EQ(0, parse("--disable-exits", "hlt,pause", NULL));
	EXPECT_EQ(KVM_X86_DISABLE_EXITS_HLT | KVM_X86_DISABLE_EXITS_PAUSE,
		  options.disable_exits);
	EXPECT_EQ(-EINVAL, parse("--disable-exits", "hlt,io", NULL));
}

TEST(lines_and_disks)
{
	ASSERT_EQ(0, parse("--port", "agent=pipe:/dev/x", "--hvc", "null",
			   "--disk", "a,b,ro", "--disk", "c", NULL));
	ASSERT_EQ(2, options.serial_ports);
	EXPECT_STREQ("agent", options.serial_port[0].name);
	EXPECT_STREQ("pipe:/dev/x", options.serial_port[0].line);
	EXPECT_EQ(NULL, options.serial_port[1].name);
	ASSERT_EQ(2, options.disks);
	EXPECT_STREQ("a,b", options.disk[0].path);
	EXPECT_TRUE(options.disk[0].read_only);
	EXPECT_FALSE(options.disk[1].read_only);
	EXPECT_EQ(-EINVAL, parse("--port", "=null", NULL));
	EXPECT_EQ(-EINVAL, parse("--port", "agent", NULL));
}

TEST(preemption)
{
	ASSERT_EQ(0, parse("--inject", "holder:1,for=5ms", "--seed", "42",
			   NULL));
	EXPECT_EQ(1, options.inject.rules);
	EXPECT_EQ(42, options.seed);
	EXPECT_EQ(-EINVAL, parse("--inject", "holder:1", NULL));
	EXPECT_EQ(-EINVAL, parse("--seed", "x", NULL));
}

TEST(snapshots)
{
	ASSERT_EQ(0, parse("--restore", "a", "--snapshot-to", "b",
			   "--snapshot-end", NULL));
	EXPECT_STREQ("a", options.restore);
	EXPECT_STREQ("b", options.snapshot_to);
	EXPECT_TRUE(options.snapshot_end);
	ASSERT_EQ(0, parse("--kernel", "k", NULL));
	EXPECT_EQ(NULL, options.restore);
	EXPECT_EQ(NULL, options.snapshot_to);
	EXPECT_FALSE(options.snapshot_end);
}

TEST(unknown)
{
	EXPECT_EQ(-EINVAL, parse("--no-such-option", NULL));
	EXPECT_EQ(-EINVAL, parse("kernel", NULL));
	EXPECT_EQ(-EINVAL, parse("--stats", "xml:file", NULL));
	EXPECT_EQ(1, parse("--help", NULL));
}

TEST_HARNESS_MAIN

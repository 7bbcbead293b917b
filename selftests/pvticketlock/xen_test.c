// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting on event channels, under Xen: are there waits and kicks, does a kick
 * arrive, and does each online vCPU have its channel, and no other one?
 */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "fixture.h"

#define TESTS		DEBUGFS "pvticketlock_test/"
#define SEND		"/sys/module/pvticketlock_test/parameters/xen_event"

/* Nobody overtakes, so that each hand-over is to a vCPU that waits. */
#define WAIT_OFTEN	HALT_SOON " overtake=0"

#define MAX_CPUS	64
#define TABLE_BYTES	(64 * 1024)
#define RELOADS		10
#define EVENT_PAUSE_MS	1
#define NO_IRQ		(-1)

/* The channels, as /proc/interrupts shows them. */
struct channels {
	unsigned int count;
	int irq[MAX_CPUS];		/* by CPU */
	unsigned long long delivered;	/* interrupts, which there must not be */
};

static void read_channel(struct channels *channels, char *line)
{
	const char *name = strstr(line, "pvticketlock");
	unsigned int cpu;
	char *number;

	if (!name || sscanf(name, "pvticketlock%u", &cpu) != 1 ||
	    cpu >= MAX_CPUS)
		return;
	channels->count++;
	channels->irq[cpu] = strtol(line, &number, 10);
	/* A colon, and a number for each CPU. */
	for (number++; ; ) {
		char *end;
		unsigned long long count = strtoull(number, &end, 10);

		if (end == number)
			return;
		channels->delivered += count;
		number = end;
	}
}

static struct channels read_channels(void)
{
	struct channels channels = { .irq = { [0 ... MAX_CPUS - 1] = NO_IRQ } };
	static char text[TABLE_BYTES];
	char *line, *rest = text;

	if (guest_read("/proc/interrupts", text, sizeof(text)) < 0)
		return channels;
	while ((line = strsep(&rest, "\n")))
		read_channel(&channels, line);
	return channels;
}

static long long waits(void)
{
	return counter("taken_slow") - counter("taken_slow_pickup");
}

static void __attribute__((constructor)) skip_unless_xen(void)
{
	if (strcmp(guest_backend(), "xen"))
		ksft_exit_skip("not under Xen\n");
}

FIXTURE(xen) {
};

FIXTURE_SETUP(xen)
{
	ASSERT_EQ(0, unload_all());
	ASSERT_EQ(0, load_all(WAIT_OFTEN));
}

FIXTURE_TEARDOWN(xen)
{
	EXPECT_EQ(0, unload_all());
}

TEST_F(xen, vcpus_wait_and_are_kicked)
{
	ASSERT_EQ(0, run_until(counter("released_slow_kicked"),
			       guest_write(TESTS "contention", "2000")));
	EXPECT_LT(0, waits());
	EXPECT_LT(0, counter("released_slow_kicked"));
	EXPECT_LT(0, counter("time_blocked"));
	TH_LOG("%lld waits, %lld of them ended without a kick, %lld kicks",
	       waits(), counter("taken_slow_spurious"),
	       counter("released_slow_kicked"));
}

TEST_F(xen, kicks_arrive_in_time)
{
	EXPECT_EQ(0, run_until(counter("released_slow_kicked"),
			       guest_write(TESTS "handoff", "0")));
	EXPECT_LT(0, counter("released_slow_kicked"));
}

TEST_F(xen, kicks_arrive_in_time_with_interrupts_off)
{
	EXPECT_EQ(0, run_until(counter("released_slow_kicked"),
			       guest_write(TESTS "handoff", "1")));
	EXPECT_LT(0, counter("released_slow_kicked"));
}

TEST_F(xen, waits_nest)
{
	ASSERT_EQ(0, run_until(waits(), guest_write(TESTS "contexts", "1000")));
	EXPECT_LT(0, waits());
}

TEST_F(xen, each_vcpu_has_a_channel_that_never_interrupts)
{
	struct channels channels;

	ASSERT_EQ(0, guest_write(TESTS "contention", "300"));
	channels = read_channels();
	EXPECT_EQ(guest_cpus(), channels.count);
	EXPECT_EQ(0, channels.delivered);
}

TEST_F(xen, channels_go_with_the_module)
{
	struct channels first = read_channels();
	struct channels now;
	unsigned int i;

	for (i = 0; i < RELOADS; i++) {
		ASSERT_EQ(0, unload_all());
		now = read_channels();
		ASSERT_EQ(0, now.count);
		ASSERT_EQ(0, load_all(WAIT_OFTEN));
		now = read_channels();
		ASSERT_EQ(first.count, now.count);
	}
	/* The kernel gives the lowest free numbers: none has been lost. */
	EXPECT_EQ(0, memcmp(first.irq, now.irq, sizeof(now.irq)));
}

TEST_F(xen, channels_come_and_go_with_vcpus)
{
	unsigned int last = guest_cpus() - 1;
	struct channels channels;
	pid_t test;

	if (!last)
		SKIP(return, "channels_come_and_go_with_vcpus: one CPU");
	test = guest_write_in_background(TESTS "contention", "1500");
	ASSERT_LT(0, test);
	EXPECT_EQ(0, guest_set_online(last, false));
	channels = read_channels();
	EXPECT_EQ(last, channels.count);
	EXPECT_EQ(NO_IRQ, channels.irq[last]);

	EXPECT_EQ(0, guest_set_online(last, true));
	channels = read_channels();
	EXPECT_EQ(last + 1, channels.count);
	EXPECT_NE(NO_IRQ, channels.irq[last]);
	EXPECT_EQ(0, guest_wait(test));
	EXPECT_EQ(0, guest_write(TESTS "handoff", "0"));
}

/* Events on all channels, for as long as nobody ends this process. */
static void send_events(const struct channels *channels)
{
	unsigned int cpu;
	char text[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		for (cpu = 0; cpu < MAX_CPUS; cpu++) {
			if (channels->irq[cpu] == NO_IRQ)
				continue;
			snprintf(text, sizeof(text), "%d", channels->irq[cpu]);
			if (guest_write(SEND, text))
				_exit(1);
		}
		guest_sleep_ms(EVENT_PAUSE_MS);
	}
}

TEST_F(xen, events_for_nothing_do_no_harm)
{
	struct channels channels = read_channels();
	int status = -1;
	pid_t sender;

	ASSERT_NE(0, channels.count);
	sender = fork();
	ASSERT_LE(0, sender);
	if (!sender)
		send_events(&channels);
	EXPECT_EQ(0, run_until(counter("taken_slow_spurious"),
			       guest_write(TESTS "contention", "2000")));
	EXPECT_EQ(0, guest_write(TESTS "irqs_off", "1"));
	EXPECT_EQ(0, waitpid(sender, &status, WNOHANG));
	kill(sender, SIGKILL);
	waitpid(sender, NULL, 0);
	EXPECT_LT(0, counter("taken_slow_spurious"));
	EXPECT_EQ(0, read_channels().delivered);
}

TEST_HARNESS_MAIN

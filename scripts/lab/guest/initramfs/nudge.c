// SPDX-License-Identifier: GPL-2.0
/*
 * nudge MILLISECONDS CPU... - interrupt CPUs again and again, for ever.
 *
 * Without a lock, QEMU changes the word with a CPU's pending interrupts when
 * that CPU enters or leaves a guest. What another thread of QEMU has put there
 * meanwhile is lost: the CPU is not interrupted, a timer's interrupt above all.
 * It stays pending in the CPU's local APIC, though, and comes with whatever is
 * next; a CPU that nobody else interrupts waited 21 s for that.
 *
 * Whoever reads an event counter of another CPU interrupts it, and that is all:
 * no thread is scheduled there, so that guests stay where they are.
 */
#include <err.h>
#include <linux/perf_event.h>
#include <linux/types.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define USAGE		"usage: nudge MILLISECONDS CPU..."
#define MAX_CPUS	1024
#define MAX_CPU		8191

static long parse(const char *word, long max)
{
	char *end;
	long value = strtol(word, &end, 10);

	if (end == word || *end || value < 0 || value > max)
		errx(2, "%s: not a number from 0 to %ld; " USAGE, word, max);
	return value;
}

/* A counter that counts nothing. */
static int counter_open(long cpu)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.size = sizeof(attributes),
	};
	int counter = syscall(SYS_perf_event_open, &attributes, -1, (int)cpu,
			      -1, 0UL);

	if (counter < 0)
		err(1, "perf_event_open: CPU %ld; it has to be online, and this to run as root",
		    cpu);
	return counter;
}

static void nudge(int counter)
{
	__u64 value;

	if (read(counter, &value, sizeof(value)) != sizeof(value))
		err(1, "an event counter cannot be read; is its CPU offline?");
}

int main(int argc, char **argv)
{
	static int counters[MAX_CPUS];
	struct timespec pause;
	int i, count = argc - 2;
	long milliseconds;

	if (count < 1 || count > MAX_CPUS)
		errx(2, USAGE);
	milliseconds = parse(argv[1], 60000);
	pause.tv_sec = milliseconds / 1000;
	pause.tv_nsec = milliseconds % 1000 * 1000000;
	for (i = 0; i < count; i++)
		counters[i] = counter_open(parse(argv[i + 2], MAX_CPU));
	for (;;) {
		for (i = 0; i < count; i++)
			nudge(counters[i]);
		nanosleep(&pause, NULL);
	}
}

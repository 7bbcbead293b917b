// SPDX-License-Identifier: GPL-2.0
/*
 * What this process uses, and what all use together.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

#define NSEC_PER_SEC	1000000000ULL

/* A line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
static u64 busy_ticks(const char *line, const cpu_set_t *cpus)
{
	unsigned long long user, nice, system, idle, iowait, irq, softirq, steal;
	unsigned int cpu;

	if (sscanf(line, "cpu%u %llu %llu %llu %llu %llu %llu %llu %llu", &cpu, &user,
		   &nice, &system, &idle, &iowait, &irq, &softirq, &steal) != 9 ||
	    cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, cpus))
		return 0;
	return user + nice + system + irq + softirq + steal;
}

static u64 all_cpu_ns(const cpu_set_t *cpus)
{
	FILE *file = fopen("/proc/stat", "r");
	char line[512];
	u64 ticks = 0;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		ticks += busy_ticks(line, cpus);
	fclose(file);
	return ticks * (NSEC_PER_SEC / sysconf(_SC_CLK_TCK));
}

/**
 * usage_read() - what has been used so far
 * @config: the run, for its CPUs
 * @usage: set
 */
void usage_read(const struct run_config *config, struct run_usage *usage)
{
	struct timespec cpu;
	struct rusage rusage;

	usage->clock_ns = platform_clock_ns();
	usage->all_ns = all_cpu_ns(&config->cpus);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	usage->cpu_ns = cpu.tv_sec * NSEC_PER_SEC + cpu.tv_nsec;
	getrusage(RUSAGE_SELF, &rusage);
	usage->yielded = rusage.ru_nvcsw;
	usage->preempted = rusage.ru_nivcsw;
	run_lock.count(&usage->counters);
}

/**
 * usage_subtract() - what was used between two times
 * @usage: what had been used at the later one
 * @before: what had been used at the earlier one
 */
void usage_subtract(struct run_usage *usage, const struct run_usage *before)
{
	usage->clock_ns -= before->clock_ns;
	usage->cpu_ns -= before->cpu_ns;
	usage->all_ns -= before->all_ns;
	usage->yielded -= before->yielded;
	usage->preempted -= before->preempted;
	usage->counters.halts -= before->counters.halts;
	usage->counters.kicks -= before->counters.kicks;
	usage->counters.spurious -= before->counters.spurious;
	usage->counters.steals -= before->counters.steals;
}

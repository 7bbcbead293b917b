// SPDX-License-Identifier: GPL-2.0
/*
 * Measure a lock with threads for vCPUs: more of them than CPUs, whose host is
 * the scheduler.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>

#include "../../kernel/ticket_core.h"
#include "run.h"
#include "work.h"

#define MAX_NS		1000000000U
#define MAX_LOCKS	65536U

static const char usage[] =
"usage: %s [option value]...\n"
"Measure the lock that this program is built with, and print a result in JSON.\n"
"  --threads N       threads (2)\n"
"  --cpus N          confine them to the first N CPUs (all)\n"
"  --hold NS         work with the lock held (1000)\n"
"  --hold-is WHAT    fixed, exponential, or rare: one in 1000 is 100 times longer\n"
"  --think NS        work between two operations (2000)\n"
"  --locks N         locks; thread I keeps to lock I modulo N (1)\n"
"  --random 1        take any of the locks at each operation\n"
"  --duration MS     measure for so long (700)\n"
"  --warmup MS       run for so long before that (100)\n"
"  --cooldown MS     run on for so long (0)\n";

static noreturn void refuse(const char *name, const char *value, const char *why)
{
	fprintf(stderr, "--%s %s: %s; see --help\n", name, value, why);
	exit(2);
}

static u32 parse_number(const char *name, const char *value, u32 least, u32 most)
{
	unsigned long result;
	char why[64];
	char *end;

	errno = 0;
	result = strtoul(value, &end, 10);
	if (errno || end == value || *end || *value == '-' || result < least ||
	    result > most) {
		snprintf(why, sizeof(why), "not a number from %u to %u", least, most);
		refuse(name, value, why);
	}
	return result;
}

static enum run_distribution distribution(const char *value)
{
	if (!strcmp(value, "fixed"))
		return RUN_FIXED;
	if (!strcmp(value, "exponential"))
		return RUN_EXPONENTIAL;
	if (!strcmp(value, "rare"))
		return RUN_RARE;
	refuse("hold-is", value, "none of fixed, exponential and rare");
}

/* Leave the first @wanted CPUs in @cpus. */
static void limit_cpus(cpu_set_t *cpus, u32 wanted)
{
	u32 seen = 0;
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, cpus) && ++seen > wanted)
			CPU_CLR(cpu, cpus);
	}
}

enum {
	THREADS, CPUS, HOLD, HOLD_IS, THINK, LOCKS, RANDOM, DURATION, WARMUP, COOLDOWN,
	HELP,
};

static const struct option options[] = {
	{ "threads", required_argument, NULL, THREADS },
	{ "cpus", required_argument, NULL, CPUS },
	{ "hold", required_argument, NULL, HOLD },
	{ "hold-is", required_argument, NULL, HOLD_IS },
	{ "think", required_argument, NULL, THINK },
	{ "locks", required_argument, NULL, LOCKS },
	{ "random", required_argument, NULL, RANDOM },
	{ "duration", required_argument, NULL, DURATION },
	{ "warmup", required_argument, NULL, WARMUP },
	{ "cooldown", required_argument, NULL, COOLDOWN },
	{ "help", no_argument, NULL, HELP },
	{ }
};

static void set_option(struct run_config *config, int option, const char *value)
{
	const char *name = options[option].name;

	switch (option) {
	case THREADS:
		config->threads = parse_number(name, value, 1, RUN_MAX_THREADS);
		break;
	case CPUS:
		limit_cpus(&config->cpus,
			   parse_number(name, value, 1, CPU_COUNT(&config->cpus)));
		break;
	case HOLD:
		config->hold_ns = parse_number(name, value, 0, MAX_NS);
		break;
	case HOLD_IS:
		config->distribution = distribution(value);
		break;
	case THINK:
		config->think_ns = parse_number(name, value, 0, MAX_NS);
		break;
	case LOCKS:
		config->locks = parse_number(name, value, 1, MAX_LOCKS);
		break;
	case RANDOM:
		config->random = parse_number(name, value, 0, 1);
		break;
	case DURATION:
		config->duration_ms = parse_number(name, value, 1, RUN_MAX_DURATION_MS);
		break;
	case WARMUP:
		config->warmup_ms = parse_number(name, value, 0, RUN_MAX_DURATION_MS);
		break;
	case COOLDOWN:
		config->cooldown_ms = parse_number(name, value, 0, RUN_MAX_DURATION_MS);
		break;
	}
}

static void parse(struct run_config *config, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == HELP) {
			printf(usage, argv[0]);
			exit(0);
		}
		if (option == '?') {
			fprintf(stderr, usage, argv[0]);
			exit(2);
		}
		set_option(config, option, optarg);
	}
	if (optind < argc)
		refuse("", argv[optind], "not an option");
}

int main(int argc, char **argv)
{
	struct run_config config = {
		.threads = 2,
		.locks = 1,
		.hold_ns = 1000,
		.think_ns = 2000,
		.duration_ms = 700,
		.warmup_ms = 100,
	};
	struct run_result *result = calloc(1, sizeof(*result));

	if (!result || sched_getaffinity(0, sizeof(config.cpus), &config.cpus)) {
		perror(argv[0]);
		return EXIT_FAILURE;
	}
	parse(&config, argc, argv);
	if (sched_setaffinity(0, sizeof(config.cpus), &config.cpus)) {
		perror("sched_setaffinity");
		return EXIT_FAILURE;
	}

	work_calibrate();
	if (ticket_init()) {
		fprintf(stderr, "no memory for the lock core\n");
		return EXIT_FAILURE;
	}
	run_lock.configure();
	run_measure(&config, result);
	result_print(&config, result);
	return result->violations ? EXIT_FAILURE : EXIT_SUCCESS;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Command line of the simulator: one run, one line of JSON.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../kernel/ticket_core.h"
#include "host/costs.h"
#include "error.h"
#include "guest.h"
#include "host/host.h"
#include "result.h"
#include "simulation.h"
#include "vcpu.h"

#define MAX_NS			1000000000000ULL

enum option_letter {
	OPTION_HELP = 256, OPTION_COSTS, OPTION_SHOW_COSTS, OPTION_SET,
	OPTION_LOCKS, OPTION_SPIN_NS, OPTION_OVERTAKE,
	OPTION_THRESHOLD, OPTION_IRQS_OFF, OPTION_SINGLE_STEP,
	OPTION_LOSE_KICKS, OPTION_SPEED,
};

static const struct option long_options[] = {
	{ "lock", required_argument, NULL, 'l' },
	{ "vcpus", required_argument, NULL, 'v' },
	{ "pcpus", required_argument, NULL, 'p' },
	{ "hold", required_argument, NULL, 'h' },
	{ "think", required_argument, NULL, 't' },
	{ "duration", required_argument, NULL, 'd' },
	{ "column", required_argument, NULL, 'c' },
	{ "seed", required_argument, NULL, 's' },
	{ "set", required_argument, NULL, OPTION_SET },
	{ "spin-ns", required_argument, NULL, OPTION_SPIN_NS },
	{ "overtake", required_argument, NULL, OPTION_OVERTAKE },
	{ "threshold", required_argument, NULL, OPTION_THRESHOLD },
	{ "irqs-off", no_argument, NULL, OPTION_IRQS_OFF },
	{ "single-step", no_argument, NULL, OPTION_SINGLE_STEP },
	{ "lose-kicks", required_argument, NULL, OPTION_LOSE_KICKS },
	{ "speed", no_argument, NULL, OPTION_SPEED },
	{ "costs", required_argument, NULL, OPTION_COSTS },
	{ "show-costs", no_argument, NULL, OPTION_SHOW_COSTS },
	{ "locks", no_argument, NULL, OPTION_LOCKS },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 }
};

static const char usage[] =
"usage: simulator [options]\n"
"  --lock NAME        lock to simulate (pvticket); --locks lists them\n"
"  --vcpus N          virtual CPUs (8), at most 1024\n"
"  --pcpus N          physical CPUs (2), at most 1024\n"
"  --hold NS          critical section (1000)\n"
"  --think NS         time between critical sections (2000)\n"
"  --duration MS      measured virtual time (100), after a tenth of warm-up\n"
"  --column NAME      table of costs: hardware (default), threads or emulation\n"
"  --costs FILE       what was measured, from pvlab measure-costs; not the\n"
"                     machine whose costs are built in\n"
"  --set NAME=NS      change an entry of the table; --show-costs prints it\n"
"  --spin-ns NS       pvticket: spin that long before halting (30000)\n"
"  --overtake N       pvticket: overtake a waiter at most that often (2048)\n"
"  --threshold N      pvqspinlock: spin loops before halting (32768)\n"
"  --irqs-off         interrupts are disabled while waiting\n"
"  --seed N           seed of the run (1): the same seed, the same output\n"
"  --single-step      do not skip over spin loops: slower, same output\n"
"  --lose-kicks N     the host loses one of N kicks\n"
"  --speed            print simulated operations per second to stderr\n";

struct command {
	struct workload workload;
	struct lock_options lock_options;
	const char *column;
	const char *settings[64];
	u32 nr_settings;
	u64 duration_ms;
	bool speed;
};

static u64 parse_number(const char *option, const char *text, u64 least,
			u64 most)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value < least ||
	    value > most)
		fatal("--%s %s: must be a number from %llu to %llu", option,
		      text, (unsigned long long)least,
		      (unsigned long long)most);
	return value;
}

static void print_locks(void)
{
	const struct lock_type *const *type;

	for (type = lock_types; *type; type++)
		printf("%-20s %s\n", (*type)->name, (*type)->description);
}

static void parse_lock(struct command *command, const char *name)
{
	command->workload.lock = lock_find(name);
	if (!command->workload.lock)
		fatal("--lock %s: no such lock; --locks lists them", name);
}

static void add_setting(struct command *command, const char *setting)
{
	if (command->nr_settings == 64)
		fatal("--set %s: more than 64 of these", setting);
	command->settings[command->nr_settings++] = setting;
}

static void parse_option(struct command *command, int letter, const char *text)
{
	switch (letter) {
	case 'l':
		parse_lock(command, text);
		break;
	case 'v':
		nr_vcpus = parse_number("vcpus", text, 1, MAX_CPUS);
		break;
	case 'p':
		nr_pcpus = parse_number("pcpus", text, 1, MAX_CPUS);
		break;
	case 'h':
		command->workload.hold = PS_PER_NS *
			parse_number("hold", text, 1, MAX_NS);
		break;
	case 't':
		command->workload.think = PS_PER_NS *
			parse_number("think", text, 0, MAX_NS);
		break;
	case 'd':
		command->duration_ms =
			parse_number("duration", text, 1, 1000000);
		break;
	case 'c':
		command->column = text;
		break;
	case 's':
		command->workload.seed =
			parse_number("seed", text, 0, UINT64_MAX);
		break;
	case OPTION_SET:
		add_setting(command, text);
		break;
	case OPTION_SPIN_NS:
		command->lock_options.spin_ns =
			parse_number("spin-ns", text, 1, 1000000000);
		break;
	case OPTION_OVERTAKE:
		command->lock_options.overtake =
			parse_number("overtake", text, 0, UINT16_MAX);
		break;
	case OPTION_THRESHOLD:
		command->lock_options.threshold =
			parse_number("threshold", text, 1, UINT32_MAX);
		break;
	case OPTION_IRQS_OFF:
		command->workload.irqs_off = true;
		break;
	case OPTION_SINGLE_STEP:
		guest_single_step = true;
		break;
	case OPTION_LOSE_KICKS:
		host_lose_kicks =
			parse_number("lose-kicks", text, 1, UINT32_MAX);
		break;
	case OPTION_SPEED:
		command->speed = true;
		break;
	case OPTION_COSTS:
		costs_read_file(text);
		break;
	case OPTION_SHOW_COSTS:
		costs_print();
		exit(0);
	case OPTION_LOCKS:
		print_locks();
		exit(0);
	case OPTION_HELP:
		fputs(usage, stdout);
		exit(0);
	default:
		exit(2);
	}
}

static void parse(struct command *command, int argc, char **argv)
{
	int letter;
	u32 i;

	while ((letter = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		parse_option(command, letter, optarg);
	if (optind < argc)
		fatal("%s: unexpected argument; --help lists the options",
		      argv[optind]);
	if (!costs_select(command->column))
		fatal("--column %s: must be emulation, hardware or threads",
		      command->column);
	for (i = 0; i < command->nr_settings; i++) {
		if (!costs_set(command->settings[i]))
			fatal("--set %s: must be NAME=NS, in range; --show-costs lists the names",
			      command->settings[i]);
	}
	command->workload.warmup = command->duration_ms * 100000 * PS_PER_NS;
	command->workload.end = command->workload.warmup * 11;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + (double)now.tv_nsec / NS_PER_SEC;
}

int main(int argc, char **argv)
{
	struct command command = {
		.workload = {
			.lock = &lock_pvticket,
			.hold = 1000 * PS_PER_NS,
			.think = 2000 * PS_PER_NS,
			.seed = 1,
		},
		.lock_options = {
			.spin_ns = TICKET_DEFAULT_SPIN_NS,
			.overtake = TICKET_DEFAULT_OVERTAKE_LIMIT,
		},
		.column = "hardware",
		.duration_ms = 100,
	};
	double start;

	nr_vcpus = 8;
	nr_pcpus = 2;
	costs_read_built_in();
	parse(&command, argc, argv);
	start = seconds();
	simulation_run(&command.workload, &command.lock_options);
	result_print(&command.workload, command.column);
	if (command.speed)
		fprintf(stderr, "%.1f s, %.1f million operations per second\n",
			seconds() - start,
			guest_operations / (seconds() - start) / 1e6);
	return 0;
}

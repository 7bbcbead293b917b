// SPDX-License-Identifier: GPL-2.0
/*
 * The command line: one table of options, each with its parser and its help.
 */
#include <errno.h>
#include <getopt.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "../memory/memory.h"
#include "options.h"

#define HELP_COLUMN	28

struct option_definition {
	const char *name;
	const char *argument;	/* NULL: a flag */
	const char *help;
	/* Returns what is wrong, or NULL. Without it, see FIELD(). */
	const char *(*parse)(struct options *options, char *text);
	size_t field;
};

/* Nothing to parse: the member has the argument as it is, or is a flag. */
#define FIELD(member)	.field = offsetof(struct options, member)

/* Returns false unless all of text is a number within bounds. */
static bool parse_number(const char *text, u64 least, u64 most, u64 *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	return *text >= '0' && *text <= '9' && !*end && !errno &&
		*number >= least && *number <= most;
}

static const char *parse_cpus(struct options *options, char *text)
{
	u64 number;

	if (!parse_number(text, 1, MAX_VCPUS, &number))
		return "give a number from 1 to 254";
	options->cpus = number;
	return NULL;
}

static const char *parse_memory(struct options *options, char *text)
{
	u64 number;

	if (!parse_number(text, GUEST_MEMORY_MIN / MIB, GUEST_MEMORY_MAX / MIB,
			  &number))
		return "give a number of MiB from 32 to 262144";
	options->memory = number * MIB;
	return NULL;
}

static const char *add_port(struct options *options, const char *name,
			    const char *line)
{
	if (options->serial_ports == MAX_SERIAL_PORTS)
		return "use at most 4 of --port and --hvc together";
	options->serial_port[options->serial_ports++] =
		(struct serial_port_option){ name, line };
	return NULL;
}

static const char *parse_port(struct options *options, char *text)
{
	char *line = strchr(text, '=');

	if (!line || line == text || line - text > 32)
		return "give NAME=LINE, with a name of at most 32 characters";
	*line++ = '\0';
	return add_port(options, text, line);
}

static const char *parse_hvc(struct options *options, char *text)
{
	return add_port(options, NULL, text);
}

static const char *parse_disk(struct options *options, char *text)
{
	struct disk_option *disk = &options->disk[options->disks];
	char *comma = strrchr(text, ',');

	if (options->disks == MAX_DISKS)
		return "use at most 4 disks";
	disk->path = text;
	if (comma && !strcmp(comma, ",ro")) {
		*comma = '\0';
		disk->read_only = true;
	}
	options->disks++;
	return NULL;
}

/* "0-1,4" */
static bool parse_cpu_list(char *text, cpu_set_t *set)
{
	char *part, *position = NULL;
	u64 first, last;

	CPU_ZERO(set);
	for (part = strtok_r(text, ",", &position); part;
	     part = strtok_r(NULL, ",", &position)) {
		char *dash = strchr(part, '-');

		if (dash)
			*dash++ = '\0';
		if (!parse_number(part, 0, CPU_SETSIZE - 1, &first) ||
		    !parse_number(dash ?: part, first, CPU_SETSIZE - 1, &last))
			return false;
		for (; first <= last; first++)
			CPU_SET(first, set);
	}
	return CPU_COUNT(set);
}

static const char *parse_affinity(struct options *options, char *text)
{
	char *list, *position = NULL;

	options->cpu_lists = 0;
	for (list = strtok_r(text, ":", &position); list;
	     list = strtok_r(NULL, ":", &position)) {
		if (options->cpu_lists == MAX_CPU_LISTS)
			return "give at most 64 lists";
		if (!parse_cpu_list(list,
				    &options->cpu_list[options->cpu_lists++]))
			return "give lists of CPUs, such as 0-1 or 0:1:0:1";
	}
	return options->cpu_lists ? NULL : "give a list of CPUs";
}

static const char *parse_sched(struct options *options, char *text)
{
	static const struct {
		const char *name;
		int policy;
		bool has_priority;
	} policies[] = {
		{ "other", SCHED_OTHER, false },
		{ "batch", SCHED_BATCH, false },
		{ "idle", SCHED_IDLE, false },
		{ "fifo", SCHED_FIFO, true },
		{ "rr", SCHED_RR, true },
	};
	char *priority = strchr(text, ':');
	u64 number = 0;
	size_t i;

	if (priority)
		*priority++ = '\0';
	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		if (strcmp(text, policies[i].name))
			continue;
		if (policies[i].has_priority != !!priority ||
		    (priority && !parse_number(priority, 1, 99, &number)))
			break;
		options->sched_policy = policies[i].policy;
		options->sched_priority = number;
		return NULL;
	}
	return "give other, batch, idle, fifo:PRIORITY or rr:PRIORITY";
}

static const char *parse_cpuid(struct options *options, char *text)
{
	options->cpuid = text;
	return NULL;
}

static const char *parse_halt_poll(struct options *options, char *text)
{
	u64 number;

	if (!parse_number(text, 0, UINT32_MAX, &number))
		return "give a number of nanoseconds";
	options->has_halt_poll_ns = true;
	options->halt_poll_ns = number;
	return NULL;
}

static const char *parse_disable_exits(struct options *options, char *text)
{
	static const struct {
		const char *name;
		u32 bit;
	} exits[] = {
		{ "mwait", KVM_X86_DISABLE_EXITS_MWAIT },
		{ "hlt", KVM_X86_DISABLE_EXITS_HLT },
		{ "pause", KVM_X86_DISABLE_EXITS_PAUSE },
		{ "cstate", KVM_X86_DISABLE_EXITS_CSTATE },
	};
	char *part, *position = NULL;
	size_t i;

	for (part = strtok_r(text, ",", &position); part;
	     part = strtok_r(NULL, ",", &position)) {
		for (i = 0; i < ARRAY_SIZE(exits); i++)
			if (!strcmp(part, exits[i].name))
				break;
		if (i == ARRAY_SIZE(exits))
			return "give some of mwait,hlt,pause,cstate";
		options->disable_exits |= exits[i].bit;
	}
	return NULL;
}

static const char *parse_timeout(struct options *options, char *text)
{
	u64 number;

	if (!parse_number(text, 1, 1000000, &number))
		return "give a number of seconds from 1 to 1000000";
	options->timeout_s = number;
	return NULL;
}

static const char *parse_stats(struct options *options, char *text)
{
	if (strncmp(text, "json:", 5) || !text[5])
		return "give json:FILE";
	options->stats = text + 5;
	return NULL;
}

static const char *parse_inject(struct options *options, char *text)
{
	return inject_plan__parse(&options->inject, text);
}

static const char *parse_seed(struct options *options, char *text)
{
	if (!parse_number(text, 0, UINT64_MAX, &options->seed))
		return "give a number";
	return NULL;
}

static const char *parse_no_seccomp(struct options *options, char *text)
{
	(void)text;
	options->seccomp = false;
	return NULL;
}

static const struct option_definition definitions[] = {
	{ "kernel", "FILE", "bzImage or ELF kernel, x86-64", FIELD(kernel) },
	{ "bare", "IMAGE", "ELF image that all vCPUs begin with, instead of a kernel",
	  FIELD(bare) },
	{ "initrd", "FILE", "initial RAM disk", FIELD(initrd) },
	{ "append", "TEXT", "command line of the kernel", FIELD(append) },
	{ "name", "NAME", "of the process, for those who look", FIELD(name) },
	{ "cpus", "N", "number of vCPUs (1)", .parse = parse_cpus },
	{ "mem", "MIB", "memory (256)", .parse = parse_memory },
	{ "console", "LINE", "of the 16550 UART (stdio)", FIELD(console) },
	{ "port", "NAME=LINE", "virtio serial port", .parse = parse_port },
	{ "hvc", "LINE", "virtio console, hvc0 in the guest", .parse = parse_hvc },
	{ "disk", "FILE[,ro]", "virtio block device", .parse = parse_disk },
	{ "affinity", "LIST[:LIST...]", "CPUs of vCPU 0, 1, ...; then from the start",
	  .parse = parse_affinity },
	{ "sched", "POLICY", "other, batch, idle, fifo:PRIO, rr:PRIO (as pvmm)",
	  .parse = parse_sched },
	{ "cpuid", "[+-]NAME,...", "add or hide features, '--cpuid list' names them",
	  .parse = parse_cpuid },
	{ "halt-poll-ns", "NS", "longest poll of a halted vCPU (KVM's)",
	  .parse = parse_halt_poll },
	{ "disable-exits", "KIND,...", "leave mwait, hlt, pause, cstate to the guest",
	  .parse = parse_disable_exits },
	{ "timeout", "SECONDS", "end the guest after that time", .parse = parse_timeout },
	{ "stats", "json:FILE", "write statistics at the end", .parse = parse_stats },
	{ "control", "PATH", "unix socket that takes commands, in JSON", FIELD(control) },
	{ "snapshot-to", "FILE", "write a snapshot there at SIGUSR2",
	  FIELD(snapshot_to) },
	{ "snapshot-end", NULL, "and end the guest then, with exit code 5",
	  FIELD(snapshot_end) },
	{ "restore", "FILE", "start from a snapshot, with the same machine",
	  FIELD(restore) },
	{ "reboot", NULL, "a reset starts the guest again", FIELD(reboot) },
	{ "global-lock", NULL, "all devices under one lock, to compare",
	  FIELD(global_lock) },
	{ "offline", NULL, "nobody waits for halted vCPUs (needs the host series)",
	  FIELD(offline) },
	{ "inject", "RULE[;RULE...]", "preempt vCPUs, e.g. holder:1,for=5ms,every=10",
	  .parse = parse_inject },
	{ "seed", "N", "of what is random in the plan (0)", .parse = parse_seed },
	{ "no-seccomp", NULL, "do not restrict system calls", .parse = parse_no_seccomp },
};

#define OPTIONS		ARRAY_SIZE(definitions)
#define OPTION_HELP	OPTIONS

static void print_help(void)
{
	size_t i;

	puts("usage: pvmm --kernel FILE [OPTION...]\n"
	     "       pvmm --bare IMAGE [OPTION...]\n"
	     "       pvmm --restore FILE [OPTION...]\n\n"
	     "Run a Linux guest under KVM. An option is given as --NAME VALUE.\n");
	for (i = 0; i < OPTIONS; i++) {
		const struct option_definition *option = &definitions[i];
		int length = printf("  --%s %s", option->name,
				    option->argument ?: "");

		printf("%*s%s\n", HELP_COLUMN > length ? HELP_COLUMN - length : 1,
		       "", option->help);
	}
	puts("\nLINE is stdio, null, file:PATH, pipe:PATH or socket:PATH (listens).\n\n"
	     "Exit code: 0 the guest powered off or reported success; 1 it was reset,\n"
	     "crashed or reported a failure; 2 wrong usage; 3 the VMM or KVM failed;\n"
	     "4 this host cannot run guests; 5 --snapshot-end; 124 time is up.");
}

/* Returns what is wrong, or NULL. */
static const char *set_option(struct options *options,
			      const struct option_definition *definition,
			      char *text)
{
	void *field = (char *)options + definition->field;

	if (definition->parse)
		return definition->parse(options, text);
	if (definition->argument)
		*(const char **)field = text;
	else
		*(bool *)field = true;
	return NULL;
}

static int parse_one(struct options *options, size_t i, char *text)
{
	const char *wrong;
	char copy[64];

	/* Parsers cut the text to pieces. */
	snprintf(copy, sizeof(copy), "%s", text ?: "");
	wrong = set_option(options, &definitions[i], text);
	if (wrong)
		return vmm_error(EINVAL, wrong, "--%s %s", definitions[i].name,
				 copy);
	return 0;
}

/**
 * options__parse() - read the command line
 * @options: to be filled in; points into @argv, which changes
 * @argc: of main()
 * @argv: of main()
 *
 * Return: 0; 1 if help was asked for and given; a negative errno after a
 * message.
 */
int options__parse(struct options *options, int argc, char **argv)
{
	struct option table[OPTIONS + 2] = { 0 };
	int i, index;

	for (i = 0; i < (int)OPTIONS; i++) {
		table[i].name = definitions[i].name;
		table[i].has_arg = definitions[i].argument ? required_argument :
			no_argument;
	}
	table[OPTION_HELP].name = "help";

	*options = (struct options){
		.append = "", .cpus = 1, .memory = 256 * MIB,
		.sched_policy = -1, .seccomp = true,
	};
	while ((i = getopt_long(argc, argv, "", table, &index)) != -1) {
		if (i)
			return -EINVAL;
		if (index == OPTION_HELP) {
			print_help();
			return 1;
		}
		if (parse_one(options, index, optarg))
			return -EINVAL;
	}
	if (optind < argc)
		return vmm_error(EINVAL, "see --help", "%s", argv[optind]);
	/* A bare image has no driver for it. */
	if (!options->console)
		options->console = options->bare ? "null" : "stdio";
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command line.
 */
#ifndef PVMM_OPTIONS_H
#define PVMM_OPTIONS_H

#include <sched.h>

#include "../inject/inject_plan.h"
#include "../base/types.h"

#define MAX_VCPUS		254
#define MAX_CPU_LISTS		64
#define MAX_DISKS		4
#define MAX_SERIAL_PORTS	4

struct serial_port_option {
	const char *name;	/* NULL: a console (hvc0) */
	const char *line;
};

struct disk_option {
	const char *path;
	bool read_only;
};

struct options {
	const char *kernel;
	const char *bare;		/* an image instead of a kernel */
	const char *initrd;
	const char *append;
	const char *name;
	unsigned int cpus;
	u64 memory;			/* bytes */
	const char *console;
	unsigned int serial_ports;
	struct serial_port_option serial_port[MAX_SERIAL_PORTS];
	unsigned int disks;
	struct disk_option disk[MAX_DISKS];
	/* vCPU n runs on the list n modulo their number; none: anywhere. */
	unsigned int cpu_lists;
	cpu_set_t cpu_list[MAX_CPU_LISTS];
	int sched_policy;
	int sched_priority;
	const char *cpuid;
	bool has_halt_poll_ns;
	u32 halt_poll_ns;
	u32 disable_exits;		/* KVM_X86_DISABLE_EXITS_* */
	unsigned int timeout_s;		/* 0: none */
	const char *stats;
	const char *control;		/* path of the control socket */
	const char *restore;		/* snapshot to start from */
	const char *snapshot_to;	/* where SIGUSR2 has one written */
	bool snapshot_end;		/* and the guest ends then */
	bool reboot;			/* a reset starts the guest again */
	bool global_lock;		/* every device under the global lock */
	bool offline;			/* vCPUs are while they are halted */
	bool seccomp;
	struct inject_plan inject;	/* without rules: none */
	u64 seed;			/* of what is random in it */
};

int options__parse(struct options *options, int argc, char **argv);

#endif /* PVMM_OPTIONS_H */

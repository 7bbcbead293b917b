// SPDX-License-Identifier: GPL-2.0
/*
 * What the control socket does to a machine: one function for each command.
 *
 * They run in the thread of the event loop, which holds no lock, as snapshots do.
 */
#include <string.h>
#include <time.h>

#include "../base/error.h"
#include "../machine/stats.h"
#include "../vm/vcpu.h"
#include "../vm/world.h"
#include "control_command.h"
#include "control_machine.h"

/* More than what is written of a vCPU with all of KVM's counters, and of the rest. */
#define REPLY_OF_VCPU	(8 * KIB)
#define REPLY_OF_REST	(64 * KIB)

static struct vm *vm_of(const struct control_machine *control)
{
	return &control->snapshots->machine->vm;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void tell_status(struct control_machine *control, FILE *reply)
{
	const struct vm *vm = vm_of(control);

	fprintf(reply, "{\"ok\": true, \"state\": \"%s\", \"vcpus\": %u, ",
		stats__state(vm), vm->nr_vcpus);
	fprintf(reply, "\"memory_mib\": %llu, \"run_seconds\": %.6f, ",
		(unsigned long long)(vm->options->memory / MIB),
		seconds() - control->entered_s);
	fprintf(reply, "\"snapshots\": %s}",
		vm->options->snapshot_to ? "true" : "false");
}

/* Counters are of who runs a vCPU, or has a device: so everybody stands still. */
static void tell_statistics(struct control_machine *control, FILE *reply)
{
	struct stats_times times = { .setup_s = control->setup_s };
	struct vm *vm = vm_of(control);
	double start = seconds();
	int error = world__stop(vm);

	if (error) {
		control_command__refuse(reply, "statistics", strerror(-error),
					"try again");
		return;
	}
	times.run_s = seconds() - control->entered_s;
	fprintf(reply, "{\"ok\": true, \"statistics\": ");
	stats__write(reply, control->snapshots->machine, &times);
	world__resume(vm);
	fprintf(reply, ", \"stop_seconds\": %.6f}", seconds() - start);
}

static void take_snapshot(struct control_machine *control, FILE *reply)
{
	int error;

	if (!vm_of(control)->options->snapshot_to) {
		control_command__refuse(reply, "snapshot", "it has no file to go to",
					"start pvmm with --snapshot-to FILE");
		return;
	}
	error = snapshots__take(control->snapshots);
	if (error)
		control_command__refuse(reply, "snapshot", strerror(-error),
					"see what pvmm has written to standard error");
	else
		fprintf(reply, "{\"ok\": true, \"state\": \"%s\"}",
			stats__state(vm_of(control)));
}

static void quit(struct control_machine *control, FILE *reply)
{
	vm__end(vm_of(control), VM_QUIT, 0);
	fprintf(reply, "{\"ok\": true, \"state\": \"%s\"}",
		stats__state(vm_of(control)));
}

static const struct {
	const char *name;
	void (*serve)(struct control_machine *control, FILE *reply);
} commands[] = {
	{ "status", tell_status },
	{ "statistics", tell_statistics },
	{ "snapshot", take_snapshot },
	{ "quit", quit },
};

static void serve(void *user, const char *command, FILE *reply)
{
	struct control_machine *control = user;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].name, command)) {
			commands[i].serve(control, reply);
			return;
		}
	}
	control_command__refuse(reply, command, "there is no such command",
				"use status, statistics, snapshot or quit");
}

/**
 * control_machine__open() - take commands for a machine
 * @control: to be set up, until the process ends
 * @snapshots: of snapshots__attach(), with its machine
 * @path: of the socket; NULL: take none
 *
 * Context: Before the process is restricted.
 * Return: 0, or a negative errno after a message.
 */
int control_machine__open(struct control_machine *control,
			  struct snapshots *snapshots, const char *path)
{
	struct event_loop *loop = &snapshots->machine->vm.loop;

	*control = (struct control_machine){
		.control = { .user = control, .serve = serve },
		.snapshots = snapshots,
	};
	if (!path)
		return 0;
	return control__open(&control->control, loop, path, REPLY_OF_REST +
			     REPLY_OF_VCPU * snapshots->machine->vm.nr_vcpus);
}

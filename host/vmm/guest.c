// SPDX-License-Identifier: GPL-2.0
/*
 * A guest, from its start to its end, and what the process tells of it when it ends.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/nonblocking.h"
#include "confine/confine.h"
#include "confine/seccomp.h"
#include "control/control_machine.h"
#include "guest.h"
#include "locks/lock_classes.h"
#include "locks/rcu.h"
#include "machine/bare.h"
#include "machine/machine.h"
#include "machine/stats.h"
#include "reboot.h"
#include "signals.h"
#include "snapshot/snapshot.h"
#include "terminal.h"
#include "vm/vcpu.h"

static struct machine machine;
static struct snapshots snapshots;
static struct control_machine control;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static int exit_code(const struct vm *vm)
{
	switch (vm->end) {
	case VM_POWERED_OFF:
		return EXIT_GUEST_OK;
	case VM_REPORTED:
		return vm->status ? EXIT_GUEST_FAIL : EXIT_GUEST_OK;
	case VM_RESET:
		return vm->options->reboot ? EXIT_RESET : EXIT_GUEST_FAIL;
	case VM_CRASHED:
		return EXIT_GUEST_FAIL;
	case VM_TIMED_OUT:
		vmm_error(0, "give it more with --timeout",
			  "the guest did not end within %u s",
			  vm->options->timeout_s);
		return EXIT_TIMEOUT;
	case VM_SAVED:
		return EXIT_SAVED;
	case VM_QUIT:
		vmm_note("ended by a command");
		return EXIT_VMM;
	case VM_INTERRUPTED:
		vmm_note("ended by a signal");
		return EXIT_VMM;
	default:
		return EXIT_VMM;
	}
}

/* A guest that did not start all of its vCPUs has not got what was asked for. */
static void check_vcpus(const struct vm *vm)
{
	unsigned int i, started = 0;

	for (i = 0; i < vm->nr_vcpus; i++)
		started += vm->vcpus[i].has_run;
	if (started != vm->nr_vcpus)
		vmm_note("the guest has started %u of its %u vCPUs", started,
			 vm->nr_vcpus);
}

/* Start the vCPUs, which wait; from here on, the process may do no more. */
static int start(const struct options *options)
{
	int error = options->seccomp ? confine__to_open_files() : 0;

	error = error ?: vm__start(&machine.vm);
	return error ?: seccomp__restrict(THREAD_MAIN);
}

static void run(const struct options *options)
{
	int timeout_ms = options->timeout_s ? (int)options->timeout_s * 1000 : -1;
	struct vm *vm = &machine.vm;

	if (start(options))
		vm__end(vm, VM_FAILED, 0);
	vm__open_gate(vm);
	if (!event_loop__run(&vm->loop, timeout_ms))
		vm__end(vm, VM_TIMED_OUT, 0);
	else if (signals__have_ended_it())
		vm__end(vm, VM_INTERRUPTED, 0);
	vm__join(vm);
}

/* With a buffer, as stdio would ask the kernel about the file to make one. */
static int open_stats(const struct options *options, FILE **file)
{
	static char buffer[BUFSIZ];

	*file = NULL;
	if (!options->stats)
		return 0;
	*file = fopen(options->stats, "we");
	if (!*file)
		return vmm_error(errno, "check the path and its permissions",
				 "%s", options->stats);
	setvbuf(*file, buffer, _IOFBF, sizeof(buffer));
	return 0;
}

/* For the threads that are going to be started, and this one. */
static int compile_filters(const struct options *options)
{
	return options->seccomp ? seccomp__compile(options->snapshot_to) : 0;
}

static int enter_locks(void)
{
	int error = locks_init(VMM_LOCK_SPIN_NS) ?: lock_thread_enter("main");

	if (error)
		return vmm_error(-error, NULL, "locks");
	rcu_register_thread();
	return 0;
}

/* From the snapshot, or else from the kernel. */
static int create_machine(const struct options *options,
			  const struct snapshot_file *snapshot)
{
	return machine__create(&machine, options) ?:
		snapshots__attach(&snapshots, &machine) ?:
		control_machine__open(&control, &snapshots, options->control) ?:
		(options->restore ?
		 snapshot_file__restore(snapshot, &machine) :
		 machine__boot(&machine));
}

/**
 * guest__run() - run a guest
 * @options: of the command line
 *
 * Context: Once in a process, which can do nothing else afterwards.
 * Return: exit code; EXIT_RESET if the guest is to be started again.
 */
int guest__run(const struct options *options)
{
	double start = seconds(), entered;
	struct snapshot_file snapshot;
	struct stats_times times;
	FILE *stats;
	int error;

	if (snapshot_file__open(&snapshot, options) ||
	    snapshots__open(&snapshots, options) ||
	    open_stats(options, &stats) || error__never_wait() ||
	    compile_filters(options) || enter_locks())
		return EXIT_VMM;
	error = create_machine(options, &snapshot);
	snapshot_file__close(&snapshot);
	if (error) {
		error = machine.vm.unsupported ? EXIT_UNSUPPORTED : EXIT_VMM;
		control__close(&control.control);
		machine__destroy(&machine);
		return error;
	}
	signals__end(&machine.vm.loop);
	if (!strcmp(options->console, "stdio"))
		terminal__set_raw();
	entered = seconds();
	control.setup_s = entered - start;
	control.entered_s = entered;
	run(options);
	terminal__restore();
	times = (struct stats_times){ entered - start, seconds() - entered };
	if (!options->bare)
		check_vcpus(&machine.vm);
	if (stats)
		stats__write(stats, &machine, &times);
	error = exit_code(&machine.vm);
	if (options->bare && bare__print(&machine.vm))
		error = EXIT_VMM;
	control__close(&control.control);
	machine__destroy(&machine);
	nonblocking__restore();
	return error;
}

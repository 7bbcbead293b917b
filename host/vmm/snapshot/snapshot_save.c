// SPDX-License-Identifier: GPL-2.0
/*
 * Taking a snapshot of a running guest.
 *
 *	SIGUSR2		or a command; the handler adds to an eventfd, of which the event loop
 *			tells this file, in the main thread
 *	stop		all vCPUs are outside of the guest and of the devices
 *	vCPUs		each saves its own registers, as it holds its execution
 *			lock
 *	the rest	by the main thread, which also serves the lines: so nobody
 *			else uses a device, or writes to the guest's memory
 *	resume		the guest goes on, or, with --snapshot-end, ends here
 *
 * A snapshot that fails leaves no file, and the guest goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../base/error.h"
#include "machine_identity.h"
#include "machine_state.h"
#include "snapshot.h"
#include "../vm/vcpu.h"
#include "vcpu_snapshot.h"
#include "vm_snapshot.h"
#include "../vm/world.h"

/* All that has been read before a file is written. */
struct contents {
	struct vm_snapshot vm;
	struct vcpu_snapshot *vcpus;
};

/* For the handler. */
static int request_fd = -1;

static void requested(int number)
{
	u64 one = 1;
	ssize_t written = write(request_fd, &one, sizeof(one));

	(void)number;
	(void)written;	/* a full counter is a request just as well */
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static int save_vcpu(struct vcpu_locked locked, void *argument)
{
	struct contents *contents = argument;

	return vcpu__save_state(locked,
				&contents->vcpus[vcpu__of(locked)->number]);
}

static int tell_pause(struct vcpu_locked locked, void *argument)
{
	(void)argument;
	vcpu__tell_pause(locked);
	return 0;
}

static int read_contents(struct vm *vm, struct contents *contents)
{
	int error = world__on_all_vcpus(vm, save_vcpu, contents);

	/* What a vCPU had begun may have ended the guest. */
	if (vm__ended(vm))
		return -ECANCELED;
	if (error == -ESRCH)
		return vmm_error(-error, "try again", "snapshot: not all vCPUs run");
	return error ?: vm_snapshot__save(vm, &contents->vm);
}

static void write_contents(struct machine *machine,
			   const struct contents *contents,
			   struct snapshot_writer *writer)
{
	struct vm *vm = &machine->vm;
	struct machine_identity identity;
	unsigned int i;

	machine_identity__of(&identity, vm->options);
	snapshot_writer__add(writer, SNAPSHOT_MACHINE, 0, &identity,
			     sizeof(identity));
	snapshot_writer__add(writer, SNAPSHOT_CPUID, 0, vm->cpuid->entries,
			     vm->cpuid->nent * sizeof(vm->cpuid->entries[0]));
	snapshot_writer__add(writer, SNAPSHOT_VM, 0, &contents->vm,
			     sizeof(contents->vm));
	for (i = 0; i < vm->nr_vcpus; i++)
		snapshot_writer__add(writer, SNAPSHOT_VCPU, i,
				     &contents->vcpus[i],
				     sizeof(contents->vcpus[i]));
	machine__save_devices(machine, writer);
	guest_memory__save(&vm->memory, writer);
}

/* Who wants the guest to end does not wait for all of its memory to be written. */
static bool is_over(const void *loop)
{
	return event_loop__is_over(loop);
}

static int write_file(struct snapshots *snapshots,
		      const struct contents *contents, u64 *size)
{
	const struct snapshot_target *target = &snapshots->target;
	int fd = snapshot_target__create(target);
	struct snapshot_writer writer;
	int error;

	if (fd < 0)
		return fd;
	snapshot_writer__begin(&writer, fd);
	writer.is_over = is_over;
	writer.argument = &snapshots->machine->vm.loop;
	write_contents(snapshots->machine, contents, &writer);
	*size = writer.size;
	error = snapshot_writer__finish(&writer);
	close(fd);
	if (error)
		error = vmm_error(error, error == ECANCELED ? NULL :
				  "free some space there; the guest goes on",
				  "snapshot %s", target->path);
	else
		error = snapshot_target__commit(target);
	if (error)
		snapshot_target__abandon(target);
	return error;
}

static unsigned int count_vcpus(const struct vm *vm,
				const struct contents *contents,
				bool (*is)(const struct vcpu_snapshot *state))
{
	unsigned int i, number = 0;

	for (i = 0; i < vm->nr_vcpus; i++)
		number += is(&contents->vcpus[i]);
	return number;
}

static bool is_halted(const struct vcpu_snapshot *state)
{
	return state->mp_state.mp_state == KVM_MP_STATE_HALTED;
}

static bool is_kicked(const struct vcpu_snapshot *state)
{
	return state->kick == VCPU_KICK_PENDING;
}

static void tell(const struct snapshots *snapshots,
		 const struct contents *contents, u64 size, double start)
{
	const struct vm *vm = &snapshots->machine->vm;

	char kicked[40] = "kicks unknown";

	if (vm->tells_kicks)
		snprintf(kicked, sizeof(kicked), "%u kicked before a halt",
			 count_vcpus(vm, contents, is_kicked));
	vmm_note("snapshot %s: %.1f MiB in %.3f s; of %u vCPUs, %u halted, %s",
		 snapshots->target.path, (double)size / MIB, seconds() - start,
		 vm->nr_vcpus, count_vcpus(vm, contents, is_halted), kicked);
}

/* The world is stopped. */
static int save(struct snapshots *snapshots)
{
	struct vm *vm = &snapshots->machine->vm;
	struct contents contents = {
		.vcpus = calloc(vm->nr_vcpus, sizeof(contents.vcpus[0])),
	};
	double start = seconds();
	u64 size;
	int error;

	if (!contents.vcpus)
		return vmm_error(ENOMEM, "try again", "snapshot");
	error = read_contents(vm, &contents) ?:
		write_file(snapshots, &contents, &size);
	if (!error)
		tell(snapshots, &contents, size, start);
	free(contents.vcpus);
	return error;
}

/**
 * snapshots__take() - take a snapshot now
 * @snapshots: of snapshots__attach()
 *
 * With --snapshot-end, the guest has ended afterwards.
 *
 * Context: The thread of the event loop, without locks.
 * Return: 0, or a negative errno; then the guest goes on.
 */
int snapshots__take(struct snapshots *snapshots)
{
	struct vm *vm = &snapshots->machine->vm;
	int error;

	if (snapshots->request.fd < 0)
		return -EOPNOTSUPP;
	error = vm__ended(vm) ? -ECANCELED : world__stop(vm);
	if (error)
		return error;
	error = save(snapshots);
	if (!error && vm->options->snapshot_end)
		vm__end(vm, VM_SAVED, 0);
	else
		world__on_all_vcpus(vm, tell_pause, NULL);
	world__resume(vm);
	return error;
}

static void request_ready(struct event_source *source, unsigned int events)
{
	struct snapshots *snapshots = container_of(source, struct snapshots,
						   request);
	u64 requests;

	(void)events;
	if (read(source->fd, &requests, sizeof(requests)) == sizeof(requests))
		snapshots__take(snapshots);
	event_loop__arm(&snapshots->machine->vm.loop, source, EVENT_INPUT);
}

/**
 * snapshots__open() - take requests, to be served when there is a machine
 * @snapshots: to be set up, until the process ends
 * @options: of the command line
 *
 * Return: 0, or a negative errno after a message.
 */
int snapshots__open(struct snapshots *snapshots, const struct options *options)
{
	struct sigaction action = {
		.sa_handler = requested, .sa_flags = SA_RESTART,
	};
	int error;

	*snapshots = (struct snapshots){
		.request = { .fd = -1, .ready = request_ready },
	};
	error = snapshot_target__open(&snapshots->target, options->snapshot_to);
	if (error || !options->snapshot_to)
		return error;
	request_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (request_fd < 0)
		return vmm_error(errno, "raise the limit of open files",
				 "snapshots");
	snapshots->request.fd = request_fd;
	sigaction(SIGUSR2, &action, NULL);
	return 0;
}

/**
 * snapshots__attach() - serve requests
 * @snapshots: of snapshots__open()
 * @machine: of machine__create()
 *
 * Return: 0, or a negative value after a message.
 */
int snapshots__attach(struct snapshots *snapshots, struct machine *machine)
{
	struct event_loop *loop = &machine->vm.loop;
	int error;

	snapshots->machine = machine;
	if (snapshots->request.fd < 0)
		return 0;
	error = vm_snapshot__check_host(&machine->vm);
	if (error)
		return error;
	error = event_loop__arm(loop, &snapshots->request, EVENT_INPUT);
	return error ? vmm_error(-error, NULL, "snapshots") : 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Restoring a snapshot: a machine is created as ever, and then gets the state of
 * the one that was saved, instead of a kernel.
 *
 * What can be checked without a machine is checked before there is one. If
 * anything else is found wrong later, the guest does not run.
 */
#include <errno.h>
#include <string.h>

#include "../base/error.h"
#include "machine_identity.h"
#include "machine_state.h"
#include "snapshot.h"
#include "../vm/vcpu.h"
#include "vcpu_snapshot.h"
#include "vm_snapshot.h"

#define WRITE_AGAIN	"write a new snapshot"

/**
 * snapshot_file__open() - read a snapshot, and check it
 * @snapshot: to be set up
 * @options: of the command line; without --restore there is nothing to do
 *
 * Return: 0, or a negative errno after a message.
 */
int snapshot_file__open(struct snapshot_file *snapshot,
			const struct options *options)
{
	struct file_copy *file = &snapshot->file;
	int error;

	*snapshot = (struct snapshot_file){ 0 };
	if (!options->restore)
		return 0;
	error = file__read(file, options->restore);
	if (error)
		return error;
	snapshot->image = (struct snapshot_image){ file->data, file->size };
	error = snapshot_image__check(&snapshot->image, options->restore) ?:
		machine_identity__check(&snapshot->image, options);
	if (error)
		snapshot_file__close(snapshot);
	return error;
}

/**
 * snapshot_file__close() - undo snapshot_file__open()
 * @snapshot: may be all zero
 */
void snapshot_file__close(struct snapshot_file *snapshot)
{
	file__free(&snapshot->file);
}

/* The bytes of a section that has a fixed size, or NULL after a message. */
static const void *find(const struct snapshot_image *image,
			enum snapshot_kind kind, u32 number, size_t size,
			const char *name)
{
	const struct snapshot_section *section =
		snapshot_image__find(image, kind, number);

	if (section && section->size == size)
		return snapshot_section__data(section);
	vmm_error(EINVAL, WRITE_AGAIN, "snapshot: %s %u is missing, or has the wrong size",
		  name, number);
	return NULL;
}

/* A guest has seen what its CPUs can do, and relies on it. */
static int check_cpuid(const struct vm *vm, const struct snapshot_image *image)
{
	const struct snapshot_section *section =
		snapshot_image__find(image, SNAPSHOT_CPUID, 0);
	const struct kvm_cpuid_entry2 *is = vm->cpuid->entries, *wanted;
	u32 i;

	wanted = section ? snapshot_section__data(section) : NULL;
	if (section && section->size == vm->cpuid->nent * sizeof(*is) &&
	    !memcmp(wanted, is, section->size))
		return 0;
	for (i = 0; section && i < section->size / sizeof(*wanted) &&
	     i < vm->cpuid->nent; i++)
		if (memcmp(&wanted[i], &is[i], sizeof(*is)))
			break;
	return vmm_error(EINVAL, "give the same --cpuid, on a host like that of the snapshot",
			 "snapshot: CPUID differs from leaf %#x on",
			 i < vm->cpuid->nent ? is[i].function : 0);
}

static int load_vcpu(struct vcpu *vcpu, const struct snapshot_image *image,
		     u64 tsc_shift)
{
	const struct vcpu_snapshot *state = find(image, SNAPSHOT_VCPU, vcpu->number,
					      sizeof(*state), "vCPU");
	struct vcpu_locked locked;
	int error;

	if (!state)
		return -EINVAL;
	if (!vcpu_snapshot__is_sound(state))
		return vmm_error(EINVAL, WRITE_AGAIN, "snapshot: vCPU %u",
				 vcpu->number);
	error = vcpu_lock__acquire(&vcpu->core, &locked);
	if (error)
		return vmm_error(-error, NULL, "vCPU %u", vcpu->number);
	error = vcpu__load_state(locked, state, tsc_shift);
	vcpu_lock__release(&locked);
	return error;
}

static int load_vm(struct vm *vm, const struct snapshot_image *image)
{
	const struct vm_snapshot *state = find(image, SNAPSHOT_VM, 0,
					    sizeof(*state), "VM");
	unsigned int i;
	u64 tsc_shift;
	int error = 0;

	if (!state)
		return -EINVAL;
	tsc_shift = vm_snapshot__tsc_shift(state);
	for (i = 0; !error && i < vm->nr_vcpus; i++)
		error = load_vcpu(&vm->vcpus[i], image, tsc_shift);
	return error ?: vm_snapshot__load(vm, state);
}

/**
 * snapshot_file__restore() - put a machine into the state of a snapshot
 * @snapshot: of snapshot_file__open()
 * @machine: of machine__create(); has not run
 *
 * Return: 0, or a negative value after a message: then it must not run.
 */
int snapshot_file__restore(const struct snapshot_file *snapshot,
			   struct machine *machine)
{
	const struct snapshot_image *image = &snapshot->image;
	struct vm *vm = &machine->vm;
	int error;

	error = vm_snapshot__check_host(vm) ?: check_cpuid(vm, image) ?:
		guest_memory__load(&vm->memory, image) ?:
		machine__load_devices(machine, image) ?: load_vm(vm, image);
	if (!error)
		machine__resume_devices(machine);
	return error;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual machine: its memory, interrupt controllers and vCPUs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cpuid.h"
#include "../base/error.h"
#include "kvm.h"
#include "../base/layout.h"
#include "vcpu.h"
#include "vm.h"
#include "world.h"

static int add_memory(struct vm *vm)
{
	struct memory_region regions[2];
	unsigned int i, number = guest_memory__regions(&vm->memory, regions);

	for (i = 0; i < number; i++) {
		struct kvm_userspace_memory_region slot = {
			.slot = i,
			.guest_phys_addr = regions[i].start,
			.memory_size = regions[i].length,
			.userspace_addr = (u64)vm->memory.base +
				regions[i].offset,
		};

		if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot))
			return vmm_error(errno, "give the guest less with --mem",
					 "KVM_SET_USER_MEMORY_REGION");
	}
	return 0;
}

static int enable(struct vm *vm, u32 capability, u64 argument, const char *name,
		  const char *option)
{
	struct kvm_enable_cap enable = {
		.cap = capability, .args = { argument },
	};

	if (!kvm__has(vm->fd, capability))
		return vmm_error(0, option, "%s is missing", name);
	if (ioctl(vm->fd, KVM_ENABLE_CAP, &enable))
		return vmm_error(errno, option, "KVM_ENABLE_CAP of %s", name);
	return 0;
}

static int apply_options(struct vm *vm)
{
	const struct options *options = vm->options;
	int error = 0;

	if (options->has_halt_poll_ns)
		error = enable(vm, KVM_CAP_HALT_POLL, options->halt_poll_ns,
			       "KVM_CAP_HALT_POLL", "leave out --halt-poll-ns");
	if (!error && options->disable_exits)
		error = enable(vm, KVM_CAP_X86_DISABLE_EXITS,
			       options->disable_exits,
			       "KVM_CAP_X86_DISABLE_EXITS",
			       "leave out --disable-exits, or a kind that this host does not have");
	return error;
}

static int create_irqchip(struct vm *vm)
{
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };

	if (ioctl(vm->fd, KVM_CREATE_IRQCHIP))
		return vmm_error(errno, NULL, "KVM_CREATE_IRQCHIP");
	if (ioctl(vm->fd, KVM_CREATE_PIT2, &pit))
		return vmm_error(errno, NULL, "KVM_CREATE_PIT2");
	return 0;
}

/* Where KVM has it: the kicks of vCPUs that run are told, and can be set. */
static int have_kicks_told(struct vm *vm)
{
	if (!kvm__has(vm->fd, KVM_CAP_X86_PV_UNHALT_EVENT))
		return 0;
	vm->tells_kicks = true;
	return enable(vm, KVM_CAP_X86_PV_UNHALT_EVENT, 1,
		      "KVM_CAP_X86_PV_UNHALT_EVENT", NULL);
}

/* For --offline: a vCPU has to be seen to wake up, too, before it runs on. */
static int have_halts_told(struct vm *vm)
{
	if (!vm->options->offline)
		return 0;
	vm->tells_halts = kvm__has(vm->fd, KVM_CAP_X86_HLT_EXIT) == HLT_EXITS;
	if (vm->tells_halts)
		return enable(vm, KVM_CAP_X86_HLT_EXIT, HLT_EXITS,
			      "KVM_CAP_X86_HLT_EXIT", NULL);
	vmm_error(0, "run it on a KVM with the project's host series",
		  "--offline: this KVM does not tell when a halt ends, so halted vCPUs stay online");
	return 0;
}

static int create_hardware(struct vm *vm)
{
	u64 identity_map = LAYOUT_IDENTITY_MAP;

	vm->fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		return vmm_error(errno, "end other VMMs; is the memory of this host used up?",
				 "KVM_CREATE_VM");
	if (ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map))
		return vmm_error(errno, NULL, "KVM_SET_IDENTITY_MAP_ADDR");
	if (ioctl(vm->fd, KVM_SET_TSS_ADDR, LAYOUT_TSS))
		return vmm_error(errno, NULL, "KVM_SET_TSS_ADDR");
	return create_irqchip(vm) ?: have_kicks_told(vm) ?:
		have_halts_told(vm) ?: apply_options(vm) ?: add_memory(vm);
}

static int create_vcpus(struct vm *vm)
{
	struct kvm_cpuid2 *cpuid = cpuid__supported(vm->kvm_fd);
	size_t run_size = kvm__run_size(vm->kvm_fd);
	int error = -EINVAL;
	unsigned int i;

	vm->vcpus = calloc(vm->options->cpus, sizeof(vm->vcpus[0]));
	if (vm->vcpus && cpuid && run_size)
		error = cpuid__change(cpuid, vm->options->cpuid);
	for (i = 0; !error && i < vm->options->cpus; i++) {
		cpuid__set_topology(cpuid, i, vm->options->cpus);
		error = vcpu__create(&vm->vcpus[i], vm, i, run_size, cpuid);
		vm->nr_vcpus++;
	}
	vm->cpuid = cpuid;
	return error;
}

/**
 * vm__create() - make a VM without devices, and its vCPUs
 * @vm: to be set up; vm__destroy() also where this fails
 * @options: of the command line; stay
 *
 * Return: 0, or a negative value after a message.
 */
int vm__create(struct vm *vm, const struct options *options)
{
	int error;

	*vm = (struct vm){ .options = options, .kvm_fd = -1, .fd = -1 };
	error = event_loop__init(&vm->loop) ?: bus__init(&vm->ports, "ports") ?:
		bus__init(&vm->mmio, "memory bus") ?:
		guest_memory__alloc(&vm->memory, options->memory) ?:
		world__init(vm);
	if (error)
		return error;
	vm->kvm_fd = kvm__open(options->cpus);
	vm->unsupported = vm->kvm_fd < 0;
	if (vm->unsupported)
		return -1;
	return create_hardware(vm) ?: create_vcpus(vm) ?: world__join(vm);
}

/**
 * vm__destroy() - undo vm__create()
 * @vm: its threads have ended
 */
void vm__destroy(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		vcpu__destroy(&vm->vcpus[i]);
	free(vm->vcpus);
	free(vm->cpuid);
	world__destroy(vm);
	bus__destroy(&vm->ports);
	bus__destroy(&vm->mmio);
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->kvm_fd >= 0)
		close(vm->kvm_fd);
	guest_memory__free(&vm->memory);
	event_loop__destroy(&vm->loop);
}

static void set_irq(struct irq_line *line, bool level)
{
	struct kvm_irq_level irq = { .irq = line->number, .level = level };

	ioctl(line->vm_fd, KVM_IRQ_LINE, &irq);
}

/**
 * vm__init_irq() - connect an interrupt line
 * @vm: whose I/O APIC
 * @line: to be set up
 * @number: pin
 */
void vm__init_irq(struct vm *vm, struct irq_line *line, u32 number)
{
	*line = (struct irq_line){ set_irq, number, vm->fd };
}

/* Signals that pull a vCPU out have to do nothing but that. */
static void ignore(int signal)
{
	(void)signal;
}

/**
 * vm__start() - start the threads of all vCPUs, which then wait
 * @vm: with its devices
 *
 * Return: 0, or a negative errno after a message; then the VM has ended.
 * Where it returns 0, vm__open_gate() lets them go.
 */
int vm__start(struct vm *vm)
{
	struct sigaction action = { .sa_handler = ignore };
	unsigned int i;
	int error = 0;

	sigaction(SIGUSR1, &action, NULL);
	gate__init(&vm->gate);
	while (!error && vm->nr_threads < vm->nr_vcpus) {
		error = vcpu__start(&vm->vcpus[vm->nr_threads]);
		if (!error)
			vm->nr_threads++;
	}
	gate__wait_for(&vm->gate, vm->nr_threads);
	for (i = 0; i < vm->nr_threads; i++)
		error = error ?: vm->vcpus[i].thread_error;
	if (error)
		vm__end(vm, VM_FAILED, 0);
	return error;
}

/**
 * vm__open_gate() - let the guest run
 * @vm: after vm__start(), which may have failed
 */
void vm__open_gate(struct vm *vm)
{
	gate__open(&vm->gate);
}

/**
 * vm__end() - end a guest
 * @vm: whichever state it is in
 * @end: why; only the first reason counts
 * @status: what it reported, with VM_REPORTED
 *
 * Context: Any thread, with or without locks; not in signal handlers.
 */
void vm__end(struct vm *vm, enum vm_end end, u32 status)
{
	enum vm_end runs = VM_RUNS;
	unsigned int i;

	if (!__atomic_compare_exchange_n(&vm->end, &runs, end, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	vm->status = status;
	for (i = 0; i < vm->nr_vcpus; i++)
		action_post(&vm->vcpus[i].core.inbox, VCPU_STOP);
	event_loop__stop(&vm->loop);
}

/**
 * vm__ended() - tell whether the guest is to run no more
 * @vm: which
 *
 * Return: true if so.
 */
bool vm__ended(const struct vm *vm)
{
	return READ_ONCE(vm->end) != VM_RUNS;
}

/**
 * vm__join() - wait until the threads of all vCPUs have ended
 * @vm: that has ended
 */
void vm__join(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_threads; i++)
		pthread_join(vm->vcpus[i].thread, NULL);
}

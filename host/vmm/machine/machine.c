// SPDX-License-Identifier: GPL-2.0
/*
 * The machine that a guest sees: a VM with all of its devices.
 */
#include <string.h>

#include "../base/error.h"
#include "../base/file.h"
#include "../boot/loader.h"
#include "machine.h"
#include "../vm/vcpu.h"
#include "../vm/vm_inject.h"

static void power_off(struct power *power)
{
	struct machine *machine = container_of(power, struct machine, power);

	vm__end(&machine->vm, VM_POWERED_OFF, 0);
}

static void reset(struct power *power)
{
	struct machine *machine = container_of(power, struct machine, power);

	vm__end(&machine->vm, VM_RESET, 0);
}

/* A device that is safe without the global lock, unless the user says no. */
static void mark_safe(struct machine *machine, struct device *device)
{
	device->own_lock_suffices = !machine->vm.options->global_lock;
}

static int add_serial(struct machine *machine)
{
	struct vm *vm = &machine->vm;
	int error = chardev__open(&machine->console, &vm->loop,
				  vm->options->console);

	if (error)
		return error;
	vm__init_irq(vm, &machine->serial_irq, LAYOUT_SERIAL_IRQ);
	serial__init(&machine->serial, &machine->console, &machine->serial_irq);
	mark_safe(machine, &machine->serial.device);
	return bus__add(&vm->ports, &machine->serial.device, LAYOUT_SERIAL,
			SERIAL_PORTS);
}

static int add_rtc(struct machine *machine)
{
	rtc__init(&machine->rtc);
	return bus__add(&machine->vm.ports, &machine->rtc.device, LAYOUT_RTC,
			RTC_PORTS);
}

static int add_power(struct machine *machine)
{
	power__init(&machine->power);
	machine->power.power_off = power_off;
	machine->power.reset = reset;
	return bus__add(&machine->vm.ports, &machine->power.device,
			LAYOUT_POWER, POWER_PORTS);
}

static void report(struct doorbell *doorbell, u32 status)
{
	struct machine *machine = container_of(doorbell, struct machine,
					       doorbell);

	vm__end(&machine->vm, VM_REPORTED, status);
}

static void ring(struct doorbell *doorbell, unsigned int vcpu, u32 number)
{
	struct machine *machine = container_of(doorbell, struct machine,
					       doorbell);

	inject__ring(&machine->vm.vcpus[vcpu].injection, number);
}

static u32 tell(struct doorbell *doorbell, u64 offset)
{
	struct machine *machine = container_of(doorbell, struct machine,
					       doorbell);

	return inject__tell(&machine->inject, offset);
}

static void describe(struct machine *machine, const struct acpi_device *device)
{
	machine->acpi.device[machine->acpi.devices++] = *device;
}

static int add_doorbell(struct machine *machine)
{
	const struct acpi_device description = {
		.hardware_id = "PVMM0001",
		.memory = LAYOUT_DOORBELL,
		.memory_size = PAGE_SIZE,
		.port = LAYOUT_DOORBELL_PORT,
		.ports = DOORBELL_SIZE,
	};
	struct device *device = &machine->doorbell.device;

	doorbell__init(&machine->doorbell);
	machine->doorbell.report = report;
	machine->doorbell.ring = ring;
	machine->doorbell.tell = tell;
	mark_safe(machine, device);
	describe(machine, &description);
	return bus__add(&machine->vm.ports, device, LAYOUT_DOORBELL_PORT,
			DOORBELL_SIZE) ?:
		bus__add(&machine->vm.mmio, device, LAYOUT_DOORBELL,
			 DOORBELL_SIZE);
}

static struct irq_line *next_virtio_irq(struct machine *machine)
{
	struct irq_line *irq = &machine->virtio_irqs[machine->nr_virtio];

	vm__init_irq(&machine->vm, irq, LAYOUT_VIRTIO_IRQ + machine->nr_virtio);
	return irq;
}

static int add_virtio(struct machine *machine, struct virtio_device *virtio)
{
	const struct acpi_device description = {
		.hardware_id = "LNRO0005",
		.memory = LAYOUT_VIRTIO +
			LAYOUT_VIRTIO_STRIDE * machine->nr_virtio,
		.memory_size = VIRTIO_MMIO_SIZE,
		.irq = virtio->irq->number,
	};

	int error;

	mark_safe(machine, &virtio->device);
	describe(machine, &description);
	machine->nr_virtio++;
	error = bus__add(&machine->vm.mmio, &virtio->device, description.memory,
			 VIRTIO_MMIO_SIZE);
	/* From now on the bus has it, and its end closes the device's files. */
	device__put(&virtio->device);
	return error;
}

static int add_ports(struct machine *machine)
{
	const struct options *options = machine->vm.options;
	struct vm *vm = &machine->vm;
	unsigned int i;
	int error = 0;

	if (!options->serial_ports)
		return 0;
	for (i = 0; !error && i < options->serial_ports; i++)
		error = virtio_console__add_port(&machine->ports, &vm->loop,
						 options->serial_port[i].name,
						 options->serial_port[i].line);
	if (error)
		return error;
	virtio_console__init(&machine->ports, &vm->memory,
			     next_virtio_irq(machine));
	return add_virtio(machine, &machine->ports.virtio);
}

static int add_disks(struct machine *machine)
{
	const struct options *options = machine->vm.options;
	unsigned int i;
	int error = 0;

	for (i = 0; !error && i < options->disks; i++) {
		struct virtio_block *disk = &machine->disks[i];

		error = virtio_block__open(disk, options->disk[i].path,
					   options->disk[i].read_only);
		if (error)
			break;
		virtio_block__init(disk, &machine->vm.memory,
				   next_virtio_irq(machine));
		error = add_virtio(machine, &disk->virtio);
	}
	return error;
}

/**
 * machine__create() - make a VM with all of its devices
 * @machine: to be set up; machine__destroy() also where this fails
 * @options: of the command line
 *
 * Return: 0, or a negative value after a message.
 */
int machine__create(struct machine *machine, const struct options *options)
{
	memset(machine, 0, sizeof(*machine));
	chardev__init(&machine->console, &machine->vm.loop);
	machine->acpi.cpus = options->cpus;
	return vm__create(&machine->vm, options) ?: add_serial(machine) ?:
		add_rtc(machine) ?: add_power(machine) ?:
		add_doorbell(machine) ?: add_ports(machine) ?:
		add_disks(machine) ?:
		vm_inject__start(&machine->inject, &machine->vm);
}

/**
 * machine__destroy() - undo machine__create()
 * @machine: does not run
 */
void machine__destroy(struct machine *machine)
{
	vm_inject__stop(&machine->vm);
	chardev__close(&machine->console);
	vm__destroy(&machine->vm);
}

static int load(struct machine *machine, struct loader_result *result)
{
	const struct options *options = machine->vm.options;
	struct file_copy kernel = { 0 }, initrd = { 0 };
	struct loader_input input;
	int error;

	error = file__read(&kernel, options->bare ?: options->kernel);
	if (!error && options->initrd)
		error = file__read(&initrd, options->initrd);
	input = (struct loader_input){
		kernel.data, kernel.size, initrd.data, initrd.size,
		options->append,
	};
	if (!error)
		error = loader__load(&machine->vm.memory, &input, result);
	file__free(&kernel);
	file__free(&initrd);
	return error;
}

static int set_boot_state(struct vcpu *vcpu, u64 entry)
{
	struct vcpu_locked locked;
	int error = vcpu_lock__acquire(&vcpu->core, &locked);

	if (error)
		return vmm_error(-error, NULL, "vCPU %u", vcpu->number);
	error = vcpu->vm->options->bare ? vcpu__set_bare_state(locked, entry) :
		vcpu__set_boot_state(locked, entry);
	vcpu_lock__release(&locked);
	return error;
}

/**
 * machine__boot() - have the first vCPU begin with the kernel
 * @machine: of machine__create()
 *
 * Return: 0, or a negative value after a message.
 */
int machine__boot(struct machine *machine)
{
	struct loader_result result;
	struct vm *vm = &machine->vm;
	unsigned int i;
	int error;

	error = load(machine, &result) ?:
		acpi__write_tables(&vm->memory, &machine->acpi);
	for (i = 0; !error && i < vm->nr_vcpus; i++)
		error = set_boot_state(&vm->vcpus[i], result.entry);
	return error;
}

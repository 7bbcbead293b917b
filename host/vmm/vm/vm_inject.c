// SPDX-License-Identifier: GPL-2.0
/*
 * Preemption on command: give each vCPU of a VM the plan, and a hog if it wants one.
 */
#include <errno.h>

#include "../base/error.h"
#include "vcpu.h"
#include "vm_inject.h"

#define ONE_CPU_EACH	"give each vCPU one CPU, as with --affinity 0:1"

/* Only a vCPU that cannot go to another CPU is held back by a hog on its CPU. */
static int create_hog(struct vcpu *vcpu)
{
	const struct options *options = vcpu->vm->options;
	const cpu_set_t *set;

	if (!options->cpu_lists)
		return vmm_error(EINVAL, ONE_CPU_EACH,
				 "--inject with mode=hog");
	set = &options->cpu_list[vcpu->number % options->cpu_lists];
	if (CPU_COUNT(set) != 1)
		return vmm_error(EINVAL, ONE_CPU_EACH,
				 "--inject with mode=hog: vCPU %u has %d CPUs",
				 vcpu->number, CPU_COUNT(set));
	return hog__create(&vcpu->injection.hog, set,
			   options->sched_priority + 1, &vcpu->worker);
}

/**
 * vm_inject__start() - begin with the plan of the command line
 * @inject: to be set up, all zero
 * @vm: with its vCPUs, which do not run yet
 *
 * Context: Before the process is restricted: starts threads.
 * Return: 0, or a negative errno after a message; vm_inject__stop() in any case.
 */
int vm_inject__start(struct inject *inject, struct vm *vm)
{
	const struct options *options = vm->options;
	bool hogs = inject_plan__uses(&options->inject, INJECT_HOG);
	int error = 0;
	unsigned int i;

	inject->plan = options->inject;
	inject_plan__start(&inject->plan, options->seed);
	for (i = 0; !error && i < vm->nr_vcpus; i++) {
		vm->vcpus[i].injection.inject = inject;
		if (hogs)
			error = create_hog(&vm->vcpus[i]);
	}
	return error;
}

/**
 * vm_inject__stop() - end what vm_inject__start() has started
 * @vm: its vCPUs run no more
 */
void vm_inject__stop(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		hog__destroy(&vm->vcpus[i].injection.hog);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What happened, in JSON. The guest does not run, or does not run any more.
 */
#include <linux/kvm.h>

#include "stats.h"
#include "../vm/vcpu.h"

static const char * const end_names[] = {
	[VM_RUNS] = "runs",
	[VM_POWERED_OFF] = "powered off",
	[VM_REPORTED] = "reported",
	[VM_RESET] = "reset",
	[VM_CRASHED] = "crashed",
	[VM_FAILED] = "failed",
	[VM_TIMED_OUT] = "timed out",
	[VM_INTERRUPTED] = "interrupted",
	[VM_SAVED] = "saved",
	[VM_QUIT] = "quit",
};

static const char * const exit_names[VCPU_EXIT_REASONS] = {
	[KVM_EXIT_IO] = "io",
	[KVM_EXIT_HLT] = "halt",
	[KVM_EXIT_MMIO] = "mmio",
	[KVM_EXIT_INTR] = "interrupted",
	[KVM_EXIT_SHUTDOWN] = "shutdown",
	[KVM_EXIT_INTERNAL_ERROR] = "internal_error",
	[KVM_EXIT_FAIL_ENTRY] = "fail_entry",
};

static void write_affinity(FILE *file, const cpu_set_t *set)
{
	const char *separator = "";
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, set))
			continue;
		fprintf(file, "%s%d", separator, cpu);
		separator = ", ";
	}
}

static void write_exits(FILE *file, const struct vcpu *vcpu)
{
	const char *separator = "";
	u64 other = 0;
	unsigned int i;

	for (i = 0; i < VCPU_EXIT_REASONS; i++) {
		if (!exit_names[i]) {
			other += vcpu->exits[i];
			continue;
		}
		fprintf(file, "%s\"%s\": %llu", separator, exit_names[i],
			(unsigned long long)vcpu->exits[i]);
		separator = ", ";
	}
	fprintf(file, ", \"other\": %llu", (unsigned long long)other);
}

static void write_vcpus(FILE *file, const struct vm *vm)
{
	unsigned int i;

	fprintf(file, "  \"vcpus\": [");
	for (i = 0; i < vm->nr_vcpus; i++) {
		const struct vcpu *vcpu = &vm->vcpus[i];

		fprintf(file, "%s\n    {\"started\": %s, \"affinity\": [",
			i ? "," : "", vcpu->has_run ? "true" : "false");
		write_affinity(file, &vcpu->affinity);
		fprintf(file, "], \"exits\": {");
		write_exits(file, vcpu);
		fprintf(file, "}, \"times_offline\": %llu, \"kvm\": ",
			(unsigned long long)vcpu->times_offline);
		kvm_stats__write(file, &vcpu->kvm_stats);
		fprintf(file, "}");
	}
	fprintf(file, "\n  ],\n");
}

static void write_device(void *argument, const struct device *device)
{
	FILE *file = argument;

	fprintf(file, "\n    {\"name\": \"%s\", \"own_lock\": %s, ",
		device->name, device->own_lock_suffices ? "true" : "false");
	fprintf(file, "\"accesses\": %llu, \"reentries\": %llu},",
		(unsigned long long)device->accesses,
		(unsigned long long)device->reentries);
}

static void write_rule(FILE *file, const struct inject_rule *rule,
		       const struct inject_total *total)
{
	fprintf(file, "{\"who\": \"%s\", \"lock\": %u, \"mode\": \"%s\", ",
		inject_who__name(rule->who), rule->lock,
		inject_mode__name(rule->mode));
	fprintf(file, "\"for_ns\": %llu, \"rings\": %llu, \"planned\": %llu, ",
		(unsigned long long)rule->for_ns,
		(unsigned long long)rule->rings,
		(unsigned long long)total->planned);
	fprintf(file, "\"done\": %llu, \"held_ns\": %llu}",
		(unsigned long long)total->done,
		(unsigned long long)total->held_ns);
}

static void write_injections(FILE *file, const struct inject *inject)
{
	unsigned int i;

	fprintf(file, "  \"seed\": %llu,\n  \"injections\": [",
		(unsigned long long)inject->plan.seed);
	for (i = 0; i < inject->plan.rules; i++) {
		fprintf(file, "%s\n    ", i ? "," : "");
		write_rule(file, &inject->plan.rule[i], &inject->rule[i]);
	}
	fprintf(file, "\n  ],\n");
}

/**
 * stats__state() - name what a guest does, or why it does not any more
 * @vm: whose
 *
 * Return: a string that stays.
 */
const char *stats__state(const struct vm *vm)
{
	return end_names[READ_ONCE(vm->end)];
}

/**
 * stats__write() - write all statistics
 * @file: where to; has been opened while that was still possible
 * @machine: that does not run: any more, or while its world is stopped
 * @times: how long everything took
 */
void stats__write(FILE *file, const struct machine *machine,
		  const struct stats_times *times)
{
	const struct vm *vm = &machine->vm;

	fprintf(file, "{\n  \"end\": \"%s\",\n  \"status\": %u,\n",
		stats__state(vm), vm->status);
	fprintf(file, "  \"setup_seconds\": %.6f,\n  \"run_seconds\": %.6f,\n",
		times->setup_s, times->run_s);
	fprintf(file, "  \"unclaimed\": {\"ports\": %llu, \"memory\": %llu},\n",
		(unsigned long long)vm->ports.unclaimed,
		(unsigned long long)vm->mmio.unclaimed);
	write_vcpus(file, vm);
	write_injections(file, &machine->inject);
	fprintf(file, "  \"devices\": [");
	bus__for_each(&vm->ports, write_device, file);
	bus__for_each(&vm->mmio, write_device, file);
	fprintf(file, "\n    null\n  ]\n}\n");
	fflush(file);
}

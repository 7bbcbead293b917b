// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual CPU: its state at the start, and the thread that runs it.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../base/error.h"
#include "../confine/seccomp.h"
#include "../locks/rcu.h"
#include "run.h"

/* Looking is all that there is to do. */
static void act(void *owner, unsigned int action)
{
	(void)owner;
	(void)action;
}

/*
 * The signal pulls the vCPU out of the guest; immediate_exit catches it where
 * it is only about to enter.
 */
static void pull_out(void *owner)
{
	struct vcpu *vcpu = owner;

	WRITE_ONCE(vcpu->run->immediate_exit, 1);
	/* Not pthread_kill(): the thread may have ended. */
	tgkill(getpid(), vcpu->tid, SIGUSR1);
}

static const struct inbox_operations inbox_operations = {
	.action = act,
	.pull_out = pull_out,
};

/*
 * What is posted runs before the vCPU enters the guest again, and after it has
 * looked whether the VM has ended.
 */
static void post(struct worker *worker, struct queued_action *action)
{
	struct vcpu *vcpu = container_of(worker, struct vcpu, worker);

	action_queue(&vcpu->core.inbox, action, true);
}

static bool has_ended(const struct worker *worker)
{
	return vm__ended(container_of(worker, struct vcpu, worker)->vm);
}

/**
 * vcpu__create() - add a vCPU to a VM
 * @vcpu: to be set up, all zero
 * @vm: whose
 * @number: also its APIC ID
 * @run_size: of kvm__run_size()
 * @cpuid: what CPUID tells on it
 *
 * Return: 0, or a negative errno after a message.
 */
int vcpu__create(struct vcpu *vcpu, struct vm *vm, unsigned int number,
		 size_t run_size, const struct kvm_cpuid2 *cpuid)
{
	void *run;

	vcpu->vm = vm;
	vcpu->number = number;
	vcpu->run_size = run_size;
	vcpu->worker = (struct worker){ post, has_ended };
	vcpu->transaction.vcpu = number;
	vcpu->transaction.worker = &vcpu->worker;
	vcpu_core__init(&vcpu->core, &inbox_operations, vcpu, VCPU_URGENT);
	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, number);
	if (vcpu->fd < 0)
		return vmm_error(errno, "give fewer with --cpus",
				 "KVM_CREATE_VCPU of vCPU %u", number);
	run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd,
		   0);
	if (run == MAP_FAILED)
		return vmm_error(errno, NULL, "mmap of vCPU %u", number);
	vcpu->run = run;
	if (ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid))
		return vmm_error(errno, "hide fewer features with --cpuid",
				 "KVM_SET_CPUID2 of vCPU %u", number);
	return vm->options->stats || vm->options->control ?
		kvm_stats__open(&vcpu->kvm_stats, vcpu->fd) : 0;
}

/**
 * vcpu__destroy() - undo vcpu__create(), even if it failed
 * @vcpu: its thread has ended
 */
void vcpu__destroy(struct vcpu *vcpu)
{
	kvm_stats__close(&vcpu->kvm_stats);
	if (vcpu->run)
		munmap(vcpu->run, vcpu->run_size);
	if (vcpu->fd > 0)
		close(vcpu->fd);
}

/* On the CPUs that the user has chosen; what came of it is read back. */
static int set_affinity(struct vcpu *vcpu)
{
	const struct options *options = vcpu->vm->options;
	cpu_set_t wanted;

	if (options->cpu_lists) {
		wanted = options->cpu_list[vcpu->number % options->cpu_lists];
		if (sched_setaffinity(0, sizeof(wanted), &wanted))
			return vmm_error(errno, "give CPUs of this host with --affinity",
					 "sched_setaffinity of vCPU %u",
					 vcpu->number);
	}
	if (sched_getaffinity(0, sizeof(vcpu->affinity), &vcpu->affinity))
		return vmm_error(errno, NULL, "sched_getaffinity");
	if (options->cpu_lists && !CPU_EQUAL(&wanted, &vcpu->affinity))
		return vmm_error(EINVAL, "give CPUs of this host with --affinity",
				 "vCPU %u cannot run on all of its CPUs",
				 vcpu->number);
	return 0;
}

static int set_policy(struct vcpu *vcpu)
{
	const struct options *options = vcpu->vm->options;
	struct sched_param parameter = {
		.sched_priority = options->sched_priority,
	};

	if (options->sched_policy >= 0 &&
	    sched_setscheduler(0, options->sched_policy, &parameter))
		return vmm_error(errno, "leave out --sched, or raise RLIMIT_RTPRIO",
				 "sched_setscheduler of vCPU %u", vcpu->number);
	return 0;
}

static int prepare_thread(struct vcpu *vcpu)
{
	int error;

	vcpu->tid = gettid();
	snprintf(vcpu->name, sizeof(vcpu->name), "vcpu%u", vcpu->number);
	pthread_setname_np(pthread_self(), vcpu->name);
	error = lock_thread_enter(vcpu->name);
	if (error)
		return vmm_error(-error, "give fewer with --cpus",
				 "locks of vCPU %u", vcpu->number);
	rcu_register_thread();
	return set_affinity(vcpu) ?: set_policy(vcpu) ?:
		seccomp__restrict(THREAD_VCPU);
}

/* If anything goes wrong, the process ends, and the registrations with it. */
static void *vcpu_thread(void *argument)
{
	struct vcpu *vcpu = argument;

	vcpu->thread_error = prepare_thread(vcpu) ?: vcpu__run(vcpu);
	if (vcpu->thread_error) {
		gate__pass(&vcpu->vm->gate);
		return NULL;
	}
	rcu_unregister_thread();
	lock_thread_exit();
	return NULL;
}

/**
 * vcpu__start() - start the thread of a vCPU, which waits at the VM's gate
 * @vcpu: of vcpu__create()
 *
 * Return: 0, or a negative errno after a message. What goes wrong in the thread
 * is in vcpu->thread_error once it waits at the gate.
 */
int vcpu__start(struct vcpu *vcpu)
{
	int error = pthread_create(&vcpu->thread, NULL, vcpu_thread, vcpu);

	if (error)
		return vmm_error(error, "raise the limit of processes, or give fewer --cpus",
				 "thread of vCPU %u", vcpu->number);
	return 0;
}

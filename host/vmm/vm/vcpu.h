/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual CPU and its thread.
 */
#ifndef PVMM_VCPU_H
#define PVMM_VCPU_H

#include <linux/kvm.h>
#include <pthread.h>

#include "../devices/device.h"
#include "../inject/inject.h"
#include "../execution/vcpu_lock.h"
#include "kvm_stats.h"
#include "vm.h"
#include "../execution/worker.h"

#define VCPU_EXIT_REASONS	64

/* What others may want from a vCPU; see inbox.h. */
enum vcpu_action {
	VCPU_STOP,		/* look whether the VM has ended */
};

#define VCPU_URGENT	ACTION_BIT(VCPU_STOP)

struct vcpu {
	struct vcpu_core core;
	struct vm *vm;
	unsigned int number;
	char name[16];
	int fd;
	struct kvm_run *run;
	size_t run_size;
	pthread_t thread;
	pid_t tid;			/* of the thread, once it has begun */
	int thread_error;
	bool has_run;			/* the guest has started it */
	bool was_entered;		/* KVM_RUN has been called */
	struct worker worker;		/* its thread, between stays in the guest */
	struct transaction transaction;
	cpu_set_t affinity;		/* as the kernel tells it */
	struct vcpu_injection injection;
	/* Counted by who runs it. */
	u64 exits[VCPU_EXIT_REASONS];
	u64 times_offline;
	struct kvm_stats kvm_stats;	/* with --stats */
};

int vcpu__create(struct vcpu *vcpu, struct vm *vm, unsigned int number,
		 size_t run_size, const struct kvm_cpuid2 *cpuid);
void vcpu__destroy(struct vcpu *vcpu);
int vcpu__set_boot_state(struct vcpu_locked locked, u64 entry);
int vcpu__set_bare_state(struct vcpu_locked locked, u64 entry);
int vcpu__start(struct vcpu *vcpu);

/**
 * vcpu__of() - get the vCPU whose execution lock is held
 * @locked: proof of that
 *
 * Return: the vCPU, with its registers.
 */
static inline struct vcpu *vcpu__of(struct vcpu_locked locked)
{
	return container_of(locked.core, struct vcpu, core);
}

#endif /* PVMM_VCPU_H */

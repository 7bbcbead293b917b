// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tests of KVM share: vCPUs that run until they really sleep, and what they
 * run.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#include "harness.h"

#define TICK_US		20000
#define MAX_RETRIES	10

uint64_t kick_id;
uint64_t kick_flags;
uint64_t target_progress;

static struct kvm_vcpu *volatile running_vcpu;

bool host_is_patched(void)
{
	return kvm_has_cap(KVM_CAP_X86_PV_UNHALT_EVENT);
}

void require_patched_host(void)
{
	TEST_ASSERT(host_is_patched(), "the kernel has no pv_unhalt event");
}

static void tick(int signal)
{
	struct kvm_vcpu *vcpu = running_vcpu;

	(void)signal;
	if (vcpu)
		vcpu->run->immediate_exit = 1;
}

/* Send SIGALRM each @us microseconds, or no longer if 0. */
static void set_ticks(long us)
{
	struct itimerval interval = {
		.it_interval.tv_usec = us,
		.it_value.tv_usec = us,
	};
	struct sigaction action = { .sa_handler = tick };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &interval, NULL);
}

static enum stop stop_of_exit(struct kvm_vcpu *vcpu, uint64_t *sync)
{
	struct ucall uc;

	if (vcpu->run->exit_reason == KVM_EXIT_HLT)
		return STOP_HLT_EXIT;
	TEST_ASSERT(vcpu->run->exit_reason == KVM_EXIT_IO,
		    "unexpected exit %u (%s)", vcpu->run->exit_reason,
		    exit_reason_str(vcpu->run->exit_reason));

	switch (get_ucall(vcpu, &uc)) {
	case UCALL_SYNC:
		if (sync)
			*sync = uc.args[1];
		return STOP_SYNC;
	case UCALL_DONE:
		return STOP_DONE;
	case UCALL_NONE:
		return STOP_PORT;
	default:
		REPORT_GUEST_ASSERT(uc);
		return STOP_DONE;
	}
}

/* At a tick: does the vCPU sleep for good?  Nobody else is there to wake it. */
static bool sleeps(struct kvm_vcpu *vcpu, enum stop *stop)
{
	switch (mp_state(vcpu)) {
	case KVM_MP_STATE_HALTED:
		*stop = STOP_HALTED;
		return true;
	case KVM_MP_STATE_UNINITIALIZED:
	case KVM_MP_STATE_INIT_RECEIVED:
		*stop = STOP_WAITS;
		return true;
	default:
		return false;
	}
}

static enum stop run_with_ticks(struct kvm_vcpu *vcpu, uint64_t *sync)
{
	enum stop stop = STOP_DONE;
	int r, error, retries = 0;

	for (;;) {
		running_vcpu = vcpu;
		vcpu->run->immediate_exit = 0;
		r = __vcpu_run(vcpu);
		error = errno;
		running_vcpu = NULL;
		vcpu->run->immediate_exit = 0;
		if (!r)
			return stop_of_exit(vcpu, sync);

		TEST_ASSERT(error == EINTR || error == EAGAIN,
			    "KVM_RUN: %s", strerror(error));
		if (error == EINTR && sleeps(vcpu, &stop))
			return stop;
		if (error == EAGAIN && ++retries == MAX_RETRIES)
			return STOP_RETRIES;
	}
}

/**
 * run_vcpu - run a vCPU until it stops
 * @vcpu: the vCPU
 * @sync: set to the argument of GUEST_SYNC(), may be NULL
 *
 * A vCPU that halts is stopped when a tick finds it halted and without a
 * pending event.
 *
 * Return: why it stopped.
 */
enum stop run_vcpu(struct kvm_vcpu *vcpu, uint64_t *sync)
{
	enum stop stop;

	set_ticks(TICK_US);
	stop = run_with_ticks(vcpu, sync);
	set_ticks(0);
	return stop;
}

uint64_t run_to_sync(struct kvm_vcpu *vcpu)
{
	uint64_t sync;
	enum stop stop = run_vcpu(vcpu, &sync);

	TEST_ASSERT(stop == STOP_SYNC, "vCPU %u: stop %d, not a sync",
		    vcpu->id, stop);
	return sync;
}

void expect_stop(struct kvm_vcpu *vcpu, enum stop expected, const char *what)
{
	enum stop stop = run_vcpu(vcpu, NULL);

	TEST_ASSERT(stop == expected, "vCPU %u, %s: stop %d, expected %d",
		    vcpu->id, what, stop, expected);
}

uint32_t mp_state(struct kvm_vcpu *vcpu)
{
	struct kvm_mp_state state;

	vcpu_mp_state_get(vcpu, &state);
	return state.mp_state;
}

void set_mp_state(struct kvm_vcpu *vcpu, uint32_t state)
{
	struct kvm_mp_state mp = { .mp_state = state };

	vcpu_mp_state_set(vcpu, &mp);
}

/**
 * vcpu_stat - read one value of the binary statistics of a vCPU
 * @vcpu: the vCPU
 * @name: of the statistic
 *
 * Return: the value, for a histogram the sum of its buckets.
 */
uint64_t vcpu_stat(struct kvm_vcpu *vcpu, const char *name)
{
	struct kvm_stats_desc *descs, *desc;
	struct kvm_stats_header header;
	uint64_t data[64], sum = 0;
	int fd = vcpu_get_stats_fd(vcpu);
	unsigned int i, j;

	read_stats_header(fd, &header);
	descs = read_stats_descriptors(fd, &header);
	for (i = 0; i < header.num_desc; i++) {
		desc = get_stats_descriptor(descs, i, &header);
		if (strcmp(desc->name, name))
			continue;

		read_stat_data(fd, &header, desc, data, ARRAY_SIZE(data));
		for (j = 0; j < desc->size; j++)
			sum += data[j];
		break;
	}
	TEST_ASSERT(i < header.num_desc, "KVM has no statistic %s", name);

	free(descs);
	close(fd);
	return sum;
}

void guest_halts(void)
{
	uint64_t count = 0;

	for (;;) {
		asm volatile("cli; hlt" ::: "memory");
		GUEST_SYNC(++count);
	}
}

void guest_kicks(void)
{
	for (;;)
		GUEST_SYNC(kvm_hypercall(KVM_HC_KICK_CPU, READ_ONCE(kick_flags),
					 READ_ONCE(kick_id), 0, 0));
}

uint64_t kick_from(struct kvm_vcpu *vcpu, uint64_t apic_id)
{
	kick_id = apic_id;
	sync_global_to_guest(vcpu->vm, kick_id);
	sync_global_to_guest(vcpu->vm, kick_flags);

	return run_to_sync(vcpu);
}

/**
 * add_vcpu - add a vCPU, so that it is found by its APIC ID
 * @vm: the VM
 * @id: its APIC ID
 * @guest: what it runs
 *
 * KVM adds a vCPU to its map of APIC IDs when the state of its local APIC is
 * set, as all VMMs do, and not when it is created.
 *
 * Return: the vCPU.
 */
struct kvm_vcpu *add_vcpu(struct kvm_vm *vm, uint32_t id, void *guest)
{
	struct kvm_vcpu *vcpu = vm_vcpu_add(vm, id, guest);
	struct kvm_lapic_state lapic;

	vcpu_ioctl(vcpu, KVM_GET_LAPIC, &lapic);
	vcpu_ioctl(vcpu, KVM_SET_LAPIC, &lapic);
	return vcpu;
}

struct kvm_vm *create_kick_vm(unsigned int count, struct kvm_vcpu **vcpus)
{
	struct kvm_vm *vm = vm_create(count);
	unsigned int i;

	for (i = 0; i < count; i++)
		vcpus[i] = add_vcpu(vm, i, i ? guest_halts : guest_kicks);

	return vm;
}

struct kvm_vm *create_event_vm(unsigned int count, struct kvm_vcpu **vcpus)
{
	struct kvm_vm *vm;

	require_patched_host();
	vm = create_kick_vm(count, vcpus);
	vm_enable_cap(vm, KVM_CAP_X86_PV_UNHALT_EVENT, 1);
	return vm;
}

bool event_pending(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_events events;

	vcpu_events_get(vcpu, &events);
	TEST_ASSERT(events.flags & KVM_VCPUEVENT_VALID_PV_UNHALT,
		    "KVM_GET_VCPU_EVENTS does not report the token");
	return events.pv_unhalt.pending;
}

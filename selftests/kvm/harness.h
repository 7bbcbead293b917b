/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all tests of the kick-cpu hypercall share: a table of tests that each
 * run in a process of their own, and vCPUs that run until they really sleep.
 */
#ifndef PV_UNHALT_HARNESS_H
#define PV_UNHALT_HARNESS_H

#include <stdbool.h>
#include <linux/kvm_para.h>

#include "kvm_util.h"
#include "processor.h"

/*
 * A test fails by TEST_ASSERT(), or by taking longer than a minute.
 * @stock is the reason why a kernel without the patches must fail it, or NULL: any
 * kernel, or only those from @since on, or those before @until.
 */
struct kick_test {
	const char *name;
	void (*run)(void);
	const char *stock;
	unsigned int since;
	unsigned int until;
};

#define KICK_TEST(test, reason) { .name = #test, .run = test, .stock = reason }
#define KICK_TEST_SINCE(test, version, reason) \
	{ .name = #test, .run = test, .stock = reason, .since = version }
#define KICK_TEST_UNTIL(test, version, reason) \
	{ .name = #test, .run = test, .stock = reason, .until = version }

#define LINUX(major, minor)	((major) << 16 | (minor))

int kick_tests_main(char **argv, const struct kick_test *tests, unsigned int count);

bool host_is_patched(void);
void require_patched_host(void);

/* Why a vCPU stopped. */
enum stop {
	STOP_SYNC,	/* GUEST_SYNC() */
	STOP_DONE,	/* GUEST_DONE() */
	STOP_HALTED,	/* it sleeps in HLT, and nothing is going to wake it */
	STOP_WAITS,	/* it sleeps because it waits for INIT or SIPI */
	STOP_HLT_EXIT,	/* KVM_EXIT_HLT */
	STOP_RETRIES,	/* KVM_RUN returns EAGAIN again and again */
	STOP_PORT,	/* wrote to an I/O port that is not the ucall's */
};

enum stop run_vcpu(struct kvm_vcpu *vcpu, uint64_t *sync);
uint64_t run_to_sync(struct kvm_vcpu *vcpu);
void expect_stop(struct kvm_vcpu *vcpu, enum stop expected, const char *what);
#define expect_halted(vcpu, what) expect_stop(vcpu, STOP_HALTED, what)
#define expect_sync(vcpu, what) expect_stop(vcpu, STOP_SYNC, what)

uint32_t mp_state(struct kvm_vcpu *vcpu);
void set_mp_state(struct kvm_vcpu *vcpu, uint32_t state);
uint64_t vcpu_stat(struct kvm_vcpu *vcpu, const char *name);

/* Where the tracepoints of the series go while they are on. */
#define TRACE_INSTANCE	"/sys/kernel/tracing/instances/pv_unhalt_test/"
void start_trace(void);
void stop_trace(void);
void write_file(const char *path, const char *text);

/* In the guest. */
static inline uint64_t kick(uint64_t apic_id)
{
	return kvm_hypercall(KVM_HC_KICK_CPU, 0, apic_id, 0, 0);
}

/*
 * A target that runs counts; before a kick, wait until it has moved on, because
 * IPIs to a CPU that does not run at the moment are merged.
 */
extern uint64_t target_progress;

static inline void wait_for_progress(void)
{
	uint64_t start = READ_ONCE(target_progress);

	while (READ_ONCE(target_progress) < start + 10)
		cpu_relax();
}

static inline void target_runs(void)
{
	WRITE_ONCE(target_progress, target_progress + 1);
	cpu_relax();
}

/* Halt for ever, and say after each halt how many have returned. */
void guest_halts(void);
/* Kick the APIC ID kick_id for ever, and say what each kick returned. */
void guest_kicks(void);
extern uint64_t kick_id;
extern uint64_t kick_flags;

/* Let @vcpu, which runs guest_kicks(), send one kick. */
uint64_t kick_from(struct kvm_vcpu *vcpu, uint64_t apic_id);

struct kvm_vcpu *add_vcpu(struct kvm_vm *vm, uint32_t id, void *guest);

/* vCPU 0 runs guest_kicks(), all others guest_halts(). */
struct kvm_vm *create_kick_vm(unsigned int count, struct kvm_vcpu **vcpus);

/* The same with the pv_unhalt event, on a patched host. */
struct kvm_vm *create_event_vm(unsigned int count, struct kvm_vcpu **vcpus);
bool event_pending(struct kvm_vcpu *vcpu);

#endif /* PV_UNHALT_HARNESS_H */

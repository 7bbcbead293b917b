// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a kick costs the one who sends it, by the state of its target, and how
 * long it takes until the target is back in the guest.  In TSC cycles, medians.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "harness.h"

#define SAMPLES	400

static struct kvm_vcpu *vcpus[2];

/* Shared by the vCPUs. */
static uint64_t samples[SAMPLES];
static uint64_t kicked_at;
static uint64_t halts;
static uint64_t returns;
static uint64_t stop;

static uint64_t timed_kick(uint64_t id)
{
	uint64_t start = rdtsc();

	kick(id);
	return rdtsc() - start;
}

static void guest_measures(uint64_t id)
{
	int i;

	for (i = 0; i < SAMPLES; i++) {
		wait_for_progress();
		samples[i] = timed_kick(id);
	}
	WRITE_ONCE(stop, 1);
	GUEST_DONE();
}

static void guest_measures_absent(uint64_t id)
{
	int i;

	for (i = 0; i < SAMPLES; i++)
		samples[i] = timed_kick(id);
	GUEST_DONE();
}

/* Give the target time to fall asleep: a halt is counted before it is made. */
static void wait_until_halted(uint64_t number)
{
	uint64_t start;

	while (READ_ONCE(halts) < number)
		cpu_relax();
	start = rdtsc();
	while (rdtsc() - start < 3000000)
		cpu_relax();
}

static void guest_measures_halted(uint64_t id)
{
	unsigned int i;

	for (i = 0; i < SAMPLES; i++) {
		wait_until_halted(i + 1);
		samples[i] = timed_kick(id);
		while (READ_ONCE(returns) < i + 1)
			cpu_relax();
	}
	GUEST_DONE();
}

static void guest_measures_latency(uint64_t id)
{
	unsigned int i;

	for (i = 0; i < SAMPLES; i++) {
		wait_until_halted(i + 1);
		WRITE_ONCE(kicked_at, rdtsc());
		kick(id);
		while (READ_ONCE(returns) < i + 1)
			cpu_relax();
	}
	GUEST_DONE();
}

static void guest_target_spins(void)
{
	while (!READ_ONCE(stop))
		target_runs();
	GUEST_DONE();
}

static void guest_target_halts(void)
{
	while (halts < SAMPLES) {
		WRITE_ONCE(halts, halts + 1);
		asm volatile("cli; hlt" ::: "memory");
		WRITE_ONCE(returns, halts);
	}
	GUEST_DONE();
}

static void guest_target_halts_and_times(void)
{
	while (halts < SAMPLES) {
		WRITE_ONCE(halts, halts + 1);
		asm volatile("cli; hlt" ::: "memory");
		samples[halts - 1] = rdtsc() - READ_ONCE(kicked_at);
		WRITE_ONCE(returns, halts);
	}
	GUEST_DONE();
}

struct benchmark {
	const char *name;
	void *kicker;
	void *target;
	uint64_t id;
};

static const struct benchmark benchmarks[] = {
	{ "running", guest_measures, guest_target_spins, 1 },
	{ "halted", guest_measures_halted, guest_target_halts, 1 },
	{ "absent", guest_measures_absent, NULL, 7 },
	{ "latency", guest_measures_latency, guest_target_halts_and_times, 1 },
};

struct vcpu_thread {
	struct kvm_vcpu *vcpu;
	int cpu;
};

/* The CPU with this number among those that we may use. */
static int allowed_cpu(int number)
{
	cpu_set_t cpus;
	int cpu;

	sched_getaffinity(0, sizeof(cpus), &cpus);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &cpus) && !number--)
			return cpu;
	TEST_FAIL("two CPUs are needed, one for each vCPU");
	return 0;
}

static void *run_pinned(void *data)
{
	struct vcpu_thread *thread = data;
	cpu_set_t cpus;
	int r;

	CPU_ZERO(&cpus);
	CPU_SET(thread->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	do {
		r = __vcpu_run(thread->vcpu);
	} while (r && errno == EINTR);

	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void measure(const struct benchmark *benchmark)
{
	struct kvm_vm *vm = vm_create(2);
	struct vcpu_thread args[2];
	pthread_t threads[2];
	int i, count = benchmark->target ? 2 : 1;
	uint64_t exits;

	vcpus[0] = add_vcpu(vm, 0, benchmark->kicker);
	vcpu_args_set(vcpus[0], 1, benchmark->id);
	if (benchmark->target)
		vcpus[1] = add_vcpu(vm, 1, benchmark->target);
	for (i = 0; i < count; i++) {
		args[i] = (struct vcpu_thread){ vcpus[i], allowed_cpu(i) };
		pthread_create(&threads[i], NULL, run_pinned, &args[i]);
	}
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);

	sync_global_from_guest(vm, samples);
	qsort(samples, SAMPLES, sizeof(samples[0]), compare);
	exits = benchmark->target ? vcpu_stat(vcpus[1], "exits") : 0;
	printf("%s median %lu p10 %lu p90 %lu target_exits %lu\n", benchmark->name,
	       samples[SAMPLES / 2], samples[SAMPLES / 10],
	       samples[SAMPLES * 9 / 10], exits);
	kvm_vm_free(vm);
}

int main(void)
{
	unsigned int i;

	setbuf(stdout, NULL);
	for (i = 0; i < ARRAY_SIZE(benchmarks); i++)
		measure(&benchmarks[i]);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "error.h"
#include "locks/platform_simulator.h"
#include "random.h"
#include "workload.h"

bool platform_simulator_irqs_on;

static struct workload load;

/* Written in every critical section, as real ones do. */
static u32 *shared_data;
static u32 holder;

static void critical_section(struct vcpu *vcpu)
{
	if (holder)
		fatal("%s: vCPUs %u and %u hold the lock at the same time",
		      load.lock->name, holder - 1, vcpu->id);
	holder = vcpu->id + 1;
	vcpu->holds = true;
	WRITE_ONCE(*shared_data, *shared_data + 1);
	guest_compute(random_around(&vcpu->random, load.hold, 10));
	vcpu->holds = false;
	holder = 0;
}

static void count(struct vcpu *vcpu, simtime waited)
{
	if (vcpu->now < load.warmup || vcpu->now >= load.end)
		return;
	vcpu->counters.ops++;
	histogram_add(&vcpu->waits_histogram, waited / PS_PER_NS);
	if (waited > vcpu->counters.wait_max)
		vcpu->counters.wait_max = waited;
}

static void thread(void)
{
	struct vcpu *vcpu = current_vcpu;
	simtime start;

	guest_compute(random_next(&vcpu->random) % (load.hold + load.think));
	for (;;) {
		start = guest_now();
		vcpu->waits = true;
		load.lock->lock();
		count(vcpu, guest_now() - start);
		vcpu->waits = false;
		critical_section(vcpu);
		load.lock->unlock();
		guest_compute(random_around(&vcpu->random, load.think, 2));
	}
}

/**
 * workload_init() - give each vCPU its thread
 * @workload: what to run
 */
void workload_init(const struct workload *workload)
{
	u32 i;

	load = *workload;
	platform_simulator_irqs_on = !load.irqs_off;
	shared_data = memory_alloc(sizeof(*shared_data));
	for (i = 0; i < nr_vcpus; i++) {
		u64 seed = load.seed + i;

		vcpus[i].random = random_next(&seed);
		fiber_init(&vcpus[i].fiber, thread);
	}
}

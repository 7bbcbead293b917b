// SPDX-License-Identifier: GPL-2.0
/*
 * Setting up one machine, and its main loop.
 */
#include <stdlib.h>

#include "host/costs.h"
#include "error.h"
#include "events.h"
#include "guest.h"
#include "host/host.h"
#include "simulation.h"
#include "vcpu.h"

struct vcpu *vcpus;
u32 nr_vcpus;
u32 nr_pcpus;
simtime sim_now;
u32 sim_source;

static void create_vcpus(void)
{
	u32 i;

	vcpus = calloc(nr_vcpus, sizeof(*vcpus));
	if (!vcpus)
		fatal("no memory for %u vCPUs", nr_vcpus);
	for (i = 0; i < nr_vcpus; i++) {
		vcpus[i].id = i;
		vcpus[i].halt_poll = costs.halt_poll;
		vcpus[i].preempted = memory_alloc(sizeof(u32));
		if (costs.guest_tick)
			events_set(source_guest_tick(i), costs.guest_tick);
	}
}

static void dispatch(u32 source)
{
	if (source < source_tick(0))
		guest_run(scheduler_current(source));
	else if (source < source_noise(0))
		scheduler_tick(source - source_tick(0));
	else if (source < source_guest_tick(0))
		scheduler_noise(source - source_noise(0));
	else if (source < source_poll_end(0))
		host_guest_tick(&vcpus[source - source_guest_tick(0)]);
	else
		host_poll_end(&vcpus[source - source_poll_end(0)]);
}

/**
 * simulation_run() - run a workload from its start to its end
 * @workload: what to run
 * @options: of its lock
 */
void simulation_run(const struct workload *workload,
		    const struct lock_options *options)
{
	memory_init();
	events_init(source_end() + 1);
	events_set(source_end(), workload->end);
	create_vcpus();
	workload->lock->init(options);
	workload_init(workload);
	scheduler_init(workload->seed);

	while (events_first() != source_end()) {
		sim_now = events_first_time();
		sim_source = events_first();
		dispatch(sim_source);
	}
	sim_now = workload->end;
}

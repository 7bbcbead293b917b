// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting as the Xen backend does it, by the backend's own code: each vCPU has
 * an event channel, whose pending bit is the vCPU's token.
 *
 * Interrupts are on before the poll begins, and do not end it: what the lock
 * gains from interrupts that do is luck, as spurious returns are.
 */
#include "engine/machine.h"
#include "trace.h"
#include "xen.h"

#define xen_channel	vcpu

static inline void xen_channel_poll(struct vcpu *cpu)
{
	machine_announce(OPERATION_POLL, CHECKER_SITE);
	(void)cpu;
	trace_event("", "poll ends");
}

static inline void xen_channel_clear(struct vcpu *cpu)
{
	machine_announce(OPERATION_CLEAR, CHECKER_SITE);
	cpu->token = false;
	trace_event("", "clear the pending bit");
}

#define platform_fault()	do { } while (0)

#include "xen_wait.h"

/**
 * xen_halt() - platform_halt() under Xen
 * @cpu: the vCPU that runs
 * @flags: are interrupts on while it waits?
 * @site: place in the source
 */
void xen_halt(struct vcpu *cpu, unsigned long flags, const char *site)
{
	trace_event(site, flags ? "wait, interrupts on" :
				  "wait, interrupts off");
	xen_channel_wait(cpu, flags);
}

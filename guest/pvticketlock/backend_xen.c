// SPDX-License-Identifier: GPL-2.0
/*
 * Xen: wait with SCHEDOP_poll on an event channel, kick by sending to it. For
 * PV, PVHVM and PVH guests alike.
 *
 * HLT is not for waiting here: with interrupts disabled it takes a PV vCPU
 * down.
 *
 * Each online vCPU has a channel of its own, bound and unbound on that vCPU
 * while it goes online and offline, so never while it waits. A vCPU without a
 * channel spins. Before a channel goes, its number is withdrawn, and the grace
 * period waits for kicks that have read it; they run with interrupts disabled.
 *
 * Sending and polling is done by the channel's number, not by its interrupt:
 * what the kernel has for that looks the interrupt up under RCU, which does not
 * watch everywhere that a lock may be waited for. Clearing the pending bit has to
 * look it up. It is this vCPU's own interrupt, which goes on no other.
 *
 * Resuming from suspend, be it for save and restore or for a migration, finds
 * all channels unbound. Until new ones are bound, kicks go nowhere, and polls
 * return at once. The kernel tells before the ticks of other vCPUs go on, when a
 * grace period would not end, so the rest is left to a work item.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <xen/events.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/sched.h>
#include <xen/xen-ops.h>
#include <xen/xen.h>

#include "../../kernel/platform/platform.h"
#include "../compat.h"
#include "backend.h"

/* Xen never gives it out. */
#define NO_PORT		0
#define NAME_BYTES	24

/*
 * port: the channel's number for the hypervisor; NO_PORT while there is none
 * irq: of the channel, always masked
 * waits: see xen_wait.h
 */
struct xen_channel {
	evtchn_port_t port;
	int irq;
	unsigned int waits;
};

static DEFINE_PER_CPU(struct xen_channel, channels);
static DEFINE_PER_CPU(char [NAME_BYTES], channel_names);

static enum cpuhp_state hotplug_state;

static inline void xen_channel_poll(const struct xen_channel *channel)
{
	evtchn_port_t port = READ_ONCE(channel->port);
	struct sched_poll poll = { .nr_ports = 1 };

	set_xen_guest_handle(poll.ports, &port);
	/* It fails only if the channel has just been lost: poll again. */
	(void)HYPERVISOR_sched_op(SCHEDOP_poll, &poll);
}

static inline void xen_channel_clear(const struct xen_channel *channel)
{
	xen_clear_irq_pending(READ_ONCE(channel->irq));
}

#include "xen_wait.h"

static bool xen_present(void)
{
	return xen_domain();
}

/* What it takes is as old as Xen. */
static const char *xen_missing(void)
{
	return NULL;
}

static irqreturn_t channel_interrupt(int irq, void *unused)
{
	WARN_ONCE(1, "interrupt %d of a masked event channel\n", irq);
	return IRQ_HANDLED;
}

static void channel_bind(unsigned int cpu)
{
	struct xen_channel *channel = per_cpu_ptr(&channels, cpu);
	struct evtchn_bind_ipi bind = { .vcpu = xen_vcpu_nr(cpu) };
	char *name = per_cpu(channel_names, cpu);
	int irq;

	irq = HYPERVISOR_event_channel_op(EVTCHNOP_bind_ipi, &bind);
	if (!irq) {
		snprintf(name, NAME_BYTES, "pvticketlock%u", cpu);
		/* Closes the channel if it fails. */
		irq = bind_evtchn_to_irqhandler(bind.port, channel_interrupt,
						IRQF_NO_AUTOEN | IRQF_PERCPU |
						IRQF_NOBALANCING, name, NULL);
	}
	if (irq < 0) {
		pr_err("CPU %u: no event channel, error %d; it will spin and not halt\n",
		       cpu, irq);
		return;
	}
	channel->irq = irq;
	WRITE_ONCE(channel->port, bind.port);
}

static void channel_unbind(unsigned int cpu)
{
	struct xen_channel *channel = per_cpu_ptr(&channels, cpu);

	if (channel->port == NO_PORT)
		return;
	WRITE_ONCE(channel->port, NO_PORT);
	/* For kicks that have read it. */
	synchronize_rcu();
	unbind_from_irqhandler(channel->irq, NULL);
}

static int xen_cpu_online(unsigned int cpu)
{
	channel_bind(cpu);
	return 0;
}

static int xen_cpu_offline(unsigned int cpu)
{
	channel_unbind(cpu);
	return 0;
}

static bool channel_is_bound(unsigned int cpu)
{
	const struct xen_channel *channel = per_cpu_ptr(&channels, cpu);

	return channel->port != NO_PORT &&
	       irq_from_evtchn(channel->port) == channel->irq;
}

/* Also done if the suspend was cancelled and nothing was lost. */
static void bind_lost_channels(struct work_struct *unused)
{
	unsigned int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		if (channel_is_bound(cpu))
			continue;
		channel_unbind(cpu);
		channel_bind(cpu);
	}
	cpus_read_unlock();
}

static DECLARE_WORK(bind_work, bind_lost_channels);

static void xen_resumed(void)
{
	schedule_work(&bind_work);
}

COMPAT_DEFINE_RESUME(resume, xen_resumed);

static int xen_init(void)
{
	int state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "pvticketlock:online",
				      xen_cpu_online, xen_cpu_offline);

	if (state < 0)
		return state;
	hotplug_state = state;
	compat_resume_register(&resume);
	return 0;
}

static void xen_exit(void)
{
	compat_resume_unregister(&resume);
	cancel_work_sync(&bind_work);
	cpuhp_remove_state(hotplug_state);
}

static void xen_halt(unsigned long flags)
{
	struct xen_channel *channel = this_cpu_ptr(&channels);

	if (channel->port != NO_PORT)
		xen_channel_wait(channel, flags);
}

static void xen_kick(unsigned int cpu)
{
	struct evtchn_send send = { .port = READ_ONCE(per_cpu(channels, cpu).port) };

	/* It fails only if the channel has just been lost, and polls return. */
	if (send.port != NO_PORT)
		(void)HYPERVISOR_event_channel_op(EVTCHNOP_send, &send);
}

const struct ticket_backend ticket_backend_xen = {
	.name = "xen",
	.present = xen_present,
	.missing = xen_missing,
	.init = xen_init,
	.exit = xen_exit,
	.halt = xen_halt,
	.kick = xen_kick,
};

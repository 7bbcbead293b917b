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
 * Resuming from suspend, be it for save and restore or for a migration, finds
 * all channels unbound. Until new ones are bound, kicks go nowhere, and polls
 * return at once. The notifier comes before the ticks of other vCPUs go on, when
 * a grace period would not end, so it leaves the rest to a work item.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <asm/paravirt.h>
#include <asm/qspinlock.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <xen/events.h>
#include <xen/interface/event_channel.h>
#include <xen/xen-ops.h>
#include <xen/xen.h>

#include "../../kernel/platform/platform.h"
#include "backend.h"

#define NO_IRQ		(-1)
#define NAME_BYTES	24

/*
 * irq: of the channel, always masked; NO_IRQ while there is none
 * port: the channel's number for the hypervisor
 * waits: see xen_wait.h
 */
struct xen_channel {
	int irq;
	evtchn_port_t port;
	unsigned int waits;
};

static DEFINE_PER_CPU(struct xen_channel, channels) = { .irq = NO_IRQ };
static DEFINE_PER_CPU(char [NAME_BYTES], channel_names);

static enum cpuhp_state hotplug_state;

static inline void xen_channel_poll(const struct xen_channel *channel)
{
	xen_poll_irq_timeout(READ_ONCE(channel->irq), 0);
}

static inline void xen_channel_clear(const struct xen_channel *channel)
{
	xen_clear_irq_pending(READ_ONCE(channel->irq));
}

#include "xen_wait.h"

/*
 * The kernel's own spinlocks obey xen_nopvspin and nopvspin on the command
 * line, which a module cannot see; that they did, it can.
 */
static bool kernel_spins(void)
{
#if IS_ENABLED(CONFIG_PARAVIRT_SPINLOCKS)
	return pv_ops.lock.queued_spin_lock_slowpath ==
		native_queued_spin_lock_slowpath;
#else
	return false;
#endif
}

static const char *xen_missing(void)
{
	if (!xen_domain())
		return "this machine does not run under Xen";
	if (kernel_spins())
		return "xen_nopvspin or nopvspin on the command line, or a single CPU";
	return NULL;
}

static irqreturn_t channel_interrupt(int irq, void *unused)
{
	WARN_ONCE(1, "interrupt %d of a masked event channel\n", irq);
	return IRQ_HANDLED;
}

static int channel_bind(unsigned int cpu)
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
		pr_err("CPU %u: no event channel, error %d\n", cpu, irq);
		return irq;
	}
	channel->port = bind.port;
	/* Pairs with READ_ONCE() in xen_kick(); a dependency orders the rest. */
	smp_store_release(&channel->irq, irq);
	return 0;
}

static void channel_unbind(unsigned int cpu)
{
	struct xen_channel *channel = per_cpu_ptr(&channels, cpu);
	int irq = channel->irq;

	if (irq == NO_IRQ)
		return;
	WRITE_ONCE(channel->irq, NO_IRQ);
	/* For kicks that have read it. */
	synchronize_rcu();
	unbind_from_irqhandler(irq, NULL);
}

static int xen_cpu_online(unsigned int cpu)
{
	return channel_bind(cpu);
}

static int xen_cpu_offline(unsigned int cpu)
{
	channel_unbind(cpu);
	return 0;
}

static bool channel_is_bound(unsigned int cpu)
{
	const struct xen_channel *channel = per_cpu_ptr(&channels, cpu);

	return channel->irq != NO_IRQ &&
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

static int xen_resumed(struct notifier_block *unused, unsigned long event,
		       void *data)
{
	schedule_work(&bind_work);
	return NOTIFY_OK;
}

static struct notifier_block resume_notifier = {
	.notifier_call = xen_resumed,
};

static int xen_init(void)
{
	int state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "pvticketlock:online",
				      xen_cpu_online, xen_cpu_offline);

	if (state < 0)
		return state;
	hotplug_state = state;
	xen_resume_notifier_register(&resume_notifier);
	return 0;
}

static void xen_exit(void)
{
	xen_resume_notifier_unregister(&resume_notifier);
	cancel_work_sync(&bind_work);
	cpuhp_remove_state(hotplug_state);
}

static void xen_halt(unsigned long flags)
{
	struct xen_channel *channel = this_cpu_ptr(&channels);

	if (channel->irq != NO_IRQ)
		xen_channel_wait(channel, flags);
}

static void xen_kick(unsigned int cpu)
{
	int irq = READ_ONCE(per_cpu(channels, cpu).irq);

	if (irq != NO_IRQ)
		notify_remote_via_irq(irq);
}

const struct ticket_backend ticket_backend_xen = {
	.name = "xen",
	.missing = xen_missing,
	.init = xen_init,
	.exit = xen_exit,
	.halt = xen_halt,
	.kick = xen_kick,
};

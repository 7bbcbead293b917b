// SPDX-License-Identifier: GPL-2.0
/*
 * Events that nobody asked for, on a channel of this domain: writing the
 * interrupt that the channel is bound to, as in /proc/interrupts, to the
 * parameter xen_event sends one. Not a file in debugfs, so that it can be done
 * while a test runs.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <xen/events.h>
#include <xen/xen.h>

static int xen_event_set(const char *value, const struct kernel_param *param)
{
	unsigned int irq;
	int error = kstrtouint(value, 0, &irq);

	if (error)
		return error;
	if (!xen_domain())
		return -ENODEV;
	notify_remote_via_irq(irq);
	return 0;
}

static const struct kernel_param_ops xen_event_ops = {
	.set = xen_event_set,
};

module_param_cb(xen_event, &xen_event_ops, NULL, 0200);
MODULE_PARM_DESC(xen_event, "Send an event to the channel of this interrupt");

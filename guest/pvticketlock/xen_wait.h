/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a vCPU waits for its event channel under Xen. For backend_xen.c, and for
 * selftests/checker. The including file has defined before:
 *
 *   struct xen_channel			of each vCPU, with a member "waits", an
 *					integer, 0: its waits that interrupt
 *					each other
 *   xen_channel_poll(channel)		block until the channel's pending bit is
 *					set, or an interrupt comes
 *   xen_channel_clear(channel)		clear the bit; a full barrier
 *   platform_...()			see kernel/platform/platform.h
 *
 * A kick sets the pending bit, which stays set until it is cleared. The channel
 * is masked, so no interrupt handler does that. A poll leaves the bit alone.
 *
 *   waiter                              unlocker
 *
 *   look at the lock                    release the lock
 *   poll                                set pending         [B]
 *   clear pending          [A]
 *   look at the lock
 *
 * The bit is cleared before the waiter looks at the lock again, not after. [A]
 * and [B] are locked operations on the same word, so either the bit is set
 * after [A], and the next poll returns at once; or [B] comes before [A], and
 * the waiter's next look sees the lock released.
 *
 * Interrupts are as they were before, so one may come between the last look at
 * the lock and the poll, and its handler may wait for another lock. If that
 * wait cleared the bit, the kick of the wait below it would be lost, and its
 * poll would sleep. So only the outermost wait of a vCPU clears the bit. A wait
 * on top of others leaves the bit set and polls again; with the bit set, that
 * is spinning, until its lock is handed over. Linux does the same for its own
 * spinlocks under Xen.
 */
#ifndef PVTICKETLOCK_XEN_WAIT_H
#define PVTICKETLOCK_XEN_WAIT_H

/**
 * xen_channel_wait() - wait for a kick or an interrupt
 * @channel: of this vCPU
 * @flags: how interrupts were before, and are while it waits
 *
 * Context: interrupts disabled, also on return; not in NMI handlers.
 */
static inline void xen_channel_wait(struct xen_channel *channel,
				    unsigned long flags)
{
	channel->waits++;
	platform_irq_restore(flags);
	platform_fault();
	xen_channel_poll(channel);
	platform_irq_save();
	channel->waits--;
	if (!channel->waits)
		/* [A] litmus: R+clear+kick; mutant: xen-clear-before-poll. Pairs with [B]. */
		xen_channel_clear(channel);
}

#endif /* PVTICKETLOCK_XEN_WAIT_H */

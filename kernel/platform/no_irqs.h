/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock core where no interrupt handler takes locks: what all such platforms have
 * in common. There is nothing to disable, a CPU may halt wherever it waits, and it
 * counts by plain loads and stores.
 *
 * Whoever includes this has platform_statistics(), which returns the calling CPU's
 * struct ticket_statistics.
 */
#ifndef TICKET_PLATFORM_NO_IRQS_H
#define TICKET_PLATFORM_NO_IRQS_H

static inline bool platform_may_halt(void)
{
	return true;
}

static inline unsigned long platform_irq_save(void)
{
	return 0;
}

static inline void platform_irq_restore(unsigned long flags)
{
	(void)flags;
}

/* Written by its own CPU only, read by anyone. */
#define platform_statistics_add(field, amount)				\
do {									\
	u64 *__counter = &platform_statistics()->field;			\
									\
	WRITE_ONCE(*__counter, READ_ONCE(*__counter) + (amount));	\
} while (0)

#endif /* TICKET_PLATFORM_NO_IRQS_H */

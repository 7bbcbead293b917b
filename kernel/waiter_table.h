/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who waits for which ticket: a table from (lock, ticket) to CPU.
 */
#ifndef TICKET_WAITER_TABLE_H
#define TICKET_WAITER_TABLE_H

#include "ticket_types.h"

/* Is the CPU of a published waiter halted, has it been kicked, or left the line? */
enum waiter_state {
	WAITER_AWAKE,
	WAITER_HALTED,
	WAITER_KICKED,
	WAITER_LEFT,
};

/**
 * struct waiter - one waiter that has halted, or may leave the line
 * @lock: address of the lock; NULL if the entry is free
 * @ticket: the ticket it waits for
 * @cpu: the CPU to kick
 * @state: enum waiter_state
 * @overtaken: how often others took the lock when it was this one's turn
 */
struct waiter {
	const void *lock;
	ticket_t ticket;
	u16 cpu;
	u16 state;
	u16 overtaken;
};

int waiter_table_init(void);
void waiter_table_exit(void);

struct waiter *waiter_publish(const void *lock, ticket_t ticket);
void waiter_retract(struct waiter *waiter);
struct waiter *waiter_find(const void *lock, ticket_t ticket);

#endif /* TICKET_WAITER_TABLE_H */

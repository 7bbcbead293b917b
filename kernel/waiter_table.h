/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who waits for which ticket: a table from (lock, ticket) to CPU.
 */
#ifndef TICKET_WAITER_TABLE_H
#define TICKET_WAITER_TABLE_H

#include "ticket_types.h"

/**
 * struct waiter - one halted, or about to halt, waiter
 * @lock: address of the lock; NULL if the entry is free
 * @ticket: the ticket it waits for
 * @cpu: the CPU to kick
 */
struct waiter {
	const struct ticket_lock *lock;
	ticket_t ticket;
	u16 cpu;
};

int waiter_table_init(void);
void waiter_table_exit(void);

struct waiter *waiter_publish(const struct ticket_lock *lock, ticket_t ticket);
void waiter_retract(struct waiter *waiter);
int waiter_find_cpu(const struct ticket_lock *lock, ticket_t ticket);

#endif /* TICKET_WAITER_TABLE_H */

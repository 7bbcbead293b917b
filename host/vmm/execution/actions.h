/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the thread that runs a virtual CPU does with its inbox.
 *
 * The run loop of a vCPU:
 *
 *	vcpu_inbox_attach(inbox);
 *	while (...) {
 *		do
 *			actions_drain(inbox);
 *		while (!actions_enter_guest(inbox));
 *		run the guest until it exits, or inbox_operations.pull_out()
 *		actions_leave_guest(inbox);
 *		handle the exit
 *	}
 *	vcpu_inbox_detach(inbox);
 */
#ifndef ACTIONS_H
#define ACTIONS_H

#include "inbox.h"

void vcpu_inbox_attach(struct vcpu_inbox *inbox);
void vcpu_inbox_detach(struct vcpu_inbox *inbox);
void actions_drain(struct vcpu_inbox *inbox);

#endif /* ACTIONS_H */

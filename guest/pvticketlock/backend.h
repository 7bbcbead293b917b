/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Backend: how a virtual CPU halts and is kicked under one hypervisor.
 */
#ifndef PVTICKETLOCK_BACKEND_H
#define PVTICKETLOCK_BACKEND_H

#include <linux/types.h>

/**
 * struct ticket_backend - one hypervisor
 * @name: as in the module parameter backend=
 * @present: does this machine run under that hypervisor?
 * @missing: NULL if the hypervisor offers what the backend needs, otherwise
 *	what it lacks, in words; asked where it is present
 * @init: prepare to halt and to kick, before anybody may; returns 0 or a
 *	negative errno, and logs why. NULL: there is nothing to prepare.
 * @exit: undo @init, once nobody halts or kicks any more
 * @halt: wait for a kick or an interrupt; called with interrupts off, @flags
 *	tells how they were before and will be afterwards. May return early.
 *	NULL: waiters only spin.
 * @kick: end the halt of @cpu, or its next one if it does not halt
 */
struct ticket_backend {
	const char *name;
	bool (*present)(void);
	const char *(*missing)(void);
	int (*init)(void);
	void (*exit)(void);
	void (*halt)(unsigned long flags);
	void (*kick)(unsigned int cpu);
};

extern const struct ticket_backend ticket_backend_kvm;
extern const struct ticket_backend ticket_backend_native;
extern const struct ticket_backend ticket_backend_xen;

const struct ticket_backend *ticket_backend_choose(const char *name);
bool ticket_backend_halts(void);
void ticket_backend_report(const struct ticket_backend *backend);
int ticket_backend_start(const struct ticket_backend *backend);
void ticket_backend_stop(void);

#endif /* PVTICKETLOCK_BACKEND_H */

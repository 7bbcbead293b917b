/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Crosscalls: have virtual CPUs do something, and wait for it.
 */
#ifndef CROSSCALL_H
#define CROSSCALL_H

#include "inbox.h"

/**
 * struct crosscall_type - one kind of crosscall
 * @class: its name and rank. Who issues it holds locks of lower ranks only;
 *	who serves it takes locks of higher ranks only.
 * @run: done by each target
 * @run_deferred: done instead when a target comes online; NULL: as @run
 * @early_release: the caller waits until each target has noticed it, and is
 *	not in the guest any more; it is served later
 * @deferrable: a target that is offline, or that no thread runs, gets it as a
 *	queued action, and the caller does not wait for it. Otherwise an
 *	offline target is pulled out, and one without a thread is skipped.
 */
struct crosscall_type {
	const struct lock_class *class;
	void (*run)(void *owner, const void *argument);
	void (*run_deferred)(void *owner, const void *argument);
	bool early_release;
	bool deferrable;
};

int crosscall_issue(struct vcpu_inbox *const *targets, u32 nr_targets,
		    const struct crosscall_type *type, const void *argument,
		    size_t size, const char *site);

/*
 * Have @nr_targets vCPUs serve a crosscall. The caller itself may be one of
 * them. @size bytes of @argument are copied. See crosscall_issue().
 */
#define crosscall(targets, nr_targets, type, argument, size)		\
	crosscall_issue(targets, nr_targets, type, argument, size, LOCK_SITE)

/* For actions.c. */
bool crosscalls_serve(struct vcpu_inbox *inbox, u32 lowest);
bool crosscalls_serve_blocked(void);

#endif /* CROSSCALL_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Choose a backend when the module is loaded, and dispatch to it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/export.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "../../kernel/platform/platform.h"
#include "../pvticketlock.h"
#include "backend.h"
#include "fault.h"

/* In the order in which they are tried; the last one is always there. */
static const struct ticket_backend * const backends[] = {
#if IS_ENABLED(CONFIG_PVTICKETLOCK_KVM)
	&ticket_backend_kvm,
#endif
#if IS_ENABLED(CONFIG_PVTICKETLOCK_XEN) && IS_ENABLED(CONFIG_XEN)
	&ticket_backend_xen,
#endif
	&ticket_backend_native,
};

/* All there can be, whatever this module was configured with. */
static const char * const names[] = { "kvm", "xen", "native" };

DEFINE_STATIC_KEY_FALSE(ticket_pv_key);
PLATFORM_EXPORT(ticket_pv_key);

static const struct ticket_backend *active_backend = &ticket_backend_native;

static const char *spin_reason = "as requested";

static const struct ticket_backend *backend_choose_first(void)
{
	unsigned int i;

	spin_reason = "no other backend was built";
	for (i = 0; backends[i]->missing(); i++)
		spin_reason = backends[i]->missing();
	return backends[i];
}

/**
 * ticket_backend_spin_reason() - why waiters do not halt
 *
 * Return: in words, if the chosen backend is the native one.
 */
const char *ticket_backend_spin_reason(void)
{
	return spin_reason;
}

/**
 * ticket_backend_choose() - find the backend to use
 * @name: its name, or "auto" for the first one that this machine offers
 *
 * Return: the backend; ERR_PTR(-EINVAL) for an unknown name,
 * ERR_PTR(-ENODEV) if the machine lacks what it needs, or if it was left out
 * of this module. Errors are logged.
 */
const struct ticket_backend *ticket_backend_choose(const char *name)
{
	unsigned int i;

	if (!strcmp(name, "auto"))
		return backend_choose_first();

	for (i = 0; i < ARRAY_SIZE(backends); i++) {
		const char *missing;

		if (strcmp(name, backends[i]->name))
			continue;
		missing = backends[i]->missing();
		if (!missing)
			return backends[i];
		pr_err("backend=%s: %s; use backend=auto\n", name, missing);
		return ERR_PTR(-ENODEV);
	}
	if (match_string(names, ARRAY_SIZE(names), name) >= 0) {
		pr_err("backend=%s: not part of this build; use backend=auto\n",
		       name);
		return ERR_PTR(-ENODEV);
	}
	pr_err("backend=%s: unknown backend; use auto, kvm, xen or native\n", name);
	return ERR_PTR(-EINVAL);
}

/**
 * ticket_backend_start() - make all ticket locks use a backend
 * @backend: what ticket_backend_choose() returned
 *
 * Context: process context, before anybody can use a lock: lock and unlock
 * must agree on whether waiters may halt.
 * Return: 0 or a negative errno.
 */
int ticket_backend_start(const struct ticket_backend *backend)
{
	int error = backend->init ? backend->init() : 0;

	if (error)
		return error;
	active_backend = backend;
	if (backend->halt)
		static_branch_enable(&ticket_pv_key);
	return 0;
}

/**
 * ticket_backend_stop() - undo ticket_backend_start()
 *
 * Context: process context, after the last use of a lock.
 */
void ticket_backend_stop(void)
{
	if (active_backend->exit)
		active_backend->exit();
	active_backend = &ticket_backend_native;
}

/**
 * pvticketlock_backend() - what waiters halt with
 *
 * Return: the name of the backend in use, as in the parameter backend=.
 */
const char *pvticketlock_backend(void)
{
	return active_backend->name;
}
EXPORT_SYMBOL_GPL(pvticketlock_backend);

void platform_halt(unsigned long flags)
{
	platform_fault();
	if (!ticket_fault_ends_halt())
		active_backend->halt(flags);
}

void platform_kick(unsigned int cpu)
{
	platform_fault();
	active_backend->kick(cpu);
}

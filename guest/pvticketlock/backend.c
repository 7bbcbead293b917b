// SPDX-License-Identifier: GPL-2.0
/*
 * Choose a backend when the module is loaded, and dispatch to it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <asm/cpufeature.h>

#include "../../kernel/platform/platform.h"
#include "../../kernel/ticket_core.h"
#include "../compat.h"
#include "../hypervisor.h"
#include "../pvticketlock.h"
#include "backend.h"
#include "fault.h"
#include "kick_latency.h"

/* In the order in which they are tried. */
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

/*
 * Why waiters had better not halt, although they may be able to. It is the same
 * for all backends, and what the kernel's own spinlocks obey, too. A module does
 * not see the command line; what the kernel made of it, it does.
 *
 * Return: in words, or NULL.
 */
static const char *why_spin(void)
{
	if (num_possible_cpus() == 1)
		return "there is one CPU only";
	if (hypervisor_has_realtime_hint())
		return "the host says that its CPUs are not shared (KVM_HINTS_REALTIME)";
#if IS_ENABLED(CONFIG_PARAVIRT_SPINLOCKS)
	if (compat_spinlock_slowpath() ==
	    (unsigned long)native_queued_spin_lock_slowpath)
		return "nopvspin or xen_nopvspin on the kernel's command line";
#endif
	return NULL;
}

static const struct ticket_backend *backend_choose_first(void)
{
	unsigned int i;

	spin_reason = "no hypervisor that a backend was built for";
	for (i = 0; i < ARRAY_SIZE(backends); i++) {
		const char *missing;

		if (!backends[i]->halt || !backends[i]->present())
			continue;
		missing = backends[i]->missing();
		if (!missing)
			missing = why_spin();
		if (!missing)
			return backends[i];
		spin_reason = missing;
	}
	return &ticket_backend_native;
}

static const struct ticket_backend *
backend_as_requested(const struct ticket_backend *backend)
{
	const char *missing = backend->present() ? backend->missing() :
		"this machine does not run under that hypervisor";

	if (missing) {
		pr_err("backend=%s: %s; use backend=auto\n", backend->name,
		       missing);
		return ERR_PTR(-ENODEV);
	}
	if (backend->halt && why_spin())
		pr_warn("backend=%s: as requested, but %s\n", backend->name,
			why_spin());
	return backend;
}

/**
 * ticket_backend_choose() - find the backend to use
 * @name: its name, or "auto" for the first one that this machine offers, unless
 *	it is better that waiters only spin
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

	for (i = 0; i < ARRAY_SIZE(backends); i++)
		if (!strcmp(name, backends[i]->name))
			return backend_as_requested(backends[i]);
	if (match_string(names, ARRAY_SIZE(names), name) >= 0) {
		pr_err("backend=%s: not part of this build; use backend=auto\n",
		       name);
		return ERR_PTR(-ENODEV);
	}
	pr_err("backend=%s: unknown backend; use auto, kvm, xen or native\n", name);
	return ERR_PTR(-EINVAL);
}

/*
 * Where the host may run something else on a CPU at any time, and nobody can be
 * kicked, a line of waiters would stand still behind each one that does not run.
 */
static bool must_not_queue(const struct ticket_backend *backend)
{
	return !backend->halt && boot_cpu_has(X86_FEATURE_HYPERVISOR) &&
	       !hypervisor_has_realtime_hint();
}

/**
 * ticket_backend_report() - log what waiters will do, and why
 * @backend: what ticket_backend_choose() returned
 *
 * Context: process context, once the spinning time has been set.
 */
void ticket_backend_report(const struct ticket_backend *backend)
{
	if (backend->halt)
		pr_info("backend %s: waiters spin %u ns, then halt\n",
			backend->name, ticket_spin_ns);
	else
		pr_info("backend %s: waiters only spin (%s), in %s\n",
			backend->name, spin_reason,
			must_not_queue(backend) ?
			"no order, as none of them can be kicked" :
			"the order of their tickets");
}

/**
 * ticket_backend_halts() - do waiters of the backend in use halt?
 *
 * Return: whether they do.
 */
bool ticket_backend_halts(void)
{
	return active_backend->halt;
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
	ticket_set_unfair(must_not_queue(backend));
	if (backend->halt || must_not_queue(backend))
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
	if (active_backend->halt && !ticket_fault_ends_halt())
		active_backend->halt(flags);
	kick_latency_running();
}

void platform_kick(unsigned int cpu)
{
	platform_fault();
	kick_latency_kicked(cpu);
	active_backend->kick(cpu);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's spinlocks, taken over and given back.
 */
#ifndef SELFTEST_TAKEOVER_H
#define SELFTEST_TAKEOVER_H

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "guest.h"

#define TAKEOVER		PARAMETERS "takeover"
#define SPINLOCKS		DEBUGFS "pvticketlock_test/spinlocks"
#define HOOKED_FUNCTIONS	"/sys/kernel/tracing/enabled_functions"

#define HOOKABLE_FUNCTIONS	"/sys/kernel/tracing/available_filter_functions"

/* As the lab names it. */
static inline bool kernel_is_kcsan(void)
{
	struct utsname name;

	return !uname(&name) && strstr(name.release, "kcsan");
}

/* Words of the kernel log if this guest's spinlocks cannot be taken over. */
static inline const char *why_no_takeover(void)
{
	char line[1024] = "";

	if (kernel_is_kcsan())
		return "KCSAN";
	if (access(HOOKABLE_FUNCTIONS, F_OK))
		return "CONFIG_DYNAMIC_FTRACE_WITH_ARGS";
	guest_read("/proc/cmdline", line, sizeof(line));
	if (strstr(line, "nopvspin"))
		return "nopvspin";
	if (!guest_is_xen() && !guest_has_pv_unhalt())
		return "KVM_FEATURE_PV_UNHALT";
	if (guest_has_realtime_hint())
		return "KVM_HINTS_REALTIME";
	if (guest_cpus() == 1)
		return "one CPU";
	return NULL;
}

static inline int takeover_error(void)
{
	if (kernel_is_kcsan())
		return -EOPNOTSUPP;
	return access(HOOKABLE_FUNCTIONS, F_OK) ? -ENOENT : -ENODEV;
}

static inline bool is_hooked(void)
{
	static char text[65536];

	return guest_read(HOOKED_FUNCTIONS, text, sizeof(text)) > 0 &&
	       strstr(text, "__pv_queued_spin_");
}

/* Takes some time after the locks were given back. */
static inline bool is_unhooked_soon(void)
{
	unsigned int tries;

	for (tries = 0; is_hooked() && tries < 300; tries++)
		guest_sleep_ms(100);
	return !is_hooked();
}

#endif /* SELFTEST_TAKEOVER_H */

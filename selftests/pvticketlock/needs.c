// SPDX-License-Identifier: GPL-2.0
/*
 * What all tests need of the machine that they run on. Each program looks before it
 * does anything, and is skipped with the reason; the lab's guests have it all.
 */
#include <cpuid.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kselftest.h"
#include "guest.h"

#define CPUID_HYPERVISOR	(1U << 31)
#define LOCKDOWN		"/sys/kernel/security/lockdown"

static const char * const modules[] = {
	"pvticketlock", "lockbench", "pvticketlock_test",
};

/* Tests of refusals have their own. */
bool __attribute__((weak)) tests_refusal(void)
{
	return false;
}

static bool is_guest(void)
{
	unsigned int eax, ebx, ecx, edx;

	/* Programs of Xen's PV guests see the CPUID of the machine. */
	__cpuid(1, eax, ebx, ecx, edx);
	return ecx & CPUID_HYPERVISOR || guest_is_xen();
}

static bool is_locked_down(void)
{
	char text[128] = "";

	guest_read(LOCKDOWN, text, sizeof(text));
	return text[0] && !strstr(text, "[none]");
}

static void need_modules(void)
{
	char path[GUEST_PATH_MAX];
	struct utsname kernel;
	unsigned int i;

	uname(&kernel);
	for (i = 0; i < ARRAY_SIZE(modules); i++) {
		if (guest_module_file(modules[i], path))
			ksft_exit_skip("no %s.ko for %s: install pvticketlock-dkms\n",
				       modules[i], kernel.release);
		/* What somebody uses here is not to be pulled from under them. */
		if (!guest_is_lab() && guest_is_loaded(modules[i]))
			ksft_exit_skip("%s is loaded: end what uses it, and run 'modprobe -r %s'\n",
				       modules[i], modules[i]);
	}
}

static void need_permission_to_load(void)
{
	int error;

	if (guest_is_loaded(modules[0]))
		return;
	error = guest_load(modules[0], "backend=native");
	if (error == -EKEYREJECTED || error == -EPERM)
		ksft_exit_skip("the kernel refuses %s.ko: %s; see pvticketlock(4)\n",
			       modules[0], strerror(-error));
	guest_unload(modules[0]);
}

/* After the constructors of the tests, which may know better reasons. */
static void __attribute__((constructor)) skip_unless_possible(void)
{
	if (geteuid())
		ksft_exit_skip("not root\n");
	if (!is_guest())
		ksft_exit_skip("not a virtual machine\n");
	need_modules();
	if (is_locked_down())
		ksft_exit_skip("the kernel is locked down, and debugfs with it\n");
	if (access(DEBUGFS, X_OK) || access(DEBUGFS "sched", F_OK))
		ksft_exit_skip("no debugfs: mount -t debugfs none " DEBUGFS "\n");
	if (!tests_refusal())
		need_permission_to_load();
}

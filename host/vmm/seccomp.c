// SPDX-License-Identifier: GPL-2.0
/*
 * What a VMM whose guest runs may ask of the kernel: to run the guest, to
 * read and write files that are open already, to wait, and to end. No file is
 * opened and no program or thread is started any more, so that a guest that
 * takes over the VMM has gained little.
 *
 * Whatever else is asked for ends the process with SIGSYS.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "error.h"
#include "seccomp.h"
#include "types.h"

static const int system_calls[] = {
	/* The event loop, lines and disks. */
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl),
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(accept4), SCMP_SYS(close),
	SCMP_SYS(preadv), SCMP_SYS(pwritev), SCMP_SYS(fdatasync),
	SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	/* Threads, locks and RCU. */
	SCMP_SYS(futex), SCMP_SYS(membarrier), SCMP_SYS(sched_yield),
	SCMP_SYS(poll), SCMP_SYS(tgkill), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rseq),
	SCMP_SYS(set_robust_list), SCMP_SYS(sched_getaffinity),
	/* Memory that is freed, and some for messages. */
	SCMP_SYS(munmap), SCMP_SYS(madvise), SCMP_SYS(brk),
	/* Time where the vDSO cannot tell it. */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(time),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit), SCMP_SYS(exit_group),
};

static const unsigned long ioctls[] = {
	KVM_RUN, KVM_IRQ_LINE, KVM_GET_REGS, TCGETS, TCSETS,
};

static int fill(scmp_filter_ctx filter)
{
	int error = 0;
	size_t i;

	for (i = 0; !error && i < ARRAY_SIZE(system_calls); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 system_calls[i], 0);
	for (i = 0; !error && i < ARRAY_SIZE(ioctls); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 SCMP_SYS(ioctl), 1,
					 SCMP_A1(SCMP_CMP_EQ, ioctls[i]));
	/* Memory without a file behind it, never executable (PROT_EXEC is 4). */
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 SCMP_SYS(mprotect), 1,
					 SCMP_A2(SCMP_CMP_MASKED_EQ, 4, 0));
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap),
					 2, SCMP_A2(SCMP_CMP_MASKED_EQ, 4, 0),
					 SCMP_A4(SCMP_CMP_MASKED_EQ, UINT32_MAX,
						 UINT32_MAX));
	return error;
}

/**
 * seccomp__restrict() - restrict all threads of the process, for ever
 *
 * Context: Everything that needs more has been done.
 * Return: 0, or a negative errno after a message.
 */
int seccomp__restrict(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int error = filter ? 0 : -ENOMEM;

	if (!error)
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!error)
		error = fill(filter);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	if (error)
		return vmm_error(-error, "use --no-seccomp, at your own risk",
				 "seccomp filter");
	return 0;
}

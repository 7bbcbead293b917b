// SPDX-License-Identifier: GPL-2.0
/*
 * What a VMM whose guest runs may ask of the kernel: to run the guest, to
 * read and write files that are open already, to wait, and to end. No file is
 * opened and no program or thread is started any more, so that a guest that
 * takes over the VMM has gained little.
 *
 * Where snapshots may be asked for, new files can be created, and files renamed
 * and removed, see confine.c; and the state of the guest be read.
 *
 * Whatever else is asked for ends the process with SIGSYS.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "base/error.h"
#include "seccomp.h"
#include "snapshot/snapshot_target.h"
#include "base/types.h"

static const int system_calls[] = {
	/* The event loop, lines and disks. */
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl),
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(accept4), SCMP_SYS(close),
	SCMP_SYS(preadv), SCMP_SYS(pwritev), SCMP_SYS(readv), SCMP_SYS(fdatasync),
	SCMP_SYS(fcntl),
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
	KVM_RUN, KVM_IRQ_LINE, KVM_GET_REGS, KVM_GET_MP_STATE, TCGETS, TCSETS,
};

static const unsigned long snapshot_ioctls[] = {
	KVM_KVMCLOCK_CTRL, KVM_GET_SREGS, KVM_GET_LAPIC,
	KVM_GET_XCRS, KVM_GET_XSAVE, KVM_GET_DEBUGREGS, KVM_GET_VCPU_EVENTS,
	KVM_GET_MSR_INDEX_LIST, KVM_GET_MSRS, KVM_GET_TSC_KHZ,
	KVM_GET_DEVICE_ATTR, KVM_GET_PIT2, KVM_GET_CLOCK, KVM_GET_IRQCHIP,
};

static int allow_ioctls(scmp_filter_ctx filter, const unsigned long *ioctls,
			size_t number)
{
	int error = 0;
	size_t i;

	for (i = 0; !error && i < number; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 SCMP_SYS(ioctl), 1,
					 SCMP_A1(SCMP_CMP_EQ, ioctls[i]));
	return error;
}

/* See snapshot_target.c; the directory is the one that has been opened. */
static int allow_snapshots(scmp_filter_ctx filter, int directory)
{
	const struct scmp_arg_cmp from = SCMP_A0(SCMP_CMP_EQ, directory);
	const struct scmp_arg_cmp to = SCMP_A2(SCMP_CMP_EQ, directory);
	const struct scmp_arg_cmp create =
		SCMP_A2(SCMP_CMP_EQ, SNAPSHOT_TARGET_FLAGS);
	int error;

	error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 2,
				 from, create);
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 SCMP_SYS(renameat), 2, from, to);
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 SCMP_SYS(unlinkat), 1, from);
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fsync),
					 1, from);
	return error ?: allow_ioctls(filter, snapshot_ioctls,
				     ARRAY_SIZE(snapshot_ioctls));
}

static int fill(scmp_filter_ctx filter)
{
	int error = 0;
	size_t i;

	for (i = 0; !error && i < ARRAY_SIZE(system_calls); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
					 system_calls[i], 0);
	if (!error)
		error = allow_ioctls(filter, ioctls, ARRAY_SIZE(ioctls));
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
 * @snapshots: the directory that snapshots go to; -1: none are written
 *
 * Context: Everything that needs more has been done.
 * Return: 0, or a negative errno after a message.
 */
int seccomp__restrict(int snapshots)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int error = filter ? 0 : -ENOMEM;

	if (!error)
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!error)
		error = fill(filter);
	if (!error && snapshots >= 0)
		error = allow_snapshots(filter, snapshots);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	if (error)
		return vmm_error(-error, "use --no-seccomp, at your own risk",
				 "seccomp filter");
	return 0;
}

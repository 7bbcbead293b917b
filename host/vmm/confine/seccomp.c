// SPDX-License-Identifier: GPL-2.0
/*
 * What a thread of a VMM whose guest runs may ask of the kernel: a filter for each
 * kind of thread, in which it finds what it is there for and nothing else. No path is
 * looked up, no program or thread started, no memory made executable, and no other
 * process signalled. So a guest that takes over the VMM has gained little.
 *
 * Filters are compiled before there are threads, so that a thread that restricts itself
 * needs no memory and no files. Whatever else is asked for ends the process with SIGSYS.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "../base/error.h"
#include "../base/types.h"
#include "seccomp.h"

#define REMEDY		"use --no-seccomp, at your own risk"

#define IN_MAIN		BIT(THREAD_MAIN)
#define IN_VCPU		BIT(THREAD_VCPU)
#define IN_HOG		BIT(THREAD_HOG)
#define IN_BOTH		(IN_MAIN | IN_VCPU)
#define IN_ALL		(IN_BOTH | IN_HOG)

/* Which kinds of threads may call what. */
static const struct {
	int number;
	unsigned int kinds;
} system_calls[] = {
	/* Locks, and the end of a thread. */
	{ SCMP_SYS(futex), IN_ALL },
	{ SCMP_SYS(rt_sigprocmask), IN_ALL },
	{ SCMP_SYS(rt_sigreturn), IN_ALL },
	{ SCMP_SYS(madvise), IN_ALL },
	{ SCMP_SYS(munmap), IN_ALL },
	{ SCMP_SYS(exit), IN_ALL },
	/* Time where the vDSO cannot tell it. */
	{ SCMP_SYS(clock_gettime), IN_ALL },
	{ SCMP_SYS(restart_syscall), IN_ALL },
	/* RCU, and the pauses of its updaters. */
	{ SCMP_SYS(membarrier), IN_BOTH },
	{ SCMP_SYS(poll), IN_BOTH },
	{ SCMP_SYS(sched_yield), IN_BOTH },
	{ SCMP_SYS(gettid), IN_BOTH },
	{ SCMP_SYS(getpid), IN_BOTH },
	/* Memory for messages to vCPUs. */
	{ SCMP_SYS(brk), IN_BOTH },
	/* Lines, disks, messages, and eventfds that wake the main thread. */
	{ SCMP_SYS(write), IN_BOTH },
	{ SCMP_SYS(preadv), IN_BOTH },
	{ SCMP_SYS(pwritev), IN_BOTH },
	{ SCMP_SYS(fdatasync), IN_BOTH },
	{ SCMP_SYS(epoll_ctl), IN_BOTH },
	{ SCMP_SYS(exit_group), IN_BOTH },
	/* Preemption on command. */
	{ SCMP_SYS(clock_nanosleep), IN_VCPU },
	/* The event loop. */
	{ SCMP_SYS(epoll_wait), IN_MAIN },
	{ SCMP_SYS(epoll_pwait), IN_MAIN },
	{ SCMP_SYS(read), IN_MAIN },
	{ SCMP_SYS(readv), IN_MAIN },
	{ SCMP_SYS(accept4), IN_MAIN },
	{ SCMP_SYS(close), IN_MAIN },
	/* The time of the clock device and of statistics. */
	{ SCMP_SYS(time), IN_BOTH },
	{ SCMP_SYS(gettimeofday), IN_BOTH },
};

static const struct {
	unsigned long request;
	unsigned int kinds;
} ioctls[] = {
	{ KVM_RUN, IN_VCPU },
	{ KVM_GET_REGS, IN_VCPU },
	{ KVM_GET_MP_STATE, IN_VCPU },
	{ KVM_IRQ_LINE, IN_BOTH },
	{ TCGETS, IN_MAIN },
	{ TCSETS, IN_MAIN },
}, snapshot_ioctls[] = {
	{ KVM_KVMCLOCK_CTRL, IN_VCPU },
	{ KVM_GET_SREGS, IN_VCPU },
	{ KVM_GET_LAPIC, IN_VCPU },
	{ KVM_GET_XCRS, IN_VCPU },
	{ KVM_GET_XSAVE, IN_VCPU },
	{ KVM_GET_DEBUGREGS, IN_VCPU },
	{ KVM_GET_VCPU_EVENTS, IN_VCPU },
	{ KVM_GET_MSR_INDEX_LIST, IN_VCPU },
	{ KVM_GET_MSRS, IN_VCPU },
	{ KVM_GET_TSC_KHZ, IN_VCPU },
	{ KVM_GET_DEVICE_ATTR, IN_VCPU },
	{ KVM_GET_PIT2, IN_MAIN },
	{ KVM_GET_CLOCK, IN_MAIN },
	{ KVM_GET_IRQCHIP, IN_MAIN },
};

static struct sock_fprog programs[THREAD_KINDS];

static int allow_ioctl(scmp_filter_ctx filter, unsigned long request)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				SCMP_A1(SCMP_CMP_EQ, request));
}

static int allow_ioctls(scmp_filter_ctx filter, unsigned int kind,
			bool snapshots)
{
	int error = 0;
	size_t i;

	for (i = 0; !error && i < ARRAY_SIZE(ioctls); i++)
		if (ioctls[i].kinds & kind)
			error = allow_ioctl(filter, ioctls[i].request);
	if (!snapshots)
		return error;
	for (i = 0; !error && i < ARRAY_SIZE(snapshot_ioctls); i++)
		if (snapshot_ioctls[i].kinds & kind)
			error = allow_ioctl(filter, snapshot_ioctls[i].request);
	return error;
}

/* Memory without a file behind it, never executable. */
static int allow_memory(scmp_filter_ctx filter)
{
	int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect),
				     1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	return error ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap),
					 2, SCMP_A2(SCMP_CMP_MASKED_EQ,
						    PROT_EXEC, 0),
					 SCMP_A4(SCMP_CMP_MASKED_EQ, UINT32_MAX,
						 UINT32_MAX));
}

/* Of this process's threads only, to pull vCPUs out of the guest. */
static int allow_signals(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				SCMP_A0(SCMP_CMP_EQ, getpid()));
}

/* Descriptors of peers, and the flags of standard files at the end. */
static int allow_descriptors(scmp_filter_ctx filter)
{
	int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
				     SCMP_A1(SCMP_CMP_EQ, F_DUPFD_CLOEXEC));

	return error ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl),
					 2, SCMP_A0(SCMP_CMP_LE, STDERR_FILENO),
					 SCMP_A1(SCMP_CMP_EQ, F_SETFL));
}

/* The file comes from the filer; see snapshot_target.c. */
static int allow_snapshots(scmp_filter_ctx filter)
{
	static const int calls[] = {
		SCMP_SYS(sendto), SCMP_SYS(recvmsg), SCMP_SYS(lseek),
	};
	int error = 0;
	size_t i;

	for (i = 0; !error && i < ARRAY_SIZE(calls); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return error;
}

static int fill(scmp_filter_ctx filter, unsigned int kind, bool snapshots)
{
	int error = 0;
	size_t i;

	for (i = 0; !error && i < ARRAY_SIZE(system_calls); i++)
		if (system_calls[i].kinds & kind)
			error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
						 system_calls[i].number, 0);
	if (!error)
		error = allow_ioctls(filter, kind, snapshots);
	if (!error && kind & IN_BOTH)
		error = allow_memory(filter) ?: allow_signals(filter);
	if (!error && kind & IN_MAIN)
		error = allow_descriptors(filter) ?:
			(snapshots ? allow_snapshots(filter) : 0);
	return error;
}

/* The program that libseccomp makes of a filter; it only writes it to files. */
static int export(scmp_filter_ctx filter, struct sock_fprog *program)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	int error = fd < 0 ? -errno : seccomp_export_bpf(filter, fd);
	off_t size = error ? 0 : lseek(fd, 0, SEEK_END);

	if (size > 0)
		program->filter = malloc(size);
	if (!error && (!program->filter ||
		       pread(fd, program->filter, size, 0) != size))
		error = -ENOMEM;
	program->len = size / sizeof(program->filter[0]);
	if (fd >= 0)
		close(fd);
	return error;
}

static int compile(enum thread_kind kind, bool snapshots)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int error = filter ? fill(filter, BIT(kind), snapshots) : -ENOMEM;

	error = error ?: export(filter, &programs[kind]);
	seccomp_release(filter);
	return error;
}

/**
 * seccomp__compile() - make the filters of all kinds of threads
 * @snapshots: whether snapshots may be taken
 *
 * Context: Before seccomp__restrict(); in the process that is to be restricted.
 * Return: 0, or a negative errno after a message.
 */
int seccomp__compile(bool snapshots)
{
	enum thread_kind kind;
	int error = 0;

	for (kind = 0; !error && kind < THREAD_KINDS; kind++)
		error = compile(kind, snapshots);
	return error ? vmm_error(-error, REMEDY, "seccomp filters") : 0;
}

/**
 * seccomp__restrict() - restrict the calling thread, for ever
 * @kind: of the thread; nothing happens unless filters have been compiled
 *
 * Context: Everything that needs more has been done.
 * Return: 0, or a negative errno after a message.
 */
int seccomp__restrict(enum thread_kind kind)
{
	if (!programs[kind].filter)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &programs[kind]))
		return vmm_error(errno, REMEDY, "seccomp filter");
	return 0;
}

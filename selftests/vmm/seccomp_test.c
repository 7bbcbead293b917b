// SPDX-License-Identifier: GPL-2.0
/*
 * What each kind of thread may not ask of the kernel: it is asked for from such a
 * thread, which has to end the process. Each call has its control, the same call from a
 * thread that is not restricted.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../harness.h"
#include "../../host/vmm/base/types.h"
#include "../../host/vmm/confine/seccomp.h"

/* None of them does any harm where it is allowed. */
static void open_file(void)
{
	syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY, 0);
}

static void create_file(void)
{
	syscall(SYS_openat, AT_FDCWD, "/nowhere/file", O_WRONLY | O_CREAT, 0600);
}

static void look_at_file(void)
{
	char status[256];

	syscall(SYS_newfstatat, AT_FDCWD, "/etc/shadow", status, 0);
}

static void rename_file(void)
{
	syscall(SYS_renameat, AT_FDCWD, "/nowhere/a", AT_FDCWD, "/nowhere/b");
}

static void remove_file(void)
{
	syscall(SYS_unlinkat, AT_FDCWD, "/nowhere/file", 0);
}

static void run_program(void)
{
	syscall(SYS_execve, "/nowhere/program", NULL, NULL);
}

static void start_process(void)
{
	/* An invalid combination of flags, so that nothing is started. */
	syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0);
}

/* To be asked for by its number alone: asking for that would end the process. */
static pid_t parent;

static void signal_parent(void)
{
	syscall(SYS_tgkill, parent, parent, 0);
}

static void signal_process(void)
{
	syscall(SYS_kill, parent, 0);
}

static void connect_somewhere(void)
{
	syscall(SYS_socket, -1, 0, 0);
}

static void trace_parent(void)
{
	syscall(SYS_ptrace, -1, 0, 0, 0);
}

static void map_executable(void)
{
	syscall(SYS_mmap, NULL, PAGE_SIZE, PROT_READ | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void map_file(void)
{
	syscall(SYS_mmap, NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, 0, 0);
}

static void make_executable(void)
{
	syscall(SYS_mprotect, NULL, 0, PROT_READ | PROT_EXEC);
}

static void create_vm(void)
{
	ioctl(-1, KVM_CREATE_VM, 0);
}

static void write_registers(void)
{
	ioctl(-1, KVM_SET_REGS, NULL);
}

static void change_priority(void)
{
	syscall(SYS_sched_setscheduler, 0, -1, NULL);
}

static void change_system_calls(void)
{
	syscall(SYS_prctl, -1, 0, 0, 0, 0);
}

/* What the others are there for. */
static void run_guest(void)
{
	ioctl(-1, KVM_RUN, 0);
}

static void take_connection(void)
{
	syscall(SYS_accept4, -1, NULL, NULL, 0);
}

static void read_something(void)
{
	syscall(SYS_read, -1, NULL, 0);
}

static void write_something(void)
{
	syscall(SYS_write, -1, NULL, 0);
}

static void signal_own_thread(void)
{
	syscall(SYS_tgkill, getpid(), 1 << 22, 0);
}

static void wait_for_lock(void)
{
	syscall(SYS_futex, NULL, -1, 0, NULL, NULL, 0);
}

#define MAIN	BIT(THREAD_MAIN)
#define VCPU	BIT(THREAD_VCPU)
#define HOG	BIT(THREAD_HOG)

/* Which kinds of threads may do it. */
static const struct {
	const char *name;
	void (*call)(void);
	unsigned int allowed;
} calls[] = {
	{ "open a file", open_file, 0 },
	{ "create a file", create_file, 0 },
	{ "look at a file", look_at_file, 0 },
	{ "rename a file", rename_file, 0 },
	{ "remove a file", remove_file, 0 },
	{ "run a program", run_program, 0 },
	{ "start a process", start_process, 0 },
	{ "signal a thread of another process", signal_parent, 0 },
	{ "signal another process", signal_process, 0 },
	{ "open a socket", connect_somewhere, 0 },
	{ "trace a process", trace_parent, 0 },
	{ "map executable memory", map_executable, 0 },
	{ "map a file", map_file, 0 },
	{ "make memory executable", make_executable, 0 },
	{ "create a VM", create_vm, 0 },
	{ "write registers of a vCPU", write_registers, 0 },
	{ "change the priority", change_priority, 0 },
	{ "change what is allowed", change_system_calls, 0 },
	{ "run a guest", run_guest, VCPU },
	{ "take a connection", take_connection, MAIN },
	{ "read", read_something, MAIN },
	{ "write", write_something, MAIN | VCPU },
	{ "signal a thread of its own", signal_own_thread, MAIN | VCPU },
	{ "wait for a lock", wait_for_lock, MAIN | VCPU | HOG },
};

struct attempt {
	enum thread_kind kind;
	bool restricted;
	void (*call)(void);
};

static void *make_attempt(void *argument)
{
	const struct attempt *attempt = argument;

	if (attempt->restricted && seccomp__restrict(attempt->kind))
		_exit(2);
	attempt->call();
	return NULL;
}

/* In a thread of a process of its own; true if the process has survived. */
static bool survives(struct attempt attempt)
{
	pthread_t thread;
	pid_t child;
	int status;

	parent = getpid();
	child = fork();
	if (!child) {
		if (seccomp__compile(true) ||
		    pthread_create(&thread, NULL, make_attempt, &attempt))
			_exit(2);
		pthread_join(thread, NULL);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		abort();
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return false;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		abort();
	return true;
}

FIXTURE(thread) {
};

FIXTURE_VARIANT(thread) {
	enum thread_kind kind;
};

FIXTURE_VARIANT_ADD(thread, main) {
	.kind = THREAD_MAIN,
};

FIXTURE_VARIANT_ADD(thread, vcpu) {
	.kind = THREAD_VCPU,
};

FIXTURE_VARIANT_ADD(thread, hog) {
	.kind = THREAD_HOG,
};

FIXTURE_SETUP(thread)
{
}

FIXTURE_TEARDOWN(thread)
{
}

TEST_F(thread, does_what_it_is_there_for_and_nothing_else)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		struct attempt attempt = { variant->kind, true, calls[i].call };
		bool allowed = calls[i].allowed & BIT(variant->kind);

		EXPECT_EQ(allowed, survives(attempt)) {
			TH_LOG("%s", calls[i].name);
		}
		/* The control. */
		attempt.restricted = false;
		EXPECT_TRUE(survives(attempt));
	}
}

/* A filter is not that of the process: others do what they are there for. */
TEST(threads_of_different_kinds)
{
	struct attempt vcpu = { THREAD_VCPU, true, run_guest };
	struct attempt main = { THREAD_MAIN, true, take_connection };
	pid_t child = fork();
	pthread_t thread;
	int status;

	if (!child) {
		if (seccomp__compile(false) ||
		    pthread_create(&thread, NULL, make_attempt, &vcpu))
			_exit(2);
		pthread_join(thread, NULL);
		make_attempt(&main);
		syscall(SYS_exit_group, 0);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFEXITED(status) && !WEXITSTATUS(status));
}

TEST_HARNESS_MAIN

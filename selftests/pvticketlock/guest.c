// SPDX-License-Identifier: GPL-2.0
/*
 * What the tests do to a guest.
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define KVM_CPUID_SIGNATURE	0x40000000
#define KVM_CPUID_FEATURES	0x40000001
#define KVM_FEATURE_PV_UNHALT	7
#define KVM_HINTS_REALTIME	0
#define CPUID_HYPERVISOR	(1U << 31)

#define LOG_LINE		2048

/**
 * guest_write() - write to a file of sysfs or debugfs
 * @path: of the file
 * @text: all of it in one write
 *
 * Return: 0 or a negative errno.
 */
int guest_write(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t length = strlen(text);
	int error = 0;
	ssize_t done;

	if (file < 0)
		return -errno;
	done = write(file, text, length);
	if (done < 0)
		error = -errno;
	else if (done != length)
		error = -EIO;
	close(file);
	return error;
}

/**
 * guest_read() - read a file of sysfs or debugfs
 * @path: of the file
 * @text: for its contents, as a string
 * @size: of @text; what is longer is cut off
 *
 * Return: the length or a negative errno.
 */
ssize_t guest_read(const char *path, char *text, size_t size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t done;

	if (file < 0)
		return -errno;
	do {
		done = read(file, text + length, size - 1 - length);
		if (done < 0) {
			done = -errno;
			close(file);
			return done;
		}
		length += done;
	} while (done && length < size - 1);
	text[length] = '\0';
	close(file);
	return length;
}

/**
 * guest_number() - read a file that holds a number
 * @path: of the file
 *
 * Return: the number, or a negative errno.
 */
long long guest_number(const char *path)
{
	char text[64];
	ssize_t length = guest_read(path, text, sizeof(text));

	return length < 0 ? length : strtoll(text, NULL, 0);
}

/* KVM's features in eax, its hints in edx; false if there is no KVM. */
static bool kvm_features(unsigned int *eax, unsigned int *edx)
{
	unsigned int ebx, ecx;

	__cpuid(1, *eax, ebx, ecx, *edx);
	if (!(ecx & CPUID_HYPERVISOR))
		return false;
	__cpuid(KVM_CPUID_SIGNATURE, *eax, ebx, ecx, *edx);
	if (memcmp(&ebx, "KVMK", 4) || memcmp(&ecx, "VMKV", 4))
		return false;
	__cpuid(KVM_CPUID_FEATURES, *eax, ebx, ecx, *edx);
	return true;
}

/**
 * guest_has_pv_unhalt() - what CPUID says
 *
 * Return: whether the hypervisor is a KVM that offers PV_UNHALT.
 */
bool guest_has_pv_unhalt(void)
{
	unsigned int eax, edx;

	return kvm_features(&eax, &edx) &&
	       eax & (1U << KVM_FEATURE_PV_UNHALT);
}

/**
 * guest_has_realtime_hint() - what CPUID says
 *
 * Return: whether the hypervisor is a KVM whose CPUs are not shared.
 */
bool guest_has_realtime_hint(void)
{
	unsigned int eax, edx;

	return kvm_features(&eax, &edx) && edx & (1U << KVM_HINTS_REALTIME);
}

/**
 * guest_is_xen() - is the hypervisor Xen?
 *
 * A PV guest's programs see the CPUID of the machine, so the kernel is asked.
 *
 * Return: whether it is.
 */
bool guest_is_xen(void)
{
	char text[8] = "";

	guest_read("/sys/hypervisor/type", text, sizeof(text));
	return !strncmp(text, "xen", 3);
}

/* "nopvspin" and "xen_nopvspin" turn off the kernel's own halting locks. */
static bool nopvspin(void)
{
	char text[2048] = "";

	guest_read("/proc/cmdline", text, sizeof(text));
	return strstr(text, "nopvspin");
}

/**
 * guest_why_spin() - why waiters had better spin, although they could be kicked
 *
 * Return: words of the kernel log, or NULL.
 */
const char *guest_why_spin(void)
{
	if (sysconf(_SC_NPROCESSORS_CONF) == 1)
		return "there is one CPU only";
	if (guest_has_realtime_hint())
		return "KVM_HINTS_REALTIME";
	return nopvspin() ? "nopvspin" : NULL;
}

/**
 * guest_backend() - the backend that backend=auto has to choose
 *
 * Return: its name.
 */
const char *guest_backend(void)
{
	if (guest_why_spin())
		return "native";
	if (guest_has_pv_unhalt())
		return "kvm";
	return guest_is_xen() ? "xen" : "native";
}

/**
 * guest_waiters_halt() - can waiters halt and be kicked here?
 *
 * Return: whether they can.
 */
bool guest_waiters_halt(void)
{
	return strcmp(guest_backend(), "native");
}

/**
 * guest_set_online() - have a CPU come or go
 * @cpu: which one; CPU 0 stays
 * @online: whether it comes
 *
 * Return: 0, or a negative error.
 */
int guest_set_online(unsigned int cpu, bool online)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online",
		 cpu);
	return guest_write(path, online ? "1" : "0");
}

/**
 * guest_cpus() - the number of online CPUs
 *
 * Return: at least 1.
 */
unsigned int guest_cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

/**
 * guest_log_open() - look at the kernel log from now on
 *
 * Return: what to give to guest_log_has(), or a negative errno.
 */
int guest_log_open(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (log < 0)
		return -errno;
	lseek(log, 0, SEEK_END);
	return log;
}

/**
 * guest_log_has() - search what was logged since the last search
 * @log: what guest_log_open() returned
 * @words: to be found in one line
 *
 * Return: whether there is such a line.
 */
bool guest_log_has(int log, const char *words)
{
	char line[LOG_LINE];
	ssize_t length;

	for (;;) {
		length = read(log, line, sizeof(line) - 1);
		if (length < 0 && errno == EPIPE)
			continue;
		if (length <= 0)
			return false;
		line[length] = '\0';
		if (strstr(line, words))
			return true;
	}
}

/**
 * guest_write_in_background() - guest_write() that takes a while
 * @path: of the file
 * @text: all of it in one write
 *
 * Return: what to give to guest_wait(), or a negative errno.
 */
pid_t guest_write_in_background(const char *path, const char *text)
{
	pid_t child = fork();

	if (child < 0)
		return -errno;
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(-guest_write(path, text));
	}
	return child;
}

/**
 * guest_read_in_background() - read a file whose contents do not matter
 * @path: of the file
 *
 * Return: what to give to guest_wait(), or a negative errno.
 */
pid_t guest_read_in_background(const char *path)
{
	pid_t child = fork();
	char text[64];
	ssize_t length;

	if (child < 0)
		return -errno;
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		length = guest_read(path, text, sizeof(text));
		_exit(length < 0 ? -length : 0);
	}
	return child;
}

/**
 * guest_wait() - wait for what goes on in the background
 * @child: what it returned
 *
 * Return: 0 or a negative errno, -EINTR if a signal ended it.
 */
int guest_wait(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

/**
 * guest_sleep_ms() - sleep
 * @milliseconds: how long
 */
void guest_sleep_ms(unsigned int milliseconds)
{
	struct timespec time = {
		.tv_sec = milliseconds / 1000,
		.tv_nsec = milliseconds % 1000 * 1000000L,
	};

	nanosleep(&time, NULL);
}

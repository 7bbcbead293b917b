// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/kvm, and what this VMM needs of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../base/error.h"
#include "kvm.h"
#include "../base/types.h"

#define DEVICE		"/dev/kvm"
#define NEWER_KERNEL	"use Linux 4.13 or later on x86-64"

static const struct {
	int number;
	const char *name;
	const char *remedy;
} required[] = {
	{ KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY", NEWER_KERNEL },
	{ KVM_CAP_IRQCHIP, "KVM_CAP_IRQCHIP", "use the KVM of an x86 host" },
	{ KVM_CAP_PIT2, "KVM_CAP_PIT2", "use the KVM of an x86 host" },
	{ KVM_CAP_EXT_CPUID, "KVM_CAP_EXT_CPUID", NEWER_KERNEL },
	{ KVM_CAP_MP_STATE, "KVM_CAP_MP_STATE", NEWER_KERNEL },
	{ KVM_CAP_SET_TSS_ADDR, "KVM_CAP_SET_TSS_ADDR", NEWER_KERNEL },
	{ KVM_CAP_SET_IDENTITY_MAP_ADDR, "KVM_CAP_SET_IDENTITY_MAP_ADDR",
	  NEWER_KERNEL },
	{ KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT", NEWER_KERNEL },
};

/**
 * kvm__has() - ask KVM for a capability
 * @fd: of kvm__open(), or of a VM
 * @capability: KVM_CAP_*
 *
 * Return: its value; 0: not there.
 */
int kvm__has(int fd, int capability)
{
	int value = ioctl(fd, KVM_CHECK_EXTENSION, capability);

	return value < 0 ? 0 : value;
}

static int check_vcpus(int fd, unsigned int vcpus)
{
	int most = kvm__has(fd, KVM_CAP_MAX_VCPUS);

	/* As the documentation of KVM_CREATE_VCPU has it. */
	if (!most)
		most = kvm__has(fd, KVM_CAP_NR_VCPUS) ?: 4;
	if (vcpus > (unsigned int)most) {
		vmm_error(EINVAL, "give fewer with --cpus",
			  "%u vCPUs; KVM has %d at most", vcpus, most);
		return -1;
	}
	return 0;
}

static int check_capabilities(int fd)
{
	size_t i, missing = 0;
	int version = ioctl(fd, KVM_GET_API_VERSION, 0);

	if (version != KVM_API_VERSION)
		return vmm_error(version < 0 ? errno : 0, NEWER_KERNEL,
				 DEVICE ": KVM_GET_API_VERSION is %d instead of %d",
				 version, KVM_API_VERSION);
	for (i = 0; i < ARRAY_SIZE(required); i++) {
		if (kvm__has(fd, required[i].number))
			continue;
		vmm_error(0, required[i].remedy, DEVICE ": %s is missing",
			  required[i].name);
		missing++;
	}
	return missing ? -1 : 0;
}

static const char *remedy_of_open(int error)
{
	switch (error) {
	case ENOENT:
		return "load kvm-intel or kvm-amd; in a VM, enable nesting";
	case EACCES:
		return "join the group kvm: usermod -aG kvm $USER";
	default:
		return "load kvm-intel or kvm-amd, and enable virtualization in the firmware";
	}
}

/**
 * kvm__open() - open /dev/kvm and check that it is sufficient
 * @vcpus: that one VM is to have
 *
 * Return: a file descriptor, or -1 after messages that name all that is
 * missing.
 */
int kvm__open(unsigned int vcpus)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		vmm_error(errno, remedy_of_open(errno), DEVICE);
		return -1;
	}
	if (check_capabilities(fd) || check_vcpus(fd, vcpus)) {
		close(fd);
		return -1;
	}
	return fd;
}

/**
 * kvm__run_size() - ask how large struct kvm_run is, with what follows it
 * @fd: of kvm__open()
 *
 * Return: bytes to map; 0 after a message.
 */
size_t kvm__run_size(int fd)
{
	int size = ioctl(fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (size < (int)sizeof(struct kvm_run)) {
		vmm_error(size < 0 ? errno : EINVAL, NEWER_KERNEL,
			  "KVM_GET_VCPU_MMAP_SIZE");
		return 0;
	}
	return size;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The model-specific registers of a vCPU, for snapshots: those that KVM names,
 * and those that it has without naming them.
 *
 * KVM names registers that this vCPU does not have; these are left out. The TSC
 * is not among them: see vcpu_snapshot.c.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../base/error.h"
#include "vcpu_msrs.h"

#define MSR_TSC			0x10
#define MSR_MTRR_VARIABLE	0x200
#define MSR_MTRR_FIX64K		0x250
#define MSR_MTRR_FIX16K		0x258
#define MSR_MTRR_FIX4K		0x268
#define MSR_MTRR_DEFAULT_TYPE	0x2ff
#define MSR_MACHINE_CHECK	0x400

/* Numbers of registers that KVM does not name, from first on. */
static const struct {
	u32 first;
	u32 number;
} unnamed[] = {
	{ MSR_MTRR_VARIABLE, 16 },
	{ MSR_MTRR_FIX64K, 1 },
	{ MSR_MTRR_FIX16K, 2 },
	{ MSR_MTRR_FIX4K, 8 },
	{ MSR_MTRR_DEFAULT_TYPE, 1 },
	{ MSR_MACHINE_CHECK, 4 * 32 },
};

struct msr_buffer {
	struct kvm_msrs header;
	struct kvm_msr_entry entry[VCPU_SNAPSHOT_MSRS];
};

struct msr_index_buffer {
	struct kvm_msr_list header;
	u32 index[VCPU_SNAPSHOT_MSRS];
};

static void add(struct vcpu_snapshot *state, u32 index)
{
	if (state->nr_msrs < VCPU_SNAPSHOT_MSRS && index != MSR_TSC)
		state->msrs[state->nr_msrs++].index = index;
}

/* Which there may be. */
static int list(struct vcpu *vcpu, struct vcpu_snapshot *state)
{
	struct msr_index_buffer named = { .header.nmsrs = VCPU_SNAPSHOT_MSRS };
	u32 i, j;

	if (ioctl(vcpu->vm->kvm_fd, KVM_GET_MSR_INDEX_LIST, &named))
		return vmm_error(errno, "use a newer pvmm",
				 "KVM_GET_MSR_INDEX_LIST");
	state->nr_msrs = 0;
	for (i = 0; i < named.header.nmsrs; i++)
		add(state, named.index[i]);
	for (i = 0; i < ARRAY_SIZE(unnamed); i++)
		for (j = 0; j < unnamed[i].number; j++)
			add(state, unnamed[i].first + j);
	if (state->nr_msrs == VCPU_SNAPSHOT_MSRS)
		return vmm_error(E2BIG, "use a newer pvmm",
				 "MSRs of vCPU %u", vcpu->number);
	return 0;
}

/*
 * Read or write entries, up to the first that cannot be.
 * Returns how many, or a negative errno.
 */
static int transfer(struct vcpu *vcpu, unsigned long request,
		    struct kvm_msr_entry *entries, u32 number)
{
	struct msr_buffer buffer = { .header.nmsrs = number };
	int done;

	memcpy(buffer.entry, entries, number * sizeof(*entries));
	done = ioctl(vcpu->fd, request, &buffer);
	if (done < 0)
		return -errno;
	if (request == KVM_GET_MSRS)
		memcpy(entries, buffer.entry, done * sizeof(*entries));
	return done;
}

/**
 * vcpu_msrs__save() - read the MSRs of a vCPU
 * @vcpu: the caller holds its execution lock
 * @state: where to
 *
 * Return: 0, or a negative errno after a message.
 */
int vcpu_msrs__save(struct vcpu *vcpu, struct vcpu_snapshot *state)
{
	int error = list(vcpu, state);
	u32 next = 0;

	while (!error && next < state->nr_msrs) {
		int done = transfer(vcpu, KVM_GET_MSRS, &state->msrs[next],
				    state->nr_msrs - next);

		if (done < 0)
			return vmm_error(-done, NULL, "KVM_GET_MSRS of vCPU %u",
					 vcpu->number);
		next += done;
		if (next == state->nr_msrs)
			break;
		/* The vCPU does not have this one. */
		state->nr_msrs--;
		memmove(&state->msrs[next], &state->msrs[next + 1],
			(state->nr_msrs - next) * sizeof(state->msrs[0]));
	}
	return error;
}

/* What cannot be written may have the right value as it is. */
static int check_unwritable(struct vcpu *vcpu, const struct kvm_msr_entry *wanted)
{
	struct kvm_msr_entry is = { .index = wanted->index };

	if (transfer(vcpu, KVM_GET_MSRS, &is, 1) == 1 && is.data == wanted->data)
		return 0;
	return vmm_error(EINVAL, "restore on a host like the one of the snapshot",
			 "vCPU %u: MSR %#x cannot be set to %#llx",
			 vcpu->number, wanted->index,
			 (unsigned long long)wanted->data);
}

/**
 * vcpu_msrs__load() - write the MSRs of a vCPU
 * @vcpu: the caller holds its execution lock; its local APIC has been loaded,
 *	without which there is no timer for one of them
 * @state: where they are
 *
 * Return: 0, or a negative errno after a message.
 */
int vcpu_msrs__load(struct vcpu *vcpu, const struct vcpu_snapshot *state)
{
	struct kvm_msr_entry entries[VCPU_SNAPSHOT_MSRS];
	u32 next = 0;

	memcpy(entries, state->msrs, state->nr_msrs * sizeof(entries[0]));
	while (next < state->nr_msrs) {
		int done = transfer(vcpu, KVM_SET_MSRS, &entries[next],
				    state->nr_msrs - next);
		int error;

		if (done < 0)
			return vmm_error(-done, NULL, "KVM_SET_MSRS of vCPU %u",
					 vcpu->number);
		next += done;
		if (next == state->nr_msrs)
			break;
		error = check_unwritable(vcpu, &entries[next++]);
		if (error)
			return error;
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Saving and loading all that KVM knows of a vCPU.
 *
 * Order. KVM_GET_MP_STATE may reset the vCPU, if an INIT is pending, so it comes
 * first, and last when loading. The local APIC needs its base address from the
 * system registers and the TSC for its timer, and the MSRs of the timer need the
 * APIC.
 *
 * Kicks. A kick that a halted vCPU has got makes it runnable, here as in KVM. A
 * kick that comes before the halt leaves a token, which must not be lost: with
 * interrupts off, nothing else would end that halt. KVM with the host series
 * tells and takes the token (KVM_CAP_X86_PV_UNHALT_EVENT). Others do neither.
 * There, each vCPU that runs may have one, and when loaded it is given one: by
 * an interrupt in remote-read mode, which is what these take a kick for. If it
 * had none, one of its halts ends at once, which halts for a kick expect.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "../base/error.h"
#include "../base/layout.h"
#include "../vm/kvm.h"
#include "../vm/run.h"
#include "vcpu_msrs.h"
#include "vcpu_snapshot.h"

/* Of an MSI to KVM: physical destination, edge. */
#define MSI_DESTINATION_SHIFT	12
#define MSI_REMOTE_READ		(3 << 8)

#define EFER_SVME		BIT(12)
#define CR4_VMXE		BIT(13)

struct part {
	const char *name;
	unsigned long get;
	unsigned long set;
	size_t offset;
};

#define PART(get, set, member)						\
	{ #set, get, set, offsetof(struct vcpu_snapshot, member) }

/* In the order in which they are loaded; saved in the reverse order. */
static const struct part before_msrs[] = {
	PART(KVM_GET_SREGS, KVM_SET_SREGS, sregs),
	PART(KVM_GET_LAPIC, KVM_SET_LAPIC, lapic),
}, after_msrs[] = {
	PART(KVM_GET_XCRS, KVM_SET_XCRS, xcrs),
	PART(KVM_GET_XSAVE, KVM_SET_XSAVE, xsave),
	PART(KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS, debugregs),
	PART(KVM_GET_REGS, KVM_SET_REGS, regs),
	PART(KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS, events),
	PART(KVM_GET_MP_STATE, KVM_SET_MP_STATE, mp_state),
};

static int fail(const struct vcpu *vcpu, int error, const char *name)
{
	return vmm_error(error, NULL, "%s of vCPU %u", name, vcpu->number);
}

static int save_parts(struct vcpu *vcpu, struct vcpu_snapshot *state,
		      const struct part *parts, size_t number)
{
	while (number--)
		if (ioctl(vcpu->fd, parts[number].get,
			  (u8 *)state + parts[number].offset))
			return fail(vcpu, errno, parts[number].name);
	return 0;
}

static int load_parts(struct vcpu *vcpu, struct vcpu_snapshot *state,
		      const struct part *parts, size_t number)
{
	size_t i;

	for (i = 0; i < number; i++)
		if (ioctl(vcpu->fd, parts[i].set, (u8 *)state + parts[i].offset))
			return fail(vcpu, errno, parts[i].name);
	return 0;
}

static int transfer_tsc_offset(struct vcpu *vcpu, unsigned long request,
			       u64 *offset)
{
	struct kvm_device_attr attribute = {
		.group = KVM_VCPU_TSC_CTRL,
		.attr = KVM_VCPU_TSC_OFFSET,
		.addr = (u64)offset,
	};

	if (ioctl(vcpu->fd, request, &attribute))
		return fail(vcpu, errno, "KVM_VCPU_TSC_OFFSET");
	return 0;
}

static int save_tsc(struct vcpu *vcpu, struct vcpu_snapshot *state)
{
	int khz = ioctl(vcpu->fd, KVM_GET_TSC_KHZ, 0);

	if (khz <= 0)
		return fail(vcpu, errno, "KVM_GET_TSC_KHZ");
	state->tsc_khz = khz;
	return transfer_tsc_offset(vcpu, KVM_GET_DEVICE_ATTR,
				   &state->tsc_offset);
}

/*
 * A CPU without TSC scaling has one frequency, of which KVM tolerates small
 * differences.
 */
static int load_tsc(struct vcpu *vcpu, const struct vcpu_snapshot *state, u64 shift)
{
	int khz = ioctl(vcpu->fd, KVM_GET_TSC_KHZ, 0);
	u64 offset = state->tsc_offset + shift;

	if ((khz <= 0 || (u64)khz != state->tsc_khz) &&
	    (state->tsc_khz > INT32_MAX ||
	     ioctl(vcpu->fd, KVM_SET_TSC_KHZ, state->tsc_khz)))
		return vmm_error(EOPNOTSUPP, "restore on a host with the same, or with TSC scaling",
				 "snapshot: TSC of %llu kHz; this host's has %d",
				 (unsigned long long)state->tsc_khz, khz);
	return transfer_tsc_offset(vcpu, KVM_SET_DEVICE_ATTR, &offset);
}

/* What the token of a kick is; it is no part of the events of a snapshot. */
static void take_kick(const struct vcpu *vcpu, struct vcpu_snapshot *state)
{
	struct kvm_vcpu_events *events = &state->events;

	state->kick = VCPU_KICK_NONE;
	if (events->flags & KVM_VCPUEVENT_VALID_PV_UNHALT) {
		if (KVM_VCPUEVENT_PV_UNHALT(events))
			state->kick = VCPU_KICK_PENDING;
		events->flags &= ~KVM_VCPUEVENT_VALID_PV_UNHALT;
		KVM_VCPUEVENT_PV_UNHALT(events) = 0;
	} else if (!vcpu->vm->tells_kicks &&
		   state->mp_state.mp_state == KVM_MP_STATE_RUNNABLE) {
		state->kick = VCPU_KICK_UNKNOWN;
	}
}

static int give_kick(const struct vcpu *vcpu)
{
	struct kvm_msi kick = {
		.address_lo = LAYOUT_LAPIC |
			vcpu->number << MSI_DESTINATION_SHIFT,
		.data = MSI_REMOTE_READ,
	};

	if (ioctl(vcpu->vm->fd, KVM_SIGNAL_MSI, &kick) < 0)
		return fail(vcpu, errno, "KVM_SIGNAL_MSI");
	return 0;
}

/* Guests of a guest are not a part of the state that is saved. */
static int check_not_nested(const struct vcpu *vcpu,
			    const struct vcpu_snapshot *state)
{
	if ((state->sregs.efer & EFER_SVME) || (state->sregs.cr4 & CR4_VMXE))
		return vmm_error(EOPNOTSUPP, "unload KVM in the guest",
				 "snapshot: vCPU %u runs guests itself",
				 vcpu->number);
	return 0;
}

/**
 * vcpu__save_state() - read all state of a vCPU
 * @locked: the vCPU
 * @state: where to
 *
 * Context: In the vCPU's thread, at base rank, while the world is stopped.
 * Return: 0, or a negative errno after a message.
 */
int vcpu__save_state(struct vcpu_locked locked, struct vcpu_snapshot *state)
{
	struct vcpu *vcpu = vcpu__of(locked);
	int error;

	*state = (struct vcpu_snapshot){ .has_run = vcpu->has_run };
	error = vcpu__complete_exit(locked) ?:
		save_parts(vcpu, state, after_msrs, ARRAY_SIZE(after_msrs)) ?:
		save_parts(vcpu, state, before_msrs, ARRAY_SIZE(before_msrs)) ?:
		check_not_nested(vcpu, state) ?:
		save_tsc(vcpu, state) ?: vcpu_msrs__save(vcpu, state);
	take_kick(vcpu, state);
	return error;
}

/**
 * vcpu__load_state() - write all state of a vCPU
 * @locked: a vCPU that has not run yet
 * @state: vcpu_snapshot__is_sound(); what KVM thinks of it, it tells
 * @tsc_shift: what to add to the TSC offset, so that the guest's TSC goes on
 *	where it was
 *
 * Return: 0, or a negative errno after a message.
 */
int vcpu__load_state(struct vcpu_locked locked, const struct vcpu_snapshot *state,
		     u64 tsc_shift)
{
	struct vcpu *vcpu = vcpu__of(locked);
	struct vcpu_snapshot copy = *state;
	int error;

	if (vcpu->vm->tells_kicks) {
		copy.events.flags |= KVM_VCPUEVENT_VALID_PV_UNHALT;
		KVM_VCPUEVENT_PV_UNHALT(&copy.events) =
			state->kick != VCPU_KICK_NONE;
	}
	vcpu->has_run = state->has_run;
	error = load_tsc(vcpu, state, tsc_shift) ?:
		load_parts(vcpu, &copy, before_msrs, ARRAY_SIZE(before_msrs)) ?:
		vcpu_msrs__load(vcpu, state) ?:
		load_parts(vcpu, &copy, after_msrs, ARRAY_SIZE(after_msrs));
	if (!error && !vcpu->vm->tells_kicks && state->kick != VCPU_KICK_NONE)
		error = give_kick(vcpu);
	return error;
}

/**
 * vcpu__tell_pause() - tell the guest that it was not its fault
 * @locked: a vCPU that has stood still for a while
 *
 * A guest with kvmclock does not take the pause for a soft lockup then. Others
 * cannot be told.
 */
void vcpu__tell_pause(struct vcpu_locked locked)
{
	ioctl(vcpu__of(locked)->fd, KVM_KVMCLOCK_CTRL, 0);
}

/**
 * vcpu_snapshot__is_sound() - check what a snapshot says of a vCPU
 * @state: anything
 *
 * Return: whether vcpu__load_state() may use it.
 */
bool vcpu_snapshot__is_sound(const struct vcpu_snapshot *state)
{
	return state->has_run <= 1 && state->kick <= VCPU_KICK_UNKNOWN &&
		state->nr_msrs <= VCPU_SNAPSHOT_MSRS;
}

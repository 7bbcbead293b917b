// SPDX-License-Identifier: GPL-2.0
/*
 * The run loop of a vCPU.
 *
 * No lock is held around KVM_RUN, and none is taken before it is known which
 * device an exit is for: see bus.c and device.c. What is held all the time is the
 * vCPU's own execution lock, which only says who runs it: see vcpu_lock.h.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../base/error.h"
#include "../execution/actions.h"
#include "kvm.h"
#include "run.h"

/* String instructions come with several accesses at once. */
static void handle_port(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	u8 *data = (u8 *)run + run->io.data_offset;
	u32 i;

	for (i = 0; i < run->io.count; i++, data += run->io.size) {
		if (run->io.direction == KVM_EXIT_IO_OUT)
			bus__write(&vcpu->vm->ports, &vcpu->transaction,
				   run->io.port, data, run->io.size);
		else
			bus__read(&vcpu->vm->ports, &vcpu->transaction,
				  run->io.port, data, run->io.size);
	}
}

static void handle_memory(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	if (run->mmio.is_write)
		bus__write(&vcpu->vm->mmio, &vcpu->transaction,
			   run->mmio.phys_addr, run->mmio.data, run->mmio.len);
	else
		bus__read(&vcpu->vm->mmio, &vcpu->transaction,
			  run->mmio.phys_addr, run->mmio.data, run->mmio.len);
}

/* Where it was, for those who have the kernel's symbols. */
static void tell_crash(struct vcpu *vcpu, const char *what, u32 detail)
{
	struct kvm_regs regs = { 0 };

	ioctl(vcpu->fd, KVM_GET_REGS, &regs);
	vmm_error(0, NULL, "vCPU %u: %s (%u) at rip %#llx rsp %#llx",
		  vcpu->number, what, detail, (unsigned long long)regs.rip,
		  (unsigned long long)regs.rsp);
	vm__end(vcpu->vm, VM_CRASHED, 0);
}

static void handle_exit(struct vcpu_locked locked)
{
	struct vcpu *vcpu = vcpu__of(locked);
	struct kvm_run *run = vcpu->run;

	vcpu->exits[min(run->exit_reason, VCPU_EXIT_REASONS - 1U)]++;
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		handle_port(vcpu);
		break;
	case KVM_EXIT_MMIO:
		handle_memory(vcpu);
		break;
	case KVM_EXIT_INTR:
	case KVM_EXIT_HLT:	/* only with --offline; see is_halted() */
		break;
	case KVM_EXIT_SHUTDOWN:
		tell_crash(vcpu, "triple fault", 0);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		tell_crash(vcpu, "KVM could not emulate it",
			   run->internal.suberror);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		tell_crash(vcpu, "the CPU refused to enter the guest",
			   run->fail_entry.hardware_entry_failure_reason);
		break;
	default:
		tell_crash(vcpu, "unexpected exit", run->exit_reason);
	}
}

/*
 * With --offline, on a KVM that tells of halts, and only there: does the vCPU wait for the end of
 * one? Then it is offline in the next KVM_RUN. That returns, without executing an
 * instruction, when the halt has ended, so that the vCPU drains its inbox first.
 */
static bool is_halted(const struct vcpu *vcpu)
{
	return vcpu->vm->tells_halts && (vcpu->run->flags & KVM_RUN_X86_HALTED);
}

/* Returns false if somebody has asked for something meanwhile. */
static bool leave_monitor(struct vcpu *vcpu)
{
	if (!is_halted(vcpu))
		return actions_enter_guest(&vcpu->core.inbox);
	if (!actions_go_offline(&vcpu->core.inbox))
		return false;
	vcpu->times_offline++;
	return true;
}

static void return_to_monitor(struct vcpu *vcpu, bool from_offline)
{
	if (from_offline)
		actions_go_online(&vcpu->core.inbox);
	else
		actions_leave_guest(&vcpu->core.inbox);
}

/*
 * The one place where the vCPU does what others have asked it to. From then on
 * until return_to_monitor(), whoever asks for more pulls it out again.
 * Returns false if it is not to enter the guest any more.
 */
static bool prepare_to_enter(struct vcpu *vcpu)
{
	struct vcpu_inbox *inbox = &vcpu->core.inbox;

	do {
		actions_drain(inbox);
		/* Set before VCPU_STOP is posted. */
		if (vm__ended(vcpu->vm))
			return false;
		WRITE_ONCE(vcpu->run->immediate_exit, 0);
	} while (!leave_monitor(vcpu));
	return true;
}

/**
 * vcpu__complete_exit() - have KVM finish what the vCPU has left the guest for
 * @locked: the vCPU
 *
 * What a device has answered is in the registers only afterwards. KVM may come
 * back with the next access of the same instruction, but executes no further one.
 *
 * Context: Base rank, or serving a crosscall there.
 * Return: 0, or a negative errno after a message.
 */
int vcpu__complete_exit(struct vcpu_locked locked)
{
	struct vcpu *vcpu = vcpu__of(locked);

	WRITE_ONCE(vcpu->run->immediate_exit, 1);
	while (!ioctl(vcpu->fd, KVM_RUN, 0))
		handle_exit(locked);
	if (errno != EINTR)
		return vmm_error(errno, NULL, "KVM_RUN of vCPU %u",
				 vcpu->number);
	return 0;
}

/* Returns a negative errno if there is no exit to handle; -EINTR: try again. */
static int enter_guest(struct vcpu *vcpu)
{
	if (inject__holds_back(&vcpu->injection))
		return -EINTR;
	vcpu->was_entered = true;
	return ioctl(vcpu->fd, KVM_RUN, 0) ? -errno : 0;
}

static void run_locked(struct vcpu_locked locked)
{
	struct vcpu *vcpu = vcpu__of(locked);

	while (prepare_to_enter(vcpu)) {
		bool offline = is_halted(vcpu);
		int error = enter_guest(vcpu);

		return_to_monitor(vcpu, offline);
		if (!error)
			handle_exit(locked);
		if (!error || error == -EAGAIN)
			vcpu->has_run = true;	/* another has started it */
		else if (error != -EINTR)
			tell_crash(vcpu, strerror(-error), -error);
	}
}

/* It may have halted without ever having left the guest for a reason of its own. */
static void note_started(struct vcpu *vcpu)
{
	struct kvm_mp_state state;

	if (!vcpu->has_run && vcpu->was_entered &&
	    !ioctl(vcpu->fd, KVM_GET_MP_STATE, &state))
		vcpu->has_run = state.mp_state == KVM_MP_STATE_RUNNABLE ||
			state.mp_state == KVM_MP_STATE_HALTED;
}

/**
 * vcpu__run() - run a vCPU, once its VM's gate is open, until the VM ends
 * @vcpu: any
 *
 * Context: Registered with RCU and with the locks, without locks.
 * Return: 0; or -EBUSY, after a message, if somebody runs it already.
 */
int vcpu__run(struct vcpu *vcpu)
{
	struct vcpu_locked locked;

	if (vcpu_lock__acquire(&vcpu->core, &locked))
		return vmm_error(EBUSY, NULL, "vCPU %u", vcpu->number);
	vcpu_lock__set_state(locked, VCPU_READY);
	vcpu_inbox_attach(&vcpu->core.inbox);
	/* From here on, who stops the world waits for this vCPU. */
	gate__pass(&vcpu->vm->gate);
	run_locked(locked);
	note_started(vcpu);
	vcpu_inbox_detach(&vcpu->core.inbox);
	vcpu_lock__set_state(locked, VCPU_ENDED);
	vcpu_lock__release(&locked);
	return 0;
}

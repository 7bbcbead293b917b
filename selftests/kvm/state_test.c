// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pv_unhalt state: what user space sees and sets, and the HLT exits.
 */
#include "harness.h"

#define NO_STATE "there is no such state"

static struct kvm_vcpu *vcpus[2];

static void kick_1(void)
{
	uint64_t r = kick_from(vcpus[0], 1);

	TEST_ASSERT(!r, "kick to 1 returns %ld", (long)r);
}

static void get_mp_state_folds_halted(void)
{
	create_kick_vm(2, vcpus);
	expect_halted(vcpus[1], "first halt");
	TEST_ASSERT(mp_state(vcpus[1]) == KVM_MP_STATE_HALTED, "not halted");
	kick_1();
	TEST_ASSERT(mp_state(vcpus[1]) == KVM_MP_STATE_RUNNABLE,
		    "halted and kicked is not RUNNABLE");
}

static void set_runnable_clears(void)
{
	create_kick_vm(2, vcpus);
	kick_1();
	expect_sync(vcpus[1], "kicked before the halt");
	kick_1();
	set_mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
	expect_halted(vcpus[1], "halt after KVM_SET_MP_STATE");
}

static void set_halted_clears(void)
{
	create_kick_vm(2, vcpus);
	expect_halted(vcpus[1], "first halt");
	kick_1();
	set_mp_state(vcpus[1], KVM_MP_STATE_HALTED);
	expect_halted(vcpus[1], "halted by KVM_SET_MP_STATE");
}

static void bad_mp_state_changes_nothing(void)
{
	struct kvm_mp_state bad = { .mp_state = 1234 };

	create_kick_vm(2, vcpus);
	kick_1();
	TEST_ASSERT(__vcpu_ioctl(vcpus[1], KVM_SET_MP_STATE, &bad) && errno == EINVAL,
		    "a bad mp_state is accepted");
	expect_sync(vcpus[1], "the kick is still there");
	expect_halted(vcpus[1], "second halt");
}

static void expect_refused(struct kvm_vcpu *vcpu, struct kvm_vcpu_events *events,
			   const char *what)
{
	events->nmi.masked = 1;
	TEST_ASSERT(__vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, events) &&
		    errno == EINVAL, "%s is accepted", what);
	vcpu_events_get(vcpu, events);
	TEST_ASSERT(!events->nmi.masked, "%s: state was changed", what);
}

static void bad_events_change_nothing(void)
{
	struct kvm_vcpu_events events;
	int pending;

	require_patched_host();
	create_kick_vm(2, vcpus);
	vcpu_events_get(vcpus[1], &events);
	TEST_ASSERT(!(events.flags & KVM_VCPUEVENT_VALID_PV_UNHALT) &&
		    !events.pv_unhalt.pending, "the event is not enabled");
	events.flags |= KVM_VCPUEVENT_VALID_PV_UNHALT;
	expect_refused(vcpus[1], &events, "an event that is not enabled");

	create_event_vm(2, vcpus);
	kick_1();
	for (pending = 2; pending < 256; pending++) {
		vcpu_events_get(vcpus[1], &events);
		events.pv_unhalt.pending = pending;
		expect_refused(vcpus[1], &events, "pending > 1");
	}
	TEST_ASSERT(event_pending(vcpus[1]), "the token is lost");
}

static void bad_capability_arguments(void)
{
	struct kvm_vm *vm = vm_create(1);

	require_patched_host();
	TEST_ASSERT(__vm_enable_cap(vm, KVM_CAP_X86_PV_UNHALT_EVENT, 2) &&
		    errno == EINVAL, "pv_unhalt event 2");
	TEST_ASSERT(__vm_enable_cap(vm, KVM_CAP_X86_PV_UNHALT_EVENT, 1ull << 63) &&
		    errno == EINVAL, "pv_unhalt event 1 << 63");
	TEST_ASSERT(__vm_enable_cap(vm, KVM_CAP_X86_HLT_EXIT, 4) &&
		    errno == EINVAL, "HLT exit 4");
}

static void set_event(struct kvm_vcpu *vcpu, bool pending)
{
	struct kvm_vcpu_events events;

	vcpu_events_get(vcpu, &events);
	events.pv_unhalt.pending = pending;
	vcpu_events_set(vcpu, &events);
}

static void set_event_sets_and_clears(void)
{
	create_event_vm(2, vcpus);
	set_event(vcpus[1], true);
	expect_sync(vcpus[1], "token set");
	expect_halted(vcpus[1], "second halt");
	set_event(vcpus[1], true);
	expect_sync(vcpus[1], "token set on a halted vCPU");
	set_event(vcpus[1], true);
	set_event(vcpus[1], false);
	expect_halted(vcpus[1], "token cleared");
}

static void hlt_exit(void)
{
	struct kvm_vm *vm = create_kick_vm(2, vcpus);

	require_patched_host();
	vm_enable_cap(vm, KVM_CAP_X86_HLT_EXIT, 1);
	expect_stop(vcpus[1], STOP_HLT_EXIT, "first halt");
	TEST_ASSERT(mp_state(vcpus[1]) == KVM_MP_STATE_HALTED, "not halted");
	expect_halted(vcpus[1], "KVM_RUN after the exit");
	kick_1();
	expect_sync(vcpus[1], "kicked");
	kick_1();
	expect_stop(vcpus[1], STOP_HLT_EXIT, "second halt, kicked before");
	TEST_ASSERT(mp_state(vcpus[1]) == KVM_MP_STATE_RUNNABLE,
		    "the token does not show");
	expect_sync(vcpus[1], "KVM_RUN after the second exit");
	vm_enable_cap(vm, KVM_CAP_X86_HLT_EXIT, 0);
	expect_halted(vcpus[1], "without the exit");
}

/* An exit that tells the begin of a halt, or else its end. */
static void expect_hlt_exit(bool begin, const char *what)
{
	bool halted;

	expect_stop(vcpus[1], STOP_HLT_EXIT, what);
	halted = vcpus[1]->run->flags & KVM_RUN_X86_HALTED;
	TEST_ASSERT(halted == begin, "%s: the flag says %u", what, halted);
	TEST_ASSERT(begin || mp_state(vcpus[1]) == KVM_MP_STATE_RUNNABLE,
		    "%s: state %u", what, mp_state(vcpus[1]));
}

static void hlt_exit_end(void)
{
	struct kvm_vm *vm = create_kick_vm(2, vcpus);

	require_patched_host();
	TEST_ASSERT(vm_check_cap(vm, KVM_CAP_X86_HLT_EXIT) ==
		    KVM_X86_HLT_EXIT_VALID, "not both exits are offered");
	vm_enable_cap(vm, KVM_CAP_X86_HLT_EXIT, KVM_X86_HLT_EXIT_VALID);
	expect_hlt_exit(true, "first halt");
	TEST_ASSERT(mp_state(vcpus[1]) == KVM_MP_STATE_HALTED, "not halted");
	expect_halted(vcpus[1], "KVM_RUN after the exit");
	TEST_ASSERT(vcpus[1]->run->flags & KVM_RUN_X86_HALTED,
		    "a signal hides that it is halted");
	kick_1();
	expect_hlt_exit(false, "kicked");
	expect_sync(vcpus[1], "KVM_RUN after the end");
	kick_1();
	expect_hlt_exit(true, "second halt, kicked before");
	expect_hlt_exit(false, "its end");
	expect_sync(vcpus[1], "KVM_RUN after the second halt");
	vm_enable_cap(vm, KVM_CAP_X86_HLT_EXIT, KVM_X86_HLT_EXIT_END);
	expect_halted(vcpus[1], "without the exit at the begin");
	kick_1();
	expect_hlt_exit(false, "the end alone");
	expect_sync(vcpus[1], "KVM_RUN after the third halt");
}

static void no_hlt_exit_by_default(void)
{
	create_kick_vm(2, vcpus);
	expect_halted(vcpus[1], "the exit was not asked for");
}

static const struct kick_test tests[] = {
	KICK_TEST(get_mp_state_folds_halted, NULL),
	KICK_TEST_UNTIL(set_runnable_clears, LINUX(6, 15),
			"KVM_SET_MP_STATE leaves a stale token"),
	KICK_TEST(set_halted_clears, "KVM_SET_MP_STATE leaves a stale token"),
	KICK_TEST(bad_mp_state_changes_nothing, NULL),
	KICK_TEST(bad_events_change_nothing, NO_STATE),
	KICK_TEST(bad_capability_arguments, NO_STATE),
	KICK_TEST(set_event_sets_and_clears, NO_STATE),
	KICK_TEST(hlt_exit, "there is no such exit"),
	KICK_TEST(hlt_exit_end, "there is no such exit"),
	KICK_TEST(no_hlt_exit_by_default, NULL),
};

int main(int argc, char **argv)
{
	(void)argc;
	return kick_tests_main(argv, tests, ARRAY_SIZE(tests));
}

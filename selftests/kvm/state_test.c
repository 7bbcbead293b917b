// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pv_unhalt state: what user space sees and sets, migration, INIT, reset, and
 * the HLT exit.
 *
 * Longer than 400 lines: every way into and out of one state.
 */
#include "harness.h"
#include "apic.h"

#define NO_STATE "there is no such state"

static struct kvm_vcpu *vcpus[2];

static void kick_1(void)
{
	uint64_t r = kick_from(vcpus[0], 1);

	TEST_ASSERT(!r, "kick to 1 returns %ld", (long)r);
}

static bool event_pending(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_events events;

	vcpu_events_get(vcpu, &events);
	TEST_ASSERT(events.flags & KVM_VCPUEVENT_VALID_PV_UNHALT,
		    "KVM_GET_VCPU_EVENTS does not report the token");
	return events.pv_unhalt.pending;
}

static struct kvm_vm *create_vm_with_event(void)
{
	struct kvm_vm *vm = __vm_create(VM_MODE_DEFAULT, 2, 0);

	require_patched_host();
	vm_enable_cap(vm, KVM_CAP_X86_PV_UNHALT_EVENT, 1);
	vcpus[0] = add_vcpu(vm, 0, guest_kicks);
	vcpus[1] = add_vcpu(vm, 1, guest_halts);
	return vm;
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

/* Move all vCPUs and the memory to a new VM. */
static void migrate(struct kvm_vm *vm, bool with_event)
{
	struct kvm_x86_state *state[ARRAY_SIZE(vcpus)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vcpus); i++)
		state[i] = vcpu_save_state(vcpus[i]);
	kvm_vm_release(vm);
	kvm_vm_restart(vm);
	if (with_event)
		vm_enable_cap(vm, KVM_CAP_X86_PV_UNHALT_EVENT, 1);
	for (i = 0; i < ARRAY_SIZE(vcpus); i++) {
		vcpus[i] = vm_vcpu_recreate(vm, i);
		vcpu_load_state(vcpus[i], state[i]);
		kvm_x86_state_cleanup(state[i]);
	}
}

static void migrate_halted(void)
{
	struct kvm_vm *vm = create_kick_vm(2, vcpus);

	expect_halted(vcpus[1], "first halt");
	kick_1();
	migrate(vm, false);
	expect_sync(vcpus[1], "kicked before the migration");
	expect_halted(vcpus[1], "second halt");
}

static void migrate_halted_with_event(void)
{
	struct kvm_vm *vm = create_vm_with_event();

	expect_halted(vcpus[1], "first halt");
	kick_1();
	TEST_ASSERT(!event_pending(vcpus[1]), "reported twice");
	migrate(vm, true);
	expect_sync(vcpus[1], "kicked before the migration");
	expect_halted(vcpus[1], "second halt");
}

static void migrate_runnable_with_event(void)
{
	struct kvm_vm *vm = create_vm_with_event();

	kick_1();
	TEST_ASSERT(event_pending(vcpus[1]), "the token is not reported");
	migrate(vm, true);
	TEST_ASSERT(event_pending(vcpus[1]), "the token is lost");
	expect_sync(vcpus[1], "kicked before the migration");
	TEST_ASSERT(!event_pending(vcpus[1]), "the token is not consumed");
	expect_halted(vcpus[1], "second halt");
}

static void migrate_without_kick(void)
{
	struct kvm_vm *vm = create_vm_with_event();

	migrate(vm, true);
	expect_halted(vcpus[1], "not kicked");
	migrate(vm, true);
	expect_halted(vcpus[1], "not kicked, halted");
}

/* As by a VMM of today, for a guest that uses the paravirtual clock. */
static void migrate_runnable_old_user_space(void)
{
	struct kvm_vm *vm = create_kick_vm(2, vcpus);
	vm_vaddr_t clock = vm_vaddr_alloc_page(vm);

	vcpu_set_msr(vcpus[1], MSR_KVM_SYSTEM_TIME_NEW,
		     addr_gva2gpa(vm, clock) | 1);
	kick_1();
	migrate(vm, false);
	expect_sync(vcpus[1], "kicked before the migration");
	expect_halted(vcpus[1], "second halt");
}

/* The assumption of a kick is not for vCPUs that were just created. */
static void new_vcpu_is_not_kicked(void)
{
	create_kick_vm(2, vcpus);
	set_mp_state(vcpus[1], KVM_MP_STATE_RUNNABLE);
	expect_halted(vcpus[1], "first halt ever");
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

	create_vm_with_event();
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
	struct kvm_vm *vm = __vm_create(VM_MODE_DEFAULT, 1, 0);

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
	create_vm_with_event();
	set_event(vcpus[1], true);
	expect_sync(vcpus[1], "token set");
	expect_halted(vcpus[1], "second halt");
	set_event(vcpus[1], true);
	expect_sync(vcpus[1], "token set on a halted vCPU");
	set_event(vcpus[1], true);
	set_event(vcpus[1], false);
	expect_halted(vcpus[1], "token cleared");
}

/* A page that starts with the real-mode code: hlt; out %al, $0x80; jmp back. */
extern const uint8_t real_mode_halts[];
asm(".pushsection .text\n\t"
	".balign 4096\n\t"
	"real_mode_halts: .byte 0xf4, 0xe6, 0x80, 0xeb, 0xfb\n\t"
	".popsection\n");

static uint64_t sipi_vector;

static void guest_sends_init_and_sipi(void)
{
	GUEST_SYNC(kick(1));
	xapic_enable();
	xapic_write_reg(APIC_ICR2, SET_APIC_DEST_FIELD(1));
	xapic_write_reg(APIC_ICR, APIC_DM_INIT | APIC_INT_ASSERT);
	GUEST_SYNC(0);
	xapic_write_reg(APIC_ICR, APIC_DM_STARTUP | READ_ONCE(sipi_vector));
	GUEST_SYNC(0);
}

static void init_clears(void)
{
	struct kvm_vm *vm = __vm_create(VM_MODE_DEFAULT, 2, 0);

	sipi_vector = addr_gva2gpa(vm, (vm_vaddr_t)real_mode_halts) >> 12;
	TEST_ASSERT(sipi_vector < 0x100, "the real-mode code is above 1 MiB");
	sync_global_to_guest(vm, sipi_vector);
	vcpus[0] = add_vcpu(vm, 0, guest_sends_init_and_sipi);
	vcpus[1] = add_vcpu(vm, 1, guest_halts);
	virt_pg_map(vm, APIC_DEFAULT_GPA, APIC_DEFAULT_GPA);

	TEST_ASSERT(!run_to_sync(vcpus[0]), "the kick fails");
	run_to_sync(vcpus[0]);
	expect_stop(vcpus[1], STOP_WAITS, "INIT received");
	run_to_sync(vcpus[0]);
	expect_halted(vcpus[1], "first halt after INIT and SIPI");
}

/* With no handler for it, the exception becomes a triple fault. */
static void guest_shuts_down(void)
{
	asm volatile("ud2");
}

/* On AMD, KVM resets a vCPU that shuts down, before it tells user space. */
static void shutdown_clears(void)
{
	struct kvm_vm *vm = __vm_create(VM_MODE_DEFAULT, 2, 0);

	TEST_REQUIRE(is_amd_cpu());
	require_patched_host();
	vm_enable_cap(vm, KVM_CAP_X86_PV_UNHALT_EVENT, 1);
	vcpus[0] = add_vcpu(vm, 0, guest_kicks);
	vcpus[1] = add_vcpu(vm, 1, guest_shuts_down);
	kick_1();
	TEST_ASSERT(event_pending(vcpus[1]), "the token is not reported");
	vcpu_run(vcpus[1]);
	TEST_ASSERT(vcpus[1]->run->exit_reason == KVM_EXIT_SHUTDOWN,
		    "exit %u, not a shutdown", vcpus[1]->run->exit_reason);
	TEST_ASSERT(!event_pending(vcpus[1]), "the token survives the reset");
}

/* As a VMM resets a machine: it sets the state that the vCPUs once had. */
static void reset_by_user_space(bool with_event)
{
	struct kvm_vm *vm = __vm_create(VM_MODE_DEFAULT, 2, 0);
	struct kvm_x86_state *power_on;

	if (with_event)
		vm_enable_cap(vm, KVM_CAP_X86_PV_UNHALT_EVENT, 1);
	vcpus[0] = add_vcpu(vm, 0, guest_kicks);
	vcpus[1] = add_vcpu(vm, 1, guest_halts);
	power_on = vcpu_save_state(vcpus[1]);
	expect_halted(vcpus[1], "first halt");
	kick_1();
	expect_sync(vcpus[1], "kicked");
	kick_1();
	vcpu_load_state(vcpus[1], power_on);
	kvm_x86_state_cleanup(power_on);
	expect_halted(vcpus[1], "first halt after the reset");
}

static void reset_clears(void)
{
	reset_by_user_space(false);
}

static void reset_clears_event(void)
{
	require_patched_host();
	reset_by_user_space(true);
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
	KICK_TEST(set_runnable_clears, "KVM_SET_MP_STATE leaves a stale token"),
	KICK_TEST(set_halted_clears, "KVM_SET_MP_STATE leaves a stale token"),
	KICK_TEST(bad_mp_state_changes_nothing, NULL),
	KICK_TEST(migrate_halted, NULL),
	KICK_TEST(migrate_halted_with_event, NO_STATE),
	KICK_TEST(migrate_runnable_with_event, NO_STATE),
	KICK_TEST(migrate_without_kick, NO_STATE),
	KICK_TEST(migrate_runnable_old_user_space, "the token of a runnable vCPU is lost"),
	KICK_TEST(new_vcpu_is_not_kicked, NULL),
	KICK_TEST(bad_events_change_nothing, NO_STATE),
	KICK_TEST(bad_capability_arguments, NO_STATE),
	KICK_TEST(set_event_sets_and_clears, NO_STATE),
	KICK_TEST(init_clears, "INIT leaves a stale token"),
	KICK_TEST(shutdown_clears, NO_STATE),
	KICK_TEST(reset_clears, "KVM_SET_MP_STATE leaves a stale token"),
	KICK_TEST(reset_clears_event, NO_STATE),
	KICK_TEST(hlt_exit, "there is no such exit"),
	KICK_TEST(hlt_exit_end, "there is no such exit"),
	KICK_TEST(no_hlt_exit_by_default, NULL),
};

int main(int argc, char **argv)
{
	(void)argc;
	return kick_tests_main(argv, tests, ARRAY_SIZE(tests));
}

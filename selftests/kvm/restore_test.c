// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kick survives migration: of a halted and of a running vCPU, with user space that
 * knows the pv_unhalt event and with user space that does not, and in whatever order
 * it restores a vCPU.
 */
#include "harness.h"

#define NO_STATE	"there is no such state"
#define LOST		"the token of a runnable vCPU is lost"

static struct kvm_vcpu *vcpus[2];

static void kick_1(void)
{
	TEST_ASSERT(!kick_from(vcpus[0], 1), "the kick fails");
}

/* As a guest that uses the paravirtual clock. */
static struct kvm_vm *create_vm_with_clock(void)
{
	struct kvm_vm *vm = create_kick_vm(2, vcpus);
	vm_vaddr_t clock = vm_vaddr_alloc_page(vm);

	vcpu_set_msr(vcpus[1], MSR_KVM_SYSTEM_TIME_NEW,
		     addr_gva2gpa(vm, clock) | 1);
	return vm;
}

/* A new VM with the memory of the old one. */
static void restart(struct kvm_vm *vm, bool with_event)
{
	kvm_vm_release(vm);
	kvm_vm_restart(vm);
	if (with_event)
		vm_enable_cap(vm, KVM_CAP_X86_PV_UNHALT_EVENT, 1);
}

/* Move all vCPUs and the memory to a new VM. */
static void migrate(struct kvm_vm *vm, bool with_event)
{
	struct kvm_x86_state *state[ARRAY_SIZE(vcpus)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vcpus); i++)
		state[i] = vcpu_save_state(vcpus[i]);
	restart(vm, with_event);
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
	struct kvm_vm *vm = create_event_vm(2, vcpus);

	expect_halted(vcpus[1], "first halt");
	kick_1();
	TEST_ASSERT(!event_pending(vcpus[1]), "reported twice");
	migrate(vm, true);
	expect_sync(vcpus[1], "kicked before the migration");
	expect_halted(vcpus[1], "second halt");
}

static void migrate_runnable_with_event(void)
{
	struct kvm_vm *vm = create_event_vm(2, vcpus);

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
	struct kvm_vm *vm = create_event_vm(2, vcpus);

	migrate(vm, true);
	expect_halted(vcpus[1], "not kicked");
	migrate(vm, true);
	expect_halted(vcpus[1], "not kicked, halted");
}

/* User space that has said that there is no kick is believed. */
static void migrate_with_clock_without_kick(void)
{
	struct kvm_vm *vm = create_vm_with_clock();

	require_patched_host();
	vm_enable_cap(vm, KVM_CAP_X86_PV_UNHALT_EVENT, 1);
	expect_sync(vcpus[1], "it has a clock and has never run: assumed to be kicked");
	migrate(vm, true);
	expect_halted(vcpus[1], "not kicked since");
}

static void migrate_runnable_old_user_space(void)
{
	struct kvm_vm *vm = create_vm_with_clock();

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

static void load_registers(struct kvm_vcpu *vcpu, struct kvm_x86_state *state)
{
	vcpu_sregs_set(vcpu, &state->sregs);
	vcpu_xsave_set(vcpu, state->xsave);
	vcpu_debugregs_set(vcpu, &state->debugregs);
	vcpu_regs_set(vcpu, &state->regs);
}

static void load_msrs(struct kvm_vcpu *vcpu, struct kvm_x86_state *state)
{
	vcpu_msrs_set(vcpu, &state->msrs);
}

static void load_events(struct kvm_vcpu *vcpu, struct kvm_x86_state *state)
{
	vcpu_events_set(vcpu, &state->events);
}

static void load_mp_state(struct kvm_vcpu *vcpu, struct kvm_x86_state *state)
{
	vcpu_mp_state_set(vcpu, &state->mp_state);
}

static const struct {
	const char *name;
	void (*load)(struct kvm_vcpu *vcpu, struct kvm_x86_state *state);
} parts[] = {
	{ "registers", load_registers },
	{ "MSRs", load_msrs },
	{ "events", load_events },
	{ "mp_state", load_mp_state },
};

#define ORDERS	24	/* the factorial of the number of parts */

/* Restore the parts of a vCPU in the order with this number, and name it. */
static void load_in_order(struct kvm_vcpu *vcpu, struct kvm_x86_state *state,
			  unsigned int number, char *order, size_t size)
{
	unsigned int left = ARRAY_SIZE(parts), done = 0, skip, i;

	for (*order = 0; left; left--) {
		skip = number % left;
		number /= left;
		for (i = 0; done & 1u << i || skip--; i++)
			;
		done |= 1u << i;
		parts[i].load(vcpu, state);
		snprintf(order + strlen(order), size - strlen(order), " %s",
			 parts[i].name);
	}
}

/* The restored vCPU was kicked before its halt, once. */
static void expect_one_kick(const char *order)
{
	char what[80];

	snprintf(what, sizeof(what), "kicked, order%s", order);
	expect_sync(vcpus[1], what);
	snprintf(what, sizeof(what), "second halt, order%s", order);
	expect_halted(vcpus[1], what);
}

static void restore_in_each_order(struct kvm_vm *vm, bool with_event)
{
	struct kvm_x86_state *state;
	unsigned int number;
	char order[64];

	kick_1();
	state = vcpu_save_state(vcpus[1]);
	for (number = 0; number < ORDERS; number++) {
		restart(vm, with_event);
		vcpus[1] = vm_vcpu_recreate(vm, 1);
		load_in_order(vcpus[1], state, number, order, sizeof(order));
		expect_one_kick(order);
	}
}

static void orders_with_event(void)
{
	restore_in_each_order(create_event_vm(2, vcpus), true);
}

static void orders_old_user_space(void)
{
	restore_in_each_order(create_vm_with_clock(), false);
}

/* As loadvm: the vCPU has run, and is in a halt of its earlier life. */
static void orders_into_halted_vcpu(void)
{
	struct kvm_x86_state *state;
	unsigned int number;
	char order[64];

	create_event_vm(2, vcpus);
	kick_1();
	state = vcpu_save_state(vcpus[1]);
	expect_one_kick(" of no restore");
	for (number = 0; number < ORDERS; number++) {
		load_in_order(vcpus[1], state, number, order, sizeof(order));
		TEST_ASSERT(event_pending(vcpus[1]), "not pending, order%s", order);
		expect_one_kick(order);
	}
}

static const struct kick_test tests[] = {
	KICK_TEST(migrate_halted, NULL),
	KICK_TEST(migrate_halted_with_event, NO_STATE),
	KICK_TEST(migrate_runnable_with_event, NO_STATE),
	KICK_TEST(migrate_without_kick, NO_STATE),
	KICK_TEST(migrate_with_clock_without_kick, NO_STATE),
	KICK_TEST(migrate_runnable_old_user_space, LOST),
	KICK_TEST(new_vcpu_is_not_kicked, NULL),
	KICK_TEST(orders_with_event, NO_STATE),
	KICK_TEST(orders_old_user_space, LOST),
	KICK_TEST(orders_into_halted_vcpu, NO_STATE),
};

int main(int argc, char **argv)
{
	(void)argc;
	return kick_tests_main(argv, tests, ARRAY_SIZE(tests));
}

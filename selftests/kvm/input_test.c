// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bad input, from the guest and from user space: each gets a defined error and
 * changes nothing.
 */
#include "harness.h"

#define NO_STATE	"there is no such state"
#define GUEST_KICKS	20000
#define USER_TRIES	5000

static struct kvm_vcpu *vcpus[3];

/* xorshift64*, Vigna 2016: the same numbers in each run. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

/* Values that are close to something: few bits, many bits, all bits but few. */
static uint64_t next_value(uint64_t *state)
{
	uint64_t value = next_random(state);

	switch (next_random(state) >> 60) {
	case 0 ... 3:
		return 1ull << (value & 63);
	case 4 ... 7:
		return value >> (next_random(state) & 63);
	case 8 ... 9:
		return ~(value >> (next_random(state) & 63));
	case 10 ... 11:
		return (value << 32) | (value >> 62);
	default:
		return value;
	}
}

/* Nobody has the APIC ID, or the flags are not 0: the kick must be refused. */
static uint64_t accepted_id, accepted_flags;

static void guest_kicks_at_random(void)
{
	uint64_t state = 1, refused = 0, id, flags;
	int i;

	for (i = 0; i < GUEST_KICKS; i++) {
		id = next_value(&state);
		flags = i % 3 ? 0 : next_value(&state);
		if (!flags && id < ARRAY_SIZE(vcpus))
			continue;

		if (kvm_hypercall(KVM_HC_KICK_CPU, flags, id, 0, 0) !=
		    (uint64_t)-KVM_EINVAL) {
			accepted_id = id;
			accepted_flags = flags;
			GUEST_SYNC(0);
		}
		refused++;
	}
	GUEST_SYNC(refused);
}

static void guest_arguments(void)
{
	struct kvm_vm *vm = vm_create(3);
	uint64_t refused;

	vcpus[0] = add_vcpu(vm, 0, guest_kicks_at_random);
	vcpus[1] = add_vcpu(vm, 1, guest_halts);
	vcpus[2] = add_vcpu(vm, 2, guest_halts);
	expect_halted(vcpus[1], "first halt");
	refused = run_to_sync(vcpus[0]);
	sync_global_from_guest(vm, accepted_id);
	sync_global_from_guest(vm, accepted_flags);
	TEST_ASSERT(refused, "a kick to %#lx with the flags %#lx is accepted",
		    accepted_id, accepted_flags);
	pr_info("# %lu kicks refused\n", refused);
	TEST_ASSERT(refused > GUEST_KICKS / 2, "only %lu kicks were tried", refused);
	expect_halted(vcpus[1], "a halted vCPU, after kicks to nobody");
	expect_halted(vcpus[2], "a vCPU that has not run, after kicks to nobody");
}

#define VALID_WITHOUT_CAPABILITY				\
	(KVM_VCPUEVENT_VALID_NMI_PENDING |			\
	 KVM_VCPUEVENT_VALID_SIPI_VECTOR |			\
	 KVM_VCPUEVENT_VALID_SHADOW | KVM_VCPUEVENT_VALID_SMM)

static bool event_is_valid(uint32_t flags, uint8_t pending, bool enabled)
{
	if (flags & ~(VALID_WITHOUT_CAPABILITY | KVM_VCPUEVENT_VALID_PV_UNHALT))
		return false;
	if (!(flags & KVM_VCPUEVENT_VALID_PV_UNHALT))
		return true;
	return enabled && pending <= 1;
}

/*
 * Set an event with these flags and this byte.  One that is refused must leave
 * everything as it was, what is valid in it included: NMIs are masked in it.
 */
static void try_event(uint32_t flags, uint8_t pending, bool enabled)
{
	struct kvm_vcpu_events before, events, after;
	bool valid;
	int r;

	vcpu_events_get(vcpus[1], &before);
	events = before;
	events.flags = flags;
	events.pv_unhalt.pending = pending;
	events.nmi.masked = !before.nmi.masked;
	valid = event_is_valid(flags, pending, enabled);

	r = __vcpu_ioctl(vcpus[1], KVM_SET_VCPU_EVENTS, &events);
	TEST_ASSERT(!r == valid, "flags %#x pending %u: returns %d, errno %d", flags,
		    pending, r, errno);
	TEST_ASSERT(valid || errno == EINVAL, "flags %#x pending %u: errno %d",
		    flags, pending, errno);

	vcpu_events_get(vcpus[1], &after);
	if (!valid)
		TEST_ASSERT(!memcmp(&before, &after, sizeof(before)),
			    "flags %#x pending %u: refused, but changed", flags,
			    pending);
	else if (flags & KVM_VCPUEVENT_VALID_PV_UNHALT)
		TEST_ASSERT(after.pv_unhalt.pending == pending,
			    "pending %u: set, but %u", pending,
			    after.pv_unhalt.pending);
}

static void try_events(bool enabled)
{
	uint64_t state = 2;
	uint32_t flags;
	int i;

	for (i = 0; i < USER_TRIES; i++) {
		flags = next_random(&state) & VALID_WITHOUT_CAPABILITY;
		if (i % 4)
			flags |= KVM_VCPUEVENT_VALID_PV_UNHALT;
		if (!(i % 5))
			flags |= next_value(&state);
		try_event(flags, next_random(&state) % (i % 2 ? 4 : 256), enabled);
	}
}

static void events_not_enabled(void)
{
	require_patched_host();
	create_kick_vm(2, vcpus);
	try_events(false);
	expect_halted(vcpus[1], "no event was enabled");
}

static void events(void)
{
	struct kvm_vm *vm = create_kick_vm(2, vcpus);

	require_patched_host();
	vm_enable_cap(vm, KVM_CAP_X86_PV_UNHALT_EVENT, 1);
	try_events(true);
}

static void mp_states(void)
{
	struct kvm_mp_state bad;
	uint64_t state = 3;
	int i;

	create_kick_vm(2, vcpus);
	TEST_ASSERT(!kick_from(vcpus[0], 1), "the kick fails");
	for (i = 0; i < USER_TRIES; i++) {
		bad.mp_state = next_value(&state);
		if (bad.mp_state <= KVM_MP_STATE_AP_RESET_HOLD)
			continue;
		TEST_ASSERT(__vcpu_ioctl(vcpus[1], KVM_SET_MP_STATE, &bad) &&
			    errno == EINVAL, "mp_state %#x is accepted",
			    bad.mp_state);
	}
	expect_sync(vcpus[1], "the kick is still there");
	expect_halted(vcpus[1], "second halt");
}

static void refuse_capability(struct kvm_vm *vm, uint32_t cap, uint32_t flags,
			      uint64_t argument)
{
	struct kvm_enable_cap enable = {
		.cap = cap,
		.flags = flags,
		.args = { argument },
	};

	TEST_ASSERT(__vm_ioctl(vm, KVM_ENABLE_CAP, &enable) && errno == EINVAL,
		    "capability %#x, flags %#x, argument %#lx is accepted", cap,
		    flags, argument);
}

static void capabilities(void)
{
	struct kvm_vm *vm = create_kick_vm(2, vcpus);
	struct kvm_vcpu_events events;
	uint64_t state = 4, argument;
	int i;

	require_patched_host();
	for (i = 0; i < USER_TRIES; i++) {
		argument = next_value(&state) | 2;
		refuse_capability(vm, KVM_CAP_X86_PV_UNHALT_EVENT, 0, argument);
		refuse_capability(vm, KVM_CAP_X86_HLT_EXIT, 0, argument | 4);
		refuse_capability(vm, KVM_CAP_X86_PV_UNHALT_EVENT, argument, 1);
		refuse_capability(vm, KVM_CAP_X86_HLT_EXIT, argument, 1);
	}

	vcpu_events_get(vcpus[1], &events);
	TEST_ASSERT(!(events.flags & KVM_VCPUEVENT_VALID_PV_UNHALT),
		    "the event has been enabled");
	expect_halted(vcpus[1], "the HLT exit has not been enabled");
}

static const struct kick_test tests[] = {
	KICK_TEST(guest_arguments, "a kick to nobody returns 0, flags are ignored"),
	KICK_TEST(events_not_enabled, NO_STATE),
	KICK_TEST(events, NO_STATE),
	KICK_TEST(mp_states, NULL),
	KICK_TEST(capabilities, NO_STATE),
};

int main(int argc, char **argv)
{
	(void)argc;
	return kick_tests_main(argv, tests, ARRAY_SIZE(tests));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_HC_KICK_CPU: whom a kick reaches, what it returns, and what is remembered.
 */
#include <pthread.h>

#include "harness.h"
#include "apic.h"

static struct kvm_vcpu *vcpus[4];

/* Let vCPU 0 kick a vCPU that exists. */
static void expect_kick(uint32_t id)
{
	uint64_t r = kick_from(vcpus[0], id);

	TEST_ASSERT(!r, "kick to %u returns %ld", id, (long)r);
}

static void halted_irqs_off(void)
{
	create_kick_vm(2, vcpus);
	expect_halted(vcpus[1], "first halt");
	expect_kick(1);
	expect_sync(vcpus[1], "kicked");
	expect_halted(vcpus[1], "second halt, not kicked");
}

static void guest_halts_irqs_on(void)
{
	uint64_t count = 0;

	for (;;) {
		asm volatile("sti; hlt; cli" ::: "memory");
		GUEST_SYNC(++count);
	}
}

static void halted_irqs_on(void)
{
	struct kvm_vm *vm = vm_create(2);

	vcpus[0] = add_vcpu(vm, 0, guest_kicks);
	vcpus[1] = add_vcpu(vm, 1, guest_halts_irqs_on);
	expect_halted(vcpus[1], "first halt");
	expect_kick(1);
	expect_sync(vcpus[1], "kicked");
	expect_halted(vcpus[1], "second halt, not kicked");
}

static void *run_one_sync(void *vcpu)
{
	int r;

	do {
		r = __vcpu_run(vcpu);
	} while (r && errno == EINTR);
	return (void *)(long)r;
}

/* The thread of the vCPU sleeps in KVM_RUN, and the kick has to wake it. */
static void halted_thread_asleep(void)
{
	pthread_t thread;
	void *result;
	int i;

	create_kick_vm(2, vcpus);
	for (i = 0; i < 20; i++) {
		expect_halted(vcpus[1], "halt before the kick");
		pthread_create(&thread, NULL, run_one_sync, vcpus[1]);
		usleep(20000);
		expect_kick(1);
		pthread_join(thread, &result);
		TEST_ASSERT(!result && get_ucall(vcpus[1], NULL) == UCALL_SYNC,
			    "the halt did not return to the guest");
	}
}

static void kick_before_halt_is_remembered_once(void)
{
	int i;

	create_kick_vm(2, vcpus);
	for (i = 0; i < 3; i++)
		expect_kick(1);
	expect_sync(vcpus[1], "halt after three kicks");
	expect_halted(vcpus[1], "second halt after three kicks");
}

static void guest_kicks_itself(void)
{
	GUEST_SYNC(kick(0));
	guest_halts();
}

static void kick_self(void)
{
	struct kvm_vcpu *vcpu;

	vcpu = add_vcpu(vm_create(1), 0, guest_kicks_itself);
	TEST_ASSERT(run_to_sync(vcpu) == 0, "a kick to self fails");
	expect_sync(vcpu, "halt after a kick to self");
	expect_halted(vcpu, "second halt");
}

/* All values that must reach nobody in a VM with the APIC IDs 0 to 2. */
static const uint64_t absent_ids[] = {
	3, 77, 0xfe, 0x100, 0x101, 0xffff, 0x10001, 0x7fffffff, 0x80000001,
	0x100000000ull, 0x100000001ull, 0x8000000000000001ull, ~0ull, ~0ull - 1,
};

static void expect_absent(uint64_t id)
{
	uint64_t r = kick_from(vcpus[0], id);

	TEST_ASSERT(r == (uint64_t)-KVM_EINVAL, "kick to %#lx returns %ld, not %d",
		    id, (long)r, -KVM_EINVAL);
	expect_halted(vcpus[1], "kick to a foreign APIC ID");
	expect_halted(vcpus[2], "kick to a foreign APIC ID");
}

static void absent(void)
{
	unsigned int i;

	create_kick_vm(3, vcpus);
	for (i = 0; i < ARRAY_SIZE(absent_ids); i++)
		expect_absent(absent_ids[i]);
}

static void no_broadcast(void)
{
	create_kick_vm(3, vcpus);
	expect_absent(0xff);
	expect_absent(0xffffffff);
}

static void reserved_flags(void)
{
	int bit;

	create_kick_vm(3, vcpus);
	expect_halted(vcpus[1], "first halt");
	for (bit = 0; bit < 64; bit++) {
		uint64_t r;

		kick_flags = 1ull << bit;
		r = kick_from(vcpus[0], 1);
		TEST_ASSERT(r == (uint64_t)-KVM_EINVAL,
			    "flag %d: returns %ld", bit, (long)r);
	}
	expect_halted(vcpus[1], "kicks with reserved flags");
}

static void guest_halts_x2apic(void)
{
	x2apic_enable();
	GUEST_SYNC(0);
	guest_halts();
}

static void kick_id_in_vm_of(uint32_t id, void *guest)
{
	struct kvm_vm *vm = vm_create(3);

	/* As VMMs do; else a vCPU in xAPIC mode has only 8 bits, from 6.3 on. */
	vm_enable_cap(vm, KVM_CAP_X2APIC_API, KVM_X2APIC_API_USE_32BIT_IDS);
	vcpus[0] = add_vcpu(vm, 0, guest_kicks);
	vcpus[1] = add_vcpu(vm, id, guest);
	vcpus[2] = add_vcpu(vm, 1, guest_halts);
	if (guest != guest_halts)
		expect_sync(vcpus[1], "x2APIC enabled");
	expect_halted(vcpus[1], "first halt");
	expect_kick(id);
	expect_sync(vcpus[1], "kicked");
	expect_halted(vcpus[2], "not kicked");
}

static void x2apic_id_5(void)
{
	kick_id_in_vm_of(5, guest_halts_x2apic);
}

static void x2apic_id_256(void)
{
	kick_id_in_vm_of(256, guest_halts_x2apic);
}

static void x2apic_id_300(void)
{
	kick_id_in_vm_of(300, guest_halts_x2apic);
}

static void xapic_id_wider_than_8_bits(void)
{
	kick_id_in_vm_of(300, guest_halts);
}

static void x2apic_id_255_is_one_vcpu(void)
{
	kick_id_in_vm_of(255, guest_halts_x2apic);
}

static void xapic_id_255_is_one_vcpu(void)
{
	kick_id_in_vm_of(255, guest_halts);
}

static void offline(void)
{
	create_kick_vm(2, vcpus);
	set_mp_state(vcpus[1], KVM_MP_STATE_UNINITIALIZED);
	expect_kick(1);
	expect_stop(vcpus[1], STOP_WAITS, "waits for INIT after a kick");
}

/* A kick to a vCPU that waits for SIPI must not be what its first halt sees. */
static void offline_then_started(void)
{
	create_kick_vm(2, vcpus);
	set_mp_state(vcpus[1], KVM_MP_STATE_INIT_RECEIVED);
	expect_kick(1);
	expect_stop(vcpus[1], STOP_WAITS, "waits for SIPI after a kick");
}

static void hidden_feature(void)
{
	uint64_t r;

	create_kick_vm(2, vcpus);
	vcpu_enable_cap(vcpus[0], KVM_CAP_ENFORCE_PV_FEATURE_CPUID, 1);
	vcpu_clear_cpuid_entry(vcpus[0], KVM_CPUID_FEATURES);
	r = kick_from(vcpus[0], 1);
	TEST_ASSERT(r == (uint64_t)-KVM_ENOSYS, "returns %ld", (long)r);
	expect_halted(vcpus[1], "the hypercall is hidden");
}

static void feature_is_supported(void)
{
	const struct kvm_cpuid_entry2 *entry;

	entry = get_cpuid_entry(kvm_get_supported_cpuid(), KVM_CPUID_FEATURES, 0);
	TEST_ASSERT(entry->eax & (1 << KVM_FEATURE_PV_UNHALT),
		    "KVM_FEATURE_PV_UNHALT is not supported");
}

/* HLT does not exit, so a kick could not be honoured. */
static void hlt_does_not_exit(void)
{
	struct kvm_vm *vm = vm_create(2);
	uint64_t r;

	TEST_REQUIRE(kvm_check_cap(KVM_CAP_X86_DISABLE_EXITS) &
		     KVM_X86_DISABLE_EXITS_HLT);
	vm_enable_cap(vm, KVM_CAP_X86_DISABLE_EXITS, KVM_X86_DISABLE_EXITS_HLT);
	vcpus[0] = add_vcpu(vm, 0, guest_kicks);
	vcpus[1] = add_vcpu(vm, 1, guest_halts);
	r = kick_from(vcpus[0], 1);
	TEST_ASSERT(r == (uint64_t)-KVM_ENOSYS, "returns %ld", (long)r);
}

#define RUNNING_KICKS	200

static uint64_t all_sent;

static void guest_kicks_often(void)
{
	int i;

	for (i = 0; i < RUNNING_KICKS; i++) {
		wait_for_progress();
		kick(1);
	}
	WRITE_ONCE(all_sent, 1);
	GUEST_SYNC(0);
}

static void guest_spins_then_halts(void)
{
	while (!READ_ONCE(all_sent))
		target_runs();
	guest_halts();
}

/* The rescheduling interrupts of all CPUs; KVM uses them to interrupt a guest. */
static long rescheduling_interrupts(void)
{
	FILE *file = fopen("/proc/interrupts", "r");
	char line[4096], *next, *end;
	long sum = 0, value;

	TEST_ASSERT(file, "/proc/interrupts: %s", strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		next = strstr(line, "RES:");
		if (!next)
			continue;
		for (next += 4; value = strtol(next, &end, 10), end != next; next = end)
			sum += value;
	}
	fclose(file);
	return sum;
}

/* The kicks do not interrupt the target, and its next halt gets the token. */
static void running(void)
{
	struct kvm_vm *vm = vm_create(2);
	pthread_t target;
	long before = rescheduling_interrupts(), sent;

	vcpus[0] = add_vcpu(vm, 0, guest_kicks_often);
	vcpus[1] = add_vcpu(vm, 1, guest_spins_then_halts);
	pthread_create(&target, NULL, run_one_sync, vcpus[1]);
	run_to_sync(vcpus[0]);
	pthread_join(target, NULL);
	get_ucall(vcpus[1], NULL);
	sent = rescheduling_interrupts() - before;
	expect_halted(vcpus[1], "second halt after kicks while running");
	TEST_ASSERT(sent < RUNNING_KICKS / 2, "%ld interrupts by %d kicks", sent,
		    RUNNING_KICKS);
}

static void guest_sends_remote_read(void)
{
	xapic_enable();
	xapic_write_reg(APIC_ICR2, SET_APIC_DEST_FIELD(1));
	xapic_write_reg(APIC_ICR, APIC_DM_REMRD | APIC_INT_ASSERT);
	GUEST_SYNC(0);
}

/* An IPI in remote-read mode is not a kick. */
static void remote_read(void)
{
	struct kvm_vm *vm = vm_create(2);

	vcpus[0] = add_vcpu(vm, 0, guest_sends_remote_read);
	vcpus[1] = add_vcpu(vm, 1, guest_halts);
	virt_pg_map(vm, APIC_DEFAULT_GPA, APIC_DEFAULT_GPA);
	expect_halted(vcpus[1], "first halt");
	expect_sync(vcpus[0], "remote read sent");
	expect_halted(vcpus[1], "remote read");
}

static const struct kick_test tests[] = {
	KICK_TEST(feature_is_supported, NULL),
	KICK_TEST(halted_irqs_off, NULL),
	KICK_TEST(halted_irqs_on, NULL),
	KICK_TEST(halted_thread_asleep, NULL),
	KICK_TEST(kick_before_halt_is_remembered_once, NULL),
	KICK_TEST(kick_self, NULL),
	KICK_TEST(absent, "a kick to nobody returns 0"),
	KICK_TEST(no_broadcast, "0xff and 0xffffffff are broadcasts"),
	KICK_TEST(reserved_flags, "flags are ignored"),
	KICK_TEST(x2apic_id_5, NULL),
	KICK_TEST(x2apic_id_256, NULL),
	KICK_TEST(x2apic_id_300, NULL),
	KICK_TEST(xapic_id_wider_than_8_bits, NULL),
	KICK_TEST(x2apic_id_255_is_one_vcpu, "0xff is a broadcast"),
	KICK_TEST(xapic_id_255_is_one_vcpu, "0xff is a broadcast"),
	KICK_TEST(offline,
		  "KVM_RUN of a kicked vCPU that waits for INIT returns at once, for ever"),
	KICK_TEST(offline_then_started, NULL),
	KICK_TEST(hidden_feature, NULL),
	KICK_TEST(hlt_does_not_exit, "the kick is accepted, and lost"),
	KICK_TEST(running, "each kick to a running vCPU is an IPI and an exit"),
	KICK_TEST(remote_read, "an IPI in remote-read mode is a kick"),
};

int main(int argc, char **argv)
{
	(void)argc;
	return kick_tests_main(argv, tests, ARRAY_SIZE(tests));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of a token when a halt ends in another way than by a kick or an
 * interrupt, or when the state that the kick was meant for is replaced; and what
 * must leave it alone.
 */
#include "harness.h"
#include "apic.h"
#include "svm_util.h"

#define NO_STATE	"there is no such state"

static struct kvm_vcpu *vcpus[2];

static void kick_1(void)
{
	TEST_ASSERT(!kick_from(vcpus[0], 1), "the kick fails");
}

static bool cpu_is_amd(void)
{
	uint32_t eax, ebx, ecx, edx;

	cpuid(0, &eax, &ebx, &ecx, &edx);
	return ebx == 0x68747541;	/* "Auth", of AuthenticAMD */
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
	struct kvm_vm *vm = vm_create(2);

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
	struct desc_ptr nothing = { .size = 0 };

	asm volatile("lidt %0; ud2" : : "m"(nothing));
}

/* On AMD, KVM resets a vCPU that shuts down, before it tells user space. */
static void shutdown_clears(void)
{
	struct kvm_vm *vm = vm_create(2);

	TEST_REQUIRE(cpu_is_amd());
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
	struct kvm_vm *vm = vm_create(2);
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

/* Old VMMs end the halt of the BSP by setting the registers of a reset. */
static void set_reset_registers(struct kvm_vcpu *vcpu)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	vcpu_regs_get(vcpu, &regs);
	regs.rip = 0xfff0;
	vcpu_regs_set(vcpu, &regs);
	vcpu_sregs_get(vcpu, &sregs);
	sregs.cr0 = 0x60000010;
	sregs.cr4 = 0;
	sregs.efer = 0;
	sregs.cs.selector = 0xf000;
	sregs.cs.base = 0xffff0000;
	sregs.cs.l = 0;
	vcpu_sregs_set(vcpu, &sregs);
}

static void reset_registers_clear(void)
{
	struct kvm_vm *vm = vm_create(2);
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	vcpus[0] = add_vcpu(vm, 0, guest_halts);
	vcpus[1] = add_vcpu(vm, 1, guest_kicks);
	expect_halted(vcpus[0], "first halt");
	TEST_ASSERT(!kick_from(vcpus[1], 0), "the kick fails");
	vcpu_regs_get(vcpus[0], &regs);
	vcpu_sregs_get(vcpus[0], &sregs);
	set_reset_registers(vcpus[0]);
	vcpu_sregs_set(vcpus[0], &sregs);
	vcpu_regs_set(vcpus[0], &regs);
	expect_sync(vcpus[0], "the registers of a reset ended the halt");
	expect_halted(vcpus[0], "second halt");
}

static void guest_l2_halts(void)
{
	asm volatile("sti; hlt; cli" ::: "memory");
	vmmcall();
}

#define L2_STACK_WORDS	64

static void guest_runs_l2(struct svm_test_data *svm)
{
	static unsigned long stack[L2_STACK_WORDS];

	x2apic_enable();
	generic_svm_setup(svm, guest_l2_halts, &stack[L2_STACK_WORDS]);
	svm->vmcb->control.intercept |= 1ull << INTERCEPT_INTR;
	run_guest(svm->vmcb, svm->vmcb_gpa);
	GUEST_SYNC(svm->vmcb->control.exit_code);
	guest_halts();
}

/* Pending in vCPU 1, and as its interrupts are off, no more than that. */
static void send_interrupt(struct kvm_vm *vm)
{
	struct kvm_msi msi = { .address_lo = 0xfee01000, .data = 0x40 };

	TEST_ASSERT(__vm_ioctl(vm, KVM_SIGNAL_MSI, &msi) > 0, "no interrupt sent");
}

/* L2 halts, and an interrupt takes the vCPU from its halt to L1. */
static void nested_exit_clears(void)
{
	struct kvm_vm *vm = vm_create(2);
	vm_vaddr_t svm;

	TEST_REQUIRE(kvm_cpu_has(X86_FEATURE_SVM));
	vcpus[0] = add_vcpu(vm, 0, guest_kicks);
	vcpus[1] = add_vcpu(vm, 1, guest_runs_l2);
	vcpu_alloc_svm(vm, &svm);
	vcpu_args_set(vcpus[1], 1, svm);
	expect_halted(vcpus[1], "L2 halts");
	kick_1();
	send_interrupt(vm);
	TEST_ASSERT(run_to_sync(vcpus[1]) == SVM_EXIT_INTR,
		    "the exit to L1 is not that of an interrupt");
	expect_halted(vcpus[1], "first halt of L1");
}

static void guest_enables_apic(void)
{
	x2apic_enable();
	GUEST_SYNC(0);
	guest_halts();
}

/* In vCPU 1, with the event that all pages have become present. */
static void enable_async_page_faults(struct kvm_vm *vm)
{
	vm_vaddr_t area = vm_vaddr_alloc_page(vm);

	vcpu_set_msr(vcpus[1], MSR_KVM_ASYNC_PF_INT, 0x40);
	vcpu_set_msr(vcpus[1], MSR_KVM_ASYNC_PF_EN, addr_gva2gpa(vm, area) |
		     KVM_ASYNC_PF_ENABLED | KVM_ASYNC_PF_DELIVERY_AS_INT);
}

/* Pages become present while a vCPU is about to halt: it still needs the token. */
static void page_present_keeps(void)
{
	struct kvm_vm *vm = vm_create(2);

	vcpus[0] = add_vcpu(vm, 0, guest_kicks);
	vcpus[1] = add_vcpu(vm, 1, guest_enables_apic);
	expect_sync(vcpus[1], "x2APIC enabled");
	kick_1();
	enable_async_page_faults(vm);
	expect_sync(vcpus[1], "kicked before the page was present");
	expect_halted(vcpus[1], "second halt");
}

/*
 * While the local APIC is disabled, such an event stays pending and ends each halt at
 * once.  Such a halt takes the token, too.
 */
static void pending_event_takes(void)
{
	struct kvm_vm *vm = create_event_vm(2, vcpus);

	enable_async_page_faults(vm);
	kick_1();
	TEST_ASSERT(event_pending(vcpus[1]), "the token is not reported");
	expect_sync(vcpus[1], "an event is pending");
	TEST_ASSERT(!event_pending(vcpus[1]), "the token survives the halt");
}

static const struct kick_test tests[] = {
	KICK_TEST_UNTIL(init_clears, LINUX(6, 15), "INIT leaves a stale token"),
	KICK_TEST(shutdown_clears, NO_STATE),
	KICK_TEST_UNTIL(reset_clears, LINUX(6, 15),
			"KVM_SET_MP_STATE leaves a stale token"),
	KICK_TEST(reset_clears_event, NO_STATE),
	KICK_TEST_UNTIL(reset_registers_clear, LINUX(6, 15),
			"KVM_SET_SREGS leaves a stale token"),
	KICK_TEST_UNTIL(nested_exit_clears, LINUX(6, 15),
			"a nested VM-Exit leaves a stale token"),
	KICK_TEST_SINCE(page_present_keeps, LINUX(6, 15),
			"a page that becomes present takes the token of a runnable vCPU"),
	KICK_TEST(pending_event_takes, NO_STATE),
};

int main(int argc, char **argv)
{
	(void)argc;
	return kick_tests_main(argv, tests, ARRAY_SIZE(tests));
}

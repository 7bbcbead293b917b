// SPDX-License-Identifier: GPL-2.0
/*
 * How vCPUs begin: the first one finds out what there is, and the others wait at
 * CPL 0 until it says at which level to go on.
 */
#include "clock.h"
#include "entry_points.h"
#include "probe.h"
#include "processor.h"
#include "tables.h"
#include "text.h"

/* Of the boot parameters, as kernels get them. */
#define COMMAND_LINE_POINTER	0x228

/* "Auth" and "Hygo", of those with SVM. */
#define VENDOR_EBX_AMD		0x68747541
#define VENDOR_EBX_HYGON	0x6f677948

u8 stacks[MAX_CPUS][STACK_SIZE] __aligned(16);
struct cpu cpus[MAX_CPUS];
unsigned int cpu_count;
unsigned int cpu_cpl;
u32 kvm_features;
bool cpu_uses_vmmcall;
const char *cpu_command_line;

static bool is_prepared;
static unsigned int started;
static bool all_go;

static void find_features(void)
{
	struct cpuid leaf = cpuid(0);

	cpu_uses_vmmcall = leaf.ebx == VENDOR_EBX_AMD || leaf.ebx == VENDOR_EBX_HYGON;
	if (!(cpuid(1).ecx & CPUID_X2APIC))
		fail("the vCPU has no x2APIC");
	leaf = cpuid(KVM_CPUID_SIGNATURE);
	if (leaf.ebx == KVM_SIGNATURE_EBX && leaf.eax >= KVM_CPUID_FEATURES)
		kvm_features = cpuid(KVM_CPUID_FEATURES).eax;
}

static void prepare(struct cpu *cpu)
{
	cpu->self = cpu;
	tables_load(cpu);
	write_msr(MSR_APIC_BASE, read_msr(MSR_APIC_BASE) | APIC_BASE_X2APIC);
	write_msr(MSR_APIC_SPURIOUS, APIC_ENABLED | VECTOR_SPURIOUS);
	write_msr(MSR_APIC_TIMER_DIVIDER, APIC_DIVIDE_BY_128);
	write_msr(MSR_APIC_TIMER, VECTOR_TIMER);
	if (kvm_features & KVM_FEATURE_STEAL_TIME)
		write_msr(MSR_KVM_STEAL_TIME, (u64)&cpu->steal | 1);
}

/* At CPL 0, until the first one says how to go on. */
static void wait_for_first(void)
{
	__atomic_fetch_add(&started, 1, __ATOMIC_SEQ_CST);
	while (!READ_ONCE(all_go)) {
		halt_with_interrupts();
		disable_interrupts();
	}
}

static void __noreturn main_of_this(void)
{
	cpu_main(cpu_this()->number);
}

/**
 * cpu_start() - where entry.S calls, at CPL 0, with interrupts off
 * @number: of this vCPU
 * @parameters: in the form of those that kernels get
 * @count: number of vCPUs
 * @khz: frequency of the TSC; 0: not known
 * @text: where to leave text
 * @size: its size
 */
void cpu_start(unsigned int number, const u8 *parameters, unsigned int count,
	       u64 khz, char *text, size_t size)
{
	struct cpu *cpu = &cpus[number];

	cpu->number = number;
	if (!number) {
		text_init(text, size);
		cpu_count = count;
		if (!khz)
			fail("KVM does not tell the frequency of the TSC");
		clock_init(khz);
		cpu_command_line = (const char *)(u64)
			*(const u32 *)(parameters + COMMAND_LINE_POINTER);
		tables_make();
		find_features();
		__atomic_store_n(&is_prepared, true, __ATOMIC_RELEASE);
	}
	while (!__atomic_load_n(&is_prepared, __ATOMIC_ACQUIRE))
		cpu_relax();
	prepare(cpu);
	if (number) {
		wait_for_first();
	} else {
		probe_cpl0();
		cpu_cpl = 3;
	}
	if (cpu_cpl)
		enter_cpl3(main_of_this);
	enable_interrupts();
	cpu_main(number);
}

/**
 * cpu_exception() - an exception that nobody has expected, which is the end
 * @exception: what it is, and where it happened
 */
void cpu_exception(const struct exception *exception)
{
	cpu_cpl = 0;
	fail("vCPU %u: exception %lu, error code %lu, at CPL %lu, RIP 0x%lx, RSP 0x%lx",
	     cpu_this()->number, exception->vector, exception->error,
	     exception->cs & 3, exception->rip, exception->rsp);
}

/**
 * cpu_wake_all() - have all other vCPUs begin with cpu_main()
 *
 * Context: The first vCPU, when cpu_cpl and cpu_kick_kind are settled.
 */
void cpu_wake_all(void)
{
	unsigned int i;

	while (READ_ONCE(started) != cpu_count - 1)
		cpu_relax();
	/* Who has not seen it has interrupts off until it halts. */
	__atomic_store_n(&all_go, true, __ATOMIC_SEQ_CST);
	for (i = 1; i < cpu_count; i++)
		cpu_send_ipi(i);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The state in which a kernel is entered by the 64-bit boot protocol: long
 * mode, flat segments, low memory mapped one to one, interrupts off. The first vCPU
 * enters a kernel, and the kernel starts the others; a bare image is entered by all.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../base/error.h"
#include "../base/layout.h"
#include "vcpu.h"

#define CR0_PE			BIT(0)
#define CR0_ET			BIT(4)
#define CR0_PG			BIT(31)
#define CR4_PAE			BIT(5)
#define EFER_LME		BIT(8)
#define EFER_LMA		BIT(10)
#define RFLAGS_ALWAYS_SET	BIT(1)
#define PTE_PRESENT		BIT(0)
#define PTE_WRITABLE		BIT(1)
#define PTE_USER		BIT(2)
#define PTE_LARGE		BIT(7)
#define PAGE_TABLE_ENTRIES	512
#define LARGE_PAGE		(2 * MIB)
#define MAPPED_GIB		4

/* As the boot protocol names them: __BOOT_CS and __BOOT_DS. */
#define SELECTOR_CODE		0x10
#define SELECTOR_DATA		0x18
#define TYPE_CODE		11	/* execute, read, accessed */
#define TYPE_DATA		3	/* read, write, accessed */
#define TYPE_TSS		11	/* busy */

#define MSR_MTRR_DEFAULT_TYPE	0x2ff
#define MTRR_ENABLED_WRITE_BACK	0x806
#define MSR_MISC_ENABLE		0x1a0
#define MISC_FAST_STRINGS	1

static void write_page_tables(struct guest_memory *memory, u64 user)
{
	const u64 table = PTE_PRESENT | PTE_WRITABLE | user;
	u64 *level4 = guest_memory__at(memory, LAYOUT_PAGE_TABLES,
				       (2 + MAPPED_GIB) * PAGE_SIZE);
	u64 *level3 = level4 + PAGE_TABLE_ENTRIES;
	u64 *level2 = level3 + PAGE_TABLE_ENTRIES;
	unsigned int i;

	level4[0] = (LAYOUT_PAGE_TABLES + PAGE_SIZE) | table;
	for (i = 0; i < MAPPED_GIB; i++)
		level3[i] = (LAYOUT_PAGE_TABLES + (2 + i) * PAGE_SIZE) | table;
	for (i = 0; i < MAPPED_GIB * PAGE_TABLE_ENTRIES; i++)
		level2[i] = i * LARGE_PAGE | table | PTE_LARGE;
}

static struct kvm_segment flat_segment(u16 selector, u8 type)
{
	return (struct kvm_segment){
		.selector = selector,
		.limit = UINT32_MAX,
		.type = type,
		.present = 1,
		.s = 1,
		.g = 1,
		.l = type == TYPE_CODE,
		.db = type != TYPE_CODE,
	};
}

/* The descriptor that says the same as a segment register. */
static u64 descriptor(const struct kvm_segment *segment)
{
	u64 flags = segment->type | segment->s << 4 | segment->present << 7 |
		segment->l << 13 | segment->db << 14 | segment->g << 15;

	return (segment->limit & 0xffff) | flags << 40 |
		(segment->limit >> 16 & 0xfULL) << 48;
}

static void write_gdt(struct guest_memory *memory,
		      const struct kvm_segment *code,
		      const struct kvm_segment *data)
{
	u64 gdt[] = { 0, 0, 0, 0 };

	gdt[SELECTOR_CODE / 8] = descriptor(code);
	gdt[SELECTOR_DATA / 8] = descriptor(data);
	memcpy(guest_memory__at(memory, LAYOUT_GDT, sizeof(gdt)), gdt,
	       sizeof(gdt));
}

/* user: PTE_USER, or 0. */
static int set_system_registers(struct vcpu *vcpu, u64 user)
{
	struct kvm_segment code = flat_segment(SELECTOR_CODE, TYPE_CODE);
	struct kvm_segment data = flat_segment(SELECTOR_DATA, TYPE_DATA);
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		return vmm_error(errno, NULL, "KVM_GET_SREGS");
	sregs.cs = code;
	sregs.ds = data;
	sregs.es = data;
	sregs.fs = data;
	sregs.gs = data;
	sregs.ss = data;
	sregs.tr = (struct kvm_segment){ .limit = 0x67, .type = TYPE_TSS,
					 .present = 1 };
	sregs.gdt.base = LAYOUT_GDT;
	sregs.gdt.limit = 4 * sizeof(u64) - 1;
	sregs.cr0 = CR0_PE | CR0_ET | CR0_PG;
	sregs.cr3 = LAYOUT_PAGE_TABLES;
	sregs.cr4 = CR4_PAE;
	sregs.efer = EFER_LME | EFER_LMA;
	write_gdt(&vcpu->vm->memory, &code, &data);
	write_page_tables(&vcpu->vm->memory, user);
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs))
		return vmm_error(errno, NULL, "KVM_SET_SREGS");
	return 0;
}

static int set_registers(struct vcpu *vcpu, const struct kvm_regs *regs)
{
	if (ioctl(vcpu->fd, KVM_SET_REGS, regs))
		return vmm_error(errno, NULL, "KVM_SET_REGS");
	return 0;
}

/* What firmware leaves behind. */
static int set_msrs(struct vcpu *vcpu)
{
	struct {
		struct kvm_msrs header;
		struct kvm_msr_entry entry[2];
	} msrs = {
		.header.nmsrs = 2,
		.entry = {
			{ .index = MSR_MTRR_DEFAULT_TYPE,
			  .data = MTRR_ENABLED_WRITE_BACK },
			{ .index = MSR_MISC_ENABLE, .data = MISC_FAST_STRINGS },
		},
	};

	if (ioctl(vcpu->fd, KVM_SET_MSRS, &msrs) < 0)
		return vmm_error(errno, NULL, "KVM_SET_MSRS");
	return 0;
}

/**
 * vcpu__set_boot_state() - leave a vCPU as firmware and a boot loader would
 * @locked: the first one begins with the kernel, the others wait for it
 * @entry: of the loader
 *
 * Return: 0, or a negative errno after a message.
 */
int vcpu__set_boot_state(struct vcpu_locked locked, u64 entry)
{
	const struct kvm_regs regs = {
		.rip = entry,
		.rsi = LAYOUT_BOOT_PARAMS,
		.rsp = LAYOUT_STACK,
		.rflags = RFLAGS_ALWAYS_SET,
	};
	struct vcpu *vcpu = vcpu__of(locked);
	int error = set_msrs(vcpu);

	if (error || vcpu->number)
		return error;
	return set_system_registers(vcpu, 0) ?: set_registers(vcpu, &regs);
}

/* 0: KVM does not tell. */
static u64 tsc_khz(const struct vcpu *vcpu)
{
	int khz = ioctl(vcpu->fd, KVM_GET_TSC_KHZ, 0);

	return khz > 0 ? khz : 0;
}

/**
 * vcpu__set_bare_state() - have a vCPU begin with a bare image
 * @locked: any; all of them begin with it
 * @entry: of the loader
 *
 * Memory is open to CPL 3, and registers tell what there is no firmware for:
 * the vCPU's number, where the boot parameters are, the number of vCPUs, and the
 * frequency of the TSC in kHz.
 *
 * Return: 0, or a negative errno after a message.
 */
int vcpu__set_bare_state(struct vcpu_locked locked, u64 entry)
{
	struct kvm_mp_state runs = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct vcpu *vcpu = vcpu__of(locked);
	const struct kvm_regs regs = {
		.rip = entry,
		.rdi = vcpu->number,
		.rsi = LAYOUT_BOOT_PARAMS,
		.rdx = vcpu->vm->nr_vcpus,
		.rcx = tsc_khz(vcpu),
		.r8 = LAYOUT_BARE_TEXT,
		.r9 = LAYOUT_BARE_TEXT_SIZE,
		.rflags = RFLAGS_ALWAYS_SET,
	};
	int error = set_msrs(vcpu) ?: set_system_registers(vcpu, PTE_USER) ?:
		set_registers(vcpu, &regs);

	if (!error && ioctl(vcpu->fd, KVM_SET_MP_STATE, &runs))
		return vmm_error(errno, NULL, "KVM_SET_MP_STATE of vCPU %u",
				 vcpu->number);
	return error;
}

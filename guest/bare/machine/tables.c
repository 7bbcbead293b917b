// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of the processor: segments, gates, and the stack of CPL 0.
 */
#include "entry_points.h"
#include "processor.h"
#include "tables.h"

#define DESCRIPTOR_CODE0	0x00af9b000000ffffULL
#define DESCRIPTOR_DATA0	0x00cf93000000ffffULL
#define DESCRIPTOR_DATA3	0x00cff3000000ffffULL
#define DESCRIPTOR_CODE3	0x00affb000000ffffULL
#define DESCRIPTOR_TSS		0x0000890000000000ULL
#define GATE_INTERRUPT		0x8e00
#define GATE_DPL3		0x6000

struct gate {
	u16 offset_low;
	u16 selector;
	u16 flags;
	u16 offset_middle;
	u32 offset_high;
	u32 reserved;
};

struct table_register {
	u16 limit;
	u64 base;
} __packed;

static struct gate idt[VECTORS];

static void set_gate(unsigned int vector, const char *entry, u16 flags)
{
	u64 address = (u64)entry;

	idt[vector] = (struct gate){
		.offset_low = address,
		.selector = SELECTOR_CODE0,
		.flags = GATE_INTERRUPT | flags,
		.offset_middle = address >> 16,
		.offset_high = address >> 32,
	};
}

/**
 * tables_make() - prepare what all vCPUs share
 */
void tables_make(void)
{
	unsigned int i;

	for (i = 0; i < VECTOR_EXCEPTIONS; i++)
		set_gate(i, entry_exceptions[i], 0);
	set_gate(VECTOR_BREAKPOINT, entry_breakpoint, GATE_DPL3);
	set_gate(VECTOR_KICK, entry_interrupt, 0);
	set_gate(VECTOR_TIMER, entry_interrupt, 0);
	set_gate(VECTOR_SPURIOUS, entry_spurious, 0);
}

/**
 * tables_load() - give a vCPU its tables, and have GS point to it
 * @cpu: the calling one, at CPL 0
 */
void tables_load(struct cpu *cpu)
{
	const struct table_register gdtr = { sizeof(cpu->gdt) - 1, (u64)cpu->gdt };
	const struct table_register idtr = { sizeof(idt) - 1, (u64)idt };
	u64 tss = (u64)&cpu->tss;

	cpu->tss.stack[0] = (u64)(cpu->stack0 + sizeof(cpu->stack0));
	cpu->tss.io_map = sizeof(cpu->tss);
	cpu->gdt[SELECTOR_CODE0 / 8] = DESCRIPTOR_CODE0;
	cpu->gdt[SELECTOR_DATA0 / 8] = DESCRIPTOR_DATA0;
	cpu->gdt[SELECTOR_DATA3 / 8] = DESCRIPTOR_DATA3;
	cpu->gdt[SELECTOR_CODE3 / 8] = DESCRIPTOR_CODE3;
	cpu->gdt[SELECTOR_TSS / 8] = DESCRIPTOR_TSS | (sizeof(cpu->tss) - 1) |
		(tss & 0xffffff) << 16 | (tss >> 24 & 0xff) << 56;
	cpu->gdt[SELECTOR_TSS / 8 + 1] = tss >> 32;
	load_gdt(&gdtr);
	load_idt(&idtr);
	load_task(SELECTOR_TSS);
	/* Going to CPL 3 clears what CPL 3 may not use, and GS's base with it. */
	clear_segments();
	write_msr(MSR_GS_BASE, (u64)cpu);
}

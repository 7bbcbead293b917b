/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What assembly and C have to agree upon.
 */
#ifndef BARE_ENTRY_H
#define BARE_ENTRY_H

#define STACK_SIZE		16384

/* Segments, in the GDT of each vCPU; the first two are those of the boot protocol. */
#define SELECTOR_CODE0		0x10
#define SELECTOR_DATA0		0x18
#define SELECTOR_DATA3		(0x20 | 3)
#define SELECTOR_CODE3		(0x28 | 3)
#define SELECTOR_TSS		0x30

#define RFLAGS_CPL3		0x202	/* interrupts on */

/* Interrupt vectors. */
#define VECTOR_BREAKPOINT	3
#define VECTOR_EXCEPTIONS	32	/* so many there are */
#define VECTOR_KICK		32
#define VECTOR_TIMER		33
#define VECTOR_SPURIOUS		47
#define VECTORS			48

/* Of the local APIC in x2APIC mode. */
#define MSR_APIC_EOI		0x80b

/* What CPL 3 asks CPL 0 for: EAX at a breakpoint; see service() in cpu.h. */
#define SERVICE_HALT		0	/* halt, unless the token is there */
#define SERVICE_WRMSR		1	/* MSR ECX = EDX:ESI */
#define SERVICE_OUT		2	/* port DX = ESI */
#define SERVICE_IN		3	/* EAX = port DX */
#define SERVICE_TO_CPL0		4	/* go on at CPL 0 */

/* Offsets in struct cpu, which GS points to. */
#define CPU_TOKEN		12
#define CPU_HALTS		16

#endif /* BARE_ENTRY_H */

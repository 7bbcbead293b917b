/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where each vCPU begins, and where CPL 3 calls CPL 0.
 *
 * On some hosts, each instruction at CPL 0 is emulated and takes microseconds. So
 * a service is as few of them as possible.
 */
#include "entry.h"

	.code64

/* RDI is the number of the vCPU; the other arguments are those of cpu_start(). */
	.section .text.start, "ax"
	.globl	start
start:
	mov	%edi, %eax
	inc	%eax
	imul	$STACK_SIZE, %rax, %rax
	lea	stacks(%rax), %rsp
	xor	%ebp, %ebp
	call	cpu_start
	ud2

	.text

/* void enter_cpl3(void (*function)(void)): the function does not return. */
	.globl	enter_cpl3
enter_cpl3:
	mov	%rsp, %rax
	push	$SELECTOR_DATA3
	push	%rax
	push	$RFLAGS_CPL3
	push	$SELECTOR_CODE3
	push	%rdi
	iretq

/* RIP, CS, RFLAGS, RSP and SS of CPL 3 are on the stack; see SERVICE_* */
	.globl	entry_breakpoint
entry_breakpoint:
	cmp	$SERVICE_WRMSR, %eax
	jb	halt
	je	write_msr
	cmp	$SERVICE_IN, %eax
	jb	write_port
	je	read_port
	movq	$SELECTOR_CODE0, 8(%rsp)
	movq	$SELECTOR_DATA0, 32(%rsp)
	iretq

/* Interrupts are off: no kick comes between the last look and the halt. */
halt:
	cmpl	$0, %gs:CPU_TOKEN
	jne	1f
	incl	%gs:CPU_HALTS
	sti
	hlt
	cli
1:	iretq

write_msr:
	mov	%esi, %eax
	wrmsr
	iretq

write_port:
	mov	%esi, %eax
	out	%eax, %dx
	iretq

read_port:
	in	%dx, %eax
	iretq

/* Its arrival is all that a kick or a timer has to say. */
	.globl	entry_interrupt
entry_interrupt:
	push	%rax
	push	%rcx
	push	%rdx
	mov	$MSR_APIC_EOI, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	pop	%rdx
	pop	%rcx
	pop	%rax
	/* Without an interrupt: there is no EOI. */
	.globl	entry_spurious
entry_spurious:
	iretq

/* All others are the end: struct exception is on the stack. */
	.balign	16
	.globl	entry_exceptions
entry_exceptions:
	vector = 0
	.rept	VECTOR_EXCEPTIONS
	.balign	16
	/* These come with an error code. */
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21)
	push	$0
	.endif
	push	$vector
	jmp	exception
	vector = vector + 1
	.endr

exception:
	mov	%rsp, %rdi
	and	$-16, %rsp
	call	cpu_exception
	ud2

	.section .note.GNU-stack, "", @progbits

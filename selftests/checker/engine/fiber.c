// SPDX-License-Identifier: GPL-2.0
/*
 * Fibers. Their stacks are part of the state that the explorer compares, so
 * they are at fixed addresses, and what lies below the stack pointer is wiped:
 * otherwise leftovers of finished calls would tell equal states apart.
 */
#ifndef __x86_64__
#error "the checker's fibers are written for x86-64"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fiber.h"

#define STACK_BYTES	(64UL * 1024)
#define STACKS_ADDRESS	((char *)0x200000000000UL)
/* More than the deepest call between two steps uses. */
#define WIPED_BYTES	1024

__asm__(".text\n"
	".globl fiber_switch\n"
	".type fiber_switch, @function\n"
	"fiber_switch:\n"
	"	push %rbp\n"
	"	push %rbx\n"
	"	push %r12\n"
	"	push %r13\n"
	"	push %r14\n"
	"	push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15\n"
	"	pop %r14\n"
	"	pop %r13\n"
	"	pop %r12\n"
	"	pop %rbx\n"
	"	pop %rbp\n"
	"	ret\n"
	".size fiber_switch, . - fiber_switch\n");

#define SAVED_REGISTERS	6

void fiber_allocate_stacks(unsigned int nr_fibers)
{
	void *stacks = mmap(STACKS_ADDRESS, nr_fibers * STACK_BYTES,
			    PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			    -1, 0);

	if (stacks != STACKS_ADDRESS) {
		perror("checker: mmap: no room for the fibers' stacks");
		exit(2);
	}
}

char *fiber_stack_top(unsigned int fiber)
{
	return STACKS_ADDRESS + (fiber + 1) * STACK_BYTES;
}

/* Returns the stack pointer with which the fiber starts in @entry. */
void *fiber_prepare(unsigned int fiber, void (*entry)(void))
{
	void **top = (void **)fiber_stack_top(fiber);

	memset((char *)top - STACK_BYTES, 0, STACK_BYTES);
	/* As after a call: the return address, to nowhere, is on top. */
	top--;
	*--top = (void *)entry;
	return top - SAVED_REGISTERS;
}

void fiber_wipe_unused(unsigned int fiber, char *stack_pointer)
{
	(void)fiber;
	memset(stack_pointer - WIPED_BYTES, 0, WIPED_BYTES);
}

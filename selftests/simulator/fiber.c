// SPDX-License-Identifier: GPL-2.0
/*
 * Fibers for x86-64.
 *
 * While a fiber does not run, its callee-saved registers are on its stack. So
 * the bytes from the stack pointer to the top are all there is to it, and
 * copying them back returns it to that point, provided that it has changed
 * nothing else since.
 */
#include <string.h>
#include <sys/mman.h>

#include "error.h"
#include "fiber.h"

#define FIBER_STACK_BYTES	(64 * 1024)
#define SAVED_REGISTERS		6

__asm__(".text\n"
	".globl fiber_switch\n"
	".type fiber_switch, @function\n"
	"fiber_switch:\n"
	"	pushq	%rbp\n"
	"	pushq	%rbx\n"
	"	pushq	%r12\n"
	"	pushq	%r13\n"
	"	pushq	%r14\n"
	"	pushq	%r15\n"
	"	movq	%rsp, (%rdi)\n"
	"	movq	%rsi, %rsp\n"
	"	popq	%r15\n"
	"	popq	%r14\n"
	"	popq	%r13\n"
	"	popq	%r12\n"
	"	popq	%rbx\n"
	"	popq	%rbp\n"
	"	ret\n"
	".size fiber_switch, . - fiber_switch\n"
);

/**
 * fiber_init() - make a fiber that starts at a function
 * @fiber: uninitialised memory
 * @entry: runs at the first fiber_resume() and never returns
 */
void fiber_init(struct fiber *fiber, void (*entry)(void))
{
	void **top;
	char *stack;
	int i;

	stack = mmap(NULL, FIBER_STACK_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (stack == MAP_FAILED)
		fatal("no memory for the stack of a virtual CPU");

	fiber->stack_top = stack + FIBER_STACK_BYTES;
	top = (void **)fiber->stack_top;
	/* Entered by "ret", with the stack aligned as after a call. */
	*--top = NULL;
	*--top = (void *)entry;
	for (i = 0; i < SAVED_REGISTERS; i++)
		*--top = NULL;
	fiber->stack_pointer = top;
	fiber->resumer = NULL;
}

/**
 * fiber_resume() - run a fiber until it yields
 * @fiber: a fiber that does not run; may be called from another fiber
 */
void fiber_resume(struct fiber *fiber)
{
	fiber_switch(&fiber->resumer, fiber->stack_pointer);
}

/**
 * fiber_yield() - return to whoever resumed the running fiber
 * @fiber: the running fiber
 */
void fiber_yield(struct fiber *fiber)
{
	fiber_switch(&fiber->stack_pointer, fiber->resumer);
}

/**
 * fiber_save() - remember a fiber
 * @fiber: a fiber that does not run
 * @checkpoint: where to save it
 *
 * Return: false if its stack is too deep.
 */
bool fiber_save(const struct fiber *fiber, struct fiber_checkpoint *checkpoint)
{
	char *bottom = fiber->stack_pointer;
	size_t bytes = fiber->stack_top - bottom;

	if (bytes > sizeof(checkpoint->stack))
		return false;
	checkpoint->stack_pointer = bottom;
	memcpy(checkpoint->stack, bottom, bytes);
	return true;
}

/**
 * fiber_restore() - return a fiber to a checkpoint
 * @fiber: a fiber that does not run
 * @checkpoint: written by fiber_save()
 */
void fiber_restore(struct fiber *fiber,
		   const struct fiber_checkpoint *checkpoint)
{
	char *bottom = checkpoint->stack_pointer;

	fiber->stack_pointer = bottom;
	memcpy(bottom, checkpoint->stack, fiber->stack_top - bottom);
}

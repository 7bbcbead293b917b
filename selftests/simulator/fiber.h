/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fibers: code with a stack of its own that runs until it yields.
 */
#ifndef SIMULATOR_FIBER_H
#define SIMULATOR_FIBER_H

#include "types.h"

/* More live stack than this is not checkpointed. */
#define FIBER_CHECKPOINT_BYTES	2048

struct fiber {
	void *stack_pointer;
	void *resumer;
	char *stack_top;
};

/**
 * struct fiber_checkpoint - a fiber as it was while it did not run
 * @stack_pointer: where it was
 * @stack: its live stack, from there to the top
 */
struct fiber_checkpoint {
	void *stack_pointer;
	u8 stack[FIBER_CHECKPOINT_BYTES];
};

/* Save the stack pointer and load another: continues where that one left. */
void fiber_switch(void **save, void *load);

void fiber_init(struct fiber *fiber, void (*entry)(void));
void fiber_resume(struct fiber *fiber);
void fiber_yield(struct fiber *fiber);
bool fiber_save(const struct fiber *fiber, struct fiber_checkpoint *checkpoint);
void fiber_restore(struct fiber *fiber,
		   const struct fiber_checkpoint *checkpoint);

#endif /* SIMULATOR_FIBER_H */

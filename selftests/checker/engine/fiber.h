/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fibers: stacks at fixed addresses, and a switch that saves all that the
 * ABI lets a function keep across a call. x86-64 only.
 */
#ifndef CHECKER_FIBER_H
#define CHECKER_FIBER_H

#include <stddef.h>

void fiber_allocate_stacks(unsigned int nr_fibers);
void *fiber_prepare(unsigned int fiber, void (*entry)(void));
char *fiber_stack_top(unsigned int fiber);
void fiber_wipe_unused(unsigned int fiber, char *stack_pointer);

/* Save this context in *@save_stack_pointer and continue the other one. */
void fiber_switch(void **save_stack_pointer, void *stack_pointer);

#endif /* CHECKER_FIBER_H */

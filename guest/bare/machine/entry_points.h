/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What entry.S has for C, and what it calls.
 */
#ifndef BARE_ENTRY_POINTS_H
#define BARE_ENTRY_POINTS_H

#include "cpu.h"

#define ENTRY_SIZE	16

/* As entry.S and the processor leave it on the stack. */
struct exception {
	u64 vector;
	u64 error;
	u64 rip;
	u64 cs;
	u64 rflags;
	u64 rsp;
};

extern char entry_breakpoint[];
extern char entry_interrupt[];
extern char entry_spurious[];
extern char entry_exceptions[VECTOR_EXCEPTIONS][ENTRY_SIZE];
extern u8 stacks[MAX_CPUS][STACK_SIZE];

void __noreturn enter_cpl3(void (*function)(void));
void __noreturn cpu_start(unsigned int number, const u8 *parameters,
			  unsigned int count, u64 khz, char *text, size_t size);
void __noreturn cpu_exception(const struct exception *exception);

#endif /* BARE_ENTRY_POINTS_H */

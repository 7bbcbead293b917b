/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands of the control socket: one JSON object each.
 */
#ifndef PVMM_CONTROL_COMMAND_H
#define PVMM_CONTROL_COMMAND_H

#include <stddef.h>
#include <stdio.h>

#define CONTROL_NAME_SIZE	32

/**
 * struct control_fault - why a command is refused
 * @why: the cause
 * @remedy: what to do
 */
struct control_fault {
	const char *why;
	const char *remedy;
};

const struct control_fault *
control_command__parse(const char *line, size_t length,
		       char name[CONTROL_NAME_SIZE]);
void control_command__refuse(FILE *reply, const char *what, const char *why,
			     const char *remedy);

#endif /* PVMM_CONTROL_COMMAND_H */

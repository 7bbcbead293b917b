// SPDX-License-Identifier: GPL-2.0
/*
 * A guest without an operating system has no driver either: it leaves what it
 * has to say in its memory. See Documentation/bare.rst.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bare.h"
#include "../base/error.h"
#include "../base/layout.h"

/**
 * bare__print() - print what a bare image has left behind on standard output
 * @vm: of a bare image; does not run any more
 *
 * Return: 0, or a negative errno after a message.
 */
int bare__print(const struct vm *vm)
{
	const char *text = guest_memory__at(&vm->memory, LAYOUT_BARE_TEXT,
					    LAYOUT_BARE_TEXT_SIZE);
	size_t left = strnlen(text, LAYOUT_BARE_TEXT_SIZE);

	while (left) {
		ssize_t written = write(STDOUT_FILENO, text, left);

		if (written < 0)
			return vmm_error(errno, NULL, "standard output");
		text += written;
		left -= written;
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The user's terminal, while the guest has it for its console: keys go to the
 * guest one by one, Ctrl-C among them.
 */
#include <stdbool.h>
#include <termios.h>
#include <unistd.h>

#include "terminal.h"

static struct termios before;
static bool is_raw;

/**
 * terminal__set_raw() - give standard input to the guest, if it is a terminal
 */
void terminal__set_raw(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &before))
		return;
	raw = before;
	cfmakeraw(&raw);
	/* Messages of the VMM still begin their lines at the left. */
	raw.c_oflag |= OPOST;
	is_raw = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

/**
 * terminal__restore() - undo terminal__set_raw()
 *
 * Context: Also in signal handlers.
 */
void terminal__restore(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

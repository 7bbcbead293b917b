// SPDX-License-Identifier: GPL-2.0
/*
 * The signals that end a guest. A handler may take no lock, so it only stops the
 * event loop; the main thread does the rest.
 */
#include <signal.h>

#include "signals.h"

static struct event_loop *event_loop;
static volatile sig_atomic_t got_signal;

static void interrupted(int number)
{
	(void)number;
	got_signal = 1;
	event_loop__stop(event_loop);
}

/**
 * signals__end() - have signals stop an event loop from now on
 * @loop: which; stays until the process ends
 */
void signals__end(struct event_loop *loop)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = interrupted };
	size_t i;

	event_loop = loop;
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		sigaction(ends[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/**
 * signals__have_ended_it() - tell whether a signal has stopped the event loop
 *
 * Return: true if so.
 */
bool signals__have_ended_it(void)
{
	return got_signal;
}

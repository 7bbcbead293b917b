/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control socket: peers who send commands, a line each, and get a line for each.
 */
#ifndef PVMM_CONTROL_H
#define PVMM_CONTROL_H

#include <stdio.h>

#include "../execution/event.h"

#define CONTROL_PEERS	4
#define CONTROL_LINE	256

struct control;

/**
 * struct control_peer - somebody who is connected
 * @control: to which
 * @source: its file; -1: nobody is
 * @again: serves the next line, in another turn
 * @line: what has arrived and not been served
 * @length: of it
 * @reply: what it has not taken of it yet
 * @reply_length: of @reply; 0: there is none
 * @sent: how much of @reply it has taken
 * @ends: it is hung up on after the reply
 */
struct control_peer {
	struct control *control;
	struct event_source source;
	struct queued_action again;
	char line[CONTROL_LINE];
	size_t length;
	char *reply;
	size_t reply_length;
	size_t sent;
	bool ends;
};

/**
 * struct control - a control socket; of the event loop's thread alone
 * @loop: waits for it
 * @listener: who comes
 * @listens: @listener is armed
 * @peer: those who are there
 * @reply_size: the longest reply
 * @user: of whoever sets @serve
 * @serve: writes the reply to a command, an object of JSON; newlines are replaced
 */
struct control {
	struct event_loop *loop;
	struct event_source listener;
	bool listens;
	struct control_peer peer[CONTROL_PEERS];
	size_t reply_size;
	void *user;
	void (*serve)(void *user, const char *command, FILE *reply);
};

int control__open(struct control *control, struct event_loop *loop,
		  const char *path, size_t reply_size);
void control__close(struct control *control);

#endif /* PVMM_CONTROL_H */

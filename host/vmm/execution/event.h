/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event loop: one thread that waits for files, for the time limit, and
 * for the end of the guest.
 */
#ifndef PVMM_EVENT_H
#define PVMM_EVENT_H

#include "../base/types.h"

#define EVENT_INPUT	1
#define EVENT_OUTPUT	2
#define EVENT_HANGUP	4

struct event_source {
	int fd;
	/* Called in the loop's thread, without locks. */
	void (*ready)(struct event_source *source, unsigned int events);
};

struct event_loop {
	int epoll_fd;
	int stop_fd;
};

int event_loop__init(struct event_loop *loop);
void event_loop__destroy(struct event_loop *loop);
int event_loop__add(struct event_loop *loop, struct event_source *source);
void event_loop__remove(struct event_loop *loop, struct event_source *source);
void event_loop__arm(struct event_loop *loop, struct event_source *source,
		     unsigned int events);
void event_loop__stop(struct event_loop *loop);
bool event_loop__run(struct event_loop *loop, int timeout_ms);

#endif /* PVMM_EVENT_H */

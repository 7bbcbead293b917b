/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event loop: one thread that waits for files, for the time limit, for the
 * end of the guest, and for work that is posted to it.
 */
#ifndef PVMM_EVENT_H
#define PVMM_EVENT_H

#include "../base/types.h"
#include "worker.h"

#define EVENT_INPUT	1
#define EVENT_OUTPUT	2
#define EVENT_HANGUP	4

struct event_loop;

/**
 * struct event_source - a file that is waited for
 * @fd: the file; -1: none
 * @ready: called in the loop's thread, without locks, once for each time that the
 *	source has been armed
 * @loop: that knows the file; NULL: none does
 * @always: for files that are always ready: calls @ready with @pending
 * @pending: guarded by the loop's guard
 * @posted: @always is on its way; guarded as well
 */
struct event_source {
	int fd;
	void (*ready)(struct event_source *source, unsigned int events);
	struct event_loop *loop;
	struct queued_action always;
	unsigned int pending;
	bool posted;
};

/**
 * struct event_loop - a thread that waits
 * @worker: for those who post work to it
 * @epoll_fd: what it waits with
 * @stop: an eventfd that ends it
 * @wake: an eventfd that says that there is work
 * @guard: guards @work
 * @work: what has been posted
 * @end_ms: when the time limit is over, on the monotonic clock; 0: there is none
 * @stopped: somebody has called event_loop__stop()
 */
struct event_loop {
	struct worker worker;
	int epoll_fd;
	struct event_source stop;
	struct event_source wake;
	struct ticket_lock guard;
	struct action_queue work;
	u64 end_ms;
	bool stopped;
};

int event_loop__init(struct event_loop *loop);
void event_loop__destroy(struct event_loop *loop);
int event_loop__arm(struct event_loop *loop, struct event_source *source,
		    unsigned int events);
void event_loop__stop(struct event_loop *loop);
bool event_loop__is_over(const struct event_loop *loop);
bool event_loop__run(struct event_loop *loop, int timeout_ms);

#endif /* PVMM_EVENT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A thread that comes back to work which it has left unfinished.
 *
 * What a guest or a peer controls may be without end. So whoever does such work
 * does a piece of it, posts the rest to itself, and releases all of its locks. In
 * between, the thread looks at whatever else it is there for: the end of the VM,
 * a stop of the world, other work.
 */
#ifndef PVMM_WORKER_H
#define PVMM_WORKER_H

#include "inbox.h"

/**
 * struct worker - a thread that comes back
 * @post: has the thread run an action soon, without locks; any thread may call it
 * @ended: whether the thread is to do no more work; its actions still run, so
 *	that they can release what they hold
 */
struct worker {
	void (*post)(struct worker *worker, struct queued_action *action);
	bool (*ended)(const struct worker *worker);
};

#endif /* PVMM_WORKER_H */

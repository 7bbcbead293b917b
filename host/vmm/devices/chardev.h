/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The outer end of a serial line: standard input and output, a file, a
 * character device or FIFO, or a unix socket.
 */
#ifndef PVMM_CHARDEV_H
#define PVMM_CHARDEV_H

#include "../locks/ranked_mutex.h"
#include "../execution/event.h"

struct chardev {
	struct event_loop *loop;
	struct event_source input;	/* fd is -1 while there is none */
	struct event_source output;	/* may be the same file as the input */
	struct event_source listener;	/* of a socket that waits for a peer */
	struct ranked_mutex lock;
	unsigned int wanted;		/* EVENT_INPUT, EVENT_OUTPUT */
	bool shared;			/* input and output are one file */
	void *user;			/* of whoever sets ready() */
	/* The line is worth reading, or writing again. No locks are held. */
	void (*ready)(struct chardev *chardev, unsigned int events);
};

int chardev__open(struct chardev *chardev, struct event_loop *loop,
		  const char *specification);
void chardev__close(struct chardev *chardev);
size_t chardev__read(struct chardev *chardev, void *data, size_t size);
size_t chardev__write(struct chardev *chardev, const void *data, size_t size);
void chardev__want(struct chardev *chardev, unsigned int events, bool wanted);

#endif /* PVMM_CHARDEV_H */

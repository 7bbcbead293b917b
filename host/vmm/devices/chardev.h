/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The outer end of a serial line: standard input and output, a file, a
 * character device or FIFO, or a unix socket.
 */
#ifndef PVMM_CHARDEV_H
#define PVMM_CHARDEV_H

#include <sys/types.h>

#include "../execution/event.h"
#include "../locks/ranked_mutex.h"

struct iovec;

/**
 * struct chardev - the outer end of a line
 * @loop: waits for it
 * @lock: guards all that follows but @user and @ready
 * @input: what arrives; its file is -1 while there is none
 * @output: where to write; the same file as @input by another descriptor, or a
 *	different one, or -1
 * @listener: of a socket, which waits for the next peer
 * @next_input: of a peer who has come before all of his predecessor's input has
 *	been read; or -1
 * @wanted: EVENT_INPUT, EVENT_OUTPUT
 * @user: of whoever sets @ready
 * @ready: the line is worth reading, or writing again; called without locks in the
 *	loop's thread, once for each time that this was wanted
 */
struct chardev {
	struct event_loop *loop;
	struct ranked_mutex lock;
	struct event_source input;
	struct event_source output;
	struct event_source listener;
	int next_input;
	unsigned int wanted;
	void *user;
	void (*ready)(struct chardev *chardev, unsigned int events);
};

void chardev__init(struct chardev *chardev, struct event_loop *loop);
int chardev__start(struct chardev *chardev);
void chardev__close(struct chardev *chardev);
size_t chardev__read(struct chardev *chardev, const struct iovec *pieces,
		     unsigned int number);
size_t chardev__write(struct chardev *chardev, const void *data, size_t size);
void chardev__want_input(struct chardev *chardev, bool wanted);

/* In chardev_open.c. */
int chardev__open(struct chardev *chardev, struct event_loop *loop,
		  const char *specification);

#endif /* PVMM_CHARDEV_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * The event loop, on epoll(7). Sources are one-shot: after an event, a source
 * is silent until it is armed again, by any thread. So a device that cannot
 * take more input just does not arm its source.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "../base/error.h"
#include "event.h"

/**
 * event_loop__init() - make an event loop without sources
 * @loop: to be set up
 *
 * Return: 0, or a negative errno after a message.
 */
int event_loop__init(struct event_loop *loop)
{
	struct epoll_event stop = { .events = EPOLLIN };

	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->epoll_fd < 0 || loop->stop_fd < 0 ||
	    epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->stop_fd, &stop))
		return vmm_error(errno, "raise the limit of open files",
				 "event loop");
	return 0;
}

/**
 * event_loop__destroy() - close what the loop has opened
 * @loop: that does not run
 */
void event_loop__destroy(struct event_loop *loop)
{
	close(loop->epoll_fd);
	close(loop->stop_fd);
}

/**
 * event_loop__add() - add a source that is not armed yet
 * @loop: where
 * @source: stays until it is removed
 *
 * Return: 0; or a negative errno, -EPERM for a file that is always ready.
 */
int event_loop__add(struct event_loop *loop, struct event_source *source)
{
	struct epoll_event event = { .events = EPOLLONESHOT };

	event.data.ptr = source;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, source->fd, &event))
		return -errno;
	return 0;
}

/**
 * event_loop__remove() - forget a source
 * @loop: where it is
 * @source: its file is still open
 *
 * Context: In the loop's thread, or while the loop does not run.
 */
void event_loop__remove(struct event_loop *loop, struct event_source *source)
{
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
}

/**
 * event_loop__arm() - wait for the next event of a source
 * @loop: where it is
 * @source: which
 * @events: EVENT_INPUT, EVENT_OUTPUT, both or none
 *
 * Context: Any thread.
 */
void event_loop__arm(struct event_loop *loop, struct event_source *source,
		     unsigned int events)
{
	struct epoll_event event = { .events = EPOLLONESHOT };

	if (events & EVENT_INPUT)
		event.events |= EPOLLIN;
	if (events & EVENT_OUTPUT)
		event.events |= EPOLLOUT;
	event.data.ptr = source;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, source->fd, &event);
}

/**
 * event_loop__stop() - have event_loop__run() return
 * @loop: which
 *
 * Context: Any thread, and signal handlers.
 */
void event_loop__stop(struct event_loop *loop)
{
	u64 one = 1;
	ssize_t written = write(loop->stop_fd, &one, sizeof(one));

	(void)written;	/* a full counter stops it just as well */
}

static u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void deliver(const struct epoll_event *event)
{
	struct event_source *source = event->data.ptr;
	unsigned int events = 0;

	if (event->events & EPOLLIN)
		events |= EVENT_INPUT;
	if (event->events & EPOLLOUT)
		events |= EVENT_OUTPUT;
	if (event->events & (EPOLLHUP | EPOLLERR))
		events |= EVENT_HANGUP;
	source->ready(source, events);
}

/**
 * event_loop__run() - handle events until the loop is stopped
 * @loop: which
 * @timeout_ms: at most that long; negative: for ever
 *
 * Return: true if it was stopped, false if the time was over.
 */
bool event_loop__run(struct event_loop *loop, int timeout_ms)
{
	u64 end = now_ms() + (timeout_ms < 0 ? 0 : timeout_ms);
	struct epoll_event event;

	for (;;) {
		int wait = -1, number;

		if (timeout_ms >= 0) {
			u64 now = now_ms();

			if (now >= end)
				return false;
			wait = end - now;
		}
		number = epoll_wait(loop->epoll_fd, &event, 1, wait);
		if (number <= 0)
			continue;
		if (!event.data.ptr)
			return true;
		deliver(&event);
	}
}

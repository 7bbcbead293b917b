// SPDX-License-Identifier: GPL-2.0
/*
 * The event loop, on epoll(7).
 *
 * Sources are one-shot: after an event, a source is silent until it is armed
 * again, by any thread. So a device that cannot take more input just does not arm
 * its source. A source that is not armed is told nothing, a hang-up neither.
 *
 * One event is taken at a time. The kernel puts those that are still ready at the
 * end of its list, so each source has its turn, the end of the loop among them,
 * as long as ready() does no more than a bounded piece of work.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "../base/error.h"
#include "event.h"

static void ring(const struct event_source *source)
{
	u64 one = 1;
	ssize_t written = write(source->fd, &one, sizeof(one));

	(void)written;	/* a full counter wakes the loop just as well */
}

/* The guard is held. Returns whether nothing was there before. */
static bool append(struct event_loop *loop, struct queued_action *action)
{
	bool first = !loop->work.first;

	action->next = NULL;
	if (first)
		loop->work.first = action;
	else
		loop->work.last->next = action;
	loop->work.last = action;
	return first;
}

static struct event_loop *to_loop(const struct worker *worker)
{
	return container_of(worker, struct event_loop, worker);
}

static void post(struct worker *worker, struct queued_action *action)
{
	struct event_loop *loop = to_loop(worker);
	bool first;

	ticket_lock(&loop->guard);
	first = append(loop, action);
	ticket_unlock(&loop->guard);
	if (first)
		ring(&loop->wake);
}

static bool has_ended(const struct worker *worker)
{
	return READ_ONCE(to_loop(worker)->stopped);
}

/* Run what is there now; what is posted meanwhile comes after other events. */
static void run_work(struct event_loop *loop)
{
	struct queued_action *action, *next;

	ticket_lock(&loop->guard);
	action = loop->work.first;
	loop->work.first = NULL;
	ticket_unlock(&loop->guard);
	for (; action; action = next) {
		next = action->next;
		action->run(loop, action);
	}
}

static void woken(struct event_source *source, unsigned int events)
{
	struct event_loop *loop = source->loop;
	u64 rings;
	ssize_t length = read(source->fd, &rings, sizeof(rings));

	(void)events;
	(void)length;
	event_loop__arm(loop, source, EVENT_INPUT);
	run_work(loop);
}

static void stopping(struct event_source *source, unsigned int events)
{
	(void)source;	/* event_loop__run() looks for itself */
	(void)events;
}

/**
 * event_loop__init() - make an event loop without sources
 * @loop: to be set up
 *
 * Return: 0, or a negative errno after a message.
 */
int event_loop__init(struct event_loop *loop)
{
	*loop = (struct event_loop){
		.worker = { post, has_ended },
		.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
		.stop = { .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
			  .ready = stopping },
		.wake = { .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
			  .ready = woken },
	};
	if (loop->epoll_fd < 0 || loop->stop.fd < 0 || loop->wake.fd < 0 ||
	    event_loop__arm(loop, &loop->stop, EVENT_INPUT) ||
	    event_loop__arm(loop, &loop->wake, EVENT_INPUT))
		return vmm_error(errno, "raise the limit of open files",
				 "event loop");
	return 0;
}

/**
 * event_loop__destroy() - run what has been posted, and close what is open
 * @loop: that does not run, and has been stopped if it ever ran
 */
void event_loop__destroy(struct event_loop *loop)
{
	loop->stopped = true;
	while (loop->work.first)
		run_work(loop);
	close(loop->epoll_fd);
	close(loop->stop.fd);
	close(loop->wake.fd);
}

static void always_ready(void *owner, struct queued_action *action)
{
	struct event_source *source =
		container_of(action, struct event_source, always);
	struct event_loop *loop = owner;
	unsigned int events;

	ticket_lock(&loop->guard);
	events = source->pending;
	source->pending = 0;
	source->posted = false;
	ticket_unlock(&loop->guard);
	if (events && !has_ended(&loop->worker))
		source->ready(source, events);
}

/* A file that is always ready, such as a regular one, cannot be waited for. */
static void arm_always_ready(struct event_loop *loop,
			     struct event_source *source, unsigned int events)
{
	bool first = false;

	ticket_lock(&loop->guard);
	source->pending = events & (EVENT_INPUT | EVENT_OUTPUT);
	source->always.run = always_ready;
	if (source->pending && !source->posted)
		first = append(loop, &source->always);
	source->posted |= source->pending != 0;
	ticket_unlock(&loop->guard);
	if (first)
		ring(&loop->wake);
}

static int disarm(struct event_loop *loop, struct event_source *source)
{
	if (source->loop)
		epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
	else
		arm_always_ready(loop, source, 0);
	source->loop = NULL;
	return 0;
}

/**
 * event_loop__arm() - wait for the next event of a source, or do not any more
 * @loop: that waits
 * @source: which; its file stays open until it is disarmed
 * @events: EVENT_INPUT, EVENT_OUTPUT, EVENT_HANGUP; each of the first two comes
 *	with the last; 0: disarm it. An event that is on its way still comes.
 *
 * Context: Any thread; one at a time for each source.
 * Return: 0, or a negative errno.
 */
int event_loop__arm(struct event_loop *loop, struct event_source *source,
		    unsigned int events)
{
	struct epoll_event event = {
		.events = EPOLLONESHOT, .data.ptr = source,
	};
	int operation = source->loop ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (!events)
		return disarm(loop, source);
	if (events & EVENT_INPUT)
		event.events |= EPOLLIN;
	if (events & EVENT_OUTPUT)
		event.events |= EPOLLOUT;
	/* Before the kernel tells the loop's thread of it. */
	source->loop = loop;
	if (!epoll_ctl(loop->epoll_fd, operation, source->fd, &event))
		return 0;
	source->loop = NULL;
	if (errno != EPERM)
		return -errno;
	arm_always_ready(loop, source, events);
	return 0;
}

/**
 * event_loop__stop() - have event_loop__run() return
 * @loop: which
 *
 * Context: Any thread, and signal handlers.
 */
void event_loop__stop(struct event_loop *loop)
{
	WRITE_ONCE(loop->stopped, true);
	ring(&loop->stop);
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

static bool time_is_over(const struct event_loop *loop, u64 now)
{
	return loop->end_ms && now >= loop->end_ms;
}

/**
 * event_loop__is_over() - tell whether the loop is going to end
 * @loop: which
 *
 * For work in the loop's thread that takes long.
 *
 * Return: true if it has been stopped, or its time is over.
 */
bool event_loop__is_over(const struct event_loop *loop)
{
	return READ_ONCE(loop->stopped) || time_is_over(loop, now_ms());
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
	struct epoll_event event;

	loop->end_ms = timeout_ms < 0 ? 0 : now_ms() + timeout_ms;
	while (!READ_ONCE(loop->stopped)) {
		u64 now = now_ms();
		int wait = loop->end_ms ? (int)(loop->end_ms - now) : -1;

		if (time_is_over(loop, now))
			return false;
		if (epoll_wait(loop->epoll_fd, &event, 1, wait) > 0)
			deliver(&event);
	}
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The outer end of a serial line.
 *
 * Reads and writes never block. A device that could not write everything is called
 * when it can go on; it is called for input if it wants some. What is written while
 * nobody is connected is lost, as on a real line.
 *
 * Input and output are two files, also where both are one socket: each is armed on
 * its own, and ends on its own.
 *
 * A peer of a socket that hangs up takes the output with it, and the next peer may
 * come. What he has sent before is still there, and is read as the guest takes it,
 * before anything of the next peer:
 *
 *	peer		input	next_input	output		listener
 *
 *	none		-1	-1		-1		armed
 *	connects	a	-1		a
 *	hangs up	a	-1		-1		armed
 *	next connects	a	b		b
 *	a is read	b	-1		b
 *	next hangs up	a	b		-1		waits until a is read
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "chardev.h"
#include "../base/error.h"
#include "../locks/lock_classes.h"

static bool is_socket(const struct chardev *chardev)
{
	return chardev->listener.fd >= 0;
}

/* The lock is held, here and up to hang_up(). */
static int arm(struct chardev *chardev)
{
	unsigned int output = chardev->wanted & EVENT_OUTPUT;
	int error = 0;

	if (chardev->input.fd >= 0)
		error = event_loop__arm(chardev->loop, &chardev->input,
					chardev->wanted & EVENT_INPUT);
	/* A peer that hangs up is noticed at once. */
	if (is_socket(chardev))
		output |= EVENT_HANGUP;
	if (!error && chardev->output.fd >= 0)
		error = event_loop__arm(chardev->loop, &chardev->output, output);
	if (!error && is_socket(chardev) && chardev->output.fd < 0 &&
	    chardev->next_input < 0)
		error = event_loop__arm(chardev->loop, &chardev->listener,
					EVENT_INPUT);
	return error;
}

static void close_source(struct chardev *chardev, struct event_source *source)
{
	if (source->fd < 0)
		return;
	event_loop__arm(chardev->loop, source, 0);
	close(source->fd);
	source->fd = -1;
}

/* All that has been sent has been read. */
static void end_input(struct chardev *chardev)
{
	close_source(chardev, &chardev->input);
	chardev->input.fd = chardev->next_input;
	chardev->next_input = -1;
	arm(chardev);
}

static void hang_up(struct chardev *chardev)
{
	close_source(chardev, &chardev->output);
	arm(chardev);
}

/* What was wanted of these is not any more. */
static unsigned int take_wanted(struct chardev *chardev, unsigned int events)
{
	unsigned int taken = chardev->wanted & events;

	chardev->wanted &= ~taken;
	return taken;
}

static void tell(struct chardev *chardev, unsigned int events)
{
	if (events && chardev->ready)
		chardev->ready(chardev, events);
}

static void input_ready(struct event_source *source, unsigned int events)
{
	struct chardev *chardev = container_of(source, struct chardev, input);
	unsigned int taken;

	(void)events;	/* what a hang-up leaves is read up to its end */
	ranked_mutex_lock(&chardev->lock);
	taken = take_wanted(chardev, EVENT_INPUT);
	ranked_mutex_unlock(&chardev->lock);
	tell(chardev, taken);
}

static void output_ready(struct event_source *source, unsigned int events)
{
	struct chardev *chardev = container_of(source, struct chardev, output);
	unsigned int taken;

	ranked_mutex_lock(&chardev->lock);
	/* Who waits for space goes on, and finds that nobody is there. */
	taken = take_wanted(chardev, EVENT_OUTPUT);
	if ((events & EVENT_HANGUP) && is_socket(chardev))
		hang_up(chardev);
	else
		arm(chardev);
	ranked_mutex_unlock(&chardev->lock);
	tell(chardev, taken);
}

/* Have a peer who has just come. */
static void connect_peer(struct chardev *chardev, int input, int output)
{
	ranked_mutex_lock(&chardev->lock);
	if (chardev->input.fd < 0)
		chardev->input.fd = input;
	else
		chardev->next_input = input;
	chardev->output.fd = output;
	arm(chardev);
	ranked_mutex_unlock(&chardev->lock);
}

static void listener_ready(struct event_source *source, unsigned int events)
{
	struct chardev *chardev = container_of(source, struct chardev, listener);
	int input = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int output = input < 0 ? -1 : fcntl(input, F_DUPFD_CLOEXEC, 0);

	(void)events;
	if (output >= 0) {
		connect_peer(chardev, input, output);
		return;
	}
	if (errno == EMFILE || errno == ENFILE) {
		vmm_error(errno, "raise the limit of open files, and start again",
			  "a line does not listen any more");
		source = NULL;
	}
	if (input >= 0)
		close(input);
	if (source)
		event_loop__arm(chardev->loop, source, EVENT_INPUT);
}

/**
 * chardev__read() - read what has arrived
 * @chardev: which line
 * @pieces: where to
 * @number: of pieces; they have at least one byte
 *
 * Return: bytes; 0: nothing is there.
 */
size_t chardev__read(struct chardev *chardev, const struct iovec *pieces,
		     unsigned int number)
{
	ssize_t length = 0;

	ranked_mutex_lock(&chardev->lock);
	if (chardev->input.fd >= 0) {
		length = readv(chardev->input.fd, pieces, number);
		if (!length || (length < 0 && errno != EAGAIN && errno != EINTR))
			end_input(chardev);
	}
	ranked_mutex_unlock(&chardev->lock);
	return length > 0 ? length : 0;
}

/**
 * chardev__write() - write what can be written at once
 * @chardev: which line
 * @data: what
 * @size: bytes, at least one
 *
 * Return: bytes that are done with. If these are fewer than @size, the line is full,
 * and ready() is called with EVENT_OUTPUT when it has space.
 */
size_t chardev__write(struct chardev *chardev, const void *data, size_t size)
{
	ssize_t length = size;

	ranked_mutex_lock(&chardev->lock);
	if (chardev->output.fd >= 0)
		length = write(chardev->output.fd, data, size);
	if (length < 0)
		length = errno == EAGAIN || errno == EINTR ? 0 : (ssize_t)size;
	if ((size_t)length < size) {
		chardev->wanted |= EVENT_OUTPUT;
		arm(chardev);
	}
	ranked_mutex_unlock(&chardev->lock);
	return length;
}

/**
 * chardev__want_input() - have ready() called at the next input, or not any more
 * @chardev: which line
 * @wanted: which of the two
 */
void chardev__want_input(struct chardev *chardev, bool wanted)
{
	unsigned int before;

	ranked_mutex_lock(&chardev->lock);
	before = chardev->wanted;
	chardev->wanted &= ~EVENT_INPUT;
	if (wanted)
		chardev->wanted |= EVENT_INPUT;
	if (chardev->wanted != before)
		arm(chardev);
	ranked_mutex_unlock(&chardev->lock);
}

/**
 * chardev__init() - make a line that leads nowhere
 * @chardev: to be set up
 * @loop: is going to wait for it
 */
void chardev__init(struct chardev *chardev, struct event_loop *loop)
{
	*chardev = (struct chardev){
		.loop = loop,
		.input = { .fd = -1, .ready = input_ready },
		.output = { .fd = -1, .ready = output_ready },
		.listener = { .fd = -1, .ready = listener_ready },
		.next_input = -1,
	};
	ranked_mutex_init(&chardev->lock, &class_chardev);
}

/**
 * chardev__start() - wait for what a line can tell
 * @chardev: whose files have been opened; the caller sets ready() later, before it
 *	wants anything
 *
 * Return: 0, or a negative errno.
 */
int chardev__start(struct chardev *chardev)
{
	int error;

	ranked_mutex_lock(&chardev->lock);
	error = arm(chardev);
	ranked_mutex_unlock(&chardev->lock);
	return error;
}

/**
 * chardev__close() - close the outer end of a line
 * @chardev: of chardev__init(); the loop does not run any more
 */
void chardev__close(struct chardev *chardev)
{
	close_source(chardev, &chardev->input);
	close_source(chardev, &chardev->output);
	close_source(chardev, &chardev->listener);
	if (chardev->next_input >= 0)
		close(chardev->next_input);
	chardev->next_input = -1;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The outer end of a serial line.
 *
 * Reads and writes never block. A device that could not write everything asks
 * for EVENT_OUTPUT and goes on when it is called; the same for input. What is
 * written while nobody is connected is lost, as on a real line.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "chardev.h"
#include "../base/error.h"
#include "../locks/lock_classes.h"

#define WANT_CHARDEV	"use stdio, null, file:PATH, pipe:PATH or socket:PATH"

/* The lock is held. */
static void arm(struct chardev *chardev)
{
	unsigned int wanted = chardev->wanted;

	if (chardev->shared) {
		if (chardev->input.fd >= 0)
			event_loop__arm(chardev->loop, &chardev->input, wanted);
		return;
	}
	if (chardev->input.fd >= 0)
		event_loop__arm(chardev->loop, &chardev->input,
				wanted & EVENT_INPUT);
	if (chardev->output.fd >= 0)
		event_loop__arm(chardev->loop, &chardev->output,
				wanted & EVENT_OUTPUT);
}

/*
 * The other end has gone. A socket waits for the next peer, other lines stay
 * silent. The lock is held.
 */
static void hang_up(struct chardev *chardev, struct event_source *source)
{
	if (source->fd < 0)
		return;
	event_loop__remove(chardev->loop, source);
	if (chardev->listener.fd < 0)
		return;
	close(chardev->input.fd);
	chardev->input.fd = -1;
	chardev->output.fd = -1;
	event_loop__arm(chardev->loop, &chardev->listener, EVENT_INPUT);
}

static void source_ready(struct chardev *chardev, struct event_source *source,
			 unsigned int events)
{
	unsigned int wanted;

	ranked_mutex_lock(&chardev->lock);
	wanted = chardev->wanted & events;
	chardev->wanted &= ~wanted;
	if ((events & EVENT_HANGUP) && !(events & EVENT_INPUT))
		hang_up(chardev, source);
	else
		arm(chardev);
	ranked_mutex_unlock(&chardev->lock);
	if (wanted && chardev->ready)
		chardev->ready(chardev, wanted);
}

static void input_ready(struct event_source *source, unsigned int events)
{
	source_ready(container_of(source, struct chardev, input), source,
		     events);
}

static void output_ready(struct event_source *source, unsigned int events)
{
	source_ready(container_of(source, struct chardev, output), source,
		     events);
}

static void listener_ready(struct event_source *source, unsigned int events)
{
	struct chardev *chardev = container_of(source, struct chardev, listener);
	int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0) {
		event_loop__arm(chardev->loop, source, EVENT_INPUT);
		return;
	}
	ranked_mutex_lock(&chardev->lock);
	chardev->input.fd = fd;
	chardev->output.fd = fd;
	event_loop__add(chardev->loop, &chardev->input);
	arm(chardev);
	ranked_mutex_unlock(&chardev->lock);
}

/**
 * chardev__read() - read what has arrived
 * @chardev: which line
 * @data: where to
 * @size: bytes at most
 *
 * Return: bytes; 0: nothing is there.
 */
size_t chardev__read(struct chardev *chardev, void *data, size_t size)
{
	ssize_t length = -1;

	ranked_mutex_lock(&chardev->lock);
	if (chardev->input.fd >= 0) {
		length = read(chardev->input.fd, data, size);
		if (!length)
			hang_up(chardev, &chardev->input);
	}
	ranked_mutex_unlock(&chardev->lock);
	return length > 0 ? length : 0;
}

/**
 * chardev__write() - write what can be written at once
 * @chardev: which line
 * @data: what
 * @size: bytes
 *
 * Return: bytes that are done with; fewer than @size: the line is full.
 */
size_t chardev__write(struct chardev *chardev, const void *data, size_t size)
{
	ssize_t length = size;

	ranked_mutex_lock(&chardev->lock);
	if (chardev->output.fd >= 0) {
		length = write(chardev->output.fd, data, size);
		if (length < 0)
			length = errno == EAGAIN || errno == EINTR ? 0 : (ssize_t)size;
	}
	ranked_mutex_unlock(&chardev->lock);
	return length;
}

/**
 * chardev__want() - be told of events, or not any more
 * @chardev: which line
 * @events: EVENT_INPUT, EVENT_OUTPUT; each is told once
 * @wanted: whether to tell
 */
void chardev__want(struct chardev *chardev, unsigned int events, bool wanted)
{
	unsigned int before;

	ranked_mutex_lock(&chardev->lock);
	before = chardev->wanted;
	if (wanted)
		chardev->wanted |= events;
	else
		chardev->wanted &= ~events;
	if (chardev->wanted != before)
		arm(chardev);
	ranked_mutex_unlock(&chardev->lock);
}

static int set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) ? -errno : 0;
}

static int open_stdio(struct chardev *chardev)
{
	chardev->input.fd = STDIN_FILENO;
	chardev->output.fd = STDOUT_FILENO;
	/* Output may wait: the file is shared with others, who expect that. */
	return 0;
}

static int open_file(struct chardev *chardev, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	chardev->output.fd = fd;
	return fd < 0 ? -errno : 0;
}

static int open_pipe(struct chardev *chardev, const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	chardev->input.fd = fd;
	chardev->output.fd = fd;
	chardev->shared = true;
	return fd < 0 ? -errno : 0;
}

static int open_socket(struct chardev *chardev, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat status;
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	/* What a VMM before has left behind. */
	if (!lstat(path, &status) && S_ISSOCK(status.st_mode))
		unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	chardev->shared = true;
	chardev->listener.fd = fd;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 1))
		return -errno;
	return 0;
}

static int open_line(struct chardev *chardev, const char *specification)
{
	const char *path = strchr(specification, ':');

	if (!strcmp(specification, "null"))
		return 0;
	if (!strcmp(specification, "stdio"))
		return open_stdio(chardev);
	if (!path || !path[1])
		return -EINVAL;
	path++;
	if (!strncmp(specification, "file:", 5))
		return open_file(chardev, path);
	if (!strncmp(specification, "pipe:", 5))
		return open_pipe(chardev, path);
	if (!strncmp(specification, "socket:", 7))
		return open_socket(chardev, path);
	return -EINVAL;
}

/* Files that are always ready cannot be waited for, and need not be. */
static int add_source(struct chardev *chardev, struct event_source *source)
{
	int error = source->fd < 0 ? 0 : event_loop__add(chardev->loop, source);

	return error == -EPERM ? 0 : error;
}

static int add_sources(struct chardev *chardev)
{
	int error = add_source(chardev, &chardev->listener);

	if (!error)
		error = add_source(chardev, &chardev->input);
	if (!error && !chardev->shared)
		error = add_source(chardev, &chardev->output);
	if (!error && chardev->listener.fd >= 0)
		event_loop__arm(chardev->loop, &chardev->listener, EVENT_INPUT);
	return error;
}

/**
 * chardev__open() - open the outer end of a line
 * @chardev: to be set up; the caller sets ready() before it wants events
 * @loop: waits for it
 * @specification: stdio, null, file:PATH, pipe:PATH or socket:PATH
 *
 * Return: 0, or a negative errno after a message.
 */
int chardev__open(struct chardev *chardev, struct event_loop *loop,
		  const char *specification)
{
	int error;

	*chardev = (struct chardev){
		.loop = loop,
		.input = { -1, input_ready },
		.output = { -1, output_ready },
		.listener = { -1, listener_ready },
	};
	ranked_mutex_init(&chardev->lock, &class_chardev);
	error = open_line(chardev, specification);
	if (error == -EINVAL)
		return vmm_error(EINVAL, WANT_CHARDEV, "line '%s'", specification);
	if (!error && chardev->input.fd >= 0 &&
	    chardev->input.fd != STDIN_FILENO)
		error = set_nonblocking(chardev->input.fd);
	if (!error)
		error = add_sources(chardev);
	if (error)
		return vmm_error(-error, "check the path and its permissions",
				 "line '%s'", specification);
	return 0;
}

/**
 * chardev__close() - close the outer end of a line
 * @chardev: the loop does not run any more
 */
void chardev__close(struct chardev *chardev)
{
	if (chardev->listener.fd >= 0)
		close(chardev->listener.fd);
	if (chardev->input.fd > STDERR_FILENO)
		close(chardev->input.fd);
	if (!chardev->shared && chardev->output.fd > STDERR_FILENO)
		close(chardev->output.fd);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What the outer end of a line may be, and how it is opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "chardev.h"
#include "../base/error.h"
#include "../base/nonblocking.h"
#include "../base/unix_socket.h"

#define WANT_CHARDEV	"use stdio, null, file:PATH, pipe:PATH or socket:PATH"

/* The output is a second descriptor of the same file. */
static int duplicate_input(struct chardev *chardev)
{
	chardev->output.fd = fcntl(chardev->input.fd, F_DUPFD_CLOEXEC, 0);
	return chardev->output.fd < 0 ? -errno : 0;
}

static int open_null(struct chardev *chardev, const char *path)
{
	(void)chardev;
	(void)path;
	return 0;
}

/* Either may be closed already. */
static int open_stdio(struct chardev *chardev, const char *path)
{
	int input = nonblocking__of(STDIN_FILENO);
	int output = nonblocking__of(STDOUT_FILENO);

	(void)path;
	chardev->input.fd = input < 0 ? -1 : input;
	chardev->output.fd = output < 0 ? -1 : output;
	if (input < 0 && input != -EBADF)
		return input;
	return output < 0 && output != -EBADF ? output : 0;
}

/* A FIFO blocks only while it is opened, until somebody reads it. */
static int open_file(struct chardev *chardev, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
		      0644);

	chardev->output.fd = fd;
	if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK))
		return -errno;
	return 0;
}

static int open_pipe(struct chardev *chardev, const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	chardev->input.fd = fd;
	return fd < 0 ? -errno : duplicate_input(chardev);
}

static int open_socket(struct chardev *chardev, const char *path)
{
	int fd = unix_socket__listen(path, 1);

	chardev->listener.fd = fd < 0 ? -1 : fd;
	return fd < 0 ? fd : 0;
}

static const struct {
	const char *name;
	bool has_path;
	int (*open)(struct chardev *chardev, const char *path);
} kinds[] = {
	{ "null", false, open_null },
	{ "stdio", false, open_stdio },
	{ "file:", true, open_file },
	{ "pipe:", true, open_pipe },
	{ "socket:", true, open_socket },
};

static int open_line(struct chardev *chardev, const char *specification)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t length = strlen(kinds[i].name);
		const char *path = specification + length;

		if (!strncmp(specification, kinds[i].name, length) &&
		    !!*path == kinds[i].has_path)
			return kinds[i].open(chardev, path);
	}
	return -EINVAL;
}

/**
 * chardev__open() - open the outer end of a line
 * @chardev: to be set up; the caller sets ready() before it wants anything
 * @loop: waits for it
 * @specification: stdio, null, file:PATH, pipe:PATH or socket:PATH
 *
 * Return: 0, or a negative errno after a message; then nothing is left open.
 */
int chardev__open(struct chardev *chardev, struct event_loop *loop,
		  const char *specification)
{
	int error;

	chardev__init(chardev, loop);
	error = open_line(chardev, specification);
	if (!error)
		error = chardev__start(chardev);
	if (!error)
		return 0;
	chardev__close(chardev);
	if (error == -EINVAL)
		return vmm_error(EINVAL, WANT_CHARDEV, "line '%s'", specification);
	return vmm_error(-error, "check the path and its permissions",
			 "line '%s'", specification);
}

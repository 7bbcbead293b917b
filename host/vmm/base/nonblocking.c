// SPDX-License-Identifier: GPL-2.0
/*
 * Standard input, output and error without waiting for who is at their other end.
 *
 * O_NONBLOCK is not of a descriptor but of the file as it was opened, which others
 * share: the shell, or programs of the same pipeline, which do not expect it. So the
 * file is opened once more, for this process alone. Where that cannot be, as with a
 * socket or the terminal of another user, the flag is set, and taken back at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nonblocking.h"
#include "types.h"

/* Those of standard files; -1: nothing has been changed. */
static int flags_before[] = { -1, -1, -1 };

static int open_again(int fd, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, (flags & O_ACCMODE) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* A second descriptor, so that what is closed in the end is never the first. */
static int share(int fd, int flags)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return -errno;
	if (!(flags & O_NONBLOCK)) {
		if (fcntl(fd, F_SETFL, flags | O_NONBLOCK))
			return -errno;
		flags_before[fd] = flags;
	}
	return copy;
}

/**
 * nonblocking__of() - get at a standard file without ever waiting for it
 * @fd: of standard input, output or error
 *
 * Context: Opens a file by its path.
 * Return: another file descriptor, or a negative errno; -EBADF: it is closed.
 */
int nonblocking__of(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat status;
	int again;

	if (flags < 0 || fstat(fd, &status))
		return -errno;
	/* It does not block, and has a position that others share. */
	if (S_ISREG(status.st_mode)) {
		again = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		return again < 0 ? -errno : again;
	}
	again = open_again(fd, flags);
	return again < 0 ? share(fd, flags) : again;
}

/**
 * nonblocking__restore() - leave shared files as they were found
 */
void nonblocking__restore(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags_before); i++)
		if (flags_before[i] >= 0)
			fcntl(i, F_SETFL, flags_before[i]);
}

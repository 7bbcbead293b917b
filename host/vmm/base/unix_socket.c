// SPDX-License-Identifier: GPL-2.0
/*
 * Unix sockets that the VMM listens on.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "unix_socket.h"

/**
 * unix_socket__listen() - make a socket with a path, and listen on it
 * @path: a socket there, which a VMM before may have left behind, is replaced
 * @backlog: how many may wait to be accepted
 *
 * Context: Looks a path up.
 * Return: a file descriptor that does not block, or a negative errno.
 */
int unix_socket__listen(const char *path, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat status;
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	if (!lstat(path, &status) && S_ISSOCK(status.st_mode))
		unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!bind(fd, (struct sockaddr *)&address, sizeof(address)) &&
	    !listen(fd, backlog))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

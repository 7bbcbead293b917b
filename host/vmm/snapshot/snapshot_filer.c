// SPDX-License-Identifier: GPL-2.0
/*
 * A process that creates, renames and removes one file on behalf of a VMM that may
 * not look up any path. It is asked by a byte, and knows the directory and both names
 * from the start: so a guest that takes over the VMM can have snapshots written, and
 * nothing else.
 *
 * It answers with zero or a negative errno, and with the file where one has been created. It
 * ends when the VMM does, which closes the other end of their socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/types.h"
#include "snapshot_filer.h"

/* Never one that is there, nor one that a link leads to. */
#define CREATE_FLAGS	(O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)

/* What it knows. */
struct filer {
	int directory;
	const char *temporary;
	const char *name;
};

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

/* Returns 0 or a negative errno. */
static int serve(const struct filer *filer, u8 request, int *fd)
{
	int directory = filer->directory;

	switch (request) {
	case FILER_CREATE:
		*fd = openat(directory, filer->temporary, CREATE_FLAGS, 0600);
		return *fd < 0 ? -errno : 0;
	case FILER_COMMIT:
		if (renameat(directory, filer->temporary, directory,
			     filer->name))
			return -errno;
		/* If that fails, the file is there, but may not survive a crash. */
		fsync(directory);
		return 0;
	case FILER_ABANDON:
		return unlinkat(directory, filer->temporary, 0) ? -errno : 0;
	default:
		return -EINVAL;
	}
}

static void attach_file(struct msghdr *message, union control *control, int fd)
{
	memset(control, 0, sizeof(*control));
	message->msg_control = control;
	message->msg_controllen = sizeof(control->space);
	control->header.cmsg_level = SOL_SOCKET;
	control->header.cmsg_type = SCM_RIGHTS;
	control->header.cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(&control->header), &fd, sizeof(fd));
}

static void answer(int socket, int error, int fd)
{
	struct iovec piece = { &error, sizeof(error) };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
	union control control;

	if (fd >= 0)
		attach_file(&message, &control, fd);
	sendmsg(socket, &message, MSG_NOSIGNAL);
}

/* It ends with the VMM and not before, so signals are not for it. */
static void run(const struct filer *filer, int socket)
{
	sigset_t all;
	u8 request;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "pvmm-filer");
	/* Nobody is to wait for it at the other end of these. */
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	while (recv(socket, &request, sizeof(request), 0) == sizeof(request)) {
		int fd = -1;
		int error = serve(filer, request, &fd);

		answer(socket, error, fd);
		if (fd >= 0)
			close(fd);
	}
}

/**
 * snapshot_filer__start() - start a filer
 * @directory: where the file is; the caller does not need it any more
 * @temporary: its name at first
 * @name: its name when it is complete
 *
 * Context: A process with one thread.
 * Return: the socket by which to ask it, to be closed in the end; or a negative errno.
 */
int snapshot_filer__start(int directory, const char *temporary,
			  const char *name)
{
	const struct filer filer = { directory, temporary, name };
	int ends[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	fflush(NULL);
	child = fork();
	if (!child) {
		close(ends[0]);
		run(&filer, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	if (child > 0)
		return ends[0];
	close(ends[0]);
	return -EAGAIN;
}

/* The file that has come with an answer, or -1. */
static int take_file(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd;

	if (!header || header->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

/**
 * snapshot_filer__ask() - have a filer do something
 * @filer: of snapshot_filer__start()
 * @request: what
 *
 * Return: a file descriptor if a file has been created, or else 0; or a negative errno.
 */
int snapshot_filer__ask(int filer, enum filer_request request)
{
	union control control;
	int error = -EPIPE, fd;
	struct iovec piece = { &error, sizeof(error) };
	struct msghdr message = {
		.msg_iov = &piece, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control.space),
	};
	u8 byte = request;
	ssize_t length;

	if (send(filer, &byte, sizeof(byte), MSG_NOSIGNAL) != sizeof(byte))
		return -errno;
	do
		length = recvmsg(filer, &message, MSG_CMSG_CLOEXEC);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	fd = take_file(&message);
	return error ?: fd >= 0 ? fd : 0;
}

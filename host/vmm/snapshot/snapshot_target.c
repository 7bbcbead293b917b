// SPDX-License-Identifier: GPL-2.0
/*
 * The file that snapshots are written to. It is written under another name in
 * the same directory, and renamed when it is complete: so there is always all of
 * a snapshot or none, and the one before stays if this one fails.
 *
 * All of that is done by another process, since no path can be looked up once the guest
 * runs: see snapshot_filer.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/error.h"
#include "snapshot_filer.h"
#include "snapshot_target.h"

#define REMEDY		"give a file in a directory that can be written to"

static int open_directory(const char *path, const char *slash)
{
	char directory[PATH_MAX];

	if (!slash)
		return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(directory, sizeof(directory), "%.*s",
		 (int)(slash - path) ?: 1, path);
	return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int check_writable(const struct snapshot_target *target)
{
	int fd = snapshot_target__create(target);

	if (fd < 0)
		return fd;
	close(fd);
	snapshot_target__abandon(target);
	return 0;
}

/**
 * snapshot_target__open() - find the directory, and that it can be written to
 * @target: to be set up
 * @path: of the file; NULL: there is none
 *
 * Context: A process with one thread.
 * Return: 0, or a negative errno after a message.
 */
int snapshot_target__open(struct snapshot_target *target, const char *path)
{
	const char *slash, *name;
	int length, directory;

	*target = (struct snapshot_target){ .filer = -1, .path = path };
	if (!path)
		return 0;
	slash = strrchr(path, '/');
	name = slash ? slash + 1 : path;
	length = snprintf(target->temporary, sizeof(target->temporary),
			  "%s.%d.partial", name, getpid());
	if (!*name || strlen(path) >= PATH_MAX ||
	    length >= (int)sizeof(target->temporary))
		return vmm_error(EINVAL, REMEDY, "--snapshot-to %s", path);
	strcpy(target->name, name);
	directory = open_directory(path, slash);
	if (directory < 0)
		return vmm_error(errno, REMEDY, "--snapshot-to %s", path);
	target->filer = snapshot_filer__start(directory, target->temporary,
					      target->name);
	close(directory);
	if (target->filer < 0)
		return vmm_error(-target->filer, "raise the limit of processes",
				 "--snapshot-to %s", path);
	return check_writable(target);
}

/**
 * snapshot_target__close() - undo snapshot_target__open()
 * @target: may have failed to open
 */
void snapshot_target__close(struct snapshot_target *target)
{
	if (target->filer >= 0)
		close(target->filer);
	target->filer = -1;
}

/**
 * snapshot_target__create() - begin with a new file, under its temporary name
 * @target: of snapshot_target__open()
 *
 * Return: a file descriptor, or a negative errno after a message.
 */
int snapshot_target__create(const struct snapshot_target *target)
{
	int fd = snapshot_filer__ask(target->filer, FILER_CREATE);

	return fd < 0 ? vmm_error(-fd, REMEDY, "snapshot %s", target->path) : fd;
}

/**
 * snapshot_target__commit() - give the file its name
 * @target: it is complete, and on the disk
 *
 * Return: 0, or a negative errno after a message.
 */
int snapshot_target__commit(const struct snapshot_target *target)
{
	int error = snapshot_filer__ask(target->filer, FILER_COMMIT);

	return error ? vmm_error(-error, REMEDY, "snapshot %s", target->path) : 0;
}

/**
 * snapshot_target__abandon() - remove a file that is not complete
 * @target: of snapshot_target__create()
 */
void snapshot_target__abandon(const struct snapshot_target *target)
{
	snapshot_filer__ask(target->filer, FILER_ABANDON);
}

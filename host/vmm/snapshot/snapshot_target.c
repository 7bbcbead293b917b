// SPDX-License-Identifier: GPL-2.0
/*
 * The file that snapshots are written to. It is written under another name in
 * the same directory, and renamed when it is complete: so there is always all of
 * a snapshot or none, and the one before stays if this one fails.
 *
 * The directory is opened early, as no other file can be once the guest runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/error.h"
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
 * Return: 0, or a negative errno after a message.
 */
int snapshot_target__open(struct snapshot_target *target, const char *path)
{
	const char *slash, *name;
	int length;

	*target = (struct snapshot_target){ .directory = -1, .path = path };
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
	target->directory = open_directory(path, slash);
	if (target->directory < 0)
		return vmm_error(errno, REMEDY, "--snapshot-to %s", path);
	return check_writable(target);
}

/**
 * snapshot_target__close() - undo snapshot_target__open()
 * @target: may have failed to open
 */
void snapshot_target__close(struct snapshot_target *target)
{
	if (target->directory >= 0)
		close(target->directory);
	target->directory = -1;
}

/**
 * snapshot_target__create() - begin with a new file, under its temporary name
 * @target: of snapshot_target__open()
 *
 * Return: a file descriptor, or a negative errno after a message.
 */
int snapshot_target__create(const struct snapshot_target *target)
{
	int fd = openat(target->directory, target->temporary,
			SNAPSHOT_TARGET_FLAGS, 0600);

	return fd < 0 ? vmm_error(errno, REMEDY, "snapshot %s", target->path) :
		fd;
}

/**
 * snapshot_target__commit() - give the file its name
 * @target: it is complete, and on the disk
 *
 * Return: 0, or a negative errno after a message.
 */
int snapshot_target__commit(const struct snapshot_target *target)
{
	if (renameat(target->directory, target->temporary, target->directory,
		     target->name))
		return vmm_error(errno, REMEDY, "snapshot %s", target->path);
	/* If that fails, the file is there, but may not survive a crash. */
	fsync(target->directory);
	return 0;
}

/**
 * snapshot_target__abandon() - remove a file that is not complete
 * @target: of snapshot_target__create()
 */
void snapshot_target__abandon(const struct snapshot_target *target)
{
	unlinkat(target->directory, target->temporary, 0);
}

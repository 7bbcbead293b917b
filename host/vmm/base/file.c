// SPDX-License-Identifier: GPL-2.0
/*
 * Whole files in memory.
 *
 * They are copied, not mapped: a mapped file changes under the eyes of who has checked
 * it, when somebody writes to it, and is not there any more when somebody truncates it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "file.h"
#include "types.h"

static int open_regular(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0)
		return vmm_error(errno, "check the path and its permissions",
				 "%s", path);
	if (!fstat(fd, &status) && S_ISREG(status.st_mode) && status.st_size) {
		*size = status.st_size;
		return fd;
	}
	close(fd);
	return vmm_error(EINVAL, "give a regular file that is not empty", "%s",
			 path);
}

/* Returns a negative errno if the file has not got that many bytes, or any more. */
static int read_all(int fd, u8 *data, size_t size)
{
	while (size) {
		ssize_t length = read(fd, data, size);

		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return length ? -errno : -EIO;
		data += length;
		size -= length;
	}
	return 0;
}

/**
 * file__read() - read a file
 * @file: to be filled in
 * @path: of a regular file that is not empty
 *
 * Return: 0, or a negative errno after a message.
 */
int file__read(struct file_copy *file, const char *path)
{
	size_t size = 0;
	int fd = open_regular(path, &size), error;
	void *data;

	if (fd < 0)
		return fd;
	/* Whole pages, which are given back when they are not needed any more. */
	data = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	error = data == MAP_FAILED ? -errno : read_all(fd, data, size);
	close(fd);
	if (!error) {
		*file = (struct file_copy){ data, size };
		return 0;
	}
	if (data != MAP_FAILED)
		munmap(data, size);
	return vmm_error(-error, "free some memory, or copy the file again",
			 "%s", path);
}

/**
 * file__free() - undo file__read()
 * @file: may be all zero
 */
void file__free(struct file_copy *file)
{
	if (file->data)
		munmap(file->data, file->size);
	*file = (struct file_copy){ 0 };
}

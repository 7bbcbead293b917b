// SPDX-License-Identifier: GPL-2.0
/*
 * Whole files in memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "file.h"

/**
 * file__map() - map a file for reading
 * @file: to be filled in
 * @path: of a regular file that is not empty
 *
 * Return: 0, or a negative errno after a message.
 */
int file__map(struct mapped_file *file, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *data;
	int error = 0;

	if (fd < 0)
		return vmm_error(errno, "check the path and its permissions",
				 "%s", path);
	if (fstat(fd, &status) || !S_ISREG(status.st_mode) || !status.st_size) {
		close(fd);
		return vmm_error(EINVAL, "give a regular file that is not empty",
				 "%s", path);
	}
	data = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		error = vmm_error(errno, NULL, "%s: mmap", path);
	close(fd);
	if (!error)
		*file = (struct mapped_file){ data, status.st_size };
	return error;
}

/**
 * file__unmap() - undo file__map()
 * @file: may be all zero
 */
void file__unmap(struct mapped_file *file)
{
	if (file->data)
		munmap(file->data, file->size);
	*file = (struct mapped_file){ 0 };
}

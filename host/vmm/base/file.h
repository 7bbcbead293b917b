/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whole files in memory.
 */
#ifndef PVMM_FILE_H
#define PVMM_FILE_H

#include <stddef.h>

struct file_copy {
	void *data;
	size_t size;
};

int file__read(struct file_copy *file, const char *path);
void file__free(struct file_copy *file);

#endif /* PVMM_FILE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whole files in memory.
 */
#ifndef PVMM_FILE_H
#define PVMM_FILE_H

#include <stddef.h>

struct mapped_file {
	void *data;
	size_t size;
};

int file__map(struct mapped_file *file, const char *path);
void file__unmap(struct mapped_file *file);

#endif /* PVMM_FILE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Puts a kernel, its initial RAM disk and its command line into guest memory.
 */
#ifndef PVMM_LOADER_H
#define PVMM_LOADER_H

#include "../memory/memory.h"

/* What the user gave; the contents of files, so anything. */
struct loader_input {
	const void *kernel;
	size_t kernel_size;
	const void *initrd;	/* NULL: none */
	size_t initrd_size;
	const char *command_line;
};

/* Where everything ended up. */
struct loader_result {
	u64 entry;		/* in 64-bit mode, RSI = boot_params */
	u64 kernel_start;
	u64 kernel_end;
	u64 initrd_start;
};

int loader__load(struct guest_memory *memory, const struct loader_input *input,
		 struct loader_result *result);

#endif /* PVMM_LOADER_H */

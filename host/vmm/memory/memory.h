/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The RAM of a guest: from 0 up to a hole below 4 GiB for devices, the rest
 * from 4 GiB on.
 */
#ifndef PVMM_MEMORY_H
#define PVMM_MEMORY_H

#include "guest_map.h"
#include "../base/types.h"

#define GUEST_HOLE_START	(3 * GIB)
#define GUEST_HOLE_END		(4 * GIB)
#define GUEST_MEMORY_MIN	(32 * MIB)
#define GUEST_MEMORY_MAX	(256 * GIB)

struct snapshot_image;
struct snapshot_writer;

/**
 * struct guest_memory - the RAM of a guest
 * @base: where it is in the VMM, without the hole
 * @size: bytes
 * @map: for DMA; its addresses are offsets from @base
 */
struct guest_memory {
	u8 *base;
	u64 size;
	struct guest_map map;
};

/* A piece of RAM: guest address, and where it is in the mapping at base. */
struct memory_region {
	u64 start;
	u64 length;
	u64 offset;
};

int guest_memory__alloc(struct guest_memory *memory, u64 size);
void guest_memory__free(struct guest_memory *memory);
unsigned int guest_memory__regions(const struct guest_memory *memory,
				   struct memory_region regions[2]);
int guest_memory__init_map(struct guest_memory *memory);
int guest_memory__get(struct guest_memory *memory, u64 address, u64 length,
		      bool writes, struct guest_mapping *mapping);
void *guest_memory__at(const struct guest_memory *memory, u64 address,
		       u64 length);
void guest_memory__save(struct guest_memory *memory,
			struct snapshot_writer *writer);
int guest_memory__load(struct guest_memory *memory,
		       const struct snapshot_image *image);
u64 guest_memory__low_size(const struct guest_memory *memory);

#endif /* PVMM_MEMORY_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * The RAM of a guest in a snapshot: runs of pages that are not all zero, each a
 * section. They are counted from the start of the RAM, without the hole.
 */
#include <errno.h>
#include <string.h>

#include "../base/error.h"
#include "../memory/memory.h"
#include "snapshot_format.h"

static bool is_zero(const u8 *page)
{
	/* Each byte equals the one before, and the first is 0. */
	return !*page && !memcmp(page, page + 1, PAGE_SIZE - 1);
}

/**
 * guest_memory__save() - write the RAM of a guest
 * @memory: of a guest that does not run
 * @writer: where to; tells of errors
 *
 * No device writes to it meanwhile: who is doing DMA is waited for, and the next
 * one waits.
 *
 * Context: Without locks of the map, or above it.
 */
void guest_memory__save(struct guest_memory *memory,
			struct snapshot_writer *writer)
{
	u64 start = 0, end;

	guest_map__freeze(&memory->map);
	while (start < memory->size) {
		if (is_zero(memory->base + start)) {
			start += PAGE_SIZE;
			continue;
		}
		end = start + PAGE_SIZE;
		while (end < memory->size && !is_zero(memory->base + end))
			end += PAGE_SIZE;
		snapshot_writer__add(writer, SNAPSHOT_MEMORY,
				     start / PAGE_SIZE, memory->base + start,
				     end - start);
		start = end;
	}
	guest_map__thaw(&memory->map);
}

/**
 * guest_memory__load() - read the RAM of a guest
 * @memory: all zero
 * @image: has been checked, but for what is in its sections
 *
 * Return: 0, or -EINVAL after a message.
 */
int guest_memory__load(struct guest_memory *memory,
		       const struct snapshot_image *image)
{
	const struct snapshot_section *section = NULL;

	while ((section = snapshot_image__next(image, section))) {
		u64 start = section->number * PAGE_SIZE;

		if (section->kind != SNAPSHOT_MEMORY)
			continue;
		if (start >= memory->size || section->size % PAGE_SIZE ||
		    section->size > memory->size - start)
			return vmm_error(EINVAL, "write a new snapshot",
					 "snapshot: page %u is not in the guest's memory",
					 section->number);
		memcpy(memory->base + start, snapshot_section__data(section),
		       section->size);
	}
	return 0;
}

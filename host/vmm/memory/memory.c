// SPDX-License-Identifier: GPL-2.0
/*
 * The RAM of a guest, as one mapping of the VMM.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "../base/error.h"
#include "memory.h"

#define HUGE_PAGE_SIZE	(2 * MIB)

/*
 * Guest-physical and virtual addresses of the same byte have to be at the same
 * place of a huge page, or KVM maps every small page by itself, at the price of
 * an exit for each. So the mapping begins with a huge page. NULL if there is no
 * room for it.
 */
static void *map_aligned(u64 size)
{
	u64 before, after;
	u8 *base = mmap(NULL, size + HUGE_PAGE_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)base % HUGE_PAGE_SIZE;
	after = HUGE_PAGE_SIZE - before;
	if (before)
		munmap(base, before);
	munmap(base + before + size, after);
	/* Not every kernel has them. */
	madvise(base + before, size, MADV_HUGEPAGE);
	return base + before;
}

/**
 * guest_memory__alloc() - map memory for a guest
 * @memory: to be filled in
 * @size: bytes, a multiple of the page size
 *
 * Return: 0, or a negative errno after a message.
 */
int guest_memory__alloc(struct guest_memory *memory, u64 size)
{
	void *base = map_aligned(size);

	if (!base)
		return vmm_error(errno, "give the guest less with --mem",
				 "guest memory: mmap of %llu MiB",
				 (unsigned long long)(size / MIB));
	memory->base = base;
	memory->size = size;
	return guest_memory__init_map(memory);
}

/**
 * guest_memory__init_map() - let devices do DMA
 * @memory: that has been mapped
 *
 * Return: 0, or a negative errno after a message.
 */
int guest_memory__init_map(struct guest_memory *memory)
{
	int error = guest_map__init(&memory->map, 0, memory->size, memory->base,
				    GUEST_MAP_DEFAULT_SHIFT);

	if (!error)
		return 0;
	memory->map = (struct guest_map){ 0 };
	return vmm_error(-error, "give the guest less with --mem",
			 "map of the guest's memory");
}

/**
 * guest_memory__free() - unmap the memory of a guest
 * @memory: of guest_memory__alloc()
 */
void guest_memory__free(struct guest_memory *memory)
{
	if (memory->base)
		munmap(memory->base, memory->size);
	guest_map__destroy(&memory->map);
	memory->base = NULL;
	memory->size = 0;
}

/**
 * guest_memory__low_size() - tell how much RAM there is below the hole
 * @memory: of a guest
 *
 * Return: bytes; this is also where that RAM ends.
 */
u64 guest_memory__low_size(const struct guest_memory *memory)
{
	return min(memory->size, GUEST_HOLE_START);
}

/**
 * guest_memory__regions() - tell where the RAM of a guest is
 * @memory: of a guest
 * @regions: to be filled in
 *
 * Return: how many there are, 1 or 2.
 */
unsigned int guest_memory__regions(const struct guest_memory *memory,
				   struct memory_region regions[2])
{
	u64 low = guest_memory__low_size(memory);

	regions[0] = (struct memory_region){ 0, low, 0 };
	if (memory->size == low)
		return 1;
	regions[1] = (struct memory_region){ GUEST_HOLE_END,
					     memory->size - low, low };
	return 2;
}

/**
 * guest_memory__at() - translate a guest-physical address
 * @memory: of a guest
 * @address: guest-physical, from the guest and therefore anything
 * @length: bytes that will be accessed
 *
 * Return: where these bytes are; NULL if not all of them are RAM.
 */
void *guest_memory__at(const struct guest_memory *memory, u64 address,
		       u64 length)
{
	struct memory_region regions[2];
	unsigned int i, number = guest_memory__regions(memory, regions);

	for (i = 0; i < number; i++) {
		u64 inside = address - regions[i].start;

		if (address >= regions[i].start &&
		    inside < regions[i].length &&
		    length <= regions[i].length - inside)
			return memory->base + regions[i].offset + inside;
	}
	return NULL;
}

/**
 * guest_memory__get() - translate a guest-physical address, and keep the pages
 * @memory: of a guest
 * @address: guest-physical, from the guest and therefore anything
 * @length: bytes that will be accessed
 * @writes: whether they will be written to
 * @mapping: set on success, to be given to guest_map__put()
 *
 * Context: Holding locks of ranks lower than that of the map.
 * Return: 0; -EFAULT if not all bytes are RAM, or there are none; -ENOENT if
 * pages have been taken away.
 */
int guest_memory__get(struct guest_memory *memory, u64 address, u64 length,
		      bool writes, struct guest_mapping *mapping)
{
	u8 *start = guest_memory__at(memory, address, length);

	return start ? guest_map__get(&memory->map, start - memory->base,
				      length, writes, mapping) : -EFAULT;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest-physical map: from addresses of the guest to memory of the VMM,
 * with pages that may go away.
 *
 * Looking up and changing lock 2 MiB ranges; a translation holds a reference on
 * each of its ranges, but no lock. A page that is removed while a device does
 * DMA to it disappears from the map at once, and its memory when nothing of its range
 * is in use.
 */
#ifndef PVMM_GUEST_MAP_H
#define PVMM_GUEST_MAP_H

#include "../locks/range_lock.h"

#define GUEST_MAP_PAGE_SHIFT	12
#define GUEST_MAP_PAGE_SIZE	4096ULL

/* Not measured on a quiet machine yet; see Documentation/vmm-range-lock.rst. */
#define GUEST_MAP_DEFAULT_SHIFT	RANGE_LOCK_2M_SHIFT
/* One lock for the whole map. */
#define GUEST_MAP_GLOBAL_SHIFT	63

/**
 * struct guest_map_range - 2 MiB of the map
 * @word: translations in use, and what is to be done with removed pages; see
 *	guest_map.c
 * @missing: pages that have been removed; guarded by the lock of the range
 */
struct guest_map_range {
	u32 word;
	u32 missing;
};

/**
 * struct guest_map - guest-physical addresses from @start on
 * @locks: for ranges of the map
 * @start: lowest address
 * @size: bytes; both are multiples of the size of a page
 * @memory: where the lowest address is in the VMM
 * @range: each 2 MiB
 * @page: the state of each page; see guest_map.c
 * @dirty: one bit for each page
 * @logging: mark what is written to as dirty
 * @freezer: number of the thread that waits for references to go, plus 1; or 0
 * @release: gives the memory of a removed page back
 */
struct guest_map {
	struct range_lock locks;
	u64 start;
	u64 size;
	char *memory;
	struct guest_map_range *range;
	u8 *page;
	u64 *dirty;
	bool logging;
	u32 freezer;
	void (*release)(void *memory, size_t length);
};

/**
 * struct guest_mapping - a translation in use
 * @map: of this map
 * @memory: what it translates to
 * @address: the guest's address
 * @length: bytes
 * @writes: the memory is written to
 */
struct guest_mapping {
	struct guest_map *map;
	void *memory;
	u64 address;
	u64 length;
	bool writes;
};

int guest_map__init(struct guest_map *map, u64 start, u64 size, void *memory,
		    u32 shift);
void guest_map__destroy(struct guest_map *map);
int guest_map__get_at(struct guest_map *map, u64 address, u64 length,
		      bool writes, struct guest_mapping *mapping,
		      const char *site);
void guest_map__put(struct guest_mapping *mapping);
int guest_map__remove(struct guest_map *map, u64 address, u64 length);
int guest_map__restore(struct guest_map *map, u64 address, u64 length);

void guest_map__start_logging(struct guest_map *map);
void guest_map__stop_logging(struct guest_map *map);
u64 guest_map__take_dirty(struct guest_map *map, u64 *bitmap);
void guest_map__freeze(struct guest_map *map);
void guest_map__thaw(struct guest_map *map);

/*
 * Translate, and keep the pages until guest_map__put(). See
 * guest_map__get_at().
 */
#define guest_map__get(map, address, length, writes, mapping)		\
	guest_map__get_at(map, address, length, writes, mapping, LOCK_SITE)

/*
 * Keep translations of these addresses as they are. The holder may look them
 * up and change them.
 */
#define guest_map__lock(map, address, length)				\
	range_lock(&(map)->locks, (address) - (map)->start, length)
#define guest_map__unlock(map, address, length)				\
	range_unlock(&(map)->locks, (address) - (map)->start, length)

#endif /* PVMM_GUEST_MAP_H */

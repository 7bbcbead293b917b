// SPDX-License-Identifier: GPL-2.0
/*
 * The guest-physical map. Longer than 400 lines: all that touches the word of a page.
 *
 * After "p2m fine-grained concurrency control" (Lagar-Cavilla, 2011): exclusive
 * locks on ranges for lookups and for changes, and references while a translation is
 * in use. References are taken with the range locked, so a page cannot go away in
 * between. They are dropped without a lock.
 *
 * References are counted for 2 MiB, not for each page: a guest may have a device
 * translate gigabytes at a time. A removed page is given back at the next moment at
 * which nothing in its 2 MiB is in use.
 *
 * The word of 2 MiB, (SWEEPING, PENDING, references); "locked" is the lock of its range:
 *
 *   guest_map__get()		0,p,n -> 0,p,n+1	locked
 *   guest_map__put()		0,p,n -> 0,p,n-1
 *   guest_map__remove()	0,p,n -> 0,1,n		locked; if n > 0
 *   put_range(), claims	0,1,0 -> 1,0,0
 *   put_range(), has swept	1,0,0 -> 0,0,0
 *
 * States of a page:
 *
 *   guest_map__remove()	PRESENT -> REMOVED	locked
 *   give_back()		REMOVED -> GONE		locked and no references, or
 *							SWEEPING
 *   guest_map__restore()	GONE -> PRESENT		locked
 *
 * Who sweeps gives back what has been removed; exactly one thread claims that. As it
 * holds no lock, those who do wait until it has finished, which it does without waiting
 * for anything. So no page that has been removed is given back while it is in use.
 *
 * Dirty logging. KVM knows what the guest writes; this log is for what the VMM
 * writes. Pages are marked when a translation that was written to is dropped,
 * so that DMA which is in flight during take_dirty() is in the next log:
 *
 *   guest_map__put()			start_logging(), take_dirty()
 *
 *   write the memory			logging = true, or xchg(dirty, 0)
 *   smp_mb()			[A]	smp_mb(), or in the exchange	[B]
 *   read logging; mark as dirty	read the memory
 *
 * [A] pairs with [B]: a write that is not in the memory that is read is marked.
 */
#include <sys/mman.h>

#include "../locks/blocking.h"
#include "guest_map.h"
#include "../locks/lock_classes.h"

#define RANGE_SWEEPING		0x80000000U
#define RANGE_PENDING		0x40000000U
#define RANGE_REFERENCE		1U
#define RANGE_REFERENCES	(RANGE_PENDING - 1)
#define RANGE_SHIFT		RANGE_LOCK_2M_SHIFT
#define PAGES_PER_RANGE_SHIFT	(RANGE_SHIFT - GUEST_MAP_PAGE_SHIFT)
#define PAGES_PER_RANGE		(1ULL << PAGES_PER_RANGE_SHIFT)

/* States of a page. Zeroed memory is all present. */
#define PAGE_PRESENT		0
#define PAGE_REMOVED		1
#define PAGE_GONE		2

#define BITS_PER_WORD		64

static void give_to_system(void *memory, size_t length)
{
	/* A hint: if it fails, the memory is there for longer. */
	madvise(memory, length, MADV_DONTNEED);
}

static u64 nr_pages(const struct guest_map *map)
{
	return map->size >> GUEST_MAP_PAGE_SHIFT;
}

static u64 nr_ranges(const struct guest_map *map)
{
	return ((map->size - 1) >> RANGE_SHIFT) + 1;
}

static u64 dirty_words(const struct guest_map *map)
{
	return (nr_pages(map) + BITS_PER_WORD - 1) / BITS_PER_WORD;
}

/* platform_zalloc() wants whole cache lines. */
static void *allocate(u64 bytes)
{
	return platform_zalloc((bytes + RANGE_LOCK_LINE - 1) &
			       ~(u64)(RANGE_LOCK_LINE - 1));
}

/**
 * guest_map__init() - map memory that is all present
 * @map: the map
 * @start: lowest guest address, a multiple of the size of a page
 * @size: bytes, a multiple of the size of a page, not 0
 * @memory: where it is in the VMM
 * @shift: a range that is locked has 1 << @shift bytes, at least 2 MiB
 *
 * Return: 0, -EINVAL for a bad @start, @size or @shift, or -ENOMEM.
 */
int guest_map__init(struct guest_map *map, u64 start, u64 size, void *memory,
		    u32 shift)
{
	if (!size || (start | size) & (GUEST_MAP_PAGE_SIZE - 1) ||
	    start + size < start || shift < RANGE_SHIFT)
		return -EINVAL;
	*map = (struct guest_map){
		.start = start, .size = size, .memory = memory,
		.release = give_to_system,
	};
	if (range_lock_init(&map->locks, &class_guest_map, size, shift))
		return -ENOMEM;
	map->range = allocate(nr_ranges(map) * sizeof(*map->range));
	map->page = allocate(nr_pages(map) * sizeof(*map->page));
	map->dirty = allocate(dirty_words(map) * sizeof(*map->dirty));
	if (map->range && map->page && map->dirty)
		return 0;
	guest_map__destroy(map);
	return -ENOMEM;
}

/**
 * guest_map__destroy() - undo guest_map__init()
 * @map: a map without translations in use
 */
void guest_map__destroy(struct guest_map *map)
{
	platform_free(map->dirty);
	platform_free(map->page);
	platform_free(map->range);
	range_lock_destroy(&map->locks);
}

/* The pages that some bytes are in, from @first to before @end. */
struct page_span {
	u64 first;
	u64 end;
};

/* Return: false if not all of the bytes, at least one, are in the map. */
static bool find_span(const struct guest_map *map, u64 address, u64 length,
		      struct page_span *span)
{
	u64 offset = address - map->start;

	if (address < map->start || !length || offset >= map->size ||
	    length > map->size - offset)
		return false;
	span->first = offset >> GUEST_MAP_PAGE_SHIFT;
	span->end = ((offset + length - 1) >> GUEST_MAP_PAGE_SHIFT) + 1;
	return true;
}

static u64 range_of(u64 page)
{
	return page >> PAGES_PER_RANGE_SHIFT;
}

/* Wait for who gives pages back, see above. The range is locked. */
static u32 wait_for_sweep(const struct guest_map_range *range)
{
	u32 word;

	/* Pairs with smp_store_release() in sweep(). */
	while ((word = smp_load_acquire(&range->word)) & RANGE_SWEEPING)
		platform_relax();
	return word;
}

/* Is nothing of these pages missing? All of their ranges are locked. */
static bool all_are_present(const struct guest_map *map, struct page_span span)
{
	u64 i = span.first;

	while (i < span.end) {
		u64 end = (range_of(i) + 1) << PAGES_PER_RANGE_SHIFT;

		/* The usual case, and the only one for most guests. */
		if (!map->range[range_of(i)].missing) {
			i = end;
			continue;
		}
		for (; i < end && i < span.end; i++)
			if (READ_ONCE(map->page[i]) != PAGE_PRESENT)
				return false;
	}
	return true;
}

/* The range is locked. Who is about to claim the sweep finds that it is in use. */
static void get_range(struct guest_map_range *range)
{
	u32 old = wait_for_sweep(range);

	while (!try_cmpxchg(&range->word, &old, old + RANGE_REFERENCE))
		old = wait_for_sweep(range);
}

/**
 * guest_map__get_at() - translate, and keep the pages
 * @map: the map
 * @address: guest address of the first byte
 * @length: how many bytes
 * @writes: the memory will be written to
 * @mapping: set on success, to be given to guest_map__put() by any thread
 * @site: where
 *
 * Return: 0; -EFAULT if not all bytes are in the map; -ENOENT if some were
 * removed from it.
 */
int guest_map__get_at(struct guest_map *map, u64 address, u64 length,
		      bool writes, struct guest_mapping *mapping,
		      const char *site)
{
	u64 offset = address - map->start;
	struct page_span span;
	int error = 0;
	u64 i;

	if (!find_span(map, address, length, &span))
		return -EFAULT;

	range_lock_acquire(&map->locks, offset, length, site);
	if (all_are_present(map, span)) {
		for (i = range_of(span.first); i <= range_of(span.end - 1); i++)
			get_range(&map->range[i]);
	} else {
		error = -ENOENT;
	}
	range_unlock(&map->locks, offset, length);

	*mapping = (struct guest_mapping){
		.map = map, .memory = map->memory + offset,
		.address = address, .length = length, .writes = writes,
	};
	return error;
}

/* REMOVED -> GONE */
static void give_back(struct guest_map *map, u64 page)
{
	map->release(map->memory + (page << GUEST_MAP_PAGE_SHIFT),
		     GUEST_MAP_PAGE_SIZE);
	WRITE_ONCE(map->page[page], PAGE_GONE);
}

/* Give back all removed pages of a range. The caller has claimed that. */
static void sweep(struct guest_map *map, u64 range)
{
	u64 page = range << PAGES_PER_RANGE_SHIFT;
	u64 end = page + PAGES_PER_RANGE;

	for (; page < end && page < nr_pages(map); page++)
		if (READ_ONCE(map->page[page]) == PAGE_REMOVED)
			give_back(map, page);
	/* Pairs with smp_load_acquire() in wait_for_sweep(). */
	smp_store_release(&map->range[range].word, 0);
}

/* Bits first to before end of a word; end is at most BITS_PER_WORD. */
static u64 bits_between(unsigned int first, unsigned int end)
{
	return ~0ULL >> (BITS_PER_WORD - (end - first)) << first;
}

static void mark_dirty(struct guest_map *map, struct page_span span)
{
	u64 i = span.first;

	while (i < span.end) {
		u64 *word = &map->dirty[i / BITS_PER_WORD];
		u64 old = READ_ONCE(*word);
		u64 start = i - i % BITS_PER_WORD;
		u64 end = start + BITS_PER_WORD;
		u64 bits;

		if (end > span.end)
			end = span.end;
		bits = bits_between(i - start, end - start);
		while (!try_cmpxchg(word, &old, old | bits))
			;
		i = end;
	}
}

static void put_range(struct guest_map *map, u64 range)
{
	u32 *word = &map->range[range].word;
	u32 pending = RANGE_PENDING;
	u32 freezer;

	if (xadd(word, -RANGE_REFERENCE) == (RANGE_PENDING | RANGE_REFERENCE) &&
	    try_cmpxchg(word, &pending, RANGE_SWEEPING))
		sweep(map, range);
	/* Ordered after xadd(). Pairs with smp_mb() in guest_map__freeze(). */
	freezer = READ_ONCE(map->freezer);
	if (freezer)
		platform_kick(freezer - 1);
}

/**
 * guest_map__put() - drop the references of a translation
 * @mapping: what guest_map__get() has set; of no use any more
 *
 * Context: any thread, holding any locks.
 */
void guest_map__put(struct guest_mapping *mapping)
{
	struct guest_map *map = mapping->map;
	struct page_span span;
	u64 i;

	if (!find_span(map, mapping->address, mapping->length, &span))
		return;
	if (mapping->writes) {
		/* [A] litmus: SB+put+log; mutant: dirty-at-get. Pairs with [B]. */
		smp_mb();
		if (READ_ONCE(map->logging))
			mark_dirty(map, span);
	}
	for (i = range_of(span.first); i <= range_of(span.end - 1); i++)
		put_range(map, i);
	mapping->map = NULL;
}

static bool is_whole_pages(u64 address, u64 length)
{
	return !((address | length) & (GUEST_MAP_PAGE_SIZE - 1));
}

/* Which pages these are; -EINVAL if not whole ones, -EFAULT if not in the map. */
static int find_whole_pages(const struct guest_map *map, u64 address,
			    u64 length, struct page_span *span)
{
	if (!is_whole_pages(address, length))
		return -EINVAL;
	return find_span(map, address, length, span) ? 0 : -EFAULT;
}

/* PRESENT -> REMOVED, and at once GONE if nothing is in use. The range is locked. */
static void remove_page(struct guest_map *map, u64 page)
{
	struct guest_map_range *range = &map->range[range_of(page)];
	u32 old;

	WRITE_ONCE(map->page[page], PAGE_REMOVED);
	range->missing++;
	/* Each exchange is ordered: who sweeps sees that the page has been removed. */
	while ((old = wait_for_sweep(range))) {
		bool in_use = old & RANGE_REFERENCES;

		if (!try_cmpxchg(&range->word, &old, in_use ?
				 old | RANGE_PENDING : RANGE_SWEEPING))
			continue;
		if (!in_use)
			sweep(map, range_of(page));
		return;
	}
	/* Nothing is in use, nor can be. A sweep may have taken the page. */
	if (READ_ONCE(map->page[page]) == PAGE_REMOVED)
		give_back(map, page);
}

/**
 * guest_map__remove() - take pages out of the map
 * @map: the map
 * @address: guest address of the first
 * @length: bytes, whole pages
 *
 * Nobody gets a translation of them any more. The memory is given back as soon as no
 * translation of the same 2 MiB is in use.
 *
 * Return: 0; or, with nothing changed, -EFAULT if not all of it is in the map,
 * -EINVAL if these are not whole pages, -ENOENT if some were removed before.
 */
int guest_map__remove(struct guest_map *map, u64 address, u64 length)
{
	struct page_span span;
	int error;
	u64 i;

	error = find_whole_pages(map, address, length, &span);
	if (error)
		return error;

	guest_map__lock(map, address, length);
	if (all_are_present(map, span)) {
		for (i = span.first; i < span.end; i++)
			remove_page(map, i);
	} else {
		error = -ENOENT;
	}
	guest_map__unlock(map, address, length);
	return error;
}

/**
 * guest_map__restore() - put pages back into the map
 * @map: the map
 * @address: guest address of the first
 * @length: bytes, whole pages
 *
 * Return: 0; or, with nothing changed, -EFAULT if not all of it is in the map,
 * -EINVAL if these are not whole pages, -EBUSY if some have not been given back yet,
 * or are in the map.
 */
int guest_map__restore(struct guest_map *map, u64 address, u64 length)
{
	struct page_span span;
	int error;
	u64 i;

	error = find_whole_pages(map, address, length, &span);
	if (error)
		return error;

	guest_map__lock(map, address, length);
	for (i = span.first; i < span.end && !error; i++) {
		wait_for_sweep(&map->range[range_of(i)]);
		if (READ_ONCE(map->page[i]) != PAGE_GONE)
			error = -EBUSY;
	}
	for (i = span.first; i < span.end && !error; i++) {
		WRITE_ONCE(map->page[i], PAGE_PRESENT);
		map->range[range_of(i)].missing--;
	}
	guest_map__unlock(map, address, length);
	return error;
}

/**
 * guest_map__start_logging() - mark pages that the VMM writes to as dirty
 * @map: the map
 *
 * All pages are clean at first; but see guest_map__take_dirty().
 */
void guest_map__start_logging(struct guest_map *map)
{
	u64 i;

	range_lock_all(&map->locks);
	for (i = 0; i < dirty_words(map); i++)
		WRITE_ONCE(map->dirty[i], 0);
	WRITE_ONCE(map->logging, true);
	/* [B] litmus: SB+put+log; mutant: dirty-at-get. Pairs with [A]. */
	smp_mb();
	range_unlock_all(&map->locks);
}

/**
 * guest_map__stop_logging() - stop marking pages
 * @map: the map
 */
void guest_map__stop_logging(struct guest_map *map)
{
	range_lock_all(&map->locks);
	WRITE_ONCE(map->logging, false);
	range_unlock_all(&map->locks);
}

/**
 * guest_map__take_dirty() - learn which pages are dirty, and make them clean
 * @map: the map
 * @bitmap: a bit is set for each dirty page; others are left as they are
 *
 * A page that is written to now is in the next log.
 *
 * Return: how many were dirty.
 */
u64 guest_map__take_dirty(struct guest_map *map, u64 *bitmap)
{
	u64 count = 0;
	u64 i;

	range_lock_all(&map->locks);
	for (i = 0; i < dirty_words(map); i++) {
		u64 old = READ_ONCE(map->dirty[i]);

		/* [B] Pairs with [A] in guest_map__put(). */
		while (old && !try_cmpxchg(&map->dirty[i], &old, 0))
			;
		bitmap[i] |= old;
		count += __builtin_popcountll(old);
	}
	range_unlock_all(&map->locks);
	return count;
}

static bool is_unused(const struct guest_map_range *range)
{
	/* Pairs with xadd() in put_range(). */
	return !(smp_load_acquire(&range->word) & RANGE_REFERENCES);
}

/**
 * guest_map__freeze() - wait until no translation is in use, and allow no more
 * @map: the map
 *
 * For snapshots: afterwards the VMM does not write to the memory until
 * guest_map__thaw() by the same thread.
 *
 * Context: those who use translations drop them without waiting for this
 * thread.
 */
void guest_map__freeze(struct guest_map *map)
{
	u64 i;

	range_lock_all(&map->locks);
	WRITE_ONCE(map->freezer, platform_cpu() + 1);
	/* Pairs with xadd() in put_range(). */
	smp_mb();
	for (i = 0; i < nr_ranges(map); i++)
		blocking_wait(map->locks.class->rank, is_unused(&map->range[i]));
	WRITE_ONCE(map->freezer, 0);
}

/**
 * guest_map__thaw() - undo guest_map__freeze()
 * @map: the map
 */
void guest_map__thaw(struct guest_map *map)
{
	range_unlock_all(&map->locks);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The guest-physical map: pages that are removed under DMA, the dirty log, and
 * snapshots. Longer than 400 lines: cases that differ in little, on one fixture.
 */
#include <errno.h>

#include "fixture.h"
#include "host/vmm/memory/guest_map.h"

#define MEMORY_START	0x100000000ULL
#define MEMORY_SIZE	0x1000000ULL
#define PAGE		GUEST_MAP_PAGE_SIZE
#define NR_PAGES	(MEMORY_SIZE / PAGE)
#define ADDRESS(page)	(MEMORY_START + (page) * PAGE)
#define DIRTY_WORDS	(NR_PAGES / 64)

#define DEVICES		4
#define TRANSFERS	3000
#define FREEZES		30
#define LONGEST		(3 * PAGE)
#define RELEASED	0xdd

static struct guest_map map;
static unsigned char *memory;
static u32 releases;
static u32 wrong, transfers, refused, removals, stop;
static u32 next_seed;
static u64 shadow[DIRTY_WORDS];

FIXTURE(map) {
};

FIXTURE_VARIANT(map) {
	u32 shift;
};

FIXTURE_VARIANT_ADD(map, fine) {
	.shift = RANGE_LOCK_2M_SHIFT,
};

FIXTURE_VARIANT_ADD(map, global) {
	.shift = GUEST_MAP_GLOBAL_SHIFT,
};

/* Plain writes, so that ThreadSanitizer sees DMA to memory that was released. */
static void release(void *page, size_t length)
{
	memset(page, RELEASED, length);
	xadd(&releases, 1);
}

FIXTURE_SETUP(map)
{
	support_start();
	memory = calloc(1, MEMORY_SIZE);
	ASSERT_NE(NULL, memory);
	ASSERT_EQ(0, guest_map__init(&map, MEMORY_START, MEMORY_SIZE, memory,
				     variant->shift));
	map.release = release;
}

FIXTURE_TEARDOWN(map)
{
	guest_map__destroy(&map);
	free(memory);
	support_stop();
}

TEST_F(map, translates_what_is_in_it)
{
	struct guest_mapping mapping;

	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(3) + 5, 2 * PAGE, false,
				    &mapping));
	EXPECT_EQ(memory + 3 * PAGE + 5, mapping.memory);
	guest_map__put(&mapping);
	ASSERT_EQ(0, guest_map__get(&map, MEMORY_START, MEMORY_SIZE, false,
				    &mapping));
	guest_map__put(&mapping);
}

TEST_F(map, refuses_what_is_not)
{
	struct guest_mapping mapping;
	const struct {
		u64 address;
		u64 length;
	} bad[] = {
		{ MEMORY_START - 1, 1 },
		{ MEMORY_START - 1, 2 },
		{ MEMORY_START + MEMORY_SIZE, 1 },
		{ MEMORY_START + MEMORY_SIZE - 1, 2 },
		{ MEMORY_START, MEMORY_SIZE + 1 },
		{ MEMORY_START, 0 },
		{ MEMORY_START + 1, UINT64_MAX },
		{ 0, UINT64_MAX },
		{ UINT64_MAX, 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-EFAULT, guest_map__get(&map, bad[i].address,
						  bad[i].length, false,
						  &mapping));
	EXPECT_EQ(-EINVAL, guest_map__remove(&map, ADDRESS(1) + 1, PAGE));
	EXPECT_EQ(-EINVAL, guest_map__remove(&map, ADDRESS(1), PAGE - 1));
	EXPECT_EQ(-EFAULT, guest_map__remove(&map, ADDRESS(NR_PAGES), PAGE));
	EXPECT_EQ(-EFAULT, guest_map__restore(&map, ADDRESS(NR_PAGES), PAGE));
	EXPECT_EQ(-EBUSY, guest_map__restore(&map, ADDRESS(1), PAGE));
}

TEST_F(map, removed_pages_go_with_the_last_reference)
{
	struct guest_mapping first, second, none;

	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(7), PAGE, true, &first));
	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(7) + 1, 1, true, &second));
	ASSERT_EQ(0, guest_map__remove(&map, ADDRESS(7), PAGE));
	EXPECT_EQ(-ENOENT, guest_map__get(&map, ADDRESS(7), 1, true, &none));
	EXPECT_EQ(-ENOENT, guest_map__get(&map, ADDRESS(6), 2 * PAGE, true,
					  &none));
	EXPECT_EQ(-ENOENT, guest_map__remove(&map, ADDRESS(7), PAGE));
	EXPECT_EQ(0, releases);
	guest_map__put(&first);
	EXPECT_EQ(0, releases);
	EXPECT_EQ(-EBUSY, guest_map__restore(&map, ADDRESS(7), PAGE));
	guest_map__put(&second);
	EXPECT_EQ(1, releases);
	EXPECT_EQ(RELEASED, memory[7 * PAGE]);
	ASSERT_EQ(0, guest_map__restore(&map, ADDRESS(7), PAGE));
	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(7), 1, true, &first));
	guest_map__put(&first);
	EXPECT_EQ(1, releases);
}

/* However much is translated, and in however many pieces. */
TEST_F(map, a_translation_costs_a_reference_for_2_mib)
{
	const u64 ranges = MEMORY_SIZE >> RANGE_LOCK_2M_SHIFT;
	struct guest_mapping all, last;
	u64 i;

	ASSERT_EQ(0, guest_map__get(&map, MEMORY_START, MEMORY_SIZE, true, &all));
	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(NR_PAGES - 2), 2 * PAGE, true,
				    &last));
	for (i = 0; i < ranges; i++)
		EXPECT_EQ(1 + (i == ranges - 1), map.range[i].word);
	guest_map__put(&all);
	guest_map__put(&last);
	for (i = 0; i < ranges; i++)
		EXPECT_EQ(0, map.range[i].word);
}

TEST_F(map, removed_pages_go_when_nothing_near_is_in_use)
{
	struct guest_mapping near, far;

	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(100), 1, true, &near));
	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(1000), 1, true, &far));
	ASSERT_EQ(0, guest_map__remove(&map, ADDRESS(7), 2 * PAGE));
	EXPECT_EQ(0, releases);
	EXPECT_EQ(-EBUSY, guest_map__restore(&map, ADDRESS(7), 2 * PAGE));
	guest_map__put(&near);
	EXPECT_EQ(2, releases);
	ASSERT_EQ(0, guest_map__remove(&map, ADDRESS(9), PAGE));
	EXPECT_EQ(3, releases);
	ASSERT_EQ(0, guest_map__restore(&map, ADDRESS(7), 3 * PAGE));
	guest_map__put(&far);
	EXPECT_EQ(3, releases);
}

TEST_F(map, dirty_pages_in_several_words_of_the_log)
{
	u64 bitmap[DIRTY_WORDS] = { 0 };
	struct guest_mapping mapping;

	guest_map__start_logging(&map);
	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(60), 136 * PAGE, true, &mapping));
	guest_map__put(&mapping);
	EXPECT_EQ(136, guest_map__take_dirty(&map, bitmap));
	EXPECT_EQ(0xfULL << 60, bitmap[0]);
	EXPECT_EQ(UINT64_MAX, bitmap[1]);
	EXPECT_EQ(UINT64_MAX, bitmap[2]);
	EXPECT_EQ(0xf, bitmap[3]);
}

TEST_F(map, nothing_is_half_removed)
{
	struct guest_mapping mapping;

	ASSERT_EQ(0, guest_map__remove(&map, ADDRESS(4), PAGE));
	EXPECT_EQ(1, releases);
	EXPECT_EQ(-ENOENT, guest_map__remove(&map, ADDRESS(2), 4 * PAGE));
	EXPECT_EQ(1, releases);
	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(2), 2 * PAGE, true, &mapping));
	guest_map__put(&mapping);
	EXPECT_EQ(-EBUSY, guest_map__restore(&map, ADDRESS(4), 2 * PAGE));
	EXPECT_EQ(-ENOENT, guest_map__get(&map, ADDRESS(4), 1, true, &mapping));
}

/* Look up and change as one step. */
TEST_F(map, locked_ranges_may_be_used)
{
	struct guest_mapping mapping;

	guest_map__lock(&map, ADDRESS(0), MEMORY_SIZE);
	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(1), PAGE, true, &mapping));
	ASSERT_EQ(0, guest_map__remove(&map, ADDRESS(1), PAGE));
	guest_map__put(&mapping);
	ASSERT_EQ(0, guest_map__restore(&map, ADDRESS(1), PAGE));
	guest_map__unlock(&map, ADDRESS(0), MEMORY_SIZE);
	EXPECT_EQ(1, releases);
}

/* A device: what it writes is there until it drops the translation. */
static void transfer(u32 *seed)
{
	u64 page = support_random(seed) % (NR_PAGES - 4);
	u64 length = 1 + support_random(seed) % LONGEST;
	struct guest_mapping mapping;
	u32 *first;
	u32 old;

	if (guest_map__get(&map, ADDRESS(page), length, true, &mapping)) {
		xadd(&refused, 1);
		return;
	}
	first = mapping.memory;
	old = __atomic_fetch_add(first, 1, __ATOMIC_RELAXED);
	if (support_random(seed) % 8 == 0)
		sched_yield();
	/* Others write there, too; none of them this. */
	if (old >> 24 == RELEASED || READ_ONCE(*first) >> 24 == RELEASED)
		xadd(&wrong, 1);
	guest_map__put(&mapping);
	xadd(&transfers, 1);
}

static void do_dma(void *data)
{
	u32 seed = 2 * xadd(&next_seed, 1) + 1;
	unsigned int i;

	(void)data;
	/* Beside at least one removal, whenever that one is scheduled. */
	for (i = 0; i < TRANSFERS || !READ_ONCE(removals); i++)
		transfer(&seed);
}

/* What is removed comes back clean, as from the system. */
static void clean(void *page, size_t length)
{
	u32 *word = page;

	__atomic_store_n(word, 0xddddddddU, __ATOMIC_RELAXED);
	sched_yield();
	__atomic_store_n(word, 0, __ATOMIC_RELAXED);
	xadd(&releases, length / PAGE);
}

static void remove_and_restore(void *data)
{
	u32 seed = 77;

	(void)data;
	while (!READ_ONCE(stop)) {
		u64 page = support_random(&seed) % (NR_PAGES - 4);

		if (guest_map__remove(&map, ADDRESS(page), 4 * PAGE))
			continue;
		WRITE_ONCE(removals, removals + 1);
		while (guest_map__restore(&map, ADDRESS(page), 4 * PAGE))
			sched_yield();
	}
}

TEST_F(map, dma_while_pages_are_removed)
{
	struct support_thread balloon;

	map.release = clean;
	support_thread_start(&balloon, "balloon", remove_and_restore, NULL);
	support_run_threads(DEVICES, do_dma, NULL);
	WRITE_ONCE(stop, 1);
	support_thread_join(&balloon);
	EXPECT_EQ(0, wrong);
	EXPECT_LT(0, removals);
	EXPECT_LT(0, transfers);
	EXPECT_EQ(4 * removals, releases);
}

TEST_F(map, dirty_log_has_what_was_written)
{
	u64 bitmap[DIRTY_WORDS] = { 0 };
	struct guest_mapping mapping, late;

	guest_map__start_logging(&map);
	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(5), 2 * PAGE, true, &mapping));
	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(64), 1, true, &late));
	guest_map__put(&mapping);
	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(9), PAGE, false, &mapping));
	guest_map__put(&mapping);
	EXPECT_EQ(2, guest_map__take_dirty(&map, bitmap));
	EXPECT_EQ(3ULL << 5, bitmap[0]);
	EXPECT_EQ(0, bitmap[1]);
	/* In flight while the log was taken: in the next one. */
	guest_map__put(&late);
	EXPECT_EQ(1, guest_map__take_dirty(&map, bitmap));
	EXPECT_EQ(1, bitmap[1]);
	guest_map__stop_logging(&map);
	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(5), PAGE, true, &mapping));
	guest_map__put(&mapping);
	EXPECT_EQ(0, guest_map__take_dirty(&map, bitmap));
}

/* Each device counts in its own word of a page. */
static void write_page(u32 device, u32 *seed)
{
	u64 page = support_random(seed) % NR_PAGES;
	struct guest_mapping mapping;

	if (guest_map__get(&map, ADDRESS(page), PAGE, true, &mapping)) {
		xadd(&wrong, 1);
		return;
	}
	xadd((u64 *)mapping.memory + device, 1);
	guest_map__put(&mapping);
}

static void write_pages(void *data)
{
	u32 device = xadd(&next_seed, 1);
	u32 seed = 2 * device + 1;
	unsigned int i;

	(void)data;
	for (i = 0; i < TRANSFERS; i++)
		write_page(device, &seed);
}

static void keep_writing(void *data)
{
	u32 device = xadd(&next_seed, 1);
	u32 seed = 2 * device + 1;

	(void)data;
	while (!READ_ONCE(stop))
		write_page(device, &seed);
}

/* A copy that follows the log, as a live migration does. */
static void copy_dirty(u64 *copy)
{
	u64 i, j;

	memset(shadow, 0, sizeof(shadow));
	guest_map__take_dirty(&map, shadow);
	for (i = 0; i < NR_PAGES; i++) {
		if (!(shadow[i / 64] & 1ULL << i % 64))
			continue;
		for (j = 0; j < DEVICES; j++)
			copy[i * DEVICES + j] =
				READ_ONCE(((u64 *)(memory + i * PAGE))[j]);
	}
}

static bool copy_is_exact(const u64 *copy)
{
	u64 i, j;

	for (i = 0; i < NR_PAGES; i++) {
		for (j = 0; j < DEVICES; j++) {
			if (copy[i * DEVICES + j] !=
			    ((u64 *)(memory + i * PAGE))[j])
				return false;
		}
	}
	return true;
}

static void keep_copying(void *data)
{
	while (!support_see(&stop)) {
		copy_dirty(data);
		sched_yield();
	}
}

TEST_F(map, a_copy_that_follows_the_log_is_exact)
{
	u64 *copy = calloc(NR_PAGES * DEVICES, sizeof(*copy));
	struct support_thread copier;

	ASSERT_NE(NULL, copy);
	guest_map__start_logging(&map);
	support_thread_start(&copier, "copier", keep_copying, copy);
	support_run_threads(DEVICES, write_pages, NULL);
	support_publish(&stop, 1);
	support_thread_join(&copier);
	copy_dirty(copy);
	EXPECT_TRUE(copy_is_exact(copy));
	EXPECT_EQ(0, wrong);
	free(copy);
}

static void freeze_once(void *data)
{
	(void)data;
	guest_map__freeze(&map);
	support_publish(&stop, 1);
	guest_map__thaw(&map);
}

TEST_F(map, freeze_waits_for_translations_in_use)
{
	struct guest_mapping first, second;
	struct support_thread snapshot;

	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(3), PAGE, true, &first));
	ASSERT_EQ(0, guest_map__get(&map, ADDRESS(700), 1, true, &second));
	support_thread_start(&snapshot, "snapshot", freeze_once, NULL);
	support_sleep_us(20000);
	guest_map__put(&first);
	support_sleep_us(20000);
	EXPECT_EQ(0, support_see(&stop));
	guest_map__put(&second);
	EXPECT_TRUE(support_becomes(&stop, 1));
	support_thread_join(&snapshot);
}

static u64 sum_pages(void)
{
	u64 sum = 0, i;

	for (i = 0; i < NR_PAGES * PAGE; i += PAGE)
		sum += *(u64 *)(memory + i);
	return sum;
}

static void freeze_often(void *data)
{
	u64 before = 0;
	unsigned int i;

	(void)data;
	/* And until somebody has written. */
	for (i = 0; i < FREEZES || !before; i++) {
		guest_map__freeze(&map);
		before = sum_pages();
		sched_yield();
		if (sum_pages() != before)
			xadd(&wrong, 1);
		guest_map__thaw(&map);
		support_sleep_us(200);
	}
	WRITE_ONCE(stop, 1);
}

TEST_F(map, frozen_memory_does_not_change)
{
	struct support_thread snapshot;

	support_thread_start(&snapshot, "snapshot", freeze_often, NULL);
	support_run_threads(DEVICES, keep_writing, NULL);
	support_thread_join(&snapshot);
	EXPECT_EQ(0, wrong);
	EXPECT_LT(0, sum_pages());
}

TEST_HARNESS_MAIN

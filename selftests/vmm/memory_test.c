// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory: the hole below 4 GiB, and addresses that are anything.
 */
#include "../harness.h"
#include "../../host/vmm/memory/memory.h"

/* Nothing is mapped here: only addresses are compared. */
static struct guest_memory large = {
	.base = (u8 *)(1ULL << 40), .size = 5 * GIB,
};

static struct guest_memory small = {
	.base = (u8 *)(1ULL << 40), .size = 64 * MIB,
};

TEST(small_memory_is_one_piece)
{
	struct memory_region regions[2];

	ASSERT_EQ(1, guest_memory__regions(&small, regions));
	EXPECT_EQ(0, regions[0].start);
	EXPECT_EQ(64 * MIB, regions[0].length);
}

TEST(large_memory_has_a_hole)
{
	struct memory_region regions[2];

	ASSERT_EQ(2, guest_memory__regions(&large, regions));
	EXPECT_EQ(GUEST_HOLE_START, regions[0].length);
	EXPECT_EQ(GUEST_HOLE_END, regions[1].start);
	EXPECT_EQ(2 * GIB, regions[1].length);
	EXPECT_EQ(GUEST_HOLE_START, regions[1].offset);
}

TEST(first_and_last_byte)
{
	EXPECT_EQ(small.base, guest_memory__at(&small, 0, 1));
	EXPECT_EQ(small.base + 64 * MIB - 1,
		  guest_memory__at(&small, 64 * MIB - 1, 1));
	EXPECT_EQ(NULL, guest_memory__at(&small, 64 * MIB, 1));
	EXPECT_EQ(NULL, guest_memory__at(&small, 64 * MIB - 1, 2));
}

TEST(above_the_hole)
{
	EXPECT_EQ(large.base + 3 * GIB, guest_memory__at(&large, 4 * GIB, 1));
	EXPECT_EQ(NULL, guest_memory__at(&large, 3 * GIB, 1));
	EXPECT_EQ(NULL, guest_memory__at(&large, 4 * GIB - 1, 1));
	EXPECT_EQ(NULL, guest_memory__at(&large, 6 * GIB, 1));
}

TEST(a_length_that_crosses_the_hole)
{
	EXPECT_EQ(NULL, guest_memory__at(&large, 3 * GIB - 1, 2));
	EXPECT_EQ(NULL, guest_memory__at(&large, 3 * GIB - 1, 2 * GIB));
}

TEST(sums_that_overflow)
{
	EXPECT_EQ(NULL, guest_memory__at(&small, UINT64_MAX, 2));
	EXPECT_EQ(NULL, guest_memory__at(&small, 4096, UINT64_MAX));
	EXPECT_EQ(NULL, guest_memory__at(&large, 5 * GIB, UINT64_MAX - 4096));
}

TEST_HARNESS_MAIN

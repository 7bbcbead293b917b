// SPDX-License-Identifier: GPL-2.0
/*
 * What a driver may have rings do if it wants: indirect descriptors, and indices at
 * which each side wants to be told (VIRTIO_RING_F_INDIRECT_DESC and _EVENT_IDX).
 */
#include <fcntl.h>
#include <unistd.h>

#include "../harness.h"
#include "driver.h"
#include "fixture.h"
#include "virtio_devices.h"

#define SECTORS		64
#define HEADER		0x8000
#define DATA		0x9000
#define STATUS		0xc000
#define TABLE		0x10000
#define ENOUGH		1000
/* What a turn returns. */
#define TURN		64
#define LARGE_RINGS	0x20000

FIXTURE(ring) {
	struct guest_memory memory;
	struct counted_irq irq;
	struct virtio_block block;
	struct driver driver;
};

FIXTURE_SETUP(ring)
{
	memset(self, 0, sizeof(*self));
	test_disk__set_up(&self->block, &self->memory, MIB, &self->irq,
			  &self->driver, SECTORS * 512);
	self->driver.features = BIT(VIRTIO_RING_F_INDIRECT_DESC) |
		BIT(VIRTIO_RING_F_EVENT_IDX);
	driver__start(&self->driver, 1);
}

FIXTURE_TEARDOWN(ring)
{
	driver__end(&self->driver, 0);
	device__put(&self->block.virtio.device);
	test_memory__free(&self->memory);
	test_thread__exit();
}

static struct vring_desc *table(struct _test_data_ring *self)
{
	return (void *)(self->memory.base + TABLE);
}

/* A request to read a sector, in a table of its own. */
static void describe(struct _test_data_ring *self)
{
	const struct vring_desc request[] = {
		{ HEADER, 16, VRING_DESC_F_NEXT, 1 },
		{ DATA, 512, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 2 },
		{ STATUS, 1, VRING_DESC_F_WRITE, 0 },
	};

	memset(self->memory.base + HEADER, 0, 16);
	self->memory.base[STATUS] = 0xee;
	memcpy(table(self), request, sizeof(request));
	driver__describe(&self->driver, 0, 0, TABLE, sizeof(request),
			 VRING_DESC_F_INDIRECT, 0);
}

static void offer(struct _test_data_ring *self)
{
	driver__offer(&self->driver, 0, 0);
	driver__notify(&self->driver, 0);
}

static bool is_broken(struct _test_data_ring *self)
{
	return driver__read(&self->driver, VIRTIO_MMIO_STATUS) &
		VIRTIO_CONFIG_S_NEEDS_RESET;
}

TEST_F(ring, a_request_in_a_table)
{
	describe(self);
	offer(self);
	EXPECT_EQ(1, driver__used_index(&self->driver, 0));
	EXPECT_EQ(VIRTIO_BLK_S_OK, self->memory.base[STATUS]);
}

TEST_F(ring, a_table_after_a_descriptor)
{
	describe(self);
	/* The header is in the ring, the rest in the table. */
	memmove(table(self), table(self) + 1, 2 * sizeof(*table(self)));
	table(self)[0].next = 1;
	driver__describe(&self->driver, 0, 0, HEADER, 16, VRING_DESC_F_NEXT, 1);
	driver__describe(&self->driver, 0, 1, TABLE, 2 * sizeof(*table(self)),
			 VRING_DESC_F_INDIRECT, 0);
	offer(self);
	EXPECT_EQ(VIRTIO_BLK_S_OK, self->memory.base[STATUS]);
}

TEST_F(ring, a_table_that_leads_to_another)
{
	describe(self);
	/* In which all would be well. */
	memcpy(table(self) + 8, table(self) + 1, 2 * sizeof(*table(self)));
	table(self)[8].next = 1;
	table(self)[1] = (struct vring_desc){
		TABLE + 8 * sizeof(*table(self)), 2 * sizeof(*table(self)),
		VRING_DESC_F_INDIRECT, 0,
	};
	offer(self);
	EXPECT_TRUE(is_broken(self));
}

TEST_F(ring, a_table_that_loops)
{
	describe(self);
	table(self)[1].next = 0;
	table(self)[0].flags |= VRING_DESC_F_WRITE;
	offer(self);
	EXPECT_TRUE(is_broken(self));
}

TEST_F(ring, tables_that_make_no_sense)
{
	static const struct {
		u64 address;
		u32 length;
		u16 flags;
	} bad[] = {
		{ TABLE, 0, 0 },
		{ TABLE, 47, 0 },
		{ TABLE, 32, 0 },		/* the third is outside */
		{ MIB - 16, 48, 0 },
		{ UINT64_MAX - 15, 48, 0 },
		{ TABLE, 48, VRING_DESC_F_NEXT },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		driver__start(&self->driver, 1);
		describe(self);
		driver__describe(&self->driver, 0, 0, bad[i].address,
				 bad[i].length,
				 VRING_DESC_F_INDIRECT | bad[i].flags, 0);
		offer(self);
		EXPECT_TRUE(is_broken(self));
	}
	EXPECT_EQ(0, self->memory.map.range[0].word);
}

TEST_F(ring, a_table_that_was_not_agreed_on)
{
	self->driver.features = 0;
	driver__start(&self->driver, 1);
	describe(self);
	offer(self);
	EXPECT_TRUE(is_broken(self));
}

static u16 *used_event(struct _test_data_ring *self)
{
	return (u16 *)(self->memory.base + DRIVER_RINGS + DRIVER_AVAILABLE + 4 +
		       2 * DRIVER_QUEUE_SIZE);
}

static u16 avail_event(struct _test_data_ring *self)
{
	return *(u16 *)(self->memory.base + DRIVER_RINGS + DRIVER_USED + 4 +
			8 * DRIVER_QUEUE_SIZE);
}

static void acknowledge(struct _test_data_ring *self)
{
	driver__write(&self->driver, VIRTIO_MMIO_INTERRUPT_ACK,
		      VIRTIO_MMIO_INT_VRING);
}

TEST_F(ring, an_interrupt_where_the_driver_wants_one)
{
	unsigned int i;

	describe(self);
	*used_event(self) = 2;
	for (i = 0; i < 5; i++) {
		offer(self);
		/* When the third has been returned, and not again. */
		EXPECT_EQ(i >= 2, self->irq.edges);
		acknowledge(self);
	}
	*used_event(self) = 5;
	offer(self);
	EXPECT_EQ(2, self->irq.edges);
}

TEST_F(ring, several_that_pass_the_index_together)
{
	describe(self);
	*used_event(self) = 1;
	driver__offer(&self->driver, 0, 0);
	driver__offer(&self->driver, 0, 0);
	driver__offer(&self->driver, 0, 0);
	driver__notify(&self->driver, 0);
	EXPECT_EQ(1, self->irq.edges);
}

TEST_F(ring, the_device_asks_for_the_next_buffer)
{
	describe(self);
	EXPECT_EQ(0, avail_event(self));
	offer(self);
	EXPECT_EQ(1, avail_event(self));
	driver__offer(&self->driver, 0, 0);
	offer(self);
	EXPECT_EQ(3, avail_event(self));
}

/* A turn that ends with the last buffer asks as well. */
TEST_F(ring, a_turn_of_exactly_what_there_is)
{
	struct vring_avail *available =
		(void *)(self->memory.base + LARGE_RINGS + 0x1000);
	const u8 *used = self->memory.base + LARGE_RINGS + 0x2000;

	driver__stop(&self->driver);
	driver__write(&self->driver, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver__write(&self->driver, VIRTIO_MMIO_DRIVER_FEATURES,
		      self->driver.features);
	driver__write(&self->driver, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	driver__write(&self->driver, VIRTIO_MMIO_DRIVER_FEATURES, 1);
	driver__place_queue(&self->driver, 0, 256, LARGE_RINGS,
			    LARGE_RINGS + 0x1000, LARGE_RINGS + 0x2000);
	driver__write(&self->driver, VIRTIO_MMIO_STATUS,
		      VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK);
	describe(self);
	*(struct vring_desc *)(self->memory.base + LARGE_RINGS) =
		(struct vring_desc){ TABLE, 48, VRING_DESC_F_INDIRECT, 0 };
	available->idx = TURN;
	driver__notify(&self->driver, 0);
	driver__give_turns(&self->driver, ENOUGH);
	EXPECT_EQ(TURN, *(const u16 *)(used + 2));
	EXPECT_EQ(TURN, *(const u16 *)(used + 4 + 8 * 256));
}

/* The indices belong to the rings, which must not overlap. */
TEST_F(ring, rings_that_overlap_by_an_index)
{
	const u32 available = DRIVER_RINGS + DRIVER_AVAILABLE;
	const u32 bytes = 4 + 2 * DRIVER_QUEUE_SIZE;

	driver__stop(&self->driver);
	driver__write(&self->driver, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver__write(&self->driver, VIRTIO_MMIO_DRIVER_FEATURES,
		      self->driver.features);
	driver__place_queue(&self->driver, 0, DRIVER_QUEUE_SIZE, DRIVER_RINGS,
			    available, available + bytes);
	EXPECT_EQ(0, driver__read(&self->driver, VIRTIO_MMIO_QUEUE_READY));
	driver__place_queue(&self->driver, 0, DRIVER_QUEUE_SIZE, DRIVER_RINGS,
			    available, available + bytes + 4);
	EXPECT_EQ(1, driver__read(&self->driver, VIRTIO_MMIO_QUEUE_READY));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * DMA and the map of the guest's memory: pages that a device has been given stay
 * as long as it may access them, also if they are taken out of the map meanwhile,
 * and a snapshot waits for it.
 */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "../harness.h"
#include "driver.h"
#include "fixture.h"
#include "virtio_devices.h"

#define SECTORS		8
/* Pages of their own: the data of a request. */
#define DATA		0x10000
#define DATA_PAGES	2

FIXTURE(dma) {
	struct guest_memory memory;
	struct counted_irq irq;
	struct virtio_block block;
	struct driver driver;
	struct virtqueue_chain chain;
	pthread_t thread;
	u32 frozen;
};

/* How many pages have been given back. */
static unsigned int released;

static void count_released(void *memory, size_t length)
{
	memset(memory, 0, length);
	released++;
}

FIXTURE_SETUP(dma)
{
	memset(self, 0, sizeof(*self));
	released = 0;
	test_locks__init();
	test_thread__enter("test");
	test_memory__alloc(&self->memory, MIB);
	self->memory.map.release = count_released;
	counted_irq__init(&self->irq);
	test_disk__init(&self->block, &self->memory, &self->irq.line, SECTORS * 512);
	driver__init(&self->driver, &self->block.virtio, &self->memory);
	driver__start(&self->driver, 1);
	/* A buffer with a piece to read and one to write. */
	driver__describe(&self->driver, 0, 0, DATA, 16, VRING_DESC_F_NEXT, 1);
	driver__describe(&self->driver, 0, 1, DATA + PAGE_SIZE, 1,
			 VRING_DESC_F_WRITE, 0);
	driver__offer(&self->driver, 0, 0);
}

FIXTURE_TEARDOWN(dma)
{
	device__put(&self->block.virtio.device);
	test_memory__free(&self->memory);
	test_thread__exit();
}

static struct virtqueue *queue(struct _test_data_dma *self)
{
	return &self->block.virtio.queues[0];
}

static int take_away(struct _test_data_dma *self)
{
	return guest_map__remove(&self->memory.map, DATA,
				 DATA_PAGES * PAGE_SIZE);
}

TEST_F(dma, pages_stay_until_the_buffer_is_returned)
{
	ASSERT_TRUE(virtqueue__pop(queue(self), &self->chain));
	ASSERT_EQ(0, take_away(self));
	EXPECT_EQ(0, released);
	virtqueue__push(queue(self), &self->chain, 0);
	EXPECT_EQ(DATA_PAGES, released);
	EXPECT_EQ(1, driver__used_index(&self->driver, 0));
}

TEST_F(dma, pages_stay_until_the_buffer_is_put_back)
{
	ASSERT_TRUE(virtqueue__pop(queue(self), &self->chain));
	ASSERT_EQ(0, take_away(self));
	EXPECT_EQ(0, released);
	virtqueue__unpop(queue(self), &self->chain);
	EXPECT_EQ(DATA_PAGES, released);
	/* The next time, they are not there. */
	EXPECT_FALSE(virtqueue__pop(queue(self), &self->chain));
	EXPECT_TRUE(queue(self)->broken);
}

static void *freeze(void *argument)
{
	struct _test_data_dma *self = argument;

	test_thread__enter("freezer");
	guest_map__freeze(&self->memory.map);
	WRITE_ONCE(self->frozen, 1);
	guest_map__thaw(&self->memory.map);
	test_thread__exit();
	return NULL;
}

TEST_F(dma, a_snapshot_waits)
{
	ASSERT_TRUE(virtqueue__pop(queue(self), &self->chain));
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, freeze, self));
	usleep(50000);
	EXPECT_EQ(0, READ_ONCE(self->frozen));
	virtqueue__unpop(queue(self), &self->chain);
	pthread_join(self->thread, NULL);
	EXPECT_EQ(1, self->frozen);
}

TEST_HARNESS_MAIN

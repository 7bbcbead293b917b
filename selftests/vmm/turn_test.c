// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest has a virtio device do is done in turns, each of which is bounded.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../harness.h"
#include "driver.h"
#include "fixture.h"
#include "virtio_devices.h"

#define MEMORY		(32 * MIB)
#define HEADER		0x8000
#define STATUS		0x9000
#define DATA		MIB
#define LARGE		(5 * MIB)
#define DISK_SECTORS	65536
/* Far more than a turn has, and than any of these tests needs. */
#define ENOUGH		1000

/* A sector that, where it is read to, asks for the next one. */
struct feeding_sector {
	struct virtio_blk_outhdr header;
	u16 flags;
	u16 index;
	u8 rest[512 - sizeof(struct virtio_blk_outhdr) - 4];
};

FIXTURE(disk) {
	struct guest_memory memory;
	struct counted_irq irq;
	struct virtio_block block;
	struct driver driver;
};

FIXTURE_SETUP(disk)
{
	memset(self, 0, sizeof(*self));
	test_disk__set_up(&self->block, &self->memory, MEMORY, &self->irq,
			  &self->driver, DISK_SECTORS * 512);
	driver__start(&self->driver, 1);
}

FIXTURE_TEARDOWN(disk)
{
	driver__end(&self->driver, 0);
	/* No work that was left, or dropped, has kept a reference. */
	EXPECT_EQ(1, self->block.virtio.device.references);
	device__put(&self->block.virtio.device);
	test_memory__free(&self->memory);
	test_thread__exit();
}

static struct virtio_blk_outhdr *header(struct _test_data_disk *self)
{
	return (void *)(self->memory.base + HEADER);
}

static void feed(struct _test_data_disk *self)
{
	const u64 available = DRIVER_RINGS + DRIVER_AVAILABLE;
	unsigned int i;

	for (i = 0; i < DISK_SECTORS; i++) {
		struct feeding_sector sector = {
			.header.sector = (i + 1) % DISK_SECTORS, .index = i + 2,
		};

		if (pwrite(self->block.fd, &sector, sizeof(sector),
			   i * sizeof(sector)) != sizeof(sector))
			abort();
	}
	driver__describe(&self->driver, 0, 0, HEADER, 16, VRING_DESC_F_NEXT, 1);
	driver__describe(&self->driver, 0, 1, HEADER, 16,
			 VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 2);
	driver__describe(&self->driver, 0, 2, available, 4,
			 VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 3);
	driver__describe(&self->driver, 0, 3, DATA, 512 - 16 - 4,
			 VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 4);
	driver__describe(&self->driver, 0, 4, STATUS, 1, VRING_DESC_F_WRITE, 0);
	driver__offer(&self->driver, 0, 0);
	driver__notify(&self->driver, 0);
}

TEST_F(disk, buffers_that_make_the_next)
{
	u16 first, later;

	feed(self);
	first = driver__used_index(&self->driver, 0);
	EXPECT_LT(0, first);
	EXPECT_GE(DISK_SECTORS / 256, first);
	/* The thread has come back in between, and each time goes on. */
	EXPECT_EQ(10, driver__give_turns(&self->driver, 10));
	later = driver__used_index(&self->driver, 0);
	EXPECT_EQ(11 * first, later);
}

TEST_F(disk, a_thread_that_is_to_end_does_no_more)
{
	u16 before;

	feed(self);
	before = driver__used_index(&self->driver, 0);
	self->driver.ended = true;
	EXPECT_TRUE(driver__give_turn(&self->driver));
	EXPECT_FALSE(driver__give_turn(&self->driver));
	EXPECT_EQ(before, driver__used_index(&self->driver, 0));
}

TEST_F(disk, a_reset_ends_what_was_left)
{
	feed(self);
	driver__start(&self->driver, 1);
	EXPECT_EQ(1, driver__give_turns(&self->driver, ENOUGH));
	EXPECT_EQ(0, driver__used_index(&self->driver, 0));
}

static void offer_request(struct _test_data_disk *self, u32 type, u64 sector,
			  u32 length)
{
	u16 direction = type == VIRTIO_BLK_T_OUT ? 0 : VRING_DESC_F_WRITE;

	*header(self) = (struct virtio_blk_outhdr){ .type = type,
						    .sector = sector };
	self->memory.base[STATUS] = 0xee;
	driver__describe(&self->driver, 0, 0, HEADER, 16, VRING_DESC_F_NEXT, 1);
	driver__describe(&self->driver, 0, 1, DATA, length,
			 VRING_DESC_F_NEXT | direction, 2);
	driver__describe(&self->driver, 0, 2, STATUS, 1, VRING_DESC_F_WRITE, 0);
	driver__offer(&self->driver, 0, 0);
	driver__notify(&self->driver, 0);
}

static void fill(struct _test_data_disk *self)
{
	u32 *words = (u32 *)(self->memory.base + DATA);
	unsigned int i;

	for (i = 0; i < LARGE / sizeof(*words); i++)
		words[i] = i * 2654435761U;
}

static bool is_filled(struct _test_data_disk *self, u32 from)
{
	u32 *words = (u32 *)(self->memory.base + DATA);
	unsigned int i;

	for (i = from / sizeof(*words); i < LARGE / sizeof(*words); i++)
		if (words[i] != i * 2654435761U)
			return false;
	return true;
}

TEST_F(disk, a_large_request_takes_several_turns)
{
	fill(self);
	offer_request(self, VIRTIO_BLK_T_OUT, 8, LARGE);
	EXPECT_EQ(0, driver__used_index(&self->driver, 0));
	EXPECT_LE(4, driver__give_turns(&self->driver, ENOUGH));
	EXPECT_EQ(1, driver__used_index(&self->driver, 0));
	EXPECT_EQ(VIRTIO_BLK_S_OK, self->memory.base[STATUS]);
	memset(self->memory.base + DATA, 0, LARGE);
	offer_request(self, VIRTIO_BLK_T_IN, 8, LARGE);
	EXPECT_LE(4, driver__give_turns(&self->driver, ENOUGH));
	EXPECT_EQ(2, driver__used_index(&self->driver, 0));
	EXPECT_EQ(VIRTIO_BLK_S_OK, self->memory.base[STATUS]);
	EXPECT_TRUE(is_filled(self, 0));
}

TEST_F(disk, a_request_that_changes_between_turns)
{
	offer_request(self, VIRTIO_BLK_T_OUT, 8, LARGE);
	/* Less than what has been written already; nothing more is. */
	driver__describe(&self->driver, 0, 1, DATA, 512, VRING_DESC_F_NEXT, 2);
	EXPECT_EQ(1, driver__give_turns(&self->driver, ENOUGH));
	EXPECT_EQ(1, driver__used_index(&self->driver, 0));
	EXPECT_EQ(VIRTIO_BLK_S_OK, self->memory.base[STATUS]);
	/* The next one begins at its own beginning. */
	fill(self);
	offer_request(self, VIRTIO_BLK_T_OUT, 8, 512);
	memset(self->memory.base + DATA, 0, 512);
	offer_request(self, VIRTIO_BLK_T_IN, 8, 512);
	EXPECT_TRUE(is_filled(self, 0));
}

TEST_F(disk, a_request_that_moves_beyond_the_end_between_turns)
{
	offer_request(self, VIRTIO_BLK_T_IN, 8, LARGE);
	header(self)->sector = DISK_SECTORS - 1;
	EXPECT_EQ(1, driver__give_turns(&self->driver, ENOUGH));
	EXPECT_EQ(VIRTIO_BLK_S_IOERR, self->memory.base[STATUS]);
}

TEST_F(disk, a_disk_that_has_become_shorter)
{
	ASSERT_EQ(0, ftruncate(self->block.fd, 16 * 512));
	offer_request(self, VIRTIO_BLK_T_IN, 8, LARGE);
	EXPECT_GE(2, driver__give_turns(&self->driver, ENOUGH));
	EXPECT_EQ(VIRTIO_BLK_S_IOERR, self->memory.base[STATUS]);
}

TEST_F(disk, a_buffer_longer_than_any_may_be)
{
	unsigned int i;

	driver__stop(&self->driver);
	driver__place_queue(&self->driver, 0, 256, DRIVER_RINGS,
			    DRIVER_RINGS + 0x1000, DRIVER_RINGS + 0x2000);
	driver__write(&self->driver, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_DRIVER_OK);
	for (i = 0; i < 255; i++)
		driver__describe(&self->driver, 0, i, DATA, 17 * MIB,
				 VRING_DESC_F_NEXT, i + 1);
	driver__describe(&self->driver, 0, 255, STATUS, 1, VRING_DESC_F_WRITE, 0);
	memset(self->memory.base + DRIVER_RINGS + 0x1000, 0, 1024);
	*(u16 *)(self->memory.base + DRIVER_RINGS + 0x1002) = 1;
	driver__notify(&self->driver, 0);
	EXPECT_TRUE(driver__read(&self->driver, VIRTIO_MMIO_STATUS) &
		    VIRTIO_CONFIG_S_NEEDS_RESET);
}

FIXTURE(port) {
	struct test_port port;
};

FIXTURE_SETUP(port)
{
	test_port__set_up(&self->port, MEMORY, NULL, "file");
}

FIXTURE_TEARDOWN(port)
{
	driver__end(&self->port.driver, 0);
	test_port__tear_down(&self->port);
}

TEST_F(port, large_output_takes_several_turns)
{
	char *text = (char *)self->port.memory.base + DATA;
	char *copy = malloc(LARGE);
	unsigned int i;

	for (i = 0; i < LARGE; i++)
		text[i] = 'a' + i % 23;
	driver__describe(&self->port.driver, 1, 0, DATA, LARGE, 0, 0);
	driver__offer(&self->port.driver, 1, 0);
	driver__notify(&self->port.driver, 1);
	EXPECT_EQ(0, driver__used_index(&self->port.driver, 1));
	EXPECT_LE(4, driver__give_turns(&self->port.driver, ENOUGH));
	EXPECT_EQ(1, driver__used_index(&self->port.driver, 1));
	EXPECT_EQ(LARGE, read(self->port.peer, copy, LARGE));
	EXPECT_EQ(0, memcmp(text, copy, LARGE));
	free(copy);
}

/* As many messages at once as cannot be answered at once. */
TEST_F(port, messages_go_on_when_there_is_space_for_answers)
{
	struct virtio_console_control *message =
		(void *)(self->port.memory.base + HEADER);
	unsigned int i;

	*message = (struct virtio_console_control){
		0, VIRTIO_CONSOLE_PORT_READY, 1 };
	driver__stop(&self->port.driver);
	driver__start(&self->port.driver, 4);
	driver__describe(&self->port.driver, 3, 0, HEADER, sizeof(*message), 0, 0);
	for (i = 0; i < DRIVER_QUEUE_SIZE; i++)
		driver__offer(&self->port.driver, 3, 0);
	driver__notify(&self->port.driver, 3);
	driver__describe(&self->port.driver, 2, 0, DATA, 64, VRING_DESC_F_WRITE, 0);
	for (i = 0; i < DRIVER_QUEUE_SIZE; i++)
		driver__offer(&self->port.driver, 2, 0);
	driver__notify(&self->port.driver, 2);
	driver__give_turns(&self->port.driver, ENOUGH);
	EXPECT_EQ(DRIVER_QUEUE_SIZE, driver__used_index(&self->port.driver, 3));
	EXPECT_EQ(DRIVER_QUEUE_SIZE, driver__used_index(&self->port.driver, 2));
}

TEST_HARNESS_MAIN

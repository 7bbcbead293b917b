// SPDX-License-Identifier: GPL-2.0
/*
 * Virtio devices, driven as a driver drives them, well-behaved and not. Longer
 * than 400 lines: cases that differ in little, on one driver.
 */
#include <fcntl.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../harness.h"
#include "driver.h"
#include "fixture.h"
#include "virtio_devices.h"

#define SECTORS		64

FIXTURE(block) {
	struct guest_memory memory;
	struct counted_irq irq;
	struct virtio_block block;
	struct driver driver;
};

FIXTURE_SETUP(block)
{
	memset(self, 0, sizeof(*self));
	test_disk__set_up(&self->block, &self->memory, MIB, &self->irq,
			  &self->driver, SECTORS * 512);
	driver__start(&self->driver, 1);
}

FIXTURE_TEARDOWN(block)
{
	device__put(&self->block.virtio.device);
	test_memory__free(&self->memory);
	test_thread__exit();
}

/* A request of three pieces; returns the status byte. */
static u8 request(struct _test_data_block *self, u32 type, u64 sector,
		  u32 length)
{
	struct virtio_blk_outhdr *header = (void *)(self->memory.base + 0x8000);
	u16 out = type == VIRTIO_BLK_T_OUT ? 0 : VRING_DESC_F_WRITE;

	*header = (struct virtio_blk_outhdr){ .type = type, .sector = sector };
	self->memory.base[0xc000] = 0xee;
	driver__describe(&self->driver, 0, 0, 0x8000, sizeof(*header),
			 VRING_DESC_F_NEXT, 1);
	driver__describe(&self->driver, 0, 1, 0x9000, length,
			 VRING_DESC_F_NEXT | out, 2);
	driver__describe(&self->driver, 0, 2, 0xc000, 1, VRING_DESC_F_WRITE, 0);
	driver__offer(&self->driver, 0, 0);
	driver__notify(&self->driver, 0);
	return self->memory.base[0xc000];
}

TEST_F(block, identifies_itself)
{
	EXPECT_EQ(0x74726976, driver__read(&self->driver,
					   VIRTIO_MMIO_MAGIC_VALUE));
	EXPECT_EQ(2, driver__read(&self->driver, VIRTIO_MMIO_DEVICE_ID));
	EXPECT_EQ(SECTORS, driver__read(&self->driver, VIRTIO_MMIO_CONFIG));
}

TEST_F(block, writes_and_reads_back)
{
	u8 *data = self->memory.base + 0x9000;

	memset(data, 0xa5, 1024);
	EXPECT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_OUT, 3, 1024));
	memset(data, 0, 1024);
	EXPECT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_IN, 4, 512));
	EXPECT_EQ(0xa5, data[511]);
	EXPECT_EQ(0, data[512]);
	EXPECT_EQ(2, driver__used_index(&self->driver, 0));
}

TEST_F(block, interrupts_until_acknowledged)
{
	EXPECT_FALSE(self->irq.level);
	request(self, VIRTIO_BLK_T_IN, 0, 512);
	EXPECT_TRUE(self->irq.level);
	request(self, VIRTIO_BLK_T_IN, 0, 512);
	EXPECT_EQ(1, self->irq.edges);
	driver__write(&self->driver, VIRTIO_MMIO_INTERRUPT_ACK,
		      VIRTIO_MMIO_INT_CONFIG);
	EXPECT_TRUE(self->irq.level);
	driver__write(&self->driver, VIRTIO_MMIO_INTERRUPT_ACK,
		      VIRTIO_MMIO_INT_VRING);
	EXPECT_FALSE(self->irq.level);
	request(self, VIRTIO_BLK_T_IN, 0, 512);
	EXPECT_EQ(2, self->irq.edges);
}

TEST_F(block, reset_takes_the_interrupt_back)
{
	request(self, VIRTIO_BLK_T_IN, 0, 512);
	driver__write(&self->driver, VIRTIO_MMIO_STATUS, 0);
	EXPECT_FALSE(self->irq.level);
}

TEST_F(block, flush)
{
	EXPECT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_FLUSH, 0, 0));
}

TEST_F(block, beyond_the_end)
{
	EXPECT_EQ(VIRTIO_BLK_S_IOERR,
		  request(self, VIRTIO_BLK_T_IN, SECTORS, 512));
	EXPECT_EQ(VIRTIO_BLK_S_IOERR,
		  request(self, VIRTIO_BLK_T_IN, SECTORS - 1, 1024));
	EXPECT_EQ(VIRTIO_BLK_S_IOERR,
		  request(self, VIRTIO_BLK_T_OUT, UINT64_MAX / 512, 512));
	EXPECT_EQ(VIRTIO_BLK_S_IOERR,
		  request(self, VIRTIO_BLK_T_IN, UINT64_MAX, 512));
}

TEST_F(block, part_of_a_sector)
{
	EXPECT_EQ(VIRTIO_BLK_S_IOERR, request(self, VIRTIO_BLK_T_IN, 0, 100));
}

TEST_F(block, unknown_request)
{
	EXPECT_EQ(VIRTIO_BLK_S_UNSUPP, request(self, 99, 0, 512));
}

TEST_F(block, read_only)
{
	self->block.read_only = true;
	EXPECT_EQ(VIRTIO_BLK_S_IOERR, request(self, VIRTIO_BLK_T_OUT, 0, 512));
}

static bool is_broken(struct driver *driver)
{
	return driver__read(driver, VIRTIO_MMIO_STATUS) &
		VIRTIO_CONFIG_S_NEEDS_RESET;
}

TEST_F(block, address_outside_of_memory)
{
	driver__describe(&self->driver, 0, 0, MIB - 8, 16, 0, 0);
	driver__offer(&self->driver, 0, 0);
	driver__notify(&self->driver, 0);
	EXPECT_TRUE(is_broken(&self->driver));
	/* The driver is told, and nothing more is done. */
	EXPECT_EQ(1, self->irq.edges);
	EXPECT_EQ(0xee, request(self, VIRTIO_BLK_T_IN, 0, 512));
	/* Until it begins anew. */
	driver__start(&self->driver, 1);
	EXPECT_FALSE(is_broken(&self->driver));
	EXPECT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_IN, 0, 512));
}

TEST_F(block, chain_that_loops)
{
	driver__describe(&self->driver, 0, 0, 0x8000, 16, VRING_DESC_F_NEXT, 1);
	driver__describe(&self->driver, 0, 1, 0x9000, 16, VRING_DESC_F_NEXT, 0);
	driver__offer(&self->driver, 0, 0);
	driver__notify(&self->driver, 0);
	EXPECT_TRUE(is_broken(&self->driver));
}

TEST_F(block, descriptor_beyond_the_table)
{
	driver__offer(&self->driver, 0, DRIVER_QUEUE_SIZE);
	driver__notify(&self->driver, 0);
	EXPECT_TRUE(is_broken(&self->driver));
}

TEST_F(block, readable_after_writable)
{
	driver__describe(&self->driver, 0, 0, 0x8000, 16,
			 VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 1);
	driver__describe(&self->driver, 0, 1, 0x9000, 16, 0, 0);
	driver__offer(&self->driver, 0, 0);
	driver__notify(&self->driver, 0);
	EXPECT_TRUE(is_broken(&self->driver));
}

TEST_F(block, indirect_descriptor)
{
	driver__describe(&self->driver, 0, 0, 0x8000, 16,
			 VRING_DESC_F_INDIRECT, 0);
	driver__offer(&self->driver, 0, 0);
	driver__notify(&self->driver, 0);
	EXPECT_TRUE(is_broken(&self->driver));
}

TEST_F(block, more_offered_than_there_are)
{
	driver__set_available_index(&self->driver, 0, DRIVER_QUEUE_SIZE + 1);
	driver__notify(&self->driver, 0);
	EXPECT_TRUE(is_broken(&self->driver));
}

TEST_F(block, request_without_a_status)
{
	driver__describe(&self->driver, 0, 0, 0x8000, 16, 0, 0);
	driver__offer(&self->driver, 0, 0);
	driver__notify(&self->driver, 0);
	EXPECT_TRUE(is_broken(&self->driver));
}

TEST_F(block, ring_outside_of_memory)
{
	driver__stop(&self->driver);
	driver__set_queue(&self->driver, 0, DRIVER_QUEUE_SIZE, MIB - 16);
	EXPECT_EQ(0, driver__read(&self->driver, VIRTIO_MMIO_QUEUE_READY));
}

static u32 set_rings(struct driver *driver, u32 available, u32 used)
{
	driver__stop(driver);
	driver__place_queue(driver, 0, DRIVER_QUEUE_SIZE, DRIVER_RINGS,
			    available, used);
	return driver__read(driver, VIRTIO_MMIO_QUEUE_READY);
}

TEST_F(block, rings_that_overlap)
{
	const u32 available = DRIVER_RINGS + DRIVER_AVAILABLE;
	const u32 available_bytes = 4 + 2 * DRIVER_QUEUE_SIZE;
	const u32 used_bytes = 4 + 8 * DRIVER_QUEUE_SIZE;

	EXPECT_EQ(0, set_rings(&self->driver, available, available));
	EXPECT_EQ(0, set_rings(&self->driver, available,
			       available + available_bytes - 4));
	EXPECT_EQ(0, set_rings(&self->driver, available,
			       available - used_bytes + 4));
	EXPECT_EQ(1, set_rings(&self->driver, available,
			       available + available_bytes));
	EXPECT_EQ(1, set_rings(&self->driver, available,
			       available - used_bytes));
}

static bool is_taken_away(struct _test_data_block *self, u64 address)
{
	return !guest_map__remove(&self->memory.map, address, PAGE_SIZE);
}

static void keep(void *memory, size_t length)
{
	(void)memory;
	(void)length;
}

TEST_F(block, data_that_was_taken_away)
{
	self->memory.map.release = keep;
	ASSERT_TRUE(is_taken_away(self, 0x9000));
	request(self, VIRTIO_BLK_T_IN, 0, 512);
	EXPECT_TRUE(is_broken(&self->driver));
}

TEST_F(block, rings_that_were_taken_away)
{
	self->memory.map.release = keep;
	ASSERT_TRUE(is_taken_away(self, DRIVER_RINGS));
	request(self, VIRTIO_BLK_T_IN, 0, 512);
	EXPECT_TRUE(is_broken(&self->driver));
	/* Back again, it works as ever. */
	ASSERT_EQ(0, guest_map__restore(&self->memory.map, DRIVER_RINGS,
					PAGE_SIZE));
	driver__start(&self->driver, 1);
	EXPECT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_IN, 0, 512));
}

TEST_F(block, no_reference_is_left)
{
	EXPECT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_OUT, 0, 512));
	EXPECT_EQ(VIRTIO_BLK_S_UNSUPP, request(self, 99, 0, 512));
	driver__describe(&self->driver, 0, 0, 0x8000, 16, VRING_DESC_F_NEXT, 1);
	driver__describe(&self->driver, 0, 1, 0x9000, 16, VRING_DESC_F_NEXT, 0);
	driver__offer(&self->driver, 0, 0);
	driver__notify(&self->driver, 0);
	EXPECT_TRUE(is_broken(&self->driver));
	EXPECT_EQ(0, self->memory.map.range[0].word);
}

TEST_F(block, queue_sizes)
{
	static const u32 bad[] = { 0, 3, 512, UINT32_MAX };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		driver__stop(&self->driver);
		driver__set_queue(&self->driver, 0, bad[i], 0x1000);
		EXPECT_EQ(0, driver__read(&self->driver,
					  VIRTIO_MMIO_QUEUE_READY));
	}
}

TEST_F(block, features_that_are_not_offered)
{
	driver__stop(&self->driver);
	driver__write(&self->driver, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver__write(&self->driver, VIRTIO_MMIO_DRIVER_FEATURES, 1 << 20);
	driver__write(&self->driver, VIRTIO_MMIO_STATUS,
		      VIRTIO_CONFIG_S_FEATURES_OK);
	EXPECT_EQ(0, driver__read(&self->driver, VIRTIO_MMIO_STATUS));
}

FIXTURE(console) {
	struct test_port port;
};

FIXTURE_SETUP(console)
{
	test_port__set_up(&self->port, MIB, "agent", "pipe");
}

FIXTURE_TEARDOWN(console)
{
	test_port__tear_down(&self->port);
}

/* Send a control message; buffers for answers have been offered. */
static void tell(struct _test_data_console *self, u16 event, u16 value)
{
	struct virtio_console_control *message =
		(void *)(self->port.memory.base + 0x8000);

	*message = (struct virtio_console_control){ 0, event, value };
	driver__describe(&self->port.driver, 3, 0, 0x8000, sizeof(*message), 0, 0);
	driver__offer(&self->port.driver, 3, 0);
	driver__notify(&self->port.driver, 3);
}

static void offer_answers(struct _test_data_console *self, unsigned int number)
{
	unsigned int i;

	for (i = 0; i < number; i++) {
		driver__describe(&self->port.driver, 2, i, 0x9000 + i * 64, 64,
				 VRING_DESC_F_WRITE, 0);
		driver__offer(&self->port.driver, 2, i);
	}
	driver__notify(&self->port.driver, 2);
}

static struct virtio_console_control *answer(struct _test_data_console *self,
					     unsigned int number)
{
	return (void *)(self->port.memory.base + 0x9000 + number * 64);
}

TEST_F(console, names_its_port)
{
	offer_answers(self, 4);
	tell(self, VIRTIO_CONSOLE_DEVICE_READY, 1);
	ASSERT_EQ(1, driver__used_index(&self->port.driver, 2));
	EXPECT_EQ(VIRTIO_CONSOLE_PORT_ADD, answer(self, 0)->event);
	tell(self, VIRTIO_CONSOLE_PORT_READY, 1);
	ASSERT_EQ(3, driver__used_index(&self->port.driver, 2));
	EXPECT_EQ(VIRTIO_CONSOLE_PORT_NAME, answer(self, 1)->event);
	EXPECT_EQ(0, memcmp("agent", answer(self, 1) + 1, 5));
	EXPECT_EQ(VIRTIO_CONSOLE_PORT_OPEN, answer(self, 2)->event);
}

TEST_F(console, messages_wait_for_buffers)
{
	tell(self, VIRTIO_CONSOLE_DEVICE_READY, 1);
	EXPECT_EQ(0, driver__used_index(&self->port.driver, 2));
	offer_answers(self, 1);
	EXPECT_EQ(1, driver__used_index(&self->port.driver, 2));
}

TEST_F(console, driver_that_never_offers_buffers)
{
	int i;

	for (i = 0; i < 100; i++)
		tell(self, VIRTIO_CONSOLE_DEVICE_READY, 1);
	EXPECT_LE(self->port.console.nr_messages, VIRTIO_CONSOLE_MESSAGES);
	/* What was not taken waits in the queue. */
	EXPECT_LT(driver__used_index(&self->port.driver, 3), 100);
}

TEST_F(console, transmits)
{
	char text[16] = "";

	memcpy(self->port.memory.base + 0xa000, "hello ", 6);
	memcpy(self->port.memory.base + 0xb000, "guest", 5);
	driver__describe(&self->port.driver, 1, 0, 0xa000, 6, VRING_DESC_F_NEXT, 1);
	driver__describe(&self->port.driver, 1, 1, 0xb000, 5, 0, 0);
	driver__offer(&self->port.driver, 1, 0);
	driver__notify(&self->port.driver, 1);
	EXPECT_EQ(11, read(self->port.peer, text, sizeof(text)));
	EXPECT_STREQ("hello guest", text);
	EXPECT_EQ(1, driver__used_index(&self->port.driver, 1));
}

TEST_F(console, receives_once_the_port_is_open)
{
	driver__describe(&self->port.driver, 0, 0, 0xa000, 64, VRING_DESC_F_WRITE, 0);
	driver__offer(&self->port.driver, 0, 0);
	driver__notify(&self->port.driver, 0);
	ASSERT_EQ(4, write(self->port.peer, "ping", 4));
	event_loop__run(&self->port.loop, 50);
	EXPECT_EQ(0, driver__used_index(&self->port.driver, 0));
	tell(self, VIRTIO_CONSOLE_PORT_OPEN, 1);
	event_loop__run(&self->port.loop, 50);
	ASSERT_EQ(1, driver__used_index(&self->port.driver, 0));
	EXPECT_EQ(0, memcmp("ping", self->port.memory.base + 0xa000, 4));
}

TEST_F(console, full_line_keeps_its_buffer)
{
	char buffer[4096] = "", *text = (char *)self->port.memory.base + 0xa000;
	size_t filled = 0;
	ssize_t length;

	while ((length = write(self->port.peer, buffer, sizeof(buffer))) > 0)
		filled += length;
	memcpy(text, "later", 5);
	driver__describe(&self->port.driver, 1, 0, 0xa000, 5, 0, 0);
	driver__offer(&self->port.driver, 1, 0);
	driver__notify(&self->port.driver, 1);
	EXPECT_EQ(0, driver__used_index(&self->port.driver, 1));
	while (filled) {
		length = read(self->port.peer, buffer, sizeof(buffer));
		ASSERT_LT(0, length);
		filled -= length;
	}
	event_loop__run(&self->port.loop, 50);
	EXPECT_EQ(1, driver__used_index(&self->port.driver, 1));
	EXPECT_EQ(5, read(self->port.peer, buffer, sizeof(buffer)));
	EXPECT_EQ(0, memcmp("later", buffer, 5));
}

TEST_HARNESS_MAIN

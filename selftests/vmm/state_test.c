// SPDX-License-Identifier: GPL-2.0
/*
 * The state of devices: a second device gets that of a first one, and goes on as
 * the first would have. What is not sound is refused.
 */
#include <fcntl.h>
#include <linux/serial_reg.h>
#include <stdio.h>
#include <unistd.h>

#include "../harness.h"
#include "../../host/vmm/devices/power.h"
#include "../../host/vmm/devices/rtc.h"
#include "../../host/vmm/devices/serial.h"
#include "../../host/vmm/virtio/virtio_block.h"
#include "../../host/vmm/virtio/virtio_console.h"
#include "driver.h"
#include "fixture.h"

#define SPACE		4096
#define SECTORS		8

FIXTURE(state) {
	u8 bytes[SPACE];
	size_t size;
	struct event_loop loop;
	struct chardev chardev[2];
	struct counted_irq irq[2];
	struct guest_memory memory;
	struct transaction transaction;
	char path[64];
};

FIXTURE_SETUP(state)
{
	unsigned int i;
	int fd;

	memset(self, 0, sizeof(*self));
	test_locks__init();
	test_thread__enter("test");
	strcpy(self->path, "/tmp/vmm-state-XXXXXX");
	fd = mkstemp(self->path);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, SECTORS * 512));
	close(fd);
	ASSERT_EQ(0, event_loop__init(&self->loop));
	for (i = 0; i < 2; i++) {
		counted_irq__init(&self->irq[i]);
		ASSERT_EQ(0, chardev__open(&self->chardev[i], &self->loop,
					   "null"));
	}
	test_memory__alloc(&self->memory, MIB);
	self->transaction.worker = &self->loop.worker;
}

FIXTURE_TEARDOWN(state)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		chardev__close(&self->chardev[i]);
	event_loop__destroy(&self->loop);
	test_memory__free(&self->memory);
	unlink(self->path);
	test_thread__exit();
}

static void save(struct _test_data_state *self, struct device *device)
{
	struct state state = { .data = self->bytes, .size = SPACE };

	device__exchange(device, &state);
	self->size = state.wrong ? 0 : state.offset;
}

/* With the thread that goes on with what was unfinished. */
static void resume(struct _test_data_state *self, struct device *device)
{
	device__resume(device, &self->loop.worker);
	event_loop__run(&self->loop, 20);
}

/* Returns what is wrong, or NULL. */
static const char *load(struct _test_data_state *self, struct device *device)
{
	struct state state = {
		.data = self->bytes, .size = self->size, .loads = true,
	};

	device__exchange(device, &state);
	state__check(&state, state.offset == state.size, "size");
	if (!state.wrong)
		resume(self, device);
	return state.wrong;
}

static u64 in(struct _test_data_state *self, struct device *device, u64 offset)
{
	u64 value;

	device__enter(device, &self->transaction);
	value = device->operations->read(device, &self->transaction, offset, 1);
	device__leave(device, &self->transaction);
	return value;
}

static void out(struct _test_data_state *self, struct device *device,
		u64 offset, u64 value)
{
	device__enter(device, &self->transaction);
	device->operations->write(device, &self->transaction, offset, 1, value);
	device__leave(device, &self->transaction);
}

TEST_F(state, uart)
{
	struct serial serial[2];
	unsigned int i;

	for (i = 0; i < 2; i++)
		serial__init(&serial[i], &self->chardev[i], &self->irq[i].line);
	/* Three bytes wait to be read, and the interrupt is up. */
	out(self, &serial[0].device, UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2);
	for (i = 0; i < 3; i++)
		out(self, &serial[0].device, UART_TX, 'a' + i);
	out(self, &serial[0].device, UART_IER, UART_IER_RDI);
	out(self, &serial[0].device, UART_SCR, 0x5a);
	EXPECT_TRUE(self->irq[0].level);
	save(self, &serial[0].device);
	ASSERT_EQ(NULL, load(self, &serial[1].device));
	EXPECT_TRUE(self->irq[1].level);
	EXPECT_EQ(0x5a, in(self, &serial[1].device, UART_SCR));
	for (i = 0; i < 3; i++)
		EXPECT_EQ('a' + i, in(self, &serial[1].device, UART_RX));
	EXPECT_FALSE(self->irq[1].level);
}

TEST_F(state, uart_that_is_not_sound)
{
	struct serial serial;

	serial__init(&serial, &self->chardev[0], &self->irq[0].line);
	serial.receive.length = SERIAL_FIFO + 1;
	save(self, &serial.device);
	EXPECT_STREQ("FIFO", load(self, &serial.device));
	serial.receive.length = 0;
	serial.transmit.head = SERIAL_FIFO;
	save(self, &serial.device);
	EXPECT_STREQ("FIFO", load(self, &serial.device));
	serial.transmit.head = 0;
	save(self, &serial.device);
	/* The last byte is a flag. */
	self->bytes[self->size - 1] = 2;
	EXPECT_STREQ("flag", load(self, &serial.device));
}

TEST_F(state, each_size_but_the_right_one)
{
	struct serial serial;
	size_t right;

	serial__init(&serial, &self->chardev[0], &self->irq[0].line);
	save(self, &serial.device);
	right = self->size;
	ASSERT_LT(0, right);
	for (self->size = 0; self->size <= right + 1; self->size++) {
		const char *wrong = load(self, &serial.device);

		EXPECT_EQ(self->size == right, !wrong);
	}
}

TEST_F(state, clock)
{
	struct rtc rtc[2];

	rtc__init(&rtc[0]);
	rtc__init(&rtc[1]);
	rtc[0].offset = -86400 * 3650;
	out(self, &rtc[0].device, 0, 9);
	save(self, &rtc[0].device);
	ASSERT_EQ(NULL, load(self, &rtc[1].device));
	/* The year, in BCD, ten years ago. */
	EXPECT_EQ(in(self, &rtc[0].device, 1), in(self, &rtc[1].device, 1));
	rtc__init(&rtc[1]);
	out(self, &rtc[1].device, 0, 9);
	EXPECT_NE(in(self, &rtc[0].device, 1), in(self, &rtc[1].device, 1));
	rtc[0].index = RTC_CELLS;
	save(self, &rtc[0].device);
	EXPECT_STREQ("index", load(self, &rtc[1].device));
}

TEST_F(state, power_timer_goes_on)
{
	struct power power[2];
	u32 before, after;

	power__init(&power[0]);
	power__init(&power[1]);
	power[0].timer_offset = 1U << 31;
	before = in(self, &power[0].device, POWER_TIMER - LAYOUT_POWER);
	save(self, &power[0].device);
	power[1].timer_offset = 12345;
	ASSERT_EQ(NULL, load(self, &power[1].device));
	after = in(self, &power[1].device, POWER_TIMER - LAYOUT_POWER);
	/* Three million are a second. */
	EXPECT_GT(300000000, after - before);
}

static void make_disk(struct _test_data_state *self, struct virtio_block *block,
		      unsigned int number)
{
	if (virtio_block__open(block, self->path, false))
		abort();
	virtio_block__init(block, &self->memory, &self->irq[number].line);
}

TEST_F(state, disk_goes_on_with_its_queue)
{
	static struct virtio_block block[2];
	struct driver driver;
	unsigned int i;

	for (i = 0; i < 2; i++)
		make_disk(self, &block[i], i);
	driver__init(&driver, &block[0].virtio, &self->memory);
	driver__start(&driver, 1);
	driver__describe(&driver, 0, 0, 0x8000, 16, VRING_DESC_F_NEXT, 1);
	driver__describe(&driver, 0, 1, 0x9000, 1, VRING_DESC_F_WRITE, 0);
	self->memory.base[0x8000] = VIRTIO_BLK_T_FLUSH;
	for (i = 0; i < 3; i++) {
		driver__offer(&driver, 0, 0);
		driver__notify(&driver, 0);
	}
	EXPECT_EQ(3, driver__used_index(&driver, 0));
	save(self, &block[0].virtio.device);
	ASSERT_EQ(NULL, load(self, &block[1].virtio.device));
	resume(self, &block[1].virtio.device);
	/* Nobody has acknowledged the interrupt. */
	EXPECT_TRUE(self->irq[1].level);
	driver.virtio = &block[1].virtio;
	driver__offer(&driver, 0, 0);
	driver__notify(&driver, 0);
	/* Neither served again, nor left out. */
	EXPECT_EQ(4, driver__used_index(&driver, 0));
	EXPECT_EQ(1, self->irq[1].edges);
	for (i = 0; i < 2; i++)
		device__put(&block[i].virtio.device);
}

TEST_F(state, disk_of_another_size)
{
	static struct virtio_block block[2];

	make_disk(self, &block[0], 0);
	ASSERT_EQ(0, truncate(self->path, 2 * SECTORS * 512));
	make_disk(self, &block[1], 1);
	save(self, &block[0].virtio.device);
	EXPECT_NE(NULL, load(self, &block[1].virtio.device));
	device__put(&block[0].virtio.device);
	device__put(&block[1].virtio.device);
}

TEST_F(state, queue_that_is_not_sound)
{
	static struct virtio_block block;
	struct virtqueue *queue = &block.virtio.queues[0];
	struct driver driver;

	make_disk(self, &block, 0);
	driver__init(&driver, &block.virtio, &self->memory);
	driver__start(&driver, 1);
	queue->used = MIB - 4;
	save(self, &block.virtio.device);
	EXPECT_STREQ("queue", load(self, &block.virtio.device));
	queue->used = DRIVER_RINGS + DRIVER_USED;
	queue->size = 3;
	save(self, &block.virtio.device);
	EXPECT_STREQ("queue", load(self, &block.virtio.device));
	/* One that is not in use may be anything. */
	queue->ready = false;
	save(self, &block.virtio.device);
	EXPECT_EQ(NULL, load(self, &block.virtio.device));
	device__put(&block.virtio.device);
}

static void make_console(struct _test_data_state *self,
			 struct virtio_console *console, unsigned int number)
{
	if (virtio_console__add_port(console, &self->loop, "agent", "null") ||
	    virtio_console__add_port(console, &self->loop, NULL, "null"))
		abort();
	virtio_console__init(console, &self->memory, &self->irq[number].line);
}

TEST_F(state, console_goes_on_with_its_messages)
{
	static struct virtio_console console[2];
	struct virtio_console_control *message =
		(void *)(self->memory.base + 0x8000);
	struct driver driver;
	unsigned int i;

	for (i = 0; i < 2; i++)
		make_console(self, &console[i], i);
	driver__init(&driver, &console[0].virtio, &self->memory);
	driver__start(&driver, 6);
	message->event = VIRTIO_CONSOLE_DEVICE_READY;
	message->value = 1;
	driver__describe(&driver, 3, 0, 0x8000, sizeof(*message), 0, 0);
	driver__offer(&driver, 3, 0);
	driver__notify(&driver, 3);
	EXPECT_EQ(2, console[0].nr_messages);
	console[0].ports[1].open = true;
	save(self, &console[0].virtio.device);
	ASSERT_EQ(NULL, load(self, &console[1].virtio.device));
	EXPECT_TRUE(console[1].ports[1].open);
	driver.virtio = &console[1].virtio;
	driver__describe(&driver, 2, 0, 0x9000, 64, VRING_DESC_F_WRITE, 0);
	driver__offer(&driver, 2, 0);
	driver__notify(&driver, 2);
	EXPECT_EQ(1, driver__used_index(&driver, 2));
	EXPECT_EQ(1, console[1].nr_messages);
	for (i = 0; i < 2; i++)
		device__put(&console[i].virtio.device);
}

TEST_F(state, messages_that_are_not_sound)
{
	static struct virtio_console console;

	make_console(self, &console, 0);
	console.nr_messages = VIRTIO_CONSOLE_MESSAGES + 1;
	save(self, &console.virtio.device);
	EXPECT_STREQ("messages", load(self, &console.virtio.device));
	console.nr_messages = 1;
	console.messages[0].id = 2;
	save(self, &console.virtio.device);
	EXPECT_STREQ("messages", load(self, &console.virtio.device));
	/* A console has no name to tell. */
	console.messages[0].id = 1;
	console.messages[0].event = VIRTIO_CONSOLE_PORT_NAME;
	save(self, &console.virtio.device);
	EXPECT_STREQ("messages", load(self, &console.virtio.device));
	device__put(&console.virtio.device);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * The outer ends of lines: peers that come, go, send much, read nothing; files that
 * others share.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/serial_reg.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../harness.h"
#include "../../host/vmm/base/nonblocking.h"
#include "../../host/vmm/devices/serial.h"
#include "driver.h"
#include "fixture.h"
#include "virtio_devices.h"

#define INPUT		100
#define LOOP_MS		50

static const char zeros[INPUT];

FIXTURE(line) {
	struct event_loop loop;
	struct chardev chardev;
	struct counted_irq irq;
	struct serial serial;
	struct transaction transaction;
	char path[64];
};

FIXTURE_SETUP(line)
{
	char specification[80];

	memset(self, 0, sizeof(*self));
	test_locks__init();
	test_thread__enter("test");
	signal(SIGPIPE, SIG_IGN);
	snprintf(self->path, sizeof(self->path), "/tmp/vmm-line-%d", getpid());
	snprintf(specification, sizeof(specification), "socket:%s", self->path);
	ASSERT_EQ(0, event_loop__init(&self->loop));
	ASSERT_EQ(0, chardev__open(&self->chardev, &self->loop, specification));
	counted_irq__init(&self->irq);
	serial__init(&self->serial, &self->chardev, &self->irq.line);
	self->serial.device.own_lock_suffices = true;
	self->transaction.worker = &self->loop.worker;
}

FIXTURE_TEARDOWN(line)
{
	chardev__close(&self->chardev);
	event_loop__destroy(&self->loop);
	unlink(self->path);
	test_thread__exit();
}

static void run(struct _test_data_line *self)
{
	event_loop__run(&self->loop, LOOP_MS);
}

/* A peer, who is there once the loop has run. */
static int connect_to(struct _test_data_line *self)
{
	return test_peer__connect(self->path);
}

static u8 in(struct _test_data_line *self, u64 offset)
{
	struct device *device = &self->serial.device;
	u64 value;

	device__enter(device, &self->transaction);
	value = device->operations->read(device, &self->transaction, offset, 1);
	device__leave(device, &self->transaction);
	return value;
}

static void out(struct _test_data_line *self, u8 value)
{
	struct device *device = &self->serial.device;

	device__enter(device, &self->transaction);
	device->operations->write(device, &self->transaction, UART_TX, 1, value);
	device__leave(device, &self->transaction);
}

/* All that the guest gets, as it reads byte by byte while the loop runs. */
static size_t read_all(struct _test_data_line *self, char *text, size_t size)
{
	unsigned int quiet = 0;
	size_t length = 0;

	while (length < size && quiet < 3) {
		if (in(self, UART_LSR) & UART_LSR_DR) {
			text[length++] = in(self, UART_RX);
			quiet = 0;
			continue;
		}
		event_loop__run(&self->loop, 10);
		quiet++;
	}
	return length;
}

TEST_F(line, all_that_was_sent_before_the_hang_up)
{
	char sent[INPUT], got[2 * INPUT];
	int peer = connect_to(self);
	unsigned int i;

	for (i = 0; i < INPUT; i++)
		sent[i] = ' ' + i % 90;
	ASSERT_EQ(INPUT, write(peer, sent, INPUT));
	close(peer);
	/* The guest does not look yet: its FIFO fills up. */
	run(self);
	EXPECT_EQ(INPUT, read_all(self, got, sizeof(got)));
	EXPECT_EQ(0, memcmp(sent, got, INPUT));
}

TEST_F(line, the_next_peer_has_the_line_at_once)
{
	char got[INPUT * 2 + 2], text[4];
	int peer = connect_to(self), next;

	memset(got, 0, sizeof(got));
	ASSERT_EQ(INPUT, write(peer, zeros, INPUT));
	close(peer);
	run(self);
	next = connect_to(self);
	run(self);
	/* Output is his, although nobody has read what the first one sent. */
	out(self, 'x');
	ASSERT_EQ(1, read(next, text, sizeof(text)));
	EXPECT_EQ('x', text[0]);
	/* His input comes after that. */
	ASSERT_EQ(1, write(next, "y", 1));
	EXPECT_EQ(INPUT + 1, read_all(self, got, INPUT + 1));
	EXPECT_EQ(0, got[INPUT - 1]);
	EXPECT_EQ('y', got[INPUT]);
	/* And all works as ever with the one after him. */
	close(next);
	run(self);
	next = connect_to(self);
	ASSERT_EQ(1, write(next, "z", 1));
	EXPECT_EQ(1, read_all(self, got, 2));
	EXPECT_EQ('z', got[0]);
	close(next);
}

TEST_F(line, a_peer_that_only_listens_any_more)
{
	int peer = connect_to(self);
	char text[4];

	ASSERT_EQ(1, write(peer, "a", 1));
	ASSERT_EQ(0, shutdown(peer, SHUT_WR));
	EXPECT_EQ(1, read_all(self, text, 2));
	run(self);
	out(self, 'b');
	EXPECT_EQ(1, read(peer, text, sizeof(text)));
	EXPECT_EQ('b', text[0]);
	close(peer);
}

TEST_F(line, a_full_line_and_a_hang_up)
{
	int peer = connect_to(self);
	unsigned int i;
	char text[4];

	run(self);
	for (i = 0; i < 10 * MIB && (in(self, UART_LSR) & UART_LSR_THRE); i++)
		out(self, 'x');
	EXPECT_FALSE(in(self, UART_LSR) & UART_LSR_THRE);
	close(peer);
	run(self);
	/* What is written now is lost; the guest does not wait for it. */
	EXPECT_TRUE(in(self, UART_LSR) & UART_LSR_THRE);
	peer = connect_to(self);
	run(self);
	out(self, 'y');
	EXPECT_EQ(1, read(peer, text, sizeof(text)));
	close(peer);
}

/* How often a device has been told that its line is ready. */
static unsigned int told;
static void (*device_ready)(struct chardev *chardev, unsigned int events);

static void count_ready(struct chardev *chardev, unsigned int events)
{
	told++;
	device_ready(chardev, events);
}

static void count_what_is_told(struct chardev *chardev)
{
	told = 0;
	device_ready = chardev->ready;
	chardev->ready = count_ready;
}

TEST_F(line, no_work_while_nothing_happens)
{
	int peer = connect_to(self);

	run(self);
	count_what_is_told(&self->chardev);
	ASSERT_EQ(INPUT, write(peer, zeros, INPUT));
	run(self);
	close(peer);
	event_loop__run(&self->loop, 300);
	/* Once for a full FIFO; the loop does not go round and round. */
	EXPECT_EQ(1, told);
}

TEST(standard_files_stay_as_they_are_for_others)
{
	int ends[2], before = dup(STDOUT_FILENO), fd, flags;
	char buffer[4096] = "";

	ASSERT_EQ(0, pipe(ends));
	ASSERT_EQ(STDOUT_FILENO, dup2(ends[1], STDOUT_FILENO));
	fd = nonblocking__of(STDOUT_FILENO);
	flags = fcntl(STDOUT_FILENO, F_GETFL);
	dup2(before, STDOUT_FILENO);
	ASSERT_LE(0, fd);
	EXPECT_FALSE(flags & O_NONBLOCK);
	EXPECT_FALSE(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
	while (write(fd, buffer, sizeof(buffer)) > 0)
		;
	EXPECT_EQ(EAGAIN, errno);
	close(fd);
}

/* A socket cannot be opened once more. */
TEST(standard_files_that_are_sockets)
{
	int ends[2], before = dup(STDIN_FILENO), fd, during, after;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	ASSERT_EQ(STDIN_FILENO, dup2(ends[0], STDIN_FILENO));
	fd = nonblocking__of(STDIN_FILENO);
	during = fcntl(STDIN_FILENO, F_GETFL);
	nonblocking__restore();
	after = fcntl(STDIN_FILENO, F_GETFL);
	dup2(before, STDIN_FILENO);
	ASSERT_LE(0, fd);
	EXPECT_TRUE(during & O_NONBLOCK);
	EXPECT_FALSE(after & O_NONBLOCK);
}

/* The position in it is that of the shell and of other programs, too. */
TEST(standard_files_that_are_regular)
{
	int before = dup(STDOUT_FILENO), fd, file;
	char text[8] = "";

	file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	ASSERT_LE(0, file);
	ASSERT_EQ(4, write(file, "one ", 4));
	ASSERT_EQ(STDOUT_FILENO, dup2(file, STDOUT_FILENO));
	fd = nonblocking__of(STDOUT_FILENO);
	dup2(before, STDOUT_FILENO);
	ASSERT_LE(0, fd);
	ASSERT_EQ(3, write(fd, "two", 3));
	ASSERT_EQ(7, pread(file, text, sizeof(text), 0));
	EXPECT_STREQ("one two", text);
}

TEST(input_from_a_regular_file)
{
	struct transaction transaction = { 0 };
	int before = dup(STDIN_FILENO), file;
	struct event_loop loop;
	struct chardev chardev;
	struct counted_irq irq;
	struct serial serial;

	test_locks__init();
	test_thread__enter("test");
	file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	ASSERT_LE(0, file);
	ASSERT_EQ(3, pwrite(file, "abc", 3, 0));
	ASSERT_EQ(STDIN_FILENO, dup2(file, STDIN_FILENO));
	ASSERT_EQ(0, event_loop__init(&loop));
	ASSERT_EQ(0, chardev__open(&chardev, &loop, "stdio"));
	dup2(before, STDIN_FILENO);
	counted_irq__init(&irq);
	serial__init(&serial, &chardev, &irq.line);
	event_loop__run(&loop, LOOP_MS);
	EXPECT_EQ('a', serial.device.operations->read(&serial.device,
						      &transaction, UART_RX, 1));
	EXPECT_EQ('b', serial.device.operations->read(&serial.device,
						      &transaction, UART_RX, 1));
	chardev__close(&chardev);
	event_loop__destroy(&loop);
	test_thread__exit();
}

FIXTURE(port) {
	struct test_port port;
};

FIXTURE_SETUP(port)
{
	test_port__set_up(&self->port, MIB, NULL, "pipe");
	self->port.console.ports[0].open = true;
}

FIXTURE_TEARDOWN(port)
{
	driver__end(&self->port.driver, 0);
	test_port__tear_down(&self->port);
}

/* Something has arrived, and the guest's buffer is such that nothing fits. */
static void offer_input(struct _test_data_port *self)
{
	driver__offer(&self->port.driver, 0, 0);
	driver__notify(&self->port.driver, 0);
	if (write(self->port.peer, "ping", 4) != 4)
		abort();
}

TEST_F(port, a_buffer_without_room)
{
	count_what_is_told(&self->port.console.ports[0].chardev);
	driver__describe(&self->port.driver, 0, 0, 0xa000, 64, 0, 0);
	offer_input(self);
	event_loop__run(&self->port.loop, 300);
	/* The loop does not go round and round. */
	EXPECT_EQ(1, told);
	EXPECT_TRUE(driver__read(&self->port.driver, VIRTIO_MMIO_STATUS) &
		    VIRTIO_CONFIG_S_NEEDS_RESET);
}

TEST_F(port, a_buffer_whose_first_piece_is_empty)
{
	driver__describe(&self->port.driver, 0, 0, 0xa000, 0,
			 VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	driver__describe(&self->port.driver, 0, 1, 0xb000, 64, VRING_DESC_F_WRITE, 0);
	offer_input(self);
	event_loop__run(&self->port.loop, LOOP_MS);
	ASSERT_EQ(1, driver__used_index(&self->port.driver, 0));
	EXPECT_EQ(0, memcmp("ping", self->port.memory.base + 0xb000, 4));
}

TEST_HARNESS_MAIN

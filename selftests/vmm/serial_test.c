// SPDX-License-Identifier: GPL-2.0
/*
 * The UART, at the end of a pipe.
 */
#include <fcntl.h>
#include <linux/serial_reg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../harness.h"
#include "../../host/vmm/devices/bus.h"
#include "../../host/vmm/devices/serial.h"
#include "fixture.h"

FIXTURE(serial) {
	struct event_loop loop;
	struct chardev chardev;
	struct counted_irq irq;
	struct serial serial;
	struct bus bus;
	struct transaction transaction;
	int peer;
	char path[64];
};

FIXTURE_SETUP(serial)
{
	char line[80];

	test_locks__init();
	test_thread__enter("test");
	strcpy(self->path, "/tmp/vmm-serial-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->path));
	strcat(self->path, "/fifo");
	ASSERT_EQ(0, mkfifo(self->path, 0600));
	snprintf(line, sizeof(line), "pipe:%s", self->path);
	ASSERT_EQ(0, event_loop__init(&self->loop));
	ASSERT_EQ(0, chardev__open(&self->chardev, &self->loop, line));
	self->peer = open(self->path, O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, self->peer);
	counted_irq__init(&self->irq);
	serial__init(&self->serial, &self->chardev, &self->irq.line);
	ASSERT_EQ(0, bus__init(&self->bus, "ports"));
	self->serial.device.own_lock_suffices = true;
	ASSERT_EQ(0, bus__add(&self->bus, &self->serial.device, 0x3f8,
			      SERIAL_PORTS));
	self->transaction = (struct transaction){
		.worker = &self->loop.worker,
	};
}

FIXTURE_TEARDOWN(serial)
{
	bus__destroy(&self->bus);
	chardev__close(&self->chardev);
	event_loop__destroy(&self->loop);
	test_thread__exit();
	close(self->peer);
	unlink(self->path);
	*strrchr(self->path, '/') = '\0';
	rmdir(self->path);
}

static void out(struct _test_data_serial *self, unsigned int reg, u8 value)
{
	bus__write(&self->bus, &self->transaction, 0x3f8 + reg, &value, 1);
}

static u8 in(struct _test_data_serial *self, unsigned int reg)
{
	u8 value;

	bus__read(&self->bus, &self->transaction, 0x3f8 + reg, &value, 1);
	return value;
}

/* Let the event loop do what there is to do. */
static void settle(struct _test_data_serial *self)
{
	event_loop__run(&self->loop, 50);
}

/*
 * What is written to a FIFO is read back by the same process, unless its loop
 * takes it first: without input being wanted, it does not.
 */
static void ignore_input(struct _test_data_serial *self)
{
	chardev__want_input(&self->chardev, false);
}

TEST_F(serial, sends)
{
	char text[8] = "";

	ignore_input(self);
	out(self, UART_TX, 'h');
	out(self, UART_TX, 'i');
	EXPECT_EQ(2, read(self->peer, text, sizeof(text)));
	EXPECT_STREQ("hi", text);
	EXPECT_EQ(UART_LSR_THRE | UART_LSR_TEMT, in(self, UART_LSR));
}

TEST_F(serial, receives_with_an_interrupt)
{
	out(self, UART_IER, UART_IER_RDI);
	ASSERT_EQ(2, write(self->peer, "ok", 2));
	settle(self);
	EXPECT_TRUE(self->irq.level);
	EXPECT_EQ(UART_IIR_RDI, in(self, UART_IIR) & 0xf);
	EXPECT_EQ('o', in(self, UART_RX));
	EXPECT_TRUE(in(self, UART_LSR) & UART_LSR_DR);
	EXPECT_EQ('k', in(self, UART_RX));
	EXPECT_FALSE(in(self, UART_LSR) & UART_LSR_DR);
	EXPECT_FALSE(self->irq.level);
	EXPECT_EQ(1, self->irq.edges);
}

TEST_F(serial, more_than_the_fifo_holds_arrives_in_order)
{
	int i;

	ASSERT_EQ(36, write(self->peer, "0123456789abcdefghijklmnopqrstuvwxyz",
			    36));
	for (i = 0; i < 36; i++) {
		settle(self);
		EXPECT_EQ("0123456789abcdefghijklmnopqrstuvwxyz"[i],
			  in(self, UART_RX));
	}
}

TEST_F(serial, transmitter_interrupt_is_told_once)
{
	ignore_input(self);
	out(self, UART_IER, UART_IER_THRI);
	EXPECT_TRUE(self->irq.level);
	EXPECT_EQ(UART_IIR_THRI, in(self, UART_IIR) & 0xf);
	EXPECT_FALSE(self->irq.level);
	EXPECT_EQ(UART_IIR_NO_INT, in(self, UART_IIR) & 0xf);
	out(self, UART_TX, 'x');
	EXPECT_TRUE(self->irq.level);
}

TEST_F(serial, a_full_line_is_seen_and_nothing_is_lost)
{
	char buffer[4096] = "";
	size_t filled = 0;
	ssize_t length;

	ignore_input(self);
	while ((length = write(self->peer, buffer, sizeof(buffer))) > 0)
		filled += length;
	out(self, UART_TX, 'z');
	EXPECT_FALSE(in(self, UART_LSR) & UART_LSR_THRE);
	while (filled) {
		length = read(self->peer, buffer, sizeof(buffer));
		ASSERT_LT(0, length);
		filled -= length;
	}
	/* Only now, or the loop would have taken what fills the line. */
	settle(self);
	EXPECT_TRUE(in(self, UART_LSR) & UART_LSR_THRE);
}

TEST_F(serial, loops_back)
{
	out(self, UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
	EXPECT_EQ(UART_MSR_DCD | UART_MSR_CTS, in(self, UART_MSR));
	out(self, UART_TX, 0x5a);
	EXPECT_EQ(0x5a, in(self, UART_RX));
}

TEST_F(serial, divisor)
{
	out(self, UART_LCR, UART_LCR_DLAB);
	out(self, UART_DLL, 0x34);
	out(self, UART_DLM, 0x12);
	EXPECT_EQ(0x34, in(self, UART_DLL));
	EXPECT_EQ(0x12, in(self, UART_DLM));
	out(self, UART_LCR, 3);
	EXPECT_EQ(0, in(self, UART_IER));
	EXPECT_EQ(0x1234, self->serial.divisor);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * A 16550 UART, after National Semiconductor's data sheet PC16550D. There are
 * no line errors, no modem and no baud rate: a byte is sent at once, unless
 * the outer end of the line is full.
 *
 * Everything is under the device's own lock.
 */
#include <linux/serial_reg.h>
#include <sys/uio.h>

#include "serial.h"

/* A modem that is always there. */
#define MODEM_STATUS	(UART_MSR_CTS | UART_MSR_DSR | UART_MSR_DCD)

static bool fifo_put(struct serial_fifo *fifo, u8 byte)
{
	if (fifo->length == SERIAL_FIFO)
		return false;
	fifo->bytes[(fifo->head + fifo->length++) % SERIAL_FIFO] = byte;
	return true;
}

static u8 fifo_get(struct serial_fifo *fifo)
{
	u8 byte = fifo->bytes[fifo->head];

	if (!fifo->length)
		return 0;
	fifo->head = (fifo->head + 1) % SERIAL_FIFO;
	fifo->length--;
	return byte;
}

static bool input_enabled(const struct serial *serial)
{
	return serial->receive.length &&
		(serial->interrupt_enable & UART_IER_RDI);
}

static bool output_enabled(const struct serial *serial)
{
	return serial->transmit_interrupt &&
		(serial->interrupt_enable & UART_IER_THRI);
}

static void update_interrupt(struct serial *serial)
{
	irq__set(serial->irq, input_enabled(serial) || output_enabled(serial));
}

static bool loops_back(const struct serial *serial)
{
	return serial->modem_control & UART_MCR_LOOP;
}

/* The line has space again, or a byte has just been given to it. */
static void transmit(struct serial *serial)
{
	struct serial_fifo *fifo = &serial->transmit;

	while (fifo->length) {
		u8 byte = fifo->bytes[fifo->head];

		if (!chardev__write(serial->chardev, &byte, 1))
			return;
		fifo_get(fifo);
	}
	serial->transmit_interrupt = true;
}

static void receive(struct serial *serial)
{
	struct serial_fifo *fifo = &serial->receive;
	u8 bytes[SERIAL_FIFO];
	const struct iovec piece = { bytes, SERIAL_FIFO - fifo->length };
	size_t i, length = chardev__read(serial->chardev, &piece, 1);

	for (i = 0; i < length; i++)
		fifo_put(fifo, bytes[i]);
}

static void want_input(struct serial *serial)
{
	if (serial->receive.length < SERIAL_FIFO)
		chardev__want_input(serial->chardev, true);
}

static void line_ready(struct serial *serial, unsigned int events)
{
	device__lock(&serial->device);
	if (events & EVENT_OUTPUT)
		transmit(serial);
	if ((events & EVENT_INPUT) && serial->receive.length < SERIAL_FIFO)
		receive(serial);
	want_input(serial);
	update_interrupt(serial);
	device__unlock(&serial->device, &serial->chardev->loop->worker);
}

static void write_data(struct serial *serial, u8 byte)
{
	serial->transmit_interrupt = false;
	if (loops_back(serial)) {
		if (!fifo_put(&serial->receive, byte))
			serial->line_status_errors |= UART_LSR_OE;
		serial->transmit_interrupt = true;
		return;
	}
	/* A guest that does not look whether there is space loses bytes. */
	fifo_put(&serial->transmit, byte);
	transmit(serial);
}

static u8 read_data(struct serial *serial)
{
	u8 byte = fifo_get(&serial->receive);

	want_input(serial);
	return byte;
}

static u8 read_identification(struct serial *serial)
{
	u8 fifo = serial->fifo_control & UART_FCR_ENABLE_FIFO ? 0xc0 : 0;

	if (input_enabled(serial))
		return fifo | UART_IIR_RDI;
	if (output_enabled(serial)) {
		/* Having told it once is enough. */
		serial->transmit_interrupt = false;
		return fifo | UART_IIR_THRI;
	}
	return fifo | UART_IIR_NO_INT;
}

static u8 read_line_status(struct serial *serial)
{
	u8 status = serial->line_status_errors;

	serial->line_status_errors = 0;
	if (serial->receive.length)
		status |= UART_LSR_DR;
	if (!serial->transmit.length)
		status |= UART_LSR_THRE | UART_LSR_TEMT;
	return status;
}

/* The loop connects outputs to inputs: OUT2 -> DCD, OUT1 -> RI, and so on. */
static u8 read_modem_status(const struct serial *serial)
{
	u8 control = serial->modem_control, status = 0;

	if (!loops_back(serial))
		return MODEM_STATUS;
	if (control & UART_MCR_RTS)
		status |= UART_MSR_CTS;
	if (control & UART_MCR_DTR)
		status |= UART_MSR_DSR;
	if (control & UART_MCR_OUT1)
		status |= UART_MSR_RI;
	if (control & UART_MCR_OUT2)
		status |= UART_MSR_DCD;
	return status;
}

static void write_fifo_control(struct serial *serial, u8 value)
{
	serial->fifo_control = value & UART_FCR_ENABLE_FIFO;
	if (value & UART_FCR_CLEAR_RCVR)
		serial->receive.length = 0;
	if (value & UART_FCR_CLEAR_XMIT)
		serial->transmit.length = 0;
	want_input(serial);
}

static void write_interrupt_enable(struct serial *serial, u8 value)
{
	bool before = serial->interrupt_enable & UART_IER_THRI;

	serial->interrupt_enable = value & 0xf;
	/* Enabling it while the transmitter is empty tells so. */
	if (!before && (value & UART_IER_THRI) && !serial->transmit.length)
		serial->transmit_interrupt = true;
}

/* While this bit is set, the first two registers are the divisor. */
static bool divisor_shown(const struct serial *serial, u64 offset)
{
	return offset <= UART_DLM && (serial->line_control & UART_LCR_DLAB);
}

static u8 read_register(struct serial *serial, u64 offset)
{
	if (divisor_shown(serial, offset))
		return serial->divisor >> (8 * offset);
	switch (offset) {
	case UART_RX:
		return read_data(serial);
	case UART_IER:
		return serial->interrupt_enable;
	case UART_IIR:
		return read_identification(serial);
	case UART_LCR:
		return serial->line_control;
	case UART_MCR:
		return serial->modem_control;
	case UART_LSR:
		return read_line_status(serial);
	case UART_MSR:
		return read_modem_status(serial);
	default:
		return serial->scratch;
	}
}

static void write_divisor(struct serial *serial, u64 offset, u8 value)
{
	unsigned int shift = 8 * offset;

	serial->divisor = (serial->divisor & ~(0xff << shift)) | value << shift;
}

static void write_register(struct serial *serial, u64 offset, u8 value)
{
	if (divisor_shown(serial, offset)) {
		write_divisor(serial, offset, value);
		return;
	}
	switch (offset) {
	case UART_TX:
		write_data(serial, value);
		break;
	case UART_IER:
		write_interrupt_enable(serial, value);
		break;
	case UART_FCR:
		write_fifo_control(serial, value);
		break;
	case UART_LCR:
		serial->line_control = value;
		break;
	case UART_MCR:
		serial->modem_control = value & 0x1f;
		break;
	case UART_SCR:
		serial->scratch = value;
		break;
	}
}

static u64 serial_read(struct device *device, struct transaction *transaction,
		       u64 offset, unsigned int size)
{
	struct serial *serial = container_of(device, struct serial, device);
	u8 value;

	(void)transaction;
	(void)size;	/* wider accesses get the one byte */
	value = read_register(serial, offset);
	update_interrupt(serial);
	return value;
}

static void serial_write(struct device *device, struct transaction *transaction,
			 u64 offset, unsigned int size, u64 value)
{
	struct serial *serial = container_of(device, struct serial, device);

	(void)transaction;
	(void)size;
	write_register(serial, offset, value);
	update_interrupt(serial);
}

static void exchange_fifo(struct serial_fifo *fifo, struct state *state)
{
	state__value(state, &fifo->bytes);
	state__value(state, &fifo->head);
	state__value(state, &fifo->length);
	state__check(state, fifo->head < SERIAL_FIFO &&
		     fifo->length <= SERIAL_FIFO, "FIFO");
}

static void serial_exchange(struct device *device, struct state *state)
{
	struct serial *serial = container_of(device, struct serial, device);

	exchange_fifo(&serial->receive, state);
	exchange_fifo(&serial->transmit, state);
	state__value(state, &serial->divisor);
	state__value(state, &serial->interrupt_enable);
	state__value(state, &serial->fifo_control);
	state__value(state, &serial->line_control);
	state__value(state, &serial->line_status_errors);
	state__value(state, &serial->modem_control);
	state__value(state, &serial->scratch);
	state__flag(state, &serial->transmit_interrupt);
}

/* The line may be another one, and have space. */
static void serial_resume(struct device *device)
{
	struct serial *serial = container_of(device, struct serial, device);

	if (serial->transmit.length)
		transmit(serial);
	want_input(serial);
	update_interrupt(serial);
}

static const struct device_operations serial_operations = {
	.read = serial_read,
	.write = serial_write,
	.exchange = serial_exchange,
	.resume = serial_resume,
};

/* The line calls this in the event loop's thread. */
static void ready(struct chardev *chardev, unsigned int events)
{
	line_ready(chardev->user, events);
}

/**
 * serial__init() - make a UART that is idle
 * @serial: to be set up
 * @chardev: the outer end of its line
 * @irq: its interrupt line
 */
void serial__init(struct serial *serial, struct chardev *chardev,
		  struct irq_line *irq)
{
	*serial = (struct serial){
		.chardev = chardev,
		.irq = irq,
		.divisor = 12,	/* 9600 baud */
	};
	device__init(&serial->device, "serial", &serial_operations);
	chardev->user = serial;
	chardev->ready = ready;
	chardev__want_input(chardev, true);
}

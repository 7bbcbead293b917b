/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A 16550 UART.
 */
#ifndef PVMM_SERIAL_H
#define PVMM_SERIAL_H

#include "chardev.h"
#include "device.h"
#include "irq.h"

#define SERIAL_PORTS	8
#define SERIAL_FIFO	16

/* Bytes on their way; head is where the next one is taken. */
struct serial_fifo {
	u8 bytes[SERIAL_FIFO];
	unsigned int head;
	unsigned int length;
};

struct serial {
	struct device device;
	struct chardev *chardev;
	struct irq_line *irq;
	struct serial_fifo receive;
	struct serial_fifo transmit;	/* not empty: the line is full */
	u16 divisor;
	u8 interrupt_enable;
	u8 fifo_control;
	u8 line_control;
	u8 line_status_errors;
	u8 modem_control;
	u8 scratch;
	bool transmit_interrupt;	/* transmitter empty, not yet told */
};

void serial__init(struct serial *serial, struct chardev *chardev,
		  struct irq_line *irq);

#endif /* PVMM_SERIAL_H */

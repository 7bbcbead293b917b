/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a virtio console device consists of: its ports, and the messages that control
 * them. For its own files.
 */
#ifndef PVMM_VIRTIO_CONSOLE_PORT_H
#define PVMM_VIRTIO_CONSOLE_PORT_H

#include "virtio_console.h"

#define CONTROL_RECEIVE_QUEUE	2
#define CONTROL_TRANSMIT_QUEUE	3

void console_port__want_input(struct virtio_console_port *port);
enum virtio_fate console_port__transmit(struct virtio_console_port *port,
					struct virtio_turn *turn);
enum virtio_fate console_port__receive(struct virtio_console_port *port,
				       struct virtio_turn *turn);
unsigned int console_port__receive_queue(unsigned int number);

void console_control__notify(struct virtio_console *console);
enum virtio_fate console_control__take(struct virtio_console *console,
				       struct virtio_turn *turn);
enum virtio_fate console_control__tell(struct virtio_console *console,
				       struct virtio_turn *turn);
void console_control__exchange(struct virtio_console *console,
			       struct state *state);

#endif /* PVMM_VIRTIO_CONSOLE_PORT_H */

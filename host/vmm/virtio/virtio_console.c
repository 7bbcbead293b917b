// SPDX-License-Identifier: GPL-2.0
/*
 * A virtio console device with several ports (virtio 1.2, section 5.3). Each port
 * has a queue for each direction; two more are for control messages. This file
 * decides which queue is whose.
 *
 * Everything is under the device's own lock.
 */
#include <linux/virtio_ids.h>

#include "virtio_console_port.h"

static struct virtio_console *to_console(struct virtio_device *virtio)
{
	return container_of(virtio, struct virtio_console, virtio);
}

static bool is_control(unsigned int queue)
{
	return queue == CONTROL_RECEIVE_QUEUE ||
		queue == CONTROL_TRANSMIT_QUEUE;
}

/* The port that a queue other than those of control belongs to. */
static struct virtio_console_port *port_of(struct virtio_console *console,
					   unsigned int queue)
{
	return &console->ports[queue < 2 ? 0 : queue / 2 - 1];
}

static bool receives(unsigned int queue)
{
	return !(queue % 2);
}

static enum virtio_fate serve(struct virtio_device *virtio, unsigned int queue,
			      struct virtio_turn *turn)
{
	struct virtio_console *console = to_console(virtio);

	if (queue == CONTROL_RECEIVE_QUEUE)
		return console_control__tell(console, turn);
	if (queue == CONTROL_TRANSMIT_QUEUE)
		return console_control__take(console, turn);
	if (receives(queue))
		return console_port__receive(port_of(console, queue), turn);
	return console_port__transmit(port_of(console, queue), turn);
}

/* Input is not looked for here: the line tells of it. */
static void notify(struct virtio_device *virtio, unsigned int queue)
{
	struct virtio_console *console = to_console(virtio);

	if (is_control(queue))
		console_control__notify(console);
	else if (receives(queue))
		console_port__want_input(port_of(console, queue));
	else
		virtio__serve(virtio, queue);
}

/* The line calls this in the event loop's thread. */
static void line_ready(struct chardev *chardev, unsigned int events)
{
	struct virtio_console_port *port = chardev->user;
	struct virtio_device *virtio = &port->console->virtio;
	unsigned int queue = console_port__receive_queue(port->number);

	device__lock(&virtio->device);
	if (virtio__is_driven(virtio)) {
		if (events & EVENT_INPUT)
			virtio__serve(virtio, queue);
		if (events & EVENT_OUTPUT)
			virtio__serve(virtio, queue + 1);
		console_port__want_input(port);
	}
	device__unlock(&virtio->device, &chardev->loop->worker);
}

static void reset(struct virtio_device *virtio)
{
	struct virtio_console *console = to_console(virtio);
	unsigned int i;

	console->nr_messages = 0;
	for (i = 0; i < console->nr_ports; i++) {
		console->ports[i].open = false;
		console->ports[i].sent = 0;
		console_port__want_input(&console->ports[i]);
	}
}

static void release(struct virtio_device *virtio)
{
	struct virtio_console *console = to_console(virtio);
	unsigned int i;

	for (i = 0; i < console->nr_ports; i++)
		chardev__close(&console->ports[i].chardev);
}

static void exchange(struct virtio_device *virtio, struct state *state)
{
	struct virtio_console *console = to_console(virtio);
	unsigned int i;

	console_control__exchange(console, state);
	for (i = 0; i < console->nr_ports; i++) {
		state__flag(state, &console->ports[i].open);
		state__value(state, &console->ports[i].sent);
	}
}

static const struct virtio_operations console_operations = {
	.serve = serve,
	.notify = notify,
	.reset = reset,
	.exchange = exchange,
};

/**
 * virtio_console__add_port() - give the device one port more
 * @console: all zero at first, before virtio_console__init()
 * @loop: waits for the outer end
 * @name: of the port; NULL: a console
 * @line: of its outer end
 *
 * Return: 0, or a negative errno after a message.
 */
int virtio_console__add_port(struct virtio_console *console,
			     struct event_loop *loop, const char *name,
			     const char *line)
{
	struct virtio_console_port *port = &console->ports[console->nr_ports];
	int error = chardev__open(&port->chardev, loop, line);

	if (error)
		return error;
	port->console = console;
	port->number = console->nr_ports++;
	port->name = name;
	port->chardev.user = port;
	port->chardev.ready = line_ready;
	return 0;
}

/**
 * virtio_console__init() - make the device
 * @console: with its ports; closes their lines in the end
 * @memory: of its guest
 * @irq: its interrupt line
 */
void virtio_console__init(struct virtio_console *console,
			  struct guest_memory *memory,
			  struct irq_line *irq)
{
	const struct virtio_definition definition = {
		.name = "virtio-console",
		.type = VIRTIO_ID_CONSOLE,
		.features = BIT(VIRTIO_CONSOLE_F_MULTIPORT),
		.queues = 2 * (console->nr_ports + 1),
		.config = &console->config,
		.config_size = sizeof(console->config),
		.operations = &console_operations,
		.release = release,
	};

	console->config.max_nr_ports = console->nr_ports;
	virtio__init(&console->virtio, &definition, memory, irq);
}

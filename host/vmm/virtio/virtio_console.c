// SPDX-License-Identifier: GPL-2.0
/*
 * A virtio console device with several ports (virtio 1.2, section 5.3). Each
 * port has a queue for each direction; two more are for control messages:
 *
 *	driver			device
 *	DEVICE_READY	->
 *			<-	PORT_ADD for each port
 *	PORT_READY	->
 *			<-	PORT_NAME or CONSOLE_PORT, PORT_OPEN
 *	PORT_OPEN	->		a program has opened the port
 *
 * Input is taken from the outer end of a port only once a program listens and
 * there is a buffer for it, so nothing is lost. Output that does not fit into
 * the line stays in its buffer until the line has space.
 *
 * Everything is under the device's own lock.
 */
#include <linux/virtio_ids.h>
#include <string.h>

#include "../base/error.h"
#include "virtio_console.h"

#define QUEUE_CONTROL_RECEIVE	2
#define QUEUE_CONTROL_TRANSMIT	3

/* What one message of the driver can lead to: a message for each port, or 2. */
#define ANSWERS_MAX		VIRTIO_CONSOLE_PORTS

/* Port 0 has queues 0 and 1; those of control come before port 1's. */
static unsigned int receive_queue(unsigned int port)
{
	return port ? 2 * port + 2 : 0;
}

static unsigned int transmit_queue(unsigned int port)
{
	return receive_queue(port) + 1;
}

static struct virtio_console *to_console(struct virtio_device *virtio)
{
	return container_of(virtio, struct virtio_console, virtio);
}

static void add_message(struct virtio_console *console, u32 port, u16 event,
			u16 value)
{
	console->messages[console->nr_messages++] =
		(struct virtio_console_control){ port, event, value };
}

/* The name of a port follows its message. */
static size_t put_message(struct virtio_console *console,
			  const struct virtio_console_control *message)
{
	const char *name = console->ports[message->id].name;
	size_t length = virtqueue_chain__write(&console->chain, 0, message,
					       sizeof(*message));

	if (message->event == VIRTIO_CONSOLE_PORT_NAME)
		length += virtqueue_chain__write(&console->chain, length, name,
						 strlen(name));
	return length;
}

static void send_messages(struct virtio_console *console)
{
	struct virtio_device *virtio = &console->virtio;
	struct virtqueue *queue = &virtio->queues[QUEUE_CONTROL_RECEIVE];
	unsigned int i = 0;

	while (i < console->nr_messages &&
	       virtqueue__pop(queue, &console->chain))
		virtqueue__push(queue, &console->chain,
				put_message(console, &console->messages[i++]));
	if (!i)
		return;
	console->nr_messages -= i;
	memmove(console->messages, console->messages + i,
		console->nr_messages * sizeof(console->messages[0]));
	virtio__returned(virtio, QUEUE_CONTROL_RECEIVE);
}

static void want_input(struct virtio_console_port *port)
{
	struct virtqueue *queue =
		&port->console->virtio.queues[receive_queue(port->number)];

	chardev__want(&port->chardev, EVENT_INPUT,
		      port->open && virtqueue__has_available(queue));
}

static void port_ready(struct virtio_console *console, u32 number)
{
	bool is_console = !console->ports[number].name;

	add_message(console, number, is_console ? VIRTIO_CONSOLE_CONSOLE_PORT :
		    VIRTIO_CONSOLE_PORT_NAME, 1);
	add_message(console, number, VIRTIO_CONSOLE_PORT_OPEN, 1);
}

static void device_ready(struct virtio_console *console)
{
	unsigned int i;

	for (i = 0; i < console->nr_ports; i++)
		add_message(console, i, VIRTIO_CONSOLE_PORT_ADD, 1);
}

static void handle_message(struct virtio_console *console,
			   const struct virtio_console_control *message)
{
	if (message->event == VIRTIO_CONSOLE_DEVICE_READY && message->value)
		device_ready(console);
	if (message->id >= console->nr_ports)
		return;
	if (message->event == VIRTIO_CONSOLE_PORT_READY && message->value)
		port_ready(console, message->id);
	if (message->event == VIRTIO_CONSOLE_PORT_OPEN) {
		console->ports[message->id].open = message->value;
		want_input(&console->ports[message->id]);
	}
}

/* As long as there is space for what the driver's messages lead to. */
static void receive_messages(struct virtio_console *console)
{
	struct virtio_device *virtio = &console->virtio;
	struct virtqueue *queue = &virtio->queues[QUEUE_CONTROL_TRANSMIT];
	struct virtio_console_control message;
	bool returned = false;

	while (console->nr_messages + ANSWERS_MAX <= VIRTIO_CONSOLE_MESSAGES &&
	       virtqueue__pop(queue, &console->chain)) {
		size_t length = virtqueue_chain__read(&console->chain, 0,
						      &message, sizeof(message));

		virtqueue__push(queue, &console->chain, 0);
		returned = true;
		if (length == sizeof(message))
			handle_message(console, &message);
	}
	if (returned)
		virtio__returned(virtio, QUEUE_CONTROL_TRANSMIT);
	send_messages(console);
}

/* From a buffer to the line; returns whether all of it has been written. */
static bool write_buffer(struct virtio_console_port *port)
{
	struct virtqueue_chain *chain = &port->console->chain;
	u64 offset = port->sent;
	unsigned int i;

	for (i = 0; i < chain->readable; i++) {
		const struct iovec *piece = &chain->pieces[i];
		size_t left, done;

		if (offset >= piece->iov_len) {
			offset -= piece->iov_len;
			continue;
		}
		left = piece->iov_len - offset;
		done = chardev__write(&port->chardev,
				      (u8 *)piece->iov_base + offset, left);
		port->sent += done;
		if (done < left)
			return false;
		offset = 0;
	}
	port->sent = 0;
	return true;
}

static void transmit(struct virtio_console_port *port)
{
	struct virtio_device *virtio = &port->console->virtio;
	unsigned int number = transmit_queue(port->number);
	struct virtqueue *queue = &virtio->queues[number];
	struct virtqueue_chain *chain = &port->console->chain;
	bool returned = false;

	while (virtqueue__pop(queue, chain)) {
		if (!write_buffer(port)) {
			virtqueue__unpop(queue, chain);
			chardev__want(&port->chardev, EVENT_OUTPUT, true);
			break;
		}
		virtqueue__push(queue, chain, 0);
		returned = true;
	}
	if (returned)
		virtio__returned(virtio, number);
}

/* From the line to a buffer; returns whether there was anything. */
static bool read_buffer(struct virtio_console_port *port,
			struct virtqueue *queue)
{
	struct virtqueue_chain *chain = &port->console->chain;
	struct iovec *piece = virtqueue_chain__writable(chain);
	size_t length = 0;

	if (chain->writable)
		length = chardev__read(&port->chardev, piece->iov_base,
				       piece->iov_len);
	if (!length) {
		virtqueue__unpop(queue, chain);
		return false;
	}
	virtqueue__push(queue, chain, length);
	return true;
}

static void receive(struct virtio_console_port *port)
{
	struct virtio_device *virtio = &port->console->virtio;
	unsigned int number = receive_queue(port->number);
	struct virtqueue *queue = &virtio->queues[number];
	bool returned = false;

	while (port->open && virtqueue__pop(queue, &port->console->chain) &&
	       read_buffer(port, queue))
		returned = true;
	if (returned)
		virtio__returned(virtio, number);
}

/* The line calls this in the event loop's thread. */
static void line_ready(struct chardev *chardev, unsigned int events)
{
	struct virtio_console_port *port = chardev->user;
	struct virtio_device *virtio = &port->console->virtio;

	ranked_mutex_lock(&virtio->device.lock);
	if (events & EVENT_INPUT)
		receive(port);
	if (events & EVENT_OUTPUT)
		transmit(port);
	want_input(port);
	virtio__check(virtio);
	ranked_mutex_unlock(&virtio->device.lock);
}

static void notify(struct virtio_device *virtio, unsigned int queue)
{
	struct virtio_console *console = to_console(virtio);
	unsigned int port = queue < 2 ? 0 : queue / 2 - 1;

	if (queue == QUEUE_CONTROL_RECEIVE || queue == QUEUE_CONTROL_TRANSMIT)
		receive_messages(console);
	else if (port < console->nr_ports && queue == receive_queue(port))
		want_input(&console->ports[port]);
	else if (port < console->nr_ports)
		transmit(&console->ports[port]);
}

static void reset(struct virtio_device *virtio)
{
	struct virtio_console *console = to_console(virtio);
	unsigned int i;

	console->nr_messages = 0;
	for (i = 0; i < console->nr_ports; i++) {
		console->ports[i].open = false;
		console->ports[i].sent = 0;
		want_input(&console->ports[i]);
	}
}

static void release(struct virtio_device *virtio)
{
	struct virtio_console *console = to_console(virtio);
	unsigned int i;

	for (i = 0; i < console->nr_ports; i++)
		chardev__close(&console->ports[i].chardev);
}

static bool messages_are_sound(const struct virtio_console *console)
{
	unsigned int i;

	if (console->nr_messages > VIRTIO_CONSOLE_MESSAGES)
		return false;
	for (i = 0; i < console->nr_messages; i++) {
		const struct virtio_console_control *message =
			&console->messages[i];

		if (message->id >= console->nr_ports ||
		    (message->event == VIRTIO_CONSOLE_PORT_NAME &&
		     !console->ports[message->id].name))
			return false;
	}
	return true;
}

static void exchange(struct virtio_device *virtio, struct state *state)
{
	struct virtio_console *console = to_console(virtio);
	unsigned int i;

	state__value(state, &console->nr_messages);
	state__value(state, &console->messages);
	for (i = 0; i < console->nr_ports; i++) {
		state__flag(state, &console->ports[i].open);
		state__value(state, &console->ports[i].sent);
	}
	state__check(state, messages_are_sound(console), "messages");
}

/* Nothing says what the lines want: they are others. */
static void resume(struct virtio_device *virtio)
{
	struct virtio_console *console = to_console(virtio);
	unsigned int i;

	for (i = 0; i < console->nr_ports; i++) {
		want_input(&console->ports[i]);
		transmit(&console->ports[i]);
	}
	virtio__check(virtio);
}

static const struct virtio_operations console_operations = {
	.notify = notify,
	.reset = reset,
	.exchange = exchange,
	.resume = resume,
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

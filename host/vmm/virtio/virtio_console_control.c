// SPDX-License-Identifier: GPL-2.0
/*
 * The control messages of a virtio console device, in two queues of their own:
 *
 *	driver			device
 *	DEVICE_READY	->
 *			<-	PORT_ADD for each port
 *	PORT_READY	->
 *			<-	PORT_NAME or CONSOLE_PORT, PORT_OPEN
 *	PORT_OPEN	->		a program has opened the port
 *
 * What is to be told waits for buffers. The driver is listened to only while there
 * is space for whatever its message may lead to.
 */
#include <string.h>

#include "virtio_console_port.h"

/* What one message of the driver can lead to: a message for each port, or 2. */
#define ANSWERS_MAX	VIRTIO_CONSOLE_PORTS

static void add_message(struct virtio_console *console, u32 port, u16 event,
			u16 value)
{
	console->messages[console->nr_messages++] =
		(struct virtio_console_control){ port, event, value };
}

static bool has_space_for_answers(const struct virtio_console *console)
{
	return console->nr_messages + ANSWERS_MAX <= VIRTIO_CONSOLE_MESSAGES;
}

/* The name of a port follows its message. */
static size_t put_message(struct virtio_console *console,
			  const struct virtqueue_chain *chain,
			  const struct virtio_console_control *message)
{
	const char *name = console->ports[message->id].name;
	size_t length = virtqueue_chain__write(chain, 0, message,
					       sizeof(*message));

	if (message->event == VIRTIO_CONSOLE_PORT_NAME)
		length += virtqueue_chain__write(chain, length, name,
						 strlen(name));
	return length;
}

/**
 * console_control__tell() - serve a buffer for a message to the driver
 * @console: which device
 * @turn: the buffer
 *
 * Context: Under the lock of the device.
 * Return: VIRTIO_KEEP if there is nothing to be told.
 */
enum virtio_fate console_control__tell(struct virtio_console *console,
				       struct virtio_turn *turn)
{
	if (!console->nr_messages)
		return VIRTIO_KEEP;
	turn->written = put_message(console, turn->chain, console->messages);
	console->nr_messages--;
	memmove(console->messages, console->messages + 1,
		console->nr_messages * sizeof(console->messages[0]));
	return VIRTIO_RETURN;
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
		console_port__want_input(&console->ports[message->id]);
	}
}

/**
 * console_control__take() - serve a buffer with a message of the driver
 * @console: which device
 * @turn: the buffer
 *
 * Context: Under the lock of the device.
 * Return: VIRTIO_KEEP while there is no space for answers.
 */
enum virtio_fate console_control__take(struct virtio_console *console,
				       struct virtio_turn *turn)
{
	struct virtio_console_control message;

	if (!has_space_for_answers(console))
		return VIRTIO_KEEP;
	if (virtqueue_chain__read(turn->chain, 0, &message, sizeof(message)) ==
	    sizeof(message))
		handle_message(console, &message);
	return VIRTIO_RETURN;
}

/**
 * console_control__notify() - serve both queues
 * @console: whose driver has offered buffers in one of them
 *
 * Context: Under the lock of the device.
 */
void console_control__notify(struct virtio_console *console)
{
	struct virtio_device *virtio = &console->virtio;

	virtio__serve(virtio, CONTROL_TRANSMIT_QUEUE);
	virtio__serve(virtio, CONTROL_RECEIVE_QUEUE);
	/* Messages that had to wait for this may go on. */
	if (has_space_for_answers(console) &&
	    virtqueue__has_available(&virtio->queues[CONTROL_TRANSMIT_QUEUE]))
		virtio__serve_later(virtio, CONTROL_TRANSMIT_QUEUE);
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

/**
 * console_control__exchange() - save the messages that wait, or load them
 * @console: which device
 * @state: on its way
 */
void console_control__exchange(struct virtio_console *console,
			       struct state *state)
{
	state__value(state, &console->nr_messages);
	state__value(state, &console->messages);
	state__check(state, messages_are_sound(console), "messages");
}

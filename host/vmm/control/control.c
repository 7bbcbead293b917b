// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket.
 *
 * What peers send is without end. So a turn is one line of one peer, and what is left
 * is posted to the event loop: other events come in between, the end of the loop among
 * them. A peer who does not take its reply gets no other, and nobody waits for it.
 *
 * It is opened before the process is restricted. From then on, it needs no system call
 * that lines (../devices/chardev.c) do not need, and no path: the socket stays where it
 * is when the process ends, and the next one replaces it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/error.h"
#include "../base/unix_socket.h"
#include "control.h"
#include "control_command.h"

static void listen_again(struct control *control)
{
	if (!control->listens && control->listener.fd >= 0)
		control->listens = !event_loop__arm(control->loop,
						    &control->listener, EVENT_INPUT);
}

static void hang_up(struct control_peer *peer)
{
	event_loop__arm(peer->control->loop, &peer->source, 0);
	close(peer->source.fd);
	peer->source.fd = -1;
	listen_again(peer->control);
}

static bool has_line(const struct control_peer *peer)
{
	return memchr(peer->line, '\n', peer->length);
}

/* The next thing to wait for. */
static void go_on(struct control_peer *peer)
{
	struct event_loop *loop = peer->control->loop;
	int error = 0;

	if (peer->reply_length)
		error = event_loop__arm(loop, &peer->source, EVENT_OUTPUT);
	else if (peer->ends)
		error = -EPIPE;
	else if (has_line(peer))
		loop->worker.post(&loop->worker, &peer->again);
	else
		error = event_loop__arm(loop, &peer->source, EVENT_INPUT);
	if (error)
		hang_up(peer);
}

static void send_reply(struct control_peer *peer)
{
	ssize_t written = write(peer->source.fd, peer->reply + peer->sent,
				peer->reply_length - peer->sent);

	if (written < 0 && errno != EAGAIN && errno != EINTR) {
		peer->reply_length = 0;
		peer->ends = true;
		return;
	}
	peer->sent += written < 0 ? 0 : written;
	if (peer->sent == peer->reply_length)
		peer->reply_length = 0;
}

/* A reply is one line, whatever has been written. */
static void finish_reply(struct control_peer *peer, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (peer->reply[i] == '\n')
			peer->reply[i] = ' ';
	peer->reply[length] = '\n';
	peer->reply_length = length + 1;
	peer->sent = 0;
}

static FILE *begin_reply(struct control_peer *peer)
{
	/* One byte is for the end of the line. */
	return fmemopen(peer->reply, peer->control->reply_size - 1, "w");
}

static void refuse(struct control_peer *peer, const char *what, const char *why,
		   const char *remedy)
{
	FILE *reply = begin_reply(peer);
	long length = 0;

	if (reply) {
		control_command__refuse(reply, what, why, remedy);
		fflush(reply);
		length = ftell(reply);
		fclose(reply);
	}
	finish_reply(peer, length);
}

static void serve_command(struct control_peer *peer, const char *name)
{
	struct control *control = peer->control;
	FILE *reply = begin_reply(peer);
	long length = -1;

	if (reply) {
		control->serve(control->user, name, reply);
		if (!fflush(reply) && !ferror(reply))
			length = ftell(reply);
		fclose(reply);
	}
	if (length < 0)
		refuse(peer, name, "the reply does not fit", "report this as a bug");
	else
		finish_reply(peer, length);
}

/* One turn. */
static void serve_line(struct control_peer *peer)
{
	size_t length = (char *)memchr(peer->line, '\n', peer->length) - peer->line;
	char name[CONTROL_NAME_SIZE];
	const struct control_fault *fault =
		control_command__parse(peer->line, length, name);

	if (fault)
		refuse(peer, "command", fault->why, fault->remedy);
	else
		serve_command(peer, name);
	peer->length -= length + 1;
	memmove(peer->line, peer->line + length + 1, peer->length);
	send_reply(peer);
}

static void serve_again(void *owner, struct queued_action *action)
{
	struct control_peer *peer = container_of(action, struct control_peer,
						 again);
	struct event_loop *loop = owner;

	if (loop->worker.ended(&loop->worker))
		return;
	serve_line(peer);
	go_on(peer);
}

static void take_input(struct control_peer *peer)
{
	ssize_t length = read(peer->source.fd, peer->line + peer->length,
			      CONTROL_LINE - peer->length);

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0) {
		peer->ends = true;
		return;
	}
	peer->length += length;
	if (has_line(peer)) {
		serve_line(peer);
	} else if (peer->length == CONTROL_LINE) {
		refuse(peer, "command", "the line is longer than 255 characters",
		       "send one command in each line");
		peer->ends = true;
		send_reply(peer);
	}
}

static void peer_ready(struct event_source *source, unsigned int events)
{
	struct control_peer *peer = container_of(source, struct control_peer,
						 source);

	(void)events;
	if (peer->reply_length)
		send_reply(peer);
	else
		take_input(peer);
	go_on(peer);
}

static struct control_peer *find_free(struct control *control)
{
	unsigned int i;

	for (i = 0; i < CONTROL_PEERS; i++)
		if (control->peer[i].source.fd < 0)
			return &control->peer[i];
	return NULL;
}

static void somebody_comes(struct event_source *source, unsigned int events)
{
	struct control *control = container_of(source, struct control, listener);
	struct control_peer *peer = find_free(control);
	int fd = peer ? accept4(source->fd, NULL, NULL,
				SOCK_NONBLOCK | SOCK_CLOEXEC) : -1;

	(void)events;
	control->listens = false;
	if (fd >= 0) {
		peer->source.fd = fd;
		peer->length = 0;
		peer->reply_length = 0;
		peer->ends = false;
		go_on(peer);
	}
	/* If all are taken, who comes next waits for one of them to leave. */
	if (find_free(control))
		listen_again(control);
}

static int make_peers(struct control *control)
{
	unsigned int i;

	for (i = 0; i < CONTROL_PEERS; i++) {
		struct control_peer *peer = &control->peer[i];

		peer->control = control;
		peer->source = (struct event_source){
			.fd = -1, .ready = peer_ready,
		};
		peer->again.run = serve_again;
		peer->reply = malloc(control->reply_size);
		if (!peer->reply)
			return -ENOMEM;
	}
	return 0;
}

/* Only for its user: whoever may write to it may end the guest. */
static int listen_on(struct control *control, const char *path)
{
	mode_t mask = umask(0177);
	int fd = unix_socket__listen(path, CONTROL_PEERS);

	umask(mask);
	if (fd < 0)
		return fd;
	control->listener.fd = fd;
	listen_again(control);
	return control->listens ? 0 : -ENOMEM;
}

/**
 * control__open() - listen for commands
 * @control: to be set up, with @user and @serve set, and all else zero
 * @loop: waits for it
 * @path: of the socket
 * @reply_size: the longest reply, with its newline
 *
 * Context: Before the process is restricted.
 * Return: 0, or a negative errno after a message; control__close() in any case.
 */
int control__open(struct control *control, struct event_loop *loop,
		  const char *path, size_t reply_size)
{
	int error;

	control->loop = loop;
	control->reply_size = reply_size;
	control->listener = (struct event_source){
		.fd = -1, .ready = somebody_comes,
	};
	error = make_peers(control) ?: listen_on(control, path);
	return error ? vmm_error(-error, "check the path and its permissions",
				 "--control %s", path) : 0;
}

/**
 * control__close() - hang up on all peers
 * @control: of control__open(), or all zero; its loop does not run any more
 */
void control__close(struct control *control)
{
	unsigned int i;

	for (i = 0; i < CONTROL_PEERS && control->loop; i++) {
		struct control_peer *peer = &control->peer[i];

		if (peer->source.fd > 0)
			close(peer->source.fd);
		free(peer->reply);
	}
	if (control->listener.fd > 0)
		close(control->listener.fd);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket: what peers send, and what they get for it. The commands are of
 * this test; those of a machine need KVM.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../harness.h"
#include "../../../host/vmm/confine/confine.h"
#include "../../../host/vmm/confine/seccomp.h"
#include "../../../host/vmm/control/control.h"
#include "../fixture.h"

#define LOOP_MS		30
#define REPLY_SIZE	65536
/* More than a socket takes of replies that nobody reads. */
#define LONG_REPLY	60000
#define MANY		8

FIXTURE(control) {
	struct event_loop loop;
	struct control control;
	char path[64];
	unsigned int served;
};

/* "long" and "stop" do what they say; all else is named in the reply, in two lines. */
static void serve(void *user, const char *command, FILE *reply)
{
	struct _test_data_control *self = user;

	self->served++;
	if (!strcmp(command, "stop"))
		event_loop__stop(&self->loop);
	if (!strcmp(command, "endless"))
		fprintf(reply, "%*s", 2 * REPLY_SIZE, "");
	else if (!strcmp(command, "long"))
		fprintf(reply, "%*u", LONG_REPLY, self->served);
	else
		fprintf(reply, "{\"did\":\n\"%s\"}", command);
}

FIXTURE_SETUP(control)
{
	memset(self, 0, sizeof(*self));
	test_locks__init();
	test_thread__enter("test");
	signal(SIGPIPE, SIG_IGN);
	snprintf(self->path, sizeof(self->path), "/tmp/vmm-control-%d", getpid());
	self->control.user = self;
	self->control.serve = serve;
	ASSERT_EQ(0, event_loop__init(&self->loop));
	ASSERT_EQ(0, control__open(&self->control, &self->loop, self->path,
				   REPLY_SIZE));
}

FIXTURE_TEARDOWN(control)
{
	control__close(&self->control);
	event_loop__destroy(&self->loop);
	unlink(self->path);
	test_thread__exit();
}

static void run(struct _test_data_control *self)
{
	event_loop__run(&self->loop, LOOP_MS);
}

static int connect_to(struct _test_data_control *self)
{
	return test_peer__connect(self->path);
}

static void say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
}

/* Whatever has come; the empty string if nothing has. */
static const char *hear(int fd)
{
	static char text[REPLY_SIZE];
	ssize_t length = read(fd, text, sizeof(text) - 1);

	text[length < 0 ? 0 : length] = '\0';
	return text;
}

static const char *ask(struct _test_data_control *self, int fd, const char *line)
{
	say(fd, line);
	run(self);
	return hear(fd);
}

TEST_F(control, a_command_gets_one_line)
{
	int fd = connect_to(self);

	EXPECT_STREQ("{\"did\": \"status\"}\n",
		     ask(self, fd, "{\"command\": \"status\"}\n"));
	EXPECT_STREQ("{\"did\": \"status\"}\n",
		     ask(self, fd, " {\t\"command\":\"status\" } \r\n"));
	/* In pieces. */
	EXPECT_STREQ("", ask(self, fd, "{\"command\": \"sta"));
	EXPECT_STREQ("{\"did\": \"status\"}\n", ask(self, fd, "tus\"}\n"));
	close(fd);
}

TEST_F(control, what_is_no_command_is_refused)
{
	static const struct {
		const char *line;
		const char *why;
	} bad[] = {
		{ "\n", "not an object" },
		{ "status\n", "not an object" },
		{ "[]\n", "not an object" },
		{ "{}\n", "not an object" },
		{ "{\"command\"}\n", "not an object" },
		{ "{\"command\": 1}\n", "not an object" },
		{ "{\"command\": \"\"}\n", "not an object" },
		{ "{\"command\": \"status}\n", "not an object" },
		{ "{\"command\": \"a\\\"b\"}\n", "not an object" },
		{ "{\"command\": \"STATUS\"}\n", "not an object" },
		{ "{\"command\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}\n",
		  "not an object" },
		{ "{\"action\": \"status\"}\n", "a key other than" },
		{ "{\"command\": \"status\"\n", "something follows" },
		{ "{\"command\": \"status\", \"more\": \"x\"}\n",
		  "something follows" },
		{ "{\"command\": \"status\"} {}\n", "something follows" },
		{ "\xff\xfe{}\n", "not an object" },
	};
	int fd = connect_to(self);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *reply = ask(self, fd, bad[i].line);

		EXPECT_NE(NULL, strstr(reply, "{\"ok\": false, \"what\": \"command\","));
		EXPECT_NE(NULL, strstr(reply, bad[i].why));
		EXPECT_NE(NULL, strstr(reply, "\"remedy\": \"send one line"));
	}
	EXPECT_EQ(0, self->served);
	/* And it goes on with the next line. */
	EXPECT_STREQ("{\"did\": \"status\"}\n",
		     ask(self, fd, "{\"command\": \"status\"}\n"));
	close(fd);
}

TEST_F(control, a_line_without_end_is_refused)
{
	char line[CONTROL_LINE + 1];
	int fd = connect_to(self);
	char byte;

	memset(line, ' ', CONTROL_LINE);
	line[CONTROL_LINE] = '\0';
	EXPECT_NE(NULL, strstr(ask(self, fd, line), "longer than 255"));
	EXPECT_EQ(0, read(fd, &byte, 1));
	close(fd);
}

TEST_F(control, a_reply_that_does_not_fit_is_told)
{
	int fd = connect_to(self);

	EXPECT_NE(NULL, strstr(ask(self, fd, "{\"command\": \"endless\"}\n"),
			       "\"why\": \"the reply does not fit\""));
	close(fd);
}

/* The loop ends after the turn in which it is stopped. */
TEST_F(control, a_turn_is_one_line)
{
	int fd = connect_to(self);
	unsigned int i;

	say(fd, "{\"command\":\"stop\"}\n");
	for (i = 1; i < MANY; i++)
		say(fd, "{\"command\":\"more\"}\n");
	run(self);
	EXPECT_EQ(1, self->served);
	self->loop.stopped = false;
	run(self);
	/* What was posted before the stop is served now. */
	EXPECT_EQ(MANY, self->served);
	close(fd);
}

TEST_F(control, lines_before_a_hangup_are_served)
{
	int fd = connect_to(self);

	say(fd, "{\"command\":\"one\"}\n{\"command\":\"two\"}\n");
	shutdown(fd, SHUT_WR);
	run(self);
	EXPECT_STREQ("{\"did\": \"one\"}\n{\"did\": \"two\"}\n", hear(fd));
	EXPECT_EQ(2, self->served);
	close(fd);
	run(self);
	EXPECT_EQ(-1, self->control.peer[0].source.fd);
}

TEST_F(control, who_does_not_read_holds_up_nobody)
{
	int deaf = connect_to(self), other = connect_to(self);
	size_t length = 0, got;
	unsigned int i;

	for (i = 0; i < MANY; i++)
		say(deaf, "{\"command\":\"long\"}\n");
	run(self);
	EXPECT_GT(MANY, self->served);
	EXPECT_STREQ("{\"did\": \"status\"}\n",
		     ask(self, other, "{\"command\": \"status\"}\n"));
	/* All of it comes, in order, as soon as it is read. */
	for (i = 0; i < 10 * MANY && length < MANY * (LONG_REPLY + 1); i++) {
		while ((got = strlen(hear(deaf))))
			length += got;
		run(self);
	}
	EXPECT_EQ(MANY * (LONG_REPLY + 1), length);
	EXPECT_EQ(MANY + 1, self->served);
	close(deaf);
	close(other);
}

TEST_F(control, one_too_many_waits_for_a_place)
{
	int fd[CONTROL_PEERS + 1];
	unsigned int i;

	for (i = 0; i <= CONTROL_PEERS; i++) {
		fd[i] = connect_to(self);
		run(self);
	}
	EXPECT_STREQ("", ask(self, fd[CONTROL_PEERS],
			     "{\"command\": \"status\"}\n"));
	EXPECT_STREQ("{\"did\": \"status\"}\n",
		     ask(self, fd[1], "{\"command\": \"status\"}\n"));
	close(fd[2]);
	run(self);
	EXPECT_STREQ("{\"did\": \"status\"}\n", hear(fd[CONTROL_PEERS]));
	for (i = 0; i <= CONTROL_PEERS; i++)
		close(fd[i]);
}

TEST_F(control, only_its_user_may_connect)
{
	struct stat status;

	ASSERT_EQ(0, stat(self->path, &status));
	EXPECT_EQ(0600, status.st_mode & 0777);
}

/*
 * With the filter of the main thread, and without files. Sanitizers make system calls
 * of their own.
 */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(control, needs_no_more_than_a_restricted_process_has)
{
	int status, fd = connect_to(self);
	pid_t child = fork();

	if (!child) {
		if (confine__to_open_files() || seccomp__compile(false) ||
		    seccomp__restrict(THREAD_MAIN))
			_exit(2);
		event_loop__run(&self->loop, 5000);
		_exit(self->served == 2 ? 0 : 1);
	}
	say(fd, "{\"command\": \"long\"}\n{\"command\": \"stop\"}\n");
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_LT(LONG_REPLY, (int)strlen(hear(fd)));
	close(fd);
}
#endif

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Commands to a pvmm that runs the tiny guest, restricted as always; both programs are
 * in the directory of this one. Skipped without KVM.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../harness.h"
#include "../end/programs.h"
#include "../end/tiny_guest.h"

#define NAP_US		10000
#define NAPS		1500
#define REPLY_SIZE	65536
#define MANY		200

FIXTURE(commands) {
	char directory[PATH_MAX];	/* of the programs */
	char work[40];
	pid_t pid;
	int peer;
	char reply[REPLY_SIZE];
};

FIXTURE_SETUP(commands)
{
	memset(self, 0, sizeof(*self));
	self->peer = -1;
	if (access("/dev/kvm", R_OK | W_OK))
		SKIP(return, "/dev/kvm: %s", strerror(errno));
	ASSERT_TRUE(programs__find(self->directory, sizeof(self->directory)));
	strcpy(self->work, "/tmp/vmm-commands-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->work));
}

static const char *path_of(struct _test_data_commands *self, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", self->work, name);
	return path;
}

FIXTURE_TEARDOWN(commands)
{
	if (self->peer >= 0)
		close(self->peer);
	if (self->pid > 0) {
		kill(self->pid, SIGKILL);
		waitpid(self->pid, NULL, 0);
	}
	unlink(path_of(self, "control"));
	unlink(path_of(self, "snapshot"));
	rmdir(self->work);
}

/* Two vCPUs, of which the guest starts one; the other waits in the kernel. */
static void run_pvmm(struct _test_data_commands *self, const char *option,
		     const char *value)
{
	static const char does[] = { TINY_GUEST_SPINS, '\0' };
	char program[PATH_MAX + 16], guest[PATH_MAX + 16];

	snprintf(program, sizeof(program), "%s/pvmm", self->directory);
	snprintf(guest, sizeof(guest), "%s/tiny_guest", self->directory);
	if (chdir(self->work))
		_exit(126);
	execl(program, program, "--kernel", guest, "--append", does, "--cpus", "2",
	      "--mem", "32", "--console", "null", "--timeout", "60", "--control",
	      "control", option, value, NULL);
	_exit(127);
}

static int connect_to(struct _test_data_commands *self)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, self->work);
	strcat(address.sun_path, "/control");
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	close(fd);
	return -1;
}

/* Returns whether it listens. */
static bool start(struct _test_data_commands *self, const char *option,
		  const char *value)
{
	unsigned int naps;

	self->pid = fork();
	if (!self->pid)
		run_pvmm(self, option, value);
	for (naps = 0; naps < NAPS && self->peer < 0; naps++) {
		self->peer = connect_to(self);
		usleep(NAP_US);
	}
	return self->peer >= 0;
}

/* The line that comes for a command; the empty string if pvmm hangs up. */
static const char *ask(struct _test_data_commands *self, const char *command)
{
	char line[64];
	int size = snprintf(line, sizeof(line), "{\"command\": \"%s\"}\n", command);
	size_t length = 0;
	ssize_t got = write(self->peer, line, size);

	while (got > 0 && length < REPLY_SIZE - 1 &&
	       !memchr(self->reply, '\n', length)) {
		got = read(self->peer, self->reply + length,
			   REPLY_SIZE - 1 - length);
		length += got > 0 ? got : 0;
	}
	self->reply[length] = '\0';
	return self->reply;
}

static int ends(struct _test_data_commands *self)
{
	unsigned int naps;
	int status;

	for (naps = 0; naps < NAPS; naps++) {
		if (waitpid(self->pid, &status, WNOHANG) == self->pid) {
			self->pid = 0;
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		}
		usleep(NAP_US);
	}
	return -1;
}

/* What comes behind a key the first time, as a number. */
static unsigned long long number_of(const char *reply, const char *key)
{
	const char *position = strstr(reply, key);

	return position ? strtoull(position + strlen(key), NULL, 10) : 0;
}

TEST_F(commands, status_and_quit)
{
	ASSERT_TRUE(start(self, "--name", "tested"));
	EXPECT_NE(NULL, strstr(ask(self, "status"),
			       "{\"ok\": true, \"state\": \"runs\", \"vcpus\": 2, "));
	EXPECT_NE(NULL, strstr(self->reply, "\"memory_mib\": 32, "));
	EXPECT_NE(NULL, strstr(self->reply, "\"snapshots\": false"));
	EXPECT_STREQ("{\"ok\": true, \"state\": \"quit\"}\n", ask(self, "quit"));
	EXPECT_EQ(3, ends(self));
}

TEST_F(commands, statistics_while_it_runs)
{
	unsigned long long before, after;
	unsigned int i;

	ASSERT_TRUE(start(self, "--name", "tested"));
	/* The guest reads a register of the UART in a loop. */
	before = number_of(ask(self, "statistics"), "\"exits\": {\"io\": ");
	EXPECT_NE(NULL, strstr(self->reply, "{\"ok\": true, \"statistics\": {"));
	EXPECT_NE(NULL, strstr(self->reply, "\"name\": \"serial\""));
	for (i = 0; i < MANY; i++)
		ask(self, "statistics");
	usleep(100000);
	after = number_of(ask(self, "statistics"), "\"exits\": {\"io\": ");
	EXPECT_LT(before, after);
	ask(self, "quit");
	EXPECT_EQ(3, ends(self));
}

TEST_F(commands, a_snapshot_has_to_have_a_file)
{
	ASSERT_TRUE(start(self, "--name", "tested"));
	EXPECT_NE(NULL, strstr(ask(self, "snapshot"),
			       "\"remedy\": \"start pvmm with --snapshot-to FILE\""));
	EXPECT_NE(NULL, strstr(ask(self, "status"), "\"runs\""));
}

TEST_F(commands, a_snapshot_is_written)
{
	struct stat status;

	ASSERT_TRUE(start(self, "--snapshot-to", "snapshot"));
	EXPECT_STREQ("{\"ok\": true, \"state\": \"runs\"}\n",
		     ask(self, "snapshot"));
	ASSERT_EQ(0, stat(path_of(self, "snapshot"), &status));
	EXPECT_LT(4096, status.st_size);
	ask(self, "quit");
	EXPECT_EQ(3, ends(self));
}

TEST_F(commands, what_is_no_command_is_named)
{
	ASSERT_TRUE(start(self, "--name", "tested"));
	EXPECT_NE(NULL, strstr(ask(self, "explode"),
			       "\"what\": \"explode\", \"why\": \"there is no such command\""));
	EXPECT_NE(NULL, strstr(ask(self, "status"), "\"runs\""));
}

TEST_HARNESS_MAIN

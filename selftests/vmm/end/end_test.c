// SPDX-License-Identifier: GPL-2.0
/*
 * pvmm ends within a second of being told to, whatever its guest does. Each test
 * runs the program with the tiny guest; both are in the directory of this
 * program. Skipped without KVM.
 *
 * Time is counted in naps, so that a machine that stands still for a while does
 * not make a test fail.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/virtio_blk.h>

#include "../../harness.h"
#include "programs.h"
#include "tiny_guest.h"

#define NAP_MS		10
/* A second, and some more for a machine on which others run as well. */
#define NAPS_TO_END	(1500 / NAP_MS)
#define NAPS_TO_START	(10000 / NAP_MS)
#define TIMEOUT_S	2
#define SECTOR		512
#define SECTORS		65536
#define ARGUMENTS_MAX	32

FIXTURE(end) {
	char directory[PATH_MAX];	/* of the programs */
	char work[32];
	int output;			/* what pvmm prints, and nobody reads */
	int errors;			/* its messages */
	pid_t pid;
	int status;
	char messages[4096];
};

FIXTURE_SETUP(end)
{
	memset(self, 0, sizeof(*self));
	if (access("/dev/kvm", R_OK | W_OK))
		SKIP(return, "/dev/kvm: %s", strerror(errno));
	ASSERT_TRUE(programs__find(self->directory, sizeof(self->directory)));
	strcpy(self->work, "/tmp/vmm-end-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->work));
}

static void remove_file(struct _test_data_end *self, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", self->work, name);
	unlink(path);
}

FIXTURE_TEARDOWN(end)
{
	if (self->pid > 0) {
		kill(self->pid, SIGKILL);
		waitpid(self->pid, NULL, 0);
	}
	remove_file(self, "disk");
	remove_file(self, "stats");
	remove_file(self, "snapshot");
	remove_file(self, "fifo");
	rmdir(self->work);
}

/* In the child: output and messages go to pipes, the guest does as @letter. */
static void run_pvmm(struct _test_data_end *self, char letter, int output,
		     int errors, const char *options)
{
	char program[PATH_MAX + 16], guest[PATH_MAX + 16], text[1024];
	char append[2] = { letter, '\0' };
	char *arguments[ARGUMENTS_MAX] = {
		program, "--kernel", guest, "--append", append,
	};
	unsigned int number = 5;
	char *word, *position = NULL;

	snprintf(program, sizeof(program), "%s/pvmm", self->directory);
	snprintf(guest, sizeof(guest), "%s/tiny_guest", self->directory);
	snprintf(text, sizeof(text), "%s", options);
	for (word = strtok_r(text, " ", &position);
	     word && number < ARGUMENTS_MAX - 1;
	     word = strtok_r(NULL, " ", &position))
		arguments[number++] = word;
	dup2(output, STDOUT_FILENO);
	dup2(errors, STDERR_FILENO);
	if (chdir(self->work))
		_exit(126);
	execv(program, arguments);
	_exit(127);
}

static void start(struct _test_data_end *self, char letter, const char *options)
{
	int output[2], errors[2];

	if (pipe(output) || pipe(errors))
		abort();
	self->pid = fork();
	if (!self->pid)
		run_pvmm(self, letter, output[1], errors[1], options);
	close(output[1]);
	close(errors[1]);
	self->output = output[0];
	self->errors = errors[0];
	fcntl(self->errors, F_SETFL, O_NONBLOCK);
}

static void nap(void)
{
	usleep(NAP_MS * 1000);
}

/* Wait until the guest has printed something; on which line, is the same. */
static bool has_begun(struct _test_data_end *self)
{
	unsigned int naps;

	for (naps = 0; naps < NAPS_TO_START; naps++) {
		struct pollfd ready = { self->output, POLLIN, 0 };

		if (poll(&ready, 1, 0) == 1 && (ready.revents & POLLIN)) {
			/* Let it do what it is here for. */
			usleep(300000);
			return true;
		}
		nap();
	}
	return false;
}

/* Wait that long; its exit code, or -1 if it has not ended, or by a signal. */
static int ends_within(struct _test_data_end *self, unsigned int limit)
{
	unsigned int naps;
	ssize_t length;
	pid_t ended;

	for (naps = 0; naps < limit; naps++) {
		ended = waitpid(self->pid, &self->status, WNOHANG);
		if (ended == self->pid)
			break;
		nap();
	}
	length = read(self->errors, self->messages, sizeof(self->messages) - 1);
	self->messages[length > 0 ? length : 0] = '\0';
	if (naps == limit) {
		printf("# still there after %u naps of %u ms\n", naps, NAP_MS);
		return -1;
	}
	self->pid = 0;
	if (WIFEXITED(self->status))
		return WEXITSTATUS(self->status);
	printf("# ended by signal %d\n", WTERMSIG(self->status));
	return -1;
}

static void write_feeding_disk(struct _test_data_end *self)
{
	char path[64];
	unsigned int i;
	FILE *file;

	snprintf(path, sizeof(path), "%s/disk", self->work);
	file = fopen(path, "w");
	for (i = 0; file && i < SECTORS; i++) {
		struct {
			struct virtio_blk_outhdr header;
			u_int16_t flags;
			u_int16_t index;
			char rest[SECTOR - sizeof(struct virtio_blk_outhdr) - 4];
		} sector = {
			.header = { VIRTIO_BLK_T_IN, 0, (i + 1) % SECTORS },
			.index = i + 2,
		};

		fwrite(&sector, sizeof(sector), 1, file);
	}
	if (!file || fclose(file))
		abort();
}

#define TIMEOUT		"--timeout 2 "
#define NAPS_OF_TIMEOUT	(TIMEOUT_S * 1000 / NAP_MS + NAPS_TO_END)

TEST_F(end, timeout_with_a_guest_that_halts)
{
	start(self, TINY_GUEST_IS_SILENT, TIMEOUT);
	EXPECT_EQ(124, ends_within(self, NAPS_OF_TIMEOUT));
	/* It has run, although it never left the guest for a device. */
	EXPECT_EQ(NULL, strstr(self->messages, "has started 0"));
}

TEST_F(end, timeout_with_buffers_that_make_the_next)
{
	write_feeding_disk(self);
	start(self, TINY_GUEST_FEEDS_ITSELF, TIMEOUT "--disk disk");
	EXPECT_EQ(124, ends_within(self, NAPS_OF_TIMEOUT));
}

TEST_F(end, sigterm_with_buffers_that_make_the_next)
{
	write_feeding_disk(self);
	start(self, TINY_GUEST_FEEDS_ITSELF, "--disk disk");
	ASSERT_TRUE(has_begun(self));
	kill(self->pid, SIGTERM);
	EXPECT_EQ(3, ends_within(self, NAPS_TO_END));
}

TEST_F(end, snapshot_with_buffers_that_make_the_next)
{
	write_feeding_disk(self);
	start(self, TINY_GUEST_FEEDS_ITSELF,
	      "--disk disk --mem 32 --snapshot-to snapshot --snapshot-end");
	ASSERT_TRUE(has_begun(self));
	kill(self->pid, SIGUSR2);
	EXPECT_EQ(5, ends_within(self, NAPS_TO_END));
}

TEST_F(end, timeout_with_huge_buffers)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/disk", self->work);
	close(creat(path, 0600));
	/* Too small for any of them, so nothing is written. */
	ASSERT_EQ(0, truncate(path, SECTOR));
	start(self, TINY_GUEST_OFFERS_HUGE_BUFFERS,
	      TIMEOUT "--disk disk --mem 2560");
	EXPECT_EQ(124, ends_within(self, NAPS_OF_TIMEOUT));
}

TEST_F(end, timeout_with_a_console_that_nobody_reads)
{
	start(self, TINY_GUEST_PRINTS, TIMEOUT);
	EXPECT_EQ(124, ends_within(self, NAPS_OF_TIMEOUT));
}

TEST_F(end, sigterm_with_a_console_that_nobody_reads)
{
	start(self, TINY_GUEST_PRINTS, "");
	ASSERT_TRUE(has_begun(self));
	kill(self->pid, SIGTERM);
	EXPECT_EQ(3, ends_within(self, NAPS_TO_END));
}

TEST_F(end, timeout_with_a_virtio_console_that_nobody_reads)
{
	start(self, TINY_GUEST_TRANSMITS,
	      TIMEOUT "--mem 2560 --console null --hvc stdio");
	EXPECT_EQ(124, ends_within(self, NAPS_OF_TIMEOUT));
}

TEST_F(end, timeout_with_a_virtio_console_that_takes_all)
{
	start(self, TINY_GUEST_TRANSMITS,
	      TIMEOUT "--mem 2560 --console null --hvc file:/dev/null");
	EXPECT_EQ(124, ends_within(self, NAPS_OF_TIMEOUT));
}

TEST_F(end, timeout_with_a_fifo_that_nobody_reads)
{
	char path[64];
	int reader;

	snprintf(path, sizeof(path), "%s/fifo", self->work);
	ASSERT_EQ(0, mkfifo(path, 0600));
	reader = open(path, O_RDWR);
	start(self, TINY_GUEST_PRINTS, TIMEOUT "--console file:fifo");
	EXPECT_EQ(124, ends_within(self, NAPS_OF_TIMEOUT));
	close(reader);
}

TEST_F(end, sigterm_while_a_vcpu_is_preempted)
{
	start(self, TINY_GUEST_RINGS,
	      "--affinity 0 --inject holder:1,for=9000ms,mode=park");
	ASSERT_TRUE(has_begun(self));
	kill(self->pid, SIGTERM);
	EXPECT_EQ(3, ends_within(self, NAPS_TO_END));
}

/* The hog has the priority that decides who runs. */
TEST_F(end, sigterm_while_a_hog_runs)
{
	start(self, TINY_GUEST_RINGS,
	      "--affinity 1 --inject holder:1,for=9000ms,mode=hog");
	ASSERT_TRUE(has_begun(self));
	kill(self->pid, SIGTERM);
	EXPECT_EQ(3, ends_within(self, NAPS_TO_END));
}

static bool has_statistics(struct _test_data_end *self)
{
	char path[64];
	struct stat status;

	snprintf(path, sizeof(path), "%s/stats", self->work);
	return !stat(path, &status) && status.st_size;
}

TEST_F(end, sigterm_writes_the_statistics)
{
	start(self, TINY_GUEST_SPINS, "--stats json:stats");
	ASSERT_TRUE(has_begun(self));
	kill(self->pid, SIGTERM);
	EXPECT_EQ(3, ends_within(self, NAPS_TO_END));
	EXPECT_TRUE(has_statistics(self));
}

TEST_F(end, sigterm_to_the_parent_that_starts_guests_again)
{
	start(self, TINY_GUEST_SPINS, "--reboot --stats json:stats");
	ASSERT_TRUE(has_begun(self));
	kill(self->pid, SIGTERM);
	EXPECT_EQ(3, ends_within(self, NAPS_TO_END));
	EXPECT_TRUE(has_statistics(self));
}

TEST_F(end, sigterm_while_guests_are_started_again_and_again)
{
	start(self, TINY_GUEST_RESETS, "--reboot --stats json:stats");
	ASSERT_TRUE(has_begun(self));
	kill(self->pid, SIGTERM);
	EXPECT_EQ(3, ends_within(self, NAPS_TO_END));
}

/* Of one line of a status file: "Seccomp:" and a mode, 2 of which is a filter. */
static bool has_filter(int pid, const char *task)
{
	char path[64], line[128];
	int mode = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%.10s/status", pid, task);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "Seccomp: %d", &mode);
	if (file)
		fclose(file);
	return mode == 2;
}

TEST_F(end, each_thread_has_a_filter)
{
	unsigned int threads = 0;
	struct dirent *entry;
	char path[32];
	DIR *tasks;

	start(self, TINY_GUEST_SPINS,
	      "--affinity 0 --inject holder:1,for=1ms,mode=hog");
	ASSERT_TRUE(has_begun(self));
	snprintf(path, sizeof(path), "/proc/%d/task", self->pid);
	tasks = opendir(path);
	ASSERT_NE(NULL, tasks);
	while ((entry = readdir(tasks))) {
		if (entry->d_name[0] == '.')
			continue;
		EXPECT_TRUE(has_filter(self->pid, entry->d_name));
		threads++;
	}
	closedir(tasks);
	/* The main one, that of the vCPU, the hog; and those of the kernel. */
	EXPECT_LE(3, threads);
}

TEST_HARNESS_MAIN

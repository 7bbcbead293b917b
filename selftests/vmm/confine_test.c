// SPDX-License-Identifier: GPL-2.0
/*
 * Which files a confined process may reach: none, but it can have snapshots written.
 * Skipped where the kernel has no
 * Landlock; "check-boot confine_test" runs it in L1, whose kernel has it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../harness.h"
#include "../../host/vmm/confine/confine.h"
#include "../../host/vmm/snapshot/snapshot_target.h"

#define CREATE_RULESET_VERSION	1

FIXTURE(confine) {
	char directory[64];
	char inside[96];
	char outside[96];
	char new[112];
	struct snapshot_target target;
};

FIXTURE_SETUP(confine)
{
	int fd;

	memset(self, 0, sizeof(*self));
	if (syscall(SYS_landlock_create_ruleset, NULL, 0,
		    CREATE_RULESET_VERSION) < 0)
		SKIP(return, "Landlock: %s", strerror(errno));
	strcpy(self->directory, "/tmp/vmm-confine-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->directory));
	snprintf(self->inside, sizeof(self->inside), "%s/guest",
		 self->directory);
	snprintf(self->outside, sizeof(self->outside), "%s.outside",
		 self->directory);
	snprintf(self->new, sizeof(self->new), "%s.new", self->outside);
	fd = open(self->outside, O_WRONLY | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	close(fd);
	ASSERT_EQ(0, snapshot_target__open(&self->target, self->inside));
}

FIXTURE_TEARDOWN(confine)
{
	unlink(self->inside);
	unlink(self->outside);
	unlink(self->new);
	rmdir(self->directory);
	snapshot_target__close(&self->target);
}

/* What a confined child finds; true if it is as it should be. */
static bool confined(struct _test_data_confine *self,
		     bool (*check)(const struct _test_data_confine *self))
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(!(!confine__to_open_files() &&
			check(self)));
	return child > 0 && waitpid(child, &status, 0) == child && !status;
}

static bool write_two_snapshots(const struct _test_data_confine *self)
{
	bool good = true;
	int turn, fd;

	for (turn = 0; turn < 2; turn++) {
		fd = snapshot_target__create(&self->target);
		good = good && fd >= 0 && write(fd, "x", 1) == 1 &&
			!snapshot_target__commit(&self->target);
		close(fd);
	}
	fd = snapshot_target__create(&self->target);
	snapshot_target__abandon(&self->target);
	return good && fd >= 0;
}

static bool denied(int result)
{
	return result < 0 && errno == EACCES;
}

static bool open_others(const struct _test_data_confine *self)
{
	return denied(open(self->outside, O_RDONLY)) &&
		denied(open("/proc/self/maps", O_RDONLY)) &&
		denied(open(self->directory, O_RDONLY | O_DIRECTORY));
}

static bool change_others(const struct _test_data_confine *self)
{
	return denied(open(self->new, O_WRONLY | O_CREAT, 0600)) &&
		denied(unlink(self->outside)) &&
		denied(rmdir(self->directory)) &&
		rename(self->outside, self->inside);
}

TEST_F(confine, a_snapshot_can_be_written)
{
	EXPECT_TRUE(confined(self, write_two_snapshots));
	EXPECT_EQ(0, access(self->inside, F_OK));
}

TEST_F(confine, nothing_else_can_be_opened)
{
	EXPECT_TRUE(confined(self, open_others));
	/* The control: without, it can. */
	EXPECT_FALSE(open_others(self));
}

TEST_F(confine, nothing_else_can_be_changed)
{
	EXPECT_TRUE(confined(self, change_others));
	EXPECT_EQ(0, access(self->outside, F_OK));
	EXPECT_FALSE(change_others(self));
}

TEST_HARNESS_MAIN

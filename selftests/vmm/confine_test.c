// SPDX-License-Identifier: GPL-2.0
/*
 * Which files a confined process may reach. Skipped where the kernel has no
 * Landlock; "check-boot confine_test" runs it in L1, whose kernel has it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "../../host/vmm/confine.h"
#include "../../host/vmm/snapshot_target.h"

#define CREATE_RULESET_VERSION	1

FIXTURE(confine) {
	char directory[64];
	char inside[96];
	char outside[96];
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
	fd = open(self->outside, O_WRONLY | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	close(fd);
	ASSERT_EQ(0, snapshot_target__open(&self->target, self->inside));
	ASSERT_EQ(0, confine__to_directory(self->target.directory));
}

/* Confined as the process is, the file outside is left; /tmp forgets it. */
FIXTURE_TEARDOWN(confine)
{
	unlink(self->inside);
	snapshot_target__close(&self->target);
}

TEST_F(confine, a_snapshot_can_be_written)
{
	int turn;

	for (turn = 0; turn < 2; turn++) {
		int fd = snapshot_target__create(&self->target);

		ASSERT_LE(0, fd);
		EXPECT_EQ(1, write(fd, "x", 1));
		close(fd);
		EXPECT_EQ(0, snapshot_target__commit(&self->target));
	}
	EXPECT_LE(0, snapshot_target__create(&self->target));
	snapshot_target__abandon(&self->target);
}

TEST_F(confine, nothing_else_can_be_opened)
{
	EXPECT_EQ(-1, open(self->outside, O_RDONLY));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, open("/proc/self/maps", O_RDONLY));
	EXPECT_EQ(-1, open(self->directory, O_RDONLY | O_DIRECTORY));
}

/* By its path, although the descriptor of the directory is the right one. */
TEST_F(confine, nothing_else_can_be_changed)
{
	char other[160];

	snprintf(other, sizeof(other), "%s.new", self->outside);
	EXPECT_EQ(-1, openat(self->target.directory, other,
			     SNAPSHOT_TARGET_FLAGS, 0600));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, unlinkat(self->target.directory, self->outside, 0));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, renameat(self->target.directory, self->outside,
			       self->target.directory, self->inside));
	EXPECT_EQ(0, access(self->outside, F_OK));
}

TEST_HARNESS_MAIN

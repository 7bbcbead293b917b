// SPDX-License-Identifier: GPL-2.0
/*
 * Snapshots as files: what is written is read, whatever is wrong is refused, and
 * nothing half-done is left behind.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../harness.h"
#include "../../host/vmm/base/file.h"
#include "../../host/vmm/snapshot/machine_identity.h"
#include "../../host/vmm/snapshot/snapshot_format.h"
#include "../../host/vmm/snapshot/snapshot_target.h"
#include "fixture.h"

#define PAGES		16

FIXTURE(snapshot) {
	char directory[64];
	char path[96];
	struct snapshot_target target;
	struct guest_memory memory;
	struct file_copy file;
	u8 *copy;
	struct snapshot_image image;
};

FIXTURE_SETUP(snapshot)
{
	memset(self, 0, sizeof(*self));
	test_locks__init();
	test_thread__enter("test");
	strcpy(self->directory, "/tmp/vmm-snapshot-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->directory));
	snprintf(self->path, sizeof(self->path), "%s/guest", self->directory);
	ASSERT_EQ(0, snapshot_target__open(&self->target, self->path));
	test_memory__alloc(&self->memory, PAGES * PAGE_SIZE);
}

FIXTURE_TEARDOWN(snapshot)
{
	test_memory__free(&self->memory);
	file__free(&self->file);
	free(self->copy);
	snapshot_target__close(&self->target);
	unlink(self->path);
	rmdir(self->directory);
	test_thread__exit();
}

/* A snapshot of a machine of two vCPUs with some memory; 0 or an errno. */
static int save(struct _test_data_snapshot *self)
{
	const struct options options = { .cpus = 2, .memory = 64 * MIB };
	struct machine_identity identity;
	struct snapshot_writer writer;
	int fd, error;

	fd = snapshot_target__create(&self->target);
	if (fd < 0)
		return -fd;
	snapshot_writer__begin(&writer, fd);
	machine_identity__of(&identity, &options);
	snapshot_writer__add(&writer, SNAPSHOT_MACHINE, 0, &identity,
			     sizeof(identity));
	snapshot_writer__add(&writer, SNAPSHOT_DEVICE, 3, "odd", 3);
	guest_memory__save(&self->memory, &writer);
	error = snapshot_writer__finish(&writer);
	close(fd);
	if (!error)
		error = -snapshot_target__commit(&self->target);
	return error;
}

/* A copy of the file, which the test may change. */
static bool load(struct _test_data_snapshot *self)
{
	if (file__read(&self->file, self->path))
		return false;
	self->copy = malloc(self->file.size);
	memcpy(self->copy, self->file.data, self->file.size);
	self->image = (struct snapshot_image){ self->copy, self->file.size };
	return true;
}

static int check(const struct _test_data_snapshot *self)
{
	return snapshot_image__check(&self->image, "snapshot");
}

static unsigned int count_files(const char *path)
{
	DIR *directory = opendir(path);
	unsigned int number = 0;
	struct dirent *entry;

	while ((entry = readdir(directory)))
		number += entry->d_name[0] != '.';
	closedir(directory);
	return number;
}

TEST_F(snapshot, memory_comes_back)
{
	static const unsigned int used[] = { 0, 1, 5, PAGES - 1 };
	struct guest_memory restored;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(used); i++)
		memset(self->memory.base + used[i] * PAGE_SIZE + i, i + 1, 100);
	/* A page is not zero even if only its last byte is not. */
	self->memory.base[8 * PAGE_SIZE - 1] = 1;
	ASSERT_EQ(0, save(self));
	ASSERT_TRUE(load(self));
	ASSERT_EQ(0, check(self));
	EXPECT_GT(8 * PAGE_SIZE, self->image.size);
	test_memory__alloc(&restored, PAGES * PAGE_SIZE);
	EXPECT_EQ(0, guest_memory__load(&restored, &self->image));
	EXPECT_EQ(0, memcmp(restored.base, self->memory.base, restored.size));
	test_memory__free(&restored);
}

TEST_F(snapshot, sections_are_found)
{
	const struct snapshot_section *section;

	ASSERT_EQ(0, save(self));
	ASSERT_TRUE(load(self));
	ASSERT_EQ(0, check(self));
	section = snapshot_image__find(&self->image, SNAPSHOT_DEVICE, 3);
	ASSERT_NE(NULL, section);
	EXPECT_EQ(3, section->size);
	EXPECT_EQ(0, memcmp("odd", snapshot_section__data(section), 3));
	EXPECT_EQ(NULL, snapshot_image__find(&self->image, SNAPSHOT_DEVICE, 2));
	EXPECT_EQ(NULL, snapshot_image__find(&self->image, SNAPSHOT_VM, 0));
	EXPECT_EQ(NULL, snapshot_image__find(&self->image, SNAPSHOT_MEMORY, 0));
}

TEST_F(snapshot, each_truncation_is_refused)
{
	ASSERT_EQ(0, save(self));
	ASSERT_TRUE(load(self));
	while (self->image.size--)
		ASSERT_EQ(-EINVAL, check(self));
}

TEST_F(snapshot, each_changed_bit_is_refused)
{
	size_t i;

	ASSERT_EQ(0, save(self));
	ASSERT_TRUE(load(self));
	for (i = 0; i < 8 * self->image.size; i++) {
		self->copy[i / 8] ^= 1 << i % 8;
		ASSERT_EQ(-EINVAL, check(self));
		self->copy[i / 8] ^= 1 << i % 8;
	}
	EXPECT_EQ(0, check(self));
}

TEST_F(snapshot, longer_than_written)
{
	FILE *file;

	ASSERT_EQ(0, save(self));
	file = fopen(self->path, "a");
	fputs("more", file);
	fclose(file);
	ASSERT_TRUE(load(self));
	EXPECT_EQ(-EINVAL, check(self));
}

TEST_F(snapshot, another_file)
{
	strcpy(self->path, "/proc/self/exe");
	ASSERT_TRUE(load(self));
	EXPECT_EQ(-EINVAL, check(self));
}

TEST_F(snapshot, page_outside_of_memory)
{
	self->memory.base[self->memory.size - 1] = 1;
	ASSERT_EQ(0, save(self));
	ASSERT_TRUE(load(self));
	ASSERT_EQ(0, check(self));
	self->memory.size -= PAGE_SIZE;
	EXPECT_EQ(-EINVAL, guest_memory__load(&self->memory, &self->image));
}

TEST_F(snapshot, another_machine)
{
	struct options options = { .cpus = 2, .memory = 64 * MIB };

	ASSERT_EQ(0, save(self));
	ASSERT_TRUE(load(self));
	EXPECT_EQ(0, machine_identity__check(&self->image, &options));
	options.cpus = 3;
	EXPECT_EQ(-EINVAL, machine_identity__check(&self->image, &options));
	options.cpus = 2;
	options.memory = 65 * MIB;
	EXPECT_EQ(-EINVAL, machine_identity__check(&self->image, &options));
	options.memory = 64 * MIB;
	options.disks = 1;
	EXPECT_EQ(-EINVAL, machine_identity__check(&self->image, &options));
	options.disks = 0;
	options.serial_ports = 1;
	EXPECT_EQ(-EINVAL, machine_identity__check(&self->image, &options));
	options.serial_ports = 0;
	options.disk[0].read_only = true;	/* of a disk that is not there */
	EXPECT_EQ(0, machine_identity__check(&self->image, &options));
}

TEST_F(snapshot, machine_is_missing)
{
	const struct options options = { .cpus = 2 };
	struct snapshot_writer writer;
	int fd = snapshot_target__create(&self->target);

	ASSERT_LE(0, fd);
	snapshot_writer__begin(&writer, fd);
	EXPECT_EQ(0, snapshot_writer__finish(&writer));
	close(fd);
	ASSERT_EQ(0, snapshot_target__commit(&self->target));
	ASSERT_TRUE(load(self));
	EXPECT_EQ(0, check(self));
	EXPECT_EQ(-EINVAL, machine_identity__check(&self->image, &options));
}

TEST_F(snapshot, sections_have_to_ascend)
{
	static const u32 numbers[][2] = { { 1, 1 }, { 2, 1 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct snapshot_writer writer;
		int fd = snapshot_target__create(&self->target);

		ASSERT_LE(0, fd);
		snapshot_writer__begin(&writer, fd);
		snapshot_writer__add(&writer, SNAPSHOT_VCPU, numbers[i][0], "", 0);
		snapshot_writer__add(&writer, SNAPSHOT_VCPU, numbers[i][1], "", 0);
		EXPECT_EQ(0, snapshot_writer__finish(&writer));
		close(fd);
		ASSERT_EQ(0, snapshot_target__commit(&self->target));
		free(self->copy);
		file__free(&self->file);
		ASSERT_TRUE(load(self));
		EXPECT_EQ(-EINVAL, check(self));
	}
}

TEST_F(snapshot, full_disk)
{
	struct snapshot_writer writer;
	int fd = open("/dev/full", O_WRONLY);

	ASSERT_LE(0, fd);
	snapshot_writer__begin(&writer, fd);
	snapshot_writer__add(&writer, SNAPSHOT_DEVICE, 0, "text", 4);
	EXPECT_EQ(ENOSPC, snapshot_writer__finish(&writer));
	close(fd);
}

static unsigned int pieces_left;

static bool is_over(const void *argument)
{
	(void)argument;
	return !pieces_left--;
}

/* Memory of any size does not keep who wants to end it from that. */
TEST_F(snapshot, a_writer_that_is_to_give_up)
{
	int fd = snapshot_target__create(&self->target);
	struct snapshot_writer writer;
	const size_t size = 32 * MIB;
	void *data = calloc(1, size);
	struct stat status;

	ASSERT_LE(0, fd);
	ASSERT_NE(NULL, data);
	snapshot_writer__begin(&writer, fd);
	writer.is_over = is_over;
	pieces_left = 3;
	snapshot_writer__add(&writer, SNAPSHOT_MEMORY, 0, data, size);
	EXPECT_EQ(ECANCELED, snapshot_writer__finish(&writer));
	ASSERT_EQ(0, fstat(fd, &status));
	EXPECT_GE(size / 2, status.st_size);
	close(fd);
	snapshot_target__abandon(&self->target);
	EXPECT_EQ(0, count_files(self->directory));
	free(data);
}

/* What has been checked stays as it was, whoever writes to the file. */
TEST_F(snapshot, a_file_that_changes_after_it_has_been_read)
{
	struct file_copy file;
	char text[] = "first";
	int fd;

	fd = open(self->path, O_WRONLY | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(text), write(fd, text, sizeof(text)));
	ASSERT_EQ(0, file__read(&file, self->path));
	ASSERT_EQ(sizeof(text), pwrite(fd, "later", sizeof(text), 0));
	EXPECT_STREQ("first", file.data);
	ASSERT_EQ(0, ftruncate(fd, 0));
	EXPECT_STREQ("first", file.data);
	close(fd);
	unlink(self->path);
	file__free(&file);
}

TEST_F(snapshot, what_fails_leaves_nothing)
{
	int fd = snapshot_target__create(&self->target);

	ASSERT_LE(0, fd);
	EXPECT_EQ(1, count_files(self->directory));
	close(fd);
	snapshot_target__abandon(&self->target);
	EXPECT_EQ(0, count_files(self->directory));
}

TEST_F(snapshot, what_fails_leaves_the_one_before)
{
	int fd;

	ASSERT_EQ(0, save(self));
	fd = snapshot_target__create(&self->target);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, write(fd, "x", 1));
	close(fd);
	snapshot_target__abandon(&self->target);
	EXPECT_EQ(1, count_files(self->directory));
	ASSERT_TRUE(load(self));
	EXPECT_EQ(0, check(self));
}

TEST_F(snapshot, one_replaces_the_other)
{
	ASSERT_EQ(0, save(self));
	self->memory.base[0] = 1;
	ASSERT_EQ(0, save(self));
	EXPECT_EQ(1, count_files(self->directory));
	ASSERT_TRUE(load(self));
	EXPECT_NE(NULL, snapshot_image__find(&self->image, SNAPSHOT_MEMORY, 0));
}

TEST_F(snapshot, directory_that_is_not_there)
{
	struct snapshot_target target;
	char path[160];

	snprintf(path, sizeof(path), "%s/none/guest", self->directory);
	EXPECT_EQ(-ENOENT, snapshot_target__open(&target, path));
	snapshot_target__close(&target);
	snprintf(path, sizeof(path), "%s/", self->directory);
	EXPECT_EQ(-EINVAL, snapshot_target__open(&target, path));
	snapshot_target__close(&target);
}

TEST_HARNESS_MAIN

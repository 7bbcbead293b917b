// SPDX-License-Identifier: GPL-2.0
/*
 * Finding devices, and the order of locks.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../harness.h"
#include "../../host/vmm/devices/bus.h"
#include "fixture.h"

/* A device that remembers, and finds out if it is used when it has gone. */
struct test_device {
	struct device device;
	struct bus *bus;
	u64 value;
	bool leads_on;		/* a write leads to another access */
	bool led_on;		/* and that was let through */
	bool released;
};

static struct test_device *to_test(struct device *device)
{
	return container_of(device, struct test_device, device);
}

static u64 test_read(struct device *device, struct transaction *transaction,
		     u64 offset, unsigned int size)
{
	(void)transaction;
	(void)size;
	if (to_test(device)->released)
		abort();
	return to_test(device)->value + offset;
}

static void test_write(struct device *device, struct transaction *transaction,
		       u64 offset, unsigned int size, u64 value)
{
	struct test_device *test = to_test(device);

	(void)offset;
	(void)size;
	if (test->released)
		abort();
	test->value = value;
	if (test->leads_on)
		test->led_on = bus__write(test->bus, transaction, 0x100, &value,
					  4);
}

static void test_release(struct device *device)
{
	to_test(device)->released = true;
}

static const struct device_operations operations = {
	.read = test_read,
	.write = test_write,
	.release = test_release,
};

FIXTURE(bus) {
	struct bus bus;
	struct test_device a, b;
	struct transaction transaction;
};

FIXTURE_SETUP(bus)
{
	memset(self, 0, sizeof(*self));
	test_locks__init();
	test_thread__enter("test");
	ASSERT_EQ(0, bus__init(&self->bus, "test"));
	device__init(&self->a.device, "a", &operations);
	device__init(&self->b.device, "b", &operations);
	self->a.bus = &self->bus;
	self->b.bus = &self->bus;
}

FIXTURE_TEARDOWN(bus)
{
	bus__destroy(&self->bus);
	test_thread__exit();
}

#define ADD(name, start, length)					\
	bus__add(&self->bus, &self->name.device, start, length)

static bool write_at(struct _test_data_bus *self, u64 address, u32 value)
{
	return bus__write(&self->bus, &self->transaction, address, &value, 4);
}

static u32 read_at(struct _test_data_bus *self, u64 address)
{
	u32 value;

	bus__read(&self->bus, &self->transaction, address, &value, 4);
	return value;
}

TEST_F(bus, finds_devices)
{
	ASSERT_EQ(0, ADD(b, 0x200, 0x10));
	ASSERT_EQ(0, ADD(a, 0x100, 0x10));
	EXPECT_TRUE(write_at(self, 0x100, 5));
	EXPECT_TRUE(write_at(self, 0x200, 7));
	EXPECT_EQ(5 + 12, read_at(self, 0x10c));
	EXPECT_EQ(7, read_at(self, 0x200));
	EXPECT_EQ(2, self->a.device.accesses);
}

TEST_F(bus, nobody_reads_as_ones)
{
	ASSERT_EQ(0, ADD(a, 0x100, 0x10));
	EXPECT_EQ(UINT32_MAX, read_at(self, 0xfc));
	EXPECT_EQ(UINT32_MAX, read_at(self, 0x110));
	EXPECT_FALSE(write_at(self, 0x110, 1));
	/* Half of it is outside. */
	EXPECT_FALSE(write_at(self, 0x10e, 1));
	EXPECT_EQ(4, self->bus.unclaimed);
}

TEST_F(bus, overlap_is_refused)
{
	ASSERT_EQ(0, ADD(a, 0x100, 0x10));
	EXPECT_EQ(-EEXIST, ADD(b, 0x10f, 1));
	EXPECT_EQ(-EEXIST, ADD(b, 0xf0, 0x11));
	EXPECT_EQ(-EEXIST, ADD(b, 0x80, 0x1000));
	EXPECT_EQ(0, ADD(b, 0x110, 1));
	EXPECT_EQ(1 + 1, self->b.device.references);
}

TEST_F(bus, removed_device_is_released_once)
{
	ASSERT_EQ(0, ADD(a, 0x100, 0x10));
	ASSERT_EQ(0, ADD(a, 0x200, 0x10));
	device__put(&self->a.device);
	EXPECT_FALSE(self->a.released);
	EXPECT_EQ(0, bus__remove(&self->bus, &self->a.device));
	EXPECT_TRUE(self->a.released);
	EXPECT_EQ(UINT32_MAX, read_at(self, 0x100));
	EXPECT_EQ(-ENOENT, bus__remove(&self->bus, &self->a.device));
}

TEST_F(bus, reentry_is_detected)
{
	self->a.leads_on = true;
	ASSERT_EQ(0, ADD(a, 0x100, 0x10));
	EXPECT_TRUE(write_at(self, 0x100, 3));
	EXPECT_FALSE(self->a.led_on);
	EXPECT_EQ(1, self->a.device.reentries);
	/* The next transaction is not affected. */
	self->a.leads_on = false;
	EXPECT_TRUE(write_at(self, 0x100, 4));
}

TEST_F(bus, device_to_device_is_detected)
{
	self->b.leads_on = true;
	ASSERT_EQ(0, ADD(a, 0x100, 0x10));
	ASSERT_EQ(0, ADD(b, 0x200, 0x10));
	EXPECT_TRUE(write_at(self, 0x200, 3));
	EXPECT_FALSE(self->b.led_on);
	EXPECT_EQ(1, self->a.device.reentries);
	EXPECT_EQ(0, self->a.value);
}

static bool global_lock_is_free(void)
{
	if (!ranked_mutex_trylock(&device_global_lock))
		return false;
	ranked_mutex_unlock(&device_global_lock);
	return true;
}

static bool lock_was_free;

static void look_write(struct device *device, struct transaction *transaction,
		       u64 offset, unsigned int size, u64 value)
{
	(void)device;
	(void)transaction;
	(void)offset;
	(void)size;
	(void)value;
	lock_was_free = global_lock_is_free();
}

static const struct device_operations look_operations = { .write = look_write };

TEST_F(bus, global_lock_only_for_unsafe_devices)
{
	self->a.device.operations = &look_operations;
	ASSERT_EQ(0, ADD(a, 0x100, 0x10));
	write_at(self, 0x100, 0);
	EXPECT_FALSE(lock_was_free);
	self->a.device.own_lock_suffices = true;
	write_at(self, 0x100, 0);
	EXPECT_TRUE(lock_was_free);
	EXPECT_TRUE(global_lock_is_free());
}

static void device_after_global(void)
{
	struct test_device test = { 0 };

	device__init(&test.device, "test", &operations);
	ranked_mutex_lock(&device_global_lock);
	ranked_mutex_lock(&test.device.lock);
}

static void two_devices(void)
{
	struct test_device one = { 0 }, two = { 0 };

	device__init(&one.device, "one", &operations);
	device__init(&two.device, "two", &operations);
	ranked_mutex_lock(&one.device.lock);
	ranked_mutex_lock(&two.device.lock);
}

static void device_before_global(void)
{
	struct test_device test = { 0 };

	device__init(&test.device, "test", &operations);
	ranked_mutex_lock(&test.device.lock);
	ranked_mutex_lock(&device_global_lock);
}

/* Whether a process that does this aborts. */
static bool aborts(void (*violate)(void))
{
	pid_t child = fork();
	int status;

	if (!child) {
		test_locks__init();
		test_thread__enter("test");
		violate();
		_exit(0);
	}
	return waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
		WTERMSIG(status) == SIGABRT;
}

/* Negative tests: the debug build stops where the order is wrong. */
TEST(lock_order_is_checked)
{
	EXPECT_TRUE(aborts(device_after_global));
	EXPECT_TRUE(aborts(two_devices));
	EXPECT_FALSE(aborts(device_before_global));
}

TEST_HARNESS_MAIN

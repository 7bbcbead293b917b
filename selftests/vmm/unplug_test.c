// SPDX-License-Identifier: GPL-2.0
/*
 * Unplugging a device while others use it. Each device is freed while some may
 * be inside: AddressSanitizer and ThreadSanitizer see it if one is.
 */
#include <errno.h>
#include <pthread.h>

#include "../harness.h"
#include "../../host/vmm/devices/bus.h"
#include "fixture.h"

#define THREADS		4
#define ROUNDS		200
#define ADDRESS		0x100

/* A device that is freed with its last reference. */
struct plugged {
	struct device device;
	u64 value;
};

static u64 plugged_read(struct device *device, struct transaction *transaction,
			u64 offset, unsigned int size)
{
	(void)transaction;
	(void)offset;
	(void)size;
	return container_of(device, struct plugged, device)->value;
}

static void plugged_write(struct device *device,
			  struct transaction *transaction, u64 offset,
			  unsigned int size, u64 value)
{
	(void)transaction;
	(void)offset;
	(void)size;
	container_of(device, struct plugged, device)->value = value;
}

static void plugged_release(struct device *device)
{
	free(container_of(device, struct plugged, device));
}

static const struct device_operations operations = {
	.read = plugged_read,
	.write = plugged_write,
	.release = plugged_release,
};

struct user {
	pthread_t thread;
	struct bus *bus;
	unsigned int number;
	bool *stop;
	u64 answered;
};

static void *use(void *argument)
{
	struct user *user = argument;
	struct transaction transaction = { .vcpu = user->number };
	u32 value = user->number;

	test_thread__enter("user");
	while (!READ_ONCE(*user->stop)) {
		if (bus__write(user->bus, &transaction, ADDRESS, &value, 4))
			count(&user->answered);
		bus__read(user->bus, &transaction, ADDRESS, &value, 4);
	}
	test_thread__exit();
	return NULL;
}

static struct device *plug(struct bus *bus)
{
	struct plugged *plugged = calloc(1, sizeof(*plugged));

	device__init(&plugged->device, "plugged", &operations);
	plugged->device.own_lock_suffices = true;
	if (bus__add(bus, &plugged->device, ADDRESS, 0x10))
		abort();
	/* The bus has the only reference. */
	device__put(&plugged->device);
	return &plugged->device;
}

static void start_users(struct user *users, struct bus *bus, bool *stop)
{
	int i;

	for (i = 0; i < THREADS; i++) {
		users[i] = (struct user){ .bus = bus, .number = i,
					  .stop = stop };
		pthread_create(&users[i].thread, NULL, use, &users[i]);
	}
}

static u64 answers(struct user *users)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < THREADS; i++)
		sum += READ_ONCE(users[i].answered);
	return sum;
}

TEST(unplug_under_access)
{
	struct timespec pause = { 0, 100000 };
	struct user users[THREADS];
	bool stop = false;
	struct bus bus;
	int i;

	test_locks__init();
	test_thread__enter("test");
	ASSERT_EQ(0, bus__init(&bus, "test"));
	start_users(users, &bus, &stop);
	/* Go on until some accesses came while there was a device, and some while not. */
	for (i = 0; i < ROUNDS || !answers(users) || !READ_ONCE(bus.unclaimed); i++) {
		struct device *device = plug(&bus);

		nanosleep(&pause, NULL);
		EXPECT_EQ(0, bus__remove(&bus, device));
	}
	WRITE_ONCE(stop, true);
	for (i = 0; i < THREADS; i++)
		pthread_join(users[i].thread, NULL);
	EXPECT_LT(0, answers(users));
	EXPECT_LT(0, bus.unclaimed);
	bus__destroy(&bus);
	test_thread__exit();
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Mutexes, semaphores and barriers between threads.
 */
#include "fixture.h"
#include "host/vmm/locks/ranked_barrier.h"
#include "host/vmm/locks/ranked_mutex.h"
#include "host/vmm/locks/ranked_semaphore.h"

#define THREADS		8
#define ROUNDS		2000
#define FAULTS		100

static const struct lock_class class = { "tested", 10 };

/* Plain, so that sanitizers see who is not alone. */
static u64 guarded;
static struct ranked_mutex mutex;
static struct ranked_recursive_mutex recursive;
static struct ranked_semaphore semaphore, items, room;
static struct ranked_barrier barrier;
static u32 inside, most_inside, last_arrivals;

FIXTURE(locks) {
};

FIXTURE_SETUP(locks)
{
	support_start();
	ranked_mutex_init(&mutex, &class);
	ranked_recursive_mutex_init(&recursive, &class);
	guarded = 0;
}

FIXTURE_TEARDOWN(locks)
{
	lock_faults_set(0, 0);
	support_stop();
}

static void use_mutex(void *data)
{
	unsigned int i;

	(void)data;
	for (i = 0; i < ROUNDS; i++) {
		ranked_mutex_lock(&mutex);
		guarded++;
		ranked_mutex_unlock(&mutex);
	}
}

TEST_F(locks, mutex_excludes)
{
	support_run_threads(THREADS, use_mutex, NULL);
	EXPECT_EQ(THREADS * ROUNDS, guarded);
}

/* Try, until it succeeds. */
static void try_mutex(void *data)
{
	unsigned int done = 0;

	(void)data;
	while (done < ROUNDS) {
		if (!ranked_mutex_trylock(&mutex)) {
			sched_yield();
			continue;
		}
		guarded++;
		ranked_mutex_unlock(&mutex);
		done++;
	}
}

TEST_F(locks, trylock_excludes)
{
	lock_faults_set(FAULTS, 1);
	support_run_threads(THREADS, try_mutex, NULL);
	EXPECT_EQ(THREADS * ROUNDS, guarded);
}

static void use_recursive(void *data)
{
	unsigned int i;

	(void)data;
	for (i = 0; i < ROUNDS; i++) {
		ranked_recursive_mutex_lock(&recursive);
		guarded++;
		ranked_recursive_mutex_lock(&recursive);
		guarded++;
		ranked_recursive_mutex_unlock(&recursive);
		guarded++;
		ranked_recursive_mutex_unlock(&recursive);
	}
}

TEST_F(locks, recursive_mutex_excludes)
{
	support_run_threads(THREADS, use_recursive, NULL);
	EXPECT_EQ(3 * THREADS * ROUNDS, guarded);
}

static u32 asleep_ms(void (*body)(void *data))
{
	struct support_thread thread;
	clockid_t clock;
	struct timespec used;

	support_thread_start(&thread, "waiter", body, NULL);
	pthread_getcpuclockid(thread.id, &clock);
	support_sleep_us(300000);
	clock_gettime(clock, &used);
	ranked_mutex_unlock(&mutex);
	support_thread_join(&thread);
	return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

static void lock_once(void *data)
{
	(void)data;
	ranked_mutex_lock(&mutex);
	ranked_mutex_unlock(&mutex);
}

TEST_F(locks, waiter_blocks)
{
	ranked_mutex_lock(&mutex);
	/* A fraction of the 300 ms that it waits. */
	EXPECT_GT(100, asleep_ms(lock_once));
}

static void pass_semaphore(void *data)
{
	unsigned int i;

	(void)data;
	for (i = 0; i < ROUNDS / 4; i++) {
		u32 now, most;

		ranked_semaphore_down(&semaphore);
		now = xadd(&inside, 1) + 1;
		most = READ_ONCE(most_inside);
		while (now > most && !try_cmpxchg(&most_inside, &most, now))
			;
		/* The first is not alone for ever. */
		while (READ_ONCE(most_inside) < 2)
			sched_yield();
		if (!(i % 16))
			sched_yield();
		xadd(&inside, -1);
		ranked_semaphore_up(&semaphore);
	}
}

TEST_F(locks, semaphore_counts)
{
	const u32 count = 3;

	ranked_semaphore_init(&semaphore, &class, count);
	support_run_threads(THREADS, pass_semaphore, NULL);
	EXPECT_EQ(0, inside);
	EXPECT_GE(count, most_inside);
	EXPECT_LT(1, most_inside);
	EXPECT_EQ(count, semaphore.count);
}

/* One slot: what is produced is consumed, alternately. */
static void produce(void *data)
{
	unsigned int i;

	(void)data;
	for (i = 0; i < ROUNDS; i++) {
		ranked_semaphore_down(&room);
		guarded = i;
		ranked_semaphore_up(&items);
	}
}

static void consume(void *data)
{
	u32 *wrong = data;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		ranked_semaphore_down(&items);
		*wrong += guarded != i;
		ranked_semaphore_up(&room);
	}
}

TEST_F(locks, semaphore_orders)
{
	struct support_thread producer, consumer;
	u32 wrong = 0;

	ranked_semaphore_init(&items, &class, 0);
	ranked_semaphore_init(&room, &class, 1);
	support_thread_start(&producer, "producer", produce, NULL);
	support_thread_start(&consumer, "consumer", consume, &wrong);
	support_thread_join(&producer);
	support_thread_join(&consumer);
	EXPECT_EQ(0, wrong);
}

static void raise_on_stack(void *data)
{
	ranked_semaphore_up(data);
}

/* Who is woken frees the semaphore; AddressSanitizer watches. */
TEST_F(locks, semaphore_may_be_freed_when_passed)
{
	unsigned int i;

	for (i = 0; i < ROUNDS / 10; i++) {
		struct ranked_semaphore *done = malloc(sizeof(*done));
		struct support_thread thread;

		ASSERT_NE(NULL, done);
		ranked_semaphore_init(done, &class, 0);
		support_thread_start(&thread, "raiser", raise_on_stack, done);
		ranked_semaphore_down(done);
		free(done);
		support_thread_join(&thread);
	}
}

TEST_F(locks, semaphore_trydown)
{
	ranked_semaphore_init(&semaphore, &class, 1);
	EXPECT_TRUE(ranked_semaphore_trydown(&semaphore));
	EXPECT_FALSE(ranked_semaphore_trydown(&semaphore));
	ranked_semaphore_up(&semaphore);
	lock_faults_set(1000, 1);
	EXPECT_FALSE(ranked_semaphore_trydown(&semaphore));
	lock_faults_set(0, 1);
	EXPECT_TRUE(ranked_semaphore_trydown(&semaphore));
}

/* Each round, all see what all have written in the round before. */
static void meet(void *data)
{
	u32 *missing = data;
	unsigned int i;

	for (i = 1; i <= ROUNDS / 10; i++) {
		xadd(&inside, 1);
		if (ranked_barrier_enter(&barrier))
			xadd(&last_arrivals, 1);
		if (READ_ONCE(inside) < i * THREADS)
			xadd(missing, 1);
		ranked_barrier_enter(&barrier);
	}
}

TEST_F(locks, barrier_waits_for_all)
{
	u32 missing = 0;

	inside = 0;
	ranked_barrier_init(&barrier, &class, THREADS);
	support_run_threads(THREADS, meet, &missing);
	EXPECT_EQ(0, missing);
	EXPECT_EQ(ROUNDS / 10, last_arrivals);
}

TEST_HARNESS_MAIN

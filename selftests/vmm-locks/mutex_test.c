// SPDX-License-Identifier: GPL-2.0
/*
 * Mutexes between threads.
 */
#include "fixture.h"
#include "host/vmm/locks/ranked_mutex.h"

#define THREADS		8
#define ROUNDS		2000
#define FAULTS		100

static const struct lock_class class = { "tested", 10 };

/* Plain, so that sanitizers see who is not alone. */
static u64 guarded;
static struct ranked_mutex mutex;

FIXTURE(locks) {
};

FIXTURE_SETUP(locks)
{
	support_start();
	ranked_mutex_init(&mutex, &class);
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

TEST_HARNESS_MAIN

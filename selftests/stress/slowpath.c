// SPDX-License-Identifier: GPL-2.0
/*
 * What only the lock core has: halted waiters, their order, and statistics.
 */
#include <pthread.h>
#include <sched.h>

#include "../../kernel/statistics.h"
#include "../../kernel/ticket_core.h"

#define STRESS_LOCK_HEADER "lock_pvticket.h"
#include "fixture.h"

#define QUEUE_LENGTH	8
#define RUNS_IN_VAIN	100
#define NSEC_PER_S	1000000000ULL
#define TICKET_WRAP	((1U << TICKET_SHIFT) / TICKET_LOCK_INC)

struct arena {
	struct ticket_lock lock;
	struct stress_guarded guarded;
};

static void lock_body(struct stress_thread *thread)
{
	struct arena *arena = thread->shared;

	do {
		ticket_lock(&arena->lock);
		stress_critical_section(&arena->guarded);
		ticket_unlock(&arena->lock);
		thread->ops++;
	} while (!stress_stopped());
}

static struct ticket_statistics statistics(void)
{
	struct ticket_statistics sum = { 0 };
	unsigned int cpu;

	for (cpu = 0; cpu < platform_nr_cpus(); cpu++)
		ticket_statistics_accumulate(&sum,
					     platform_user_statistics(cpu));
	return sum;
}

static u64 halts(const struct ticket_statistics *sum)
{
	return sum->taken_slow - sum->taken_slow_pickup;
}

static u64 histogram_total(const struct ticket_statistics *sum)
{
	unsigned int i;
	u64 total = 0;

	for (i = 0; i < TICKET_HISTO_BUCKETS; i++)
		total += sum->histo_blocked[i];
	return total;
}

static u64 spurious(const struct ticket_statistics *sum)
{
	return sum->taken_slow_spurious;
}

/* Whether anybody halts in a short run is up to the scheduler: run until it has happened. */
static struct ticket_statistics run_until(u64 (*happened)(const struct ticket_statistics *sum),
					  unsigned int threads)
{
	unsigned int left = RUNS_IN_VAIN;
	struct ticket_statistics sum;

	do {
		struct arena arena = { 0 };

		stress_run(threads, lock_body, &arena);
		sum = statistics();
	} while (!happened(&sum) && --left);
	return sum;
}

TEST_F(stress, statistics_add_up)
{
	struct ticket_statistics sum;

	ticket_set_spin_ns(1);
	sum = run_until(halts, self->threads);

	ASSERT_LT(0, halts(&sum));
	EXPECT_LT(0, sum.released_slow_kicked);
	EXPECT_LT(0, sum.time_blocked);
	EXPECT_EQ(halts(&sum), histogram_total(&sum));
	EXPECT_LE(sum.released_slow_kicked, sum.released_slow);
	EXPECT_LE(sum.taken_slow_spurious, halts(&sum));
	/* A halt that did not end by itself was kicked, and by one unlock. */
	EXPECT_LE(halts(&sum) - sum.taken_slow_spurious,
		  sum.released_slow_kicked);
	/* An attempt to halt is kicked at most once, if it halts or not. */
	EXPECT_LE(sum.released_slow_kicked, sum.taken_slow);
}

TEST_F(stress, clock_that_steps_back_adds_nothing)
{
	u64 now = platform_clock_ns();

	EXPECT_LE(NSEC_PER_S, ticket_ns_since(now - NSEC_PER_S));
	EXPECT_EQ(0, ticket_ns_since(now + 1000 * NSEC_PER_S));
}

TEST_F(stress, faults_end_halts_for_no_reason)
{
	struct ticket_statistics sum;

	ticket_set_spin_ns(1);
	platform_user_inject_faults(500);
	sum = run_until(spurious, self->threads);
	EXPECT_LT(0, sum.taken_slow_spurious);
}

TEST_F(stress, fifo_is_never_overtaken)
{
	struct ticket_statistics sum;

	ticket_set_spin_ns(1);
	ticket_set_overtake_limit(0);
	sum = run_until(halts, self->threads);

	EXPECT_LT(0, halts(&sum));
	EXPECT_EQ(0, sum.taken_overtaking);
}

TEST_F(stress, word_is_clean_when_all_is_over)
{
	struct stress_result result;
	struct arena arena = { 0 };

	ticket_set_spin_ns(1);
	result = stress_run(self->threads, lock_body, &arena);
	ASSERT_TRUE(stress_excluded(&arena.guarded, result.ops));
	EXPECT_FALSE(ticket_is_locked(&arena.lock));
	EXPECT_FALSE(ticket_word_is_slow(ticket_word_read(&arena.lock)));
	EXPECT_EQ(arena.lock.tickets.head, arena.lock.tickets.tail);
}

TEST_F(stress, tickets_wrap_around)
{
	struct ticket_lock lock = TICKET_LOCK_UNLOCKED;
	unsigned int i;

	for (i = 0; i <= TICKET_WRAP; i++) {
		ticket_lock(&lock);
		ASSERT_TRUE(ticket_is_locked(&lock));
		ASSERT_FALSE(ticket_is_contended(&lock));
		ASSERT_FALSE(ticket_trylock(&lock));
		ticket_unlock(&lock);
		ASSERT_FALSE(ticket_is_locked(&lock));
	}
	/* One lap and one step. */
	EXPECT_EQ(TICKET_LOCK_INC, lock.tickets.head);
}

struct queue {
	struct ticket_lock lock;
	unsigned int order[QUEUE_LENGTH];
	unsigned int served;
};

struct customer {
	struct queue *queue;
	unsigned int number;
	pthread_t thread;
};

static void *queue_up(void *data)
{
	struct customer *customer = data;
	struct queue *queue = customer->queue;

	platform_user_register();
	ticket_lock(&queue->lock);
	queue->order[queue->served++] = customer->number;
	ticket_unlock(&queue->lock);
	platform_user_unregister();
	return NULL;
}

static void wait_for_tail(const struct ticket_lock *lock, ticket_t tail)
{
	while (ticket_word_tail(ticket_word_read(lock)) != tail)
		sched_yield();
}

TEST_F(stress, waiters_are_served_in_order)
{
	/* Half of the way through the queue, the tickets wrap around. */
	ticket_t first = -(ticket_t)(QUEUE_LENGTH / 2 * TICKET_LOCK_INC);
	struct customer customers[QUEUE_LENGTH];
	struct queue queue = { 0 };
	unsigned int i;

	ticket_set_spin_ns(1);
	queue.lock.tickets.head = first;
	queue.lock.tickets.tail = first;
	/* Late comers would overtake; all are in the queue before it moves. */
	ticket_set_overtake_limit(0);
	ticket_lock(&queue.lock);
	for (i = 0; i < QUEUE_LENGTH; i++) {
		customers[i].queue = &queue;
		customers[i].number = i;
		ASSERT_EQ(0, pthread_create(&customers[i].thread, NULL,
					    queue_up, &customers[i]));
		wait_for_tail(&queue.lock,
			      first + (i + 2) * TICKET_LOCK_INC);
	}
	EXPECT_TRUE(ticket_is_contended(&queue.lock));
	ticket_unlock(&queue.lock);

	for (i = 0; i < QUEUE_LENGTH; i++)
		pthread_join(customers[i].thread, NULL);
	ASSERT_EQ(QUEUE_LENGTH, queue.served);
	for (i = 0; i < QUEUE_LENGTH; i++)
		EXPECT_EQ(i, queue.order[i]);
}

static u64 slow_takes(void)
{
	return statistics().taken_slow;
}

/* The main thread takes the lock again and again while one waiter is halted. */
TEST_F(stress, overtaking_is_bounded)
{
	const unsigned int limit = 5;
	struct queue queue = { 0 };
	struct customer customer = { .queue = &queue };
	unsigned int taken = 0;

	ticket_set_spin_ns(1);
	ticket_set_overtake_limit(limit);
	ticket_lock(&queue.lock);
	ASSERT_EQ(0, pthread_create(&customer.thread, NULL, queue_up,
				    &customer));
	while (!slow_takes())
		sched_yield();
	for (;;) {
		ticket_unlock(&queue.lock);
		ticket_lock(&queue.lock);
		if (queue.served)
			break;
		taken++;
	}
	ticket_unlock(&queue.lock);
	pthread_join(customer.thread, NULL);
	EXPECT_LE(taken, limit);
}

TEST_HARNESS_MAIN

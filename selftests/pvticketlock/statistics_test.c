// SPDX-License-Identifier: GPL-2.0
/*
 * Do waiters halt, are they kicked, and do the statistics add up?
 */
#include <string.h>

#include "fixture.h"

#define CONTENTION	DEBUGFS "pvticketlock_test/contention"
#define MILLISECONDS	"1000"

/* Nobody overtakes, so that each hand-over is to a halted waiter. */
#define HALT_OFTEN	HALT_SOON " overtake=0"
#define TABLE_BYTES	(64 * 1024)

FIXTURE(statistics) {
};

FIXTURE_SETUP(statistics)
{
	ASSERT_EQ(0, unload_all());
}

FIXTURE_TEARDOWN(statistics)
{
	EXPECT_EQ(0, unload_all());
}

static long long halts(void)
{
	return counter("taken_slow") - counter("taken_slow_pickup");
}

/* Contend until a counter has counted. */
static int contend_until(const char *name)
{
	return run_until(counter(name), guest_write(CONTENTION, MILLISECONDS));
}

/* The same until somebody has halted. */
static int contend_until_halts(void)
{
	return run_until(halts(), guest_write(CONTENTION, MILLISECONDS));
}

/* The sum of the second column. */
static long long histogram_total(const char *name)
{
	static char text[TABLE_BYTES];
	long long count, total = 0;
	char *line, *rest = text;
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "pvticketlock/%s", name);
	if (guest_read(path, text, sizeof(text)) < 0)
		return -1;
	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "%*u %lld", &count) == 1)
			total += count;
	}
	return total;
}

/* The sum of that column of the table with a line per CPU. */
static long long percpu_total(const char *name)
{
	static char text[TABLE_BYTES];
	char *line, *rest = text, *word;
	int column = 0, wanted = -1;
	long long total = 0;

	if (guest_read(DEBUGFS "pvticketlock/percpu", text, sizeof(text)) < 0)
		return -1;
	line = strsep(&rest, "\n");
	for (; (word = strsep(&line, " ")); column++) {
		if (!strcmp(word, name))
			wanted = column;
	}
	if (wanted < 0)
		return -1;
	while ((line = strsep(&rest, "\n"))) {
		for (column = 0; (word = strsep(&line, " ")); column++) {
			if (column == wanted)
				total += atoll(word);
		}
	}
	return total;
}

TEST_F(statistics, waiters_halt_and_are_kicked)
{
	if (no_contention(false))
		SKIP(return, "%s", no_contention(false));
	if (!guest_waiters_halt())
		SKIP(return, "waiters_halt_and_are_kicked: nobody halts here");
	ASSERT_EQ(0, load_all(HALT_OFTEN));
	ASSERT_EQ(0, contend_until("released_slow_kicked"));
	EXPECT_LT(0, halts());
	EXPECT_LT(0, counter("released_slow_kicked"));
	EXPECT_LT(0, counter("time_blocked"));
	EXPECT_LT(0, histogram_total("histo_kick"));
	EXPECT_LE(histogram_total("histo_kick"),
		  counter("released_slow_kicked"));
	TH_LOG("%lld halts, %lld of them spurious, %lld kicks, %lld overtakings",
	       halts(), counter("taken_slow_spurious"),
	       counter("released_slow_kicked"), counter("taken_overtaking"));
}

TEST_F(statistics, add_up)
{
	if (no_contention(false))
		SKIP(return, "%s", no_contention(false));
	if (!guest_waiters_halt())
		SKIP(return, "add_up: nobody halts here");
	ASSERT_EQ(0, load_all(HALT_OFTEN));
	ASSERT_EQ(0, contend_until_halts());
	ASSERT_LT(0, halts());
	EXPECT_EQ(halts(), histogram_total("histo_blocked"));
	EXPECT_LE(counter("released_slow_kicked"), counter("released_slow"));
	EXPECT_LE(counter("taken_slow_spurious"), halts());
	/* A halt that did not end by itself was kicked, and by one unlock. */
	EXPECT_LE(halts() - counter("taken_slow_spurious"),
		  counter("released_slow_kicked"));
	/* An attempt to halt is kicked at most once, if it halts or not. */
	EXPECT_LE(counter("released_slow_kicked"), counter("taken_slow"));
	EXPECT_EQ(counter("taken_slow"), percpu_total("taken_slow"));
	EXPECT_EQ(counter("time_blocked"), percpu_total("time_blocked"));
	EXPECT_EQ(counter("released_slow_kicked"),
		  percpu_total("released_slow_kicked"));
}

TEST_F(statistics, reset_makes_all_zero)
{
	if (no_contention(false))
		SKIP(return, "%s", no_contention(false));
	if (!guest_waiters_halt())
		SKIP(return, "reset_makes_all_zero: nobody halts here");
	ASSERT_EQ(0, load_all(HALT_OFTEN));
	ASSERT_EQ(0, contend_until("taken_slow"));
	ASSERT_LT(0, counter("taken_slow"));
	ASSERT_EQ(0, guest_write(DEBUGFS "pvticketlock/reset", "1"));
	EXPECT_EQ(0, counter("taken_slow"));
	EXPECT_EQ(0, counter("time_blocked"));
	EXPECT_EQ(0, counter("released_slow_kicked"));
	EXPECT_EQ(0, histogram_total("histo_blocked"));
	EXPECT_EQ(0, histogram_total("histo_kick"));
	EXPECT_EQ(0, percpu_total("taken_slow"));

	/* And it goes on counting. */
	ASSERT_EQ(0, contend_until("taken_slow"));
	EXPECT_LT(0, counter("taken_slow"));
	EXPECT_EQ(halts(), histogram_total("histo_blocked"));
}

TEST_F(statistics, can_be_switched)
{
	if (no_contention(false))
		SKIP(return, "%s", no_contention(false));
	if (!guest_waiters_halt())
		SKIP(return, "can_be_switched: nobody halts here");
	ASSERT_EQ(0, load_all(HALT_OFTEN " stats=0"));
	ASSERT_EQ(0, guest_write(CONTENTION, MILLISECONDS));
	EXPECT_EQ(0, counter("taken_slow"));
	EXPECT_EQ(0, counter("released_slow_kicked"));
	EXPECT_EQ(0, histogram_total("histo_kick"));
	ASSERT_EQ(0, guest_write(PARAMETERS "stats", "1"));
	ASSERT_EQ(0, contend_until("taken_slow"));
	EXPECT_LT(0, counter("taken_slow"));
}

TEST_F(statistics, faults_are_injected_on_request)
{
	if (no_contention(false))
		SKIP(return, "%s", no_contention(false));
	if (!guest_waiters_halt())
		SKIP(return, "faults_are_injected_on_request: nobody halts here");
	ASSERT_EQ(0, guest_load("pvticketlock", HALT_OFTEN));
	ASSERT_EQ(0, guest_load("pvticketlock_test", ""));
	EXPECT_EQ(0, counter("fault_per_mille"));
	ASSERT_EQ(0, guest_write(CONTENTION, MILLISECONDS));
	EXPECT_EQ(0, counter("fault_injected"));

	EXPECT_EQ(-EINVAL, guest_write(DEBUGFS "pvticketlock/fault_per_mille",
				       "1001"));
	EXPECT_EQ(-EINVAL, guest_write(DEBUGFS "pvticketlock/fault_delay_us",
				       "1001"));
	ASSERT_EQ(0, inject_faults("500"));
	ASSERT_EQ(0, contend_until("taken_slow_spurious"));
	EXPECT_LT(0, counter("fault_injected"));
	EXPECT_LT(0, counter("taken_slow_spurious"));
	EXPECT_EQ(halts(), histogram_total("histo_blocked"));
}

TEST_F(statistics, native_backend_never_halts)
{
	if (no_contention(false))
		SKIP(return, "%s", no_contention(false));
	ASSERT_EQ(0, load_all(HALT_SOON " backend=native"));
	ASSERT_EQ(0, guest_write(CONTENTION, MILLISECONDS));
	EXPECT_EQ(0, counter("taken_slow"));
	EXPECT_EQ(0, counter("released_slow"));
}

TEST_F(statistics, nobody_is_overtaken_in_fifo_order)
{
	if (no_contention(false))
		SKIP(return, "%s", no_contention(false));
	ASSERT_EQ(0, load_all(HALT_OFTEN));
	ASSERT_EQ(0, guest_write(CONTENTION, MILLISECONDS));
	EXPECT_EQ(0, counter("taken_overtaking"));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * Are contended locks visible to the kernel's tools? They listen to the
 * tracepoints contention_begin and contention_end.
 */
#include "fixture.h"
#include "takeover.h"

#define TRACING		"/sys/kernel/tracing/"
#define LOCK_EVENTS	TRACING "events/lock/"
#define CONTENTION	DEBUGFS "pvticketlock_test/contention"
#define MILLISECONDS	"500"

FIXTURE(contention) {
};

FIXTURE_SETUP(contention)
{
	ASSERT_EQ(0, unload_all());
}

static void listen(const char *on)
{
	guest_write(LOCK_EVENTS "contention_begin/enable", on);
	guest_write(LOCK_EVENTS "contention_end/enable", on);
}

FIXTURE_TEARDOWN(contention)
{
	listen("0");
	EXPECT_EQ(0, unload_all());
}

/* The events since the buffer was emptied that have both words. */
static unsigned int events(const char *event, const char *word)
{
	unsigned int count = 0;
	char line[512];
	FILE *trace = fopen(TRACING "trace", "re");

	while (trace && fgets(line, sizeof(line), trace))
		count += strstr(line, event) && strstr(line, word);
	if (trace)
		fclose(trace);
	return count;
}

static bool no_tracepoints(void)
{
	return access(LOCK_EVENTS "contention_begin", F_OK);
}

TEST_F(contention, locks_of_the_module_are_traced)
{
	if (no_contention(false) || no_tracepoints())
		SKIP(return, "no contention, or no tracepoints");
	ASSERT_EQ(0, load_lock(HALT_SOON));
	ASSERT_EQ(0, guest_load("pvticketlock_test", ""));
	EXPECT_EQ(0, truncate(TRACING "trace", 0));
	ASSERT_EQ(0, guest_write(CONTENTION, MILLISECONDS));
	EXPECT_EQ(0, events("contention_begin", ""));

	listen("1");
	ASSERT_EQ(0, guest_write(CONTENTION, MILLISECONDS));
	listen("0");
	EXPECT_LT(0, events("contention_begin", "SPIN"));
	EXPECT_LT(0, events("contention_end", "ret=0"));
}

TEST_F(contention, spinlocks_are_traced_when_taken_over)
{
	if (no_contention(false) || no_tracepoints())
		SKIP(return, "no contention, or no tracepoints");
	if (why_no_takeover())
		SKIP(return, "no takeover: %s", why_no_takeover());
	ASSERT_EQ(0, load_all(HALT_SOON " takeover=1"));
	EXPECT_EQ(0, truncate(TRACING "trace", 0));
	listen("1");
	ASSERT_EQ(0, guest_write(SPINLOCKS, MILLISECONDS));
	listen("0");
	EXPECT_LT(0, events("contention_begin", "SPIN"));
	EXPECT_LT(0, events("contention_end", "ret=0"));
}

TEST_HARNESS_MAIN

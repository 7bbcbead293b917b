// SPDX-License-Identifier: GPL-2.0
/*
 * What the seed of a plan is good for. The control does without it, and has to
 * fail in each of these tests.
 */
#include "../harness.h"
#include "../../host/vmm/inject/inject_plan.h"

#define ANSWERS		1000

/* The rings that are answered, and for how long. */
struct record {
	u64 ring[ANSWERS];
	u64 for_ns[ANSWERS];
};

static void follow(const char *text, u64 seed, struct record *record)
{
	struct inject_answer answer;
	struct inject_plan plan;
	unsigned int number = 0;
	char copy[128];
	u64 ring;

	snprintf(copy, sizeof(copy), "%s", text);
	if (inject_plan__parse(&plan, copy))
		abort();
	inject_plan__start(&plan, seed);
	for (ring = 1; number < ANSWERS; ring++) {
		if (!inject_plan__ring(&plan, INJECT_RING(INJECT_HOLDER, 1),
				       &answer))
			continue;
		record->ring[number] = ring;
		record->for_ns[number] = answer.for_ns;
		number++;
	}
}

static unsigned int differences(const u64 *a, const u64 *b)
{
	unsigned int i, number = 0;

	for (i = 0; i < ANSWERS; i++)
		number += a[i] != b[i];
	return number;
}

TEST(another_seed_answers_other_rings)
{
	struct record first, second;

	follow("holder:1,for=1ms,every=100,jitter=50", 1, &first);
	follow("holder:1,for=1ms,every=100,jitter=50", 2, &second);
	EXPECT_GT(differences(first.ring, second.ring), ANSWERS * 9 / 10);
}

TEST(another_seed_gives_other_times)
{
	struct record first, second;

	follow("holder:1,for=1ms,jitter=50", 1, &first);
	follow("holder:1,for=1ms,jitter=50", UINT64_MAX, &second);
	EXPECT_GT(differences(first.for_ns, second.for_ns), ANSWERS * 9 / 10);
}

TEST_HARNESS_MAIN

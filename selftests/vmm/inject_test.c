// SPDX-License-Identifier: GPL-2.0
/*
 * Plans of preemptions: what they mean, what is refused, and who answers rings
 * that come from several vCPUs.
 */
#include <errno.h>

#include "../harness.h"
#include "../../host/vmm/devices/bus.h"
#include "../../host/vmm/devices/doorbell.h"
#include "../../host/vmm/vm/vcpu.h"
#include "../../host/vmm/vm/vm_inject.h"
#include "fixture.h"

#define LENGTH		256
#define THREADS		4
#define RINGS		2000
#define PORT		0x620

static struct inject_plan plan;

/* Returns what is wrong, or NULL. */
static const char *parse(const char *text)
{
	static char copy[LENGTH];

	snprintf(copy, LENGTH, "%s", text);
	return inject_plan__parse(&plan, copy);
}

/* Starts a plan of one rule; writes the numbers of the answered rings. */
static unsigned int answers(const char *text, u32 ring, u64 *numbers,
			    unsigned int most)
{
	struct inject_answer answer;
	unsigned int number = 0;
	u64 i;

	if (parse(text))
		abort();
	inject_plan__start(&plan, 0);
	for (i = 1; number < most && i <= 1000; i++)
		if (inject_plan__ring(&plan, ring, &answer))
			numbers[number++] = i;
	return number;
}

TEST(a_plan_is_read)
{
	ASSERT_EQ(NULL, parse("holder:1,for=5ms,every=10,jitter=20;"
			      "waiter:65535,for=300us,at=1+7,mode=hog"));
	ASSERT_EQ(2, plan.rules);
	EXPECT_EQ(INJECT_HOLDER, plan.rule[0].who);
	EXPECT_EQ(1, plan.rule[0].lock);
	EXPECT_EQ(5000000, plan.rule[0].for_ns);
	EXPECT_EQ(10, plan.rule[0].every);
	EXPECT_EQ(20, plan.rule[0].jitter);
	EXPECT_EQ(INJECT_PARK, plan.rule[0].mode);
	EXPECT_EQ(INJECT_WAITER, plan.rule[1].who);
	EXPECT_EQ(0xffff, plan.rule[1].lock);
	EXPECT_EQ(300000, plan.rule[1].for_ns);
	EXPECT_EQ(0, plan.rule[1].every);
	ASSERT_EQ(2, plan.rule[1].nr_counts);
	EXPECT_EQ(7, plan.rule[1].counts[1]);
	EXPECT_EQ(INJECT_HOG, plan.rule[1].mode);
	EXPECT_TRUE(inject_plan__uses(&plan, INJECT_HOG));
	ASSERT_EQ(NULL, parse("holder:1,for=1us"));
	EXPECT_FALSE(inject_plan__uses(&plan, INJECT_HOG));
	EXPECT_EQ(1, plan.rule[0].every);
}

TEST(what_makes_no_sense_is_refused)
{
	static const char * const wrong[] = {
		"", ";", "holder", "holder:", "holder:0,for=1ms",
		"holder:65536,for=1ms", "owner:1,for=1ms", "holder:x,for=1ms",
		"holder:1", "holder:1,for", "holder:1,for=", "holder:1,for=5",
		"holder:1,for=5s", "holder:1,for=0ms", "holder:1,for=-1ms",
		"holder:1,for=10001ms", "holder:1,for=99999999999999999999ms",
		"holder:1,for=5ms,every=0", "holder:1,for=5ms,every=2x",
		"holder:1,for=5ms,at=", "holder:1,for=5ms,at=0",
		"holder:1,for=5ms,at=2+2", "holder:1,for=5ms,at=2+1",
		"holder:1,for=5ms,at=2+", "holder:1,for=5ms,at=1,every=2",
		"holder:1,for=5ms,jitter=101", "holder:1,for=5ms,mode=nap",
		"holder:1,for=5ms,for=6ms", "holder:1,for=5ms,colour=red",
		"holder:1,for=5ms;holder:1,for=6ms",
		"holder:1,for=1ms,at=1+2+3+4+5+6+7+8+9+10+11+12+13+14+15+16+17+18+19+20+21+22+23+24+25+26+27+28+29+30+31+32+33",
		"holder:1,for=1ms;holder:2,for=1ms;holder:3,for=1ms;holder:4,for=1ms;holder:5,for=1ms;holder:6,for=1ms;holder:7,for=1ms;holder:8,for=1ms;"
		"holder:9,for=1ms;holder:10,for=1ms;holder:11,for=1ms;holder:12,for=1ms;holder:13,for=1ms;holder:14,for=1ms;holder:15,for=1ms;holder:16,for=1ms;holder:17,for=1ms",
	};
	char copy[1024];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(copy, sizeof(copy), "%s", wrong[i]);
		EXPECT_NE(NULL, inject_plan__parse(&plan, copy))
			TH_LOG("accepted: %s", wrong[i]);
	}
}

TEST(every_kth_ring_is_answered)
{
	u64 numbers[4];

	ASSERT_EQ(4, answers("holder:3,for=1ms,every=5",
			     INJECT_RING(INJECT_HOLDER, 3), numbers, 4));
	EXPECT_EQ(5, numbers[0]);
	EXPECT_EQ(10, numbers[1]);
	EXPECT_EQ(20, numbers[3]);
	EXPECT_EQ(4, plan.rule[0].planned);
	EXPECT_EQ(20, plan.rule[0].rings);
}

TEST(rings_are_answered_at_given_counts)
{
	u64 numbers[4];

	ASSERT_EQ(3, answers("waiter:1,for=1ms,at=1+2+9",
			     INJECT_RING(INJECT_WAITER, 1), numbers, 4));
	EXPECT_EQ(1, numbers[0]);
	EXPECT_EQ(2, numbers[1]);
	EXPECT_EQ(9, numbers[2]);
}

TEST(other_rings_are_not_answered)
{
	u64 number;

	EXPECT_EQ(0, answers("holder:1,for=1ms", 0, &number, 1));
	EXPECT_EQ(0, answers("holder:1,for=1ms", 1, &number, 1));
	EXPECT_EQ(0, answers("holder:1,for=1ms", ~0U, &number, 1));
	EXPECT_EQ(0, answers("holder:1,for=1ms",
			     INJECT_RING(INJECT_WAITER, 1), &number, 1));
	EXPECT_EQ(0, answers("holder:1,for=1ms",
			     INJECT_RING(INJECT_HOLDER, 2), &number, 1));
	EXPECT_EQ(1, answers("holder:1,for=1ms",
			     INJECT_RING(INJECT_HOLDER, 1), &number, 1));
}

TEST(jitter_stays_within_bounds_and_reaches_them)
{
	u64 least = UINT64_MAX, most = 0, last = 0, ring;
	u64 shortest = UINT64_MAX, longest = 0;
	struct inject_answer answer;

	ASSERT_EQ(NULL, parse("holder:1,for=1ms,every=100,jitter=25"));
	inject_plan__start(&plan, 1);
	for (ring = 1; ring <= 1000000; ring++) {
		if (!inject_plan__ring(&plan, INJECT_RING(INJECT_HOLDER, 1),
				       &answer))
			continue;
		least = min(least, ring - last);
		most = ring - last > most ? ring - last : most;
		last = ring;
		shortest = min(shortest, answer.for_ns);
		longest = answer.for_ns > longest ? answer.for_ns : longest;
	}
	EXPECT_EQ(75, least);
	EXPECT_EQ(125, most);
	EXPECT_GE(shortest, 750000);
	EXPECT_LT(shortest, 760000);
	EXPECT_LE(longest, 1250000);
	EXPECT_GT(longest, 1240000);
	EXPECT_GT(plan.rule[0].planned, 9800);
	EXPECT_LT(plan.rule[0].planned, 10200);
}

/* To the bit, whatever else happens in between. */
TEST(the_same_seed_gives_the_same_answers)
{
	struct inject_answer first, second;
	struct inject_plan again;
	bool answered;
	int i, answers = 0;

	ASSERT_EQ(NULL, parse("holder:1,for=5ms,every=7,jitter=50;"
			      "waiter:1,for=2ms,every=3,jitter=100"));
	again = plan;
	inject_plan__start(&plan, 20250711);
	inject_plan__start(&again, 20250711);
	for (i = 0; i < 100000; i++) {
		u32 ring = INJECT_RING(i % 5 ? INJECT_HOLDER : INJECT_WAITER, 1);

		/* A ring of nobody's lock. */
		inject_plan__ring(&again, i, &second);
		answered = inject_plan__ring(&plan, ring, &first);
		ASSERT_EQ(answered, inject_plan__ring(&again, ring, &second));
		if (!answered)
			continue;
		ASSERT_EQ(first.rule, second.rule);
		ASSERT_EQ(first.for_ns, second.for_ns);
		answers++;
	}
	EXPECT_GT(answers, 15000);
}

FIXTURE(doorbell) {
	struct options options;
	struct vm vm;
	struct vcpu vcpus[THREADS];
	struct inject inject;
	struct doorbell doorbell;
	struct bus bus;
};

/* The harness keeps fixtures where callbacks cannot find them. */
static struct _test_data_doorbell *machine;

static void ring(struct doorbell *doorbell, unsigned int vcpu, u32 number)
{
	(void)doorbell;
	inject__ring(&machine->vcpus[vcpu].injection, number);
}

static u32 tell(struct doorbell *doorbell, u64 offset)
{
	(void)doorbell;
	return inject__tell(&machine->inject, offset);
}

FIXTURE_SETUP(doorbell)
{
	unsigned int i;

	memset(self, 0, sizeof(*self));
	machine = self;
	test_locks__init();
	test_thread__enter("test");
	self->vm.options = &self->options;
	self->vm.vcpus = self->vcpus;
	self->vm.nr_vcpus = THREADS;
	for (i = 0; i < THREADS; i++) {
		self->vcpus[i].vm = &self->vm;
		self->vcpus[i].number = i;
	}
	doorbell__init(&self->doorbell);
	self->doorbell.ring = ring;
	self->doorbell.tell = tell;
	self->doorbell.device.own_lock_suffices = true;
	ASSERT_EQ(0, bus__init(&self->bus, "test"));
	ASSERT_EQ(0, bus__add(&self->bus, &self->doorbell.device, PORT,
			      DOORBELL_SIZE));
}

FIXTURE_TEARDOWN(doorbell)
{
	vm_inject__stop(&self->vm);
	bus__destroy(&self->bus);
	test_thread__exit();
}

static u32 read_register(struct transaction *transaction, u64 offset)
{
	u32 value = 0;

	bus__read(&machine->bus, transaction, PORT + offset, &value, 4);
	return value;
}

/* A vCPU that does nothing but ring, and is held back now and then. */
static void *ring_often(void *argument)
{
	struct vcpu *vcpu = argument;
	struct transaction transaction = { .vcpu = vcpu - machine->vcpus };
	u32 number = INJECT_RING(INJECT_HOLDER, 1);
	int i;

	test_thread__enter("vcpu");
	for (i = 0; i < RINGS; i++) {
		bus__write(&machine->bus, &transaction, PORT, &number, 4);
		while (inject__holds_back(&vcpu->injection))
			;
	}
	test_thread__exit();
	return NULL;
}

TEST_F(doorbell, rings_of_several_vcpus_are_counted)
{
	struct transaction transaction = { 0 };
	pthread_t threads[THREADS];
	char text[] = "holder:1,for=100us,every=100";
	int i;

	ASSERT_EQ(NULL, inject_plan__parse(&self->options.inject, text));
	ASSERT_EQ(0, vm_inject__start(&self->inject, &self->vm));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, ring_often,
					    &self->vcpus[i]));
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(THREADS * RINGS, read_register(&transaction, DOORBELL_RINGS));
	EXPECT_EQ(THREADS * RINGS, self->inject.plan.rule[0].rings);
	EXPECT_EQ(THREADS * RINGS / 100,
		  read_register(&transaction, DOORBELL_PLANNED));
	EXPECT_EQ(THREADS * RINGS / 100,
		  read_register(&transaction, DOORBELL_DONE));
	EXPECT_GE(read_register(&transaction, DOORBELL_HELD_US),
		  THREADS * RINGS);
	EXPECT_EQ(1 << INJECT_PARK,
		  read_register(&transaction, DOORBELL_MODES));
}

TEST_F(doorbell, without_a_plan_nobody_is_held_back)
{
	struct transaction transaction = { 0 };
	u32 number = INJECT_RING(INJECT_HOLDER, 1);

	ASSERT_EQ(0, vm_inject__start(&self->inject, &self->vm));
	bus__write(&self->bus, &transaction, PORT, &number, 4);
	EXPECT_FALSE(inject__holds_back(&self->vcpus[0].injection));
	EXPECT_EQ(1, read_register(&transaction, DOORBELL_RINGS));
	EXPECT_EQ(0, read_register(&transaction, DOORBELL_PLANNED));
	EXPECT_EQ(0, read_register(&transaction, DOORBELL_MODES));
}

TEST_F(doorbell, a_hog_needs_vcpus_with_one_cpu)
{
	char text[] = "holder:1,for=1ms,mode=hog";

	ASSERT_EQ(NULL, inject_plan__parse(&self->options.inject, text));
	EXPECT_EQ(-EINVAL, vm_inject__start(&self->inject, &self->vm));
	self->options.cpu_lists = 1;
	CPU_SET(0, &self->options.cpu_list[0]);
	CPU_SET(1, &self->options.cpu_list[0]);
	EXPECT_EQ(-EINVAL, vm_inject__start(&self->inject, &self->vm));
	/* There is no such priority, nor such a CPU. */
	CPU_CLR(1, &self->options.cpu_list[0]);
	self->options.sched_priority = 1000;
	EXPECT_EQ(-EINVAL, vm_inject__start(&self->inject, &self->vm));
}

TEST_HARNESS_MAIN

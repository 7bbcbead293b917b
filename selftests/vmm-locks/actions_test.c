// SPDX-License-Identifier: GPL-2.0
/*
 * Actions: those of one bit, and those that carry data.
 */
#include "fixture.h"
#include "fake_vcpu.h"
#include "host/vmm/locks/lock_classes.h"

#define PRODUCERS	4
#define ROUNDS		5000

static struct fake_vcpu vcpu;
static u32 received, disordered;
static u32 last_from[PRODUCERS];
static u32 next_producer;

FIXTURE(actions) {
};

FIXTURE_SETUP(actions)
{
	support_start();
	fake_vcpu_init(&vcpu);
}

FIXTURE_TEARDOWN(actions)
{
	support_stop();
}

/* On the calling thread, without a run loop. */
TEST_F(actions, posting_twice_is_posting_once)
{
	struct vcpu_inbox *inbox = &vcpu.core.inbox;

	vcpu_inbox_attach(inbox);
	action_post(inbox, FAKE_LAZY);
	action_post(inbox, FAKE_LAZY);
	actions_drain(inbox);
	EXPECT_EQ(1, vcpu.handled[FAKE_LAZY]);
	actions_drain(inbox);
	EXPECT_EQ(1, vcpu.handled[FAKE_LAZY]);
	action_post(inbox, FAKE_LAZY);
	actions_drain(inbox);
	EXPECT_EQ(2, vcpu.handled[FAKE_LAZY]);
	EXPECT_EQ(0, vcpu.handled[FAKE_URGENT]);
	vcpu_inbox_detach(inbox);
}

TEST_F(actions, only_urgent_ones_keep_out_of_the_guest)
{
	struct vcpu_inbox *inbox = &vcpu.core.inbox;

	vcpu_inbox_attach(inbox);
	EXPECT_FALSE(actions_enter_guest(inbox));
	actions_drain(inbox);
	action_post(inbox, FAKE_LAZY);
	EXPECT_TRUE(actions_enter_guest(inbox));
	EXPECT_EQ(0, vcpu.immediate_exit);
	action_post(inbox, FAKE_URGENT);
	EXPECT_EQ(1, vcpu.immediate_exit);
	actions_leave_guest(inbox);
	EXPECT_FALSE(actions_enter_guest(inbox));
	vcpu_inbox_detach(inbox);
	EXPECT_EQ(1, vcpu.handled[FAKE_LAZY]);
	EXPECT_EQ(1, vcpu.handled[FAKE_URGENT]);
}

TEST_F(actions, lazy_ones_wait_for_an_exit)
{
	fake_vcpu_start(&vcpu);
	ASSERT_TRUE(support_becomes(&vcpu.in_guest, 1));
	action_post(&vcpu.core.inbox, FAKE_LAZY);
	support_sleep_us(20000);
	EXPECT_EQ(0, READ_ONCE(vcpu.handled[FAKE_LAZY]));
	action_post(&vcpu.core.inbox, FAKE_URGENT);
	EXPECT_TRUE(support_becomes(&vcpu.handled[FAKE_LAZY], 1));
	EXPECT_TRUE(support_becomes(&vcpu.handled[FAKE_URGENT], 1));
	fake_vcpu_quit(&vcpu);
}

struct message {
	struct queued_action action;
	u32 producer;
	u32 number;
};

static void receive(void *owner, struct queued_action *action)
{
	struct message *message = (struct message *)action;

	(void)owner;
	if (message->number != ++last_from[message->producer])
		xadd(&disordered, 1);
	free(message);
	xadd(&received, 1);
}

static void produce(void *data)
{
	u32 producer = xadd(&next_producer, 1);
	u32 i;

	for (i = 1; i <= ROUNDS; i++) {
		struct message *message = calloc(1, sizeof(*message));

		message->action.run = receive;
		message->producer = producer;
		message->number = i;
		action_queue(data, &message->action, i % 3);
	}
}

TEST_F(actions, data_arrives_once_and_in_order)
{
	fake_vcpu_start(&vcpu);
	support_run_threads(PRODUCERS, produce, &vcpu.core.inbox);
	/* The last ones may be lazy. */
	fake_vcpu_quit(&vcpu);
	EXPECT_EQ(PRODUCERS * ROUNDS, received);
	EXPECT_EQ(0, disordered);
}

/* Where ranks do not allow what has to be done, it is put off. */
static void post_to_self(struct fake_vcpu *self)
{
	struct ranked_mutex mutex;

	if (READ_ONCE(self->handled[FAKE_LAZY]))
		return;
	ranked_mutex_init(&mutex, &class_device);
	ranked_mutex_lock(&mutex);
	action_post(&self->core.inbox, FAKE_LAZY);
	ranked_mutex_unlock(&mutex);
}

TEST_F(actions, posted_to_oneself)
{
	vcpu.work = post_to_self;
	fake_vcpu_start(&vcpu);
	ASSERT_TRUE(support_becomes(&vcpu.in_guest, 1));
	action_post(&vcpu.core.inbox, FAKE_URGENT);
	EXPECT_TRUE(support_becomes(&vcpu.handled[FAKE_LAZY], 1));
	fake_vcpu_quit(&vcpu);
}

static void drain_above_base(void)
{
	struct vcpu_locked locked;
	struct ranked_mutex mutex;

	vcpu_lock__acquire(&vcpu.core, &locked);
	vcpu_inbox_attach(&vcpu.core.inbox);
	actions_drain(&vcpu.core.inbox);
	ranked_mutex_init(&mutex, &class_device);
	ranked_mutex_lock(&mutex);
	actions_drain(&vcpu.core.inbox);
}

TEST_F(actions, draining_above_base_rank_aborts)
{
	EXPECT_VIOLATION(drain_above_base, "may hold nothing above vcpu_execution");
	EXPECT_VIOLATION(drain_above_base, "it holds device, rank 100,");
}

/* An inbox whose thread is offline until told. */
static void halt_until_woken(struct fake_vcpu *self)
{
	fake_vcpu_halt(self);
}

static void exit_at_once(struct fake_vcpu *self)
{
	(void)self;
}

TEST_F(actions, offline_vcpus_drain_before_the_guest)
{
	u32 entries;

	vcpu.work = halt_until_woken;
	vcpu.guest = exit_at_once;
	fake_vcpu_start(&vcpu);
	ASSERT_TRUE(support_becomes(&vcpu.halted, 1));
	entries = READ_ONCE(vcpu.entries);
	action_post(&vcpu.core.inbox, FAKE_LAZY);
	support_sleep_us(20000);
	/* Nobody woke it for that. */
	EXPECT_EQ(0, READ_ONCE(vcpu.handled[FAKE_LAZY]));
	EXPECT_EQ(entries, READ_ONCE(vcpu.entries));
	action_post(&vcpu.core.inbox, FAKE_URGENT);
	EXPECT_TRUE(support_becomes(&vcpu.handled[FAKE_LAZY], 1));
	EXPECT_TRUE(support_becomes(&vcpu.handled[FAKE_URGENT], 1));
	fake_vcpu_quit(&vcpu);
}

TEST_F(actions, going_offline_with_work_is_refused)
{
	struct vcpu_inbox *inbox = &vcpu.core.inbox;

	vcpu_inbox_attach(inbox);
	action_post(inbox, FAKE_LAZY);
	EXPECT_FALSE(actions_go_offline(inbox));
	actions_drain(inbox);
	EXPECT_TRUE(actions_go_offline(inbox));
	actions_go_online(inbox);
	EXPECT_FALSE(actions_enter_guest(inbox));
	actions_drain(inbox);
	EXPECT_TRUE(actions_enter_guest(inbox));
	actions_leave_guest(inbox);
	vcpu_inbox_detach(inbox);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/*
 * No pause is lost between the last look at the inbox and the guest, or the
 * halt. Each round posts one urgent action to a vCPU that leaves by nothing
 * else, and waits for it to be handled.
 */
#include "fixture.h"
#include "fake_vcpu.h"

#define ROUNDS		20000
#define DELAYS		64
#define SPIN_NS		2000000
#define NSEC_PER_MSEC	1000000ULL
#define FAULT_PER_MILLE	200

static struct fake_vcpu vcpu;

FIXTURE(pause) {
};

FIXTURE_VARIANT(pause) {
	bool halts;
	u32 faults;
};

FIXTURE_VARIANT_ADD(pause, in_guest) {
	.halts = false,
};

FIXTURE_VARIANT_ADD(pause, offline) {
	.halts = true,
};

FIXTURE_VARIANT_ADD(pause, in_guest_delayed) {
	.halts = false,
	.faults = FAULT_PER_MILLE,
};

FIXTURE_VARIANT_ADD(pause, offline_delayed) {
	.halts = true,
	.faults = FAULT_PER_MILLE,
};

static void exit_at_once(struct fake_vcpu *self)
{
	(void)self;
}

FIXTURE_SETUP(pause)
{
	support_start();
	fake_vcpu_init(&vcpu);
	if (variant->halts) {
		vcpu.work = fake_vcpu_halt;
		vcpu.guest = exit_at_once;
	}
	platform_user_inject_faults(variant->faults);
}

FIXTURE_TEARDOWN(pause)
{
	platform_user_inject_faults(0);
	support_stop();
}

/*
 * Spin rather than yield, for a while: the moment that matters is soon after
 * the action was handled, and other threads may keep this one from running.
 */
static bool is_handled(u32 times)
{
	u64 start = platform_clock_ns();

	while (support_see(&vcpu.handled[FAKE_URGENT]) < times) {
		u64 waited = platform_clock_ns() - start;

		if (waited > SUPPORT_PATIENCE_MS * NSEC_PER_MSEC)
			return false;
		if (waited > SPIN_NS)
			sched_yield();
	}
	return true;
}

TEST_F(pause, is_not_lost)
{
	u32 rounds = variant->faults ? ROUNDS / 8 : ROUNDS;
	u32 seed = 1;
	u32 i, delay;

	fake_vcpu_start(&vcpu);
	for (i = 1; i <= rounds; i++) {
		for (delay = support_random(&seed) % DELAYS; delay; delay--)
			platform_relax();
		action_post(&vcpu.core.inbox, FAKE_URGENT);
		ASSERT_TRUE(is_handled(i)) {
			TH_LOG("round %u was lost", i);
		}
	}
	fake_vcpu_quit(&vcpu);
}

TEST_HARNESS_MAIN

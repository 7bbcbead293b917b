// SPDX-License-Identifier: GPL-2.0
/*
 * Preemption on command.
 */
#include <time.h>

#include "../devices/doorbell.h"
#include "inject.h"

/*
 * The longest piece of a vCPU's sleep. A signal ends a piece; one that comes
 * between the last look at the inbox and the sleep is noticed this much later.
 */
#define PIECE_NS	(5 * 1000000ULL)

/**
 * inject__ring() - answer a ring of the doorbell by the plan
 * @injection: of that vCPU
 * @ring: the number that it has rung with
 *
 * Context: The vCPU's thread, under the doorbell's lock.
 */
void inject__ring(struct vcpu_injection *injection, u32 ring)
{
	struct inject *inject = injection->inject;
	struct inject_answer answer;

	if (!inject || !inject_plan__ring(&inject->plan, ring, &answer))
		return;
	count(&inject->total.planned);
	count(&inject->rule[answer.rule].planned);
	injection->rule = answer.rule;
	injection->began_ns = 0;
	injection->for_ns = answer.for_ns;
}

/**
 * inject__tell() - read a register of the doorbell that tells of the plan
 * @inject: the plan, or all zero
 * @offset: register of the doorbell
 *
 * Context: Under the doorbell's lock.
 * Return: the register's value.
 */
u32 inject__tell(const struct inject *inject, u64 offset)
{
	const struct inject_total *total = &inject->total;

	switch (offset) {
	case DOORBELL_PLANNED:
		return READ_ONCE(total->planned);
	case DOORBELL_DONE:
		return READ_ONCE(total->done);
	case DOORBELL_HELD_US:
		return READ_ONCE(total->held_ns) / 1000;
	case DOORBELL_MODES:
		return inject_plan__uses(&inject->plan, INJECT_PARK) << INJECT_PARK |
			inject_plan__uses(&inject->plan, INJECT_HOG) << INJECT_HOG;
	default:
		return 0;
	}
}

static void add(u64 *sum, u64 value)
{
	__atomic_fetch_add(sum, value, __ATOMIC_RELAXED);
}

static void add_up(struct inject_total *total, u64 planned_ns, u64 held_ns)
{
	if (held_ns >= planned_ns)
		count(&total->done);
	add(&total->held_ns, held_ns);
}

/* It is over, however it went. */
static void conclude(struct vcpu_injection *injection, u64 held_ns)
{
	struct inject *inject = injection->inject;

	add_up(&inject->rule[injection->rule], injection->for_ns, held_ns);
	add_up(&inject->total, injection->for_ns, held_ns);
	injection->for_ns = 0;
}

/* A piece of the time for which the vCPU is parked. */
static void park(struct vcpu_injection *injection, u64 now)
{
	u64 end = injection->began_ns + injection->for_ns;
	u64 until = min(end, now + PIECE_NS);
	struct timespec time = {
		.tv_sec = until / NS_PER_SEC, .tv_nsec = until % NS_PER_SEC,
	};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
	now = platform_clock_ns();
	if (now >= end)
		conclude(injection, now - injection->began_ns);
}

/* The hog takes the CPU before this returns, and gives it back. */
static void run_hog(struct vcpu_injection *injection)
{
	hog__take_cpu(&injection->hog, injection->for_ns);
	conclude(injection, platform_clock_ns() - injection->began_ns);
}

/**
 * inject__holds_back() - hold a vCPU back, if it is to be
 * @injection: of that vCPU
 *
 * Context: The vCPU's thread, in the place of entering the guest. May sleep
 * for a while, which a signal ends.
 * Return: false if it may enter the guest; if not, it is to look at its inbox
 * and to try again.
 */
bool inject__holds_back(struct vcpu_injection *injection)
{
	u64 now;

	if (!injection->for_ns)
		return false;
	now = platform_clock_ns();
	if (!injection->began_ns)
		injection->began_ns = now;
	if (injection->inject->plan.rule[injection->rule].mode == INJECT_HOG)
		run_hog(injection);
	else
		park(injection, now);
	return true;
}

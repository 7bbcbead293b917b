// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kicks from all vCPUs against all others, while they halt with interrupts off:
 * one that is lost leaves its vCPU, and the test, hanging.
 */
#include <pthread.h>
#include <stdlib.h>

#include "harness.h"

#define VCPUS		6
#define HANDOVERS	6000
#define NOBODY		(~0ull)

static struct kvm_vcpu *vcpus[VCPUS];

/* Shared by the vCPUs.  The one whose number it is has the baton. */
static uint64_t baton;
static uint64_t handovers;
static uint64_t spins;
static uint64_t noise;

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

/* As a spinlock does it: spin for a while, then halt until kicked. */
static void wait_for_baton(uint32_t me)
{
	uint64_t i;

	for (;;) {
		for (i = 0; i < READ_ONCE(spins); i++) {
			if (READ_ONCE(baton) == me || READ_ONCE(baton) == NOBODY)
				return;
			cpu_relax();
		}
		asm volatile("cli; hlt" ::: "memory");
	}
}

static void kick_all_but(uint32_t me)
{
	uint32_t id;

	for (id = 0; id < VCPUS; id++)
		if (id != me)
			GUEST_ASSERT(!kick(id));
}

static void guest_passes_baton(uint32_t me)
{
	uint32_t seed = me + 1, next;

	for (;;) {
		wait_for_baton(me);
		if (READ_ONCE(baton) == NOBODY)
			break;

		if (++handovers == HANDOVERS) {
			WRITE_ONCE(baton, NOBODY);
			kick_all_but(me);
			break;
		}

		next = (me + 1 + next_random(&seed) % (VCPUS - 1)) % VCPUS;
		WRITE_ONCE(baton, next);
		GUEST_ASSERT(!kick(next));
		if (READ_ONCE(noise))
			kick(next_random(&seed) % (VCPUS + 2));
	}

	GUEST_DONE();
}

static void *run_to_done(void *data)
{
	struct kvm_vcpu *vcpu = data;
	int r;

	do {
		r = __vcpu_run(vcpu);
	} while (r && (errno == EINTR || errno == EAGAIN));

	return (void *)(long)(r || get_ucall(vcpu, NULL) != UCALL_DONE);
}

static void storm(uint64_t spin, bool with_noise)
{
	struct kvm_vm *vm = vm_create(VCPUS);
	pthread_t threads[VCPUS];
	void *failed;
	int i;

	spins = spin;
	noise = with_noise;
	sync_global_to_guest(vm, spins);
	sync_global_to_guest(vm, noise);
	for (i = 0; i < VCPUS; i++) {
		vcpus[i] = add_vcpu(vm, i, guest_passes_baton);
		vcpu_args_set(vcpus[i], 1, i);
	}
	for (i = 0; i < VCPUS; i++)
		pthread_create(&threads[i], NULL, run_to_done, vcpus[i]);
	for (i = 0; i < VCPUS; i++) {
		pthread_join(threads[i], &failed);
		TEST_ASSERT(!failed, "vCPU %d failed", i);
	}

	sync_global_from_guest(vm, handovers);
	TEST_ASSERT(handovers == HANDOVERS, "%lu handovers", handovers);
}

static void halting_at_once(void)
{
	storm(1, false);
}

static void spinning_shortly(void)
{
	storm(200, false);
}

static void with_noise(void)
{
	storm(20, true);
}

/* Lockdep has to see the tracepoints where they are. */
static void traced(void)
{
	require_patched_host();
	start_trace();
	storm(20, true);
	stop_trace();
}

static const struct kick_test tests[] = {
	KICK_TEST(halting_at_once, NULL),
	KICK_TEST(spinning_shortly, NULL),
	KICK_TEST(with_noise, NULL),
	KICK_TEST(traced, "there are no such tracepoints"),
};

int main(int argc, char **argv)
{
	(void)argc;
	return kick_tests_main(argv, tests, ARRAY_SIZE(tests));
}

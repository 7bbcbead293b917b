// SPDX-License-Identifier: GPL-2.0
/*
 * The futex backend: how a thread halts and is kicked.
 *
 * Each registered thread has one word, its token: 0 or KICKED. Like a virtual
 * CPU's kick on the host it is one deep and survives until the next halt.
 *
 *   platform_kick()   * -> KICKED, and wake the thread if it sleeps
 *   platform_halt()   KICKED -> 0, after sleeping while it is 0
 *
 * The exchange in platform_kick() is fully ordered and pairs with the kernel's
 * check of the word in FUTEX_WAIT: the sleeper either sees KICKED and does not
 * sleep, or is on the wait queue before the wake-up.
 */
#include <linux/futex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "platform.h"
#include "../statistics.h"

#define NSEC_PER_SEC	1000000000ULL
#define TOKEN_KICKED	1U
#define CACHE_LINE	64
#define PER_MILLE	1000U
#define FAULT_DELAY_NS	20000

struct user_cpu {
	u32 token;
	bool registered;
	struct ticket_statistics statistics;
} __aligned(CACHE_LINE);

static struct user_cpu user_cpus[PLATFORM_USER_MAX_CPUS];

__thread int platform_user_cpu = -1;
__thread bool (*platform_user_interrupt)(void);

static unsigned int fault_per_mille;

/**
 * platform_user_register() - make the calling thread a CPU
 *
 * Return: its number, or -EAGAIN if PLATFORM_USER_MAX_CPUS are registered.
 */
int platform_user_register(void)
{
	int cpu;

	for (cpu = 0; cpu < PLATFORM_USER_MAX_CPUS; cpu++) {
		bool expected = false;

		if (try_cmpxchg(&user_cpus[cpu].registered, &expected, true)) {
			platform_user_cpu = cpu;
			return cpu;
		}
	}
	return -EAGAIN;
}

/**
 * platform_user_unregister() - undo platform_user_register()
 *
 * The thread neither holds a lock nor waits for one.
 */
void platform_user_unregister(void)
{
	smp_store_release(&user_cpus[platform_user_cpu].registered, false);
	platform_user_cpu = -1;
}

/**
 * platform_user_inject_faults() - make bad luck likely, for tests
 * @per_mille: how often to delay a thread at the worst places of the slow
 *	paths, and to return from a halt for no reason; 0 is never
 */
void platform_user_inject_faults(unsigned int per_mille)
{
	WRITE_ONCE(fault_per_mille, per_mille);
}

static bool fault_hits(void)
{
	static __thread unsigned int seed = 1;
	unsigned int per_mille = READ_ONCE(fault_per_mille);

	return per_mille && rand_r(&seed) % PER_MILLE < per_mille;
}

void platform_user_fault(void)
{
	const struct timespec delay = { .tv_nsec = FAULT_DELAY_NS };

	if (fault_hits())
		nanosleep(&delay, NULL);
}

void platform_halt(unsigned long flags)
{
	u32 *token = &user_cpus[platform_user_cpu].token;

	(void)flags;
	platform_user_fault();
	if (fault_hits())
		return;
	if (platform_user_interrupt && platform_user_interrupt())
		return;
	/* May return for no reason, as a halt may: callers loop. */
	syscall(SYS_futex, token, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	__atomic_exchange_n(token, 0, __ATOMIC_SEQ_CST);
}

void platform_kick(unsigned int cpu)
{
	u32 *token = &user_cpus[cpu].token;

	platform_user_fault();
	if (__atomic_exchange_n(token, TOKEN_KICKED, __ATOMIC_SEQ_CST))
		return;
	syscall(SYS_futex, token, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

u64 platform_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

void *platform_zalloc(size_t size)
{
	void *memory = aligned_alloc(CACHE_LINE, size);

	if (memory)
		memset(memory, 0, size);
	return memory;
}

void platform_free(void *memory)
{
	free(memory);
}

void platform_print(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
}

void platform_abort(void)
{
	abort();
}

struct ticket_statistics *platform_user_statistics(unsigned int cpu)
{
	return &user_cpus[cpu].statistics;
}

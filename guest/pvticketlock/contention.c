// SPDX-License-Identifier: GPL-2.0
/*
 * Tell of contended locks, by the kernel's own tracepoints: contention_begin and
 * contention_end are what "perf lock contention" and BPF programs listen to, and
 * a lock that does not emit them does not exist for them. Not every kernel
 * exports them, but each lists its tracepoints for modules that want to call or
 * probe them. A kernel before 5.19 has none.
 *
 * A tracepoint runs under RCU, so nothing is told where RCU does not watch.
 *
 * Who waits last on a CPU, and who called it, is remembered for hot_locks.c. An
 * interrupt handler that waits as well overwrites it; so it says for which lock
 * it is.
 */
#include <linux/compiler.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/kconfig.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <asm/page_types.h>
#include <trace/events/lock.h>

#include "../../kernel/platform/platform.h"
#include "contention.h"

/* Below its frame: what the compiler, or irqsave, may save in a lock function. */
#define MOST_SAVED	3

struct waiting {
	const void *lock;
	unsigned long caller;
};

static DEFINE_PER_CPU(struct waiting, waiting);

#if defined(LCB_F_SPIN) && IS_ENABLED(CONFIG_TRACEPOINTS)

static struct tracepoint *begin_point;
static struct tracepoint *end_point;

static void find(struct tracepoint *point, void *unused)
{
	if (!strcmp(point->name, "contention_begin"))
		begin_point = point;
	else if (!strcmp(point->name, "contention_end"))
		end_point = point;
}

static bool is_on(const struct tracepoint *point)
{
	return point && unlikely(static_key_enabled(&point->key)) &&
	       rcu_is_watching();
}

static void trace_begin(const void *lock)
{
	typeof(__traceiter_contention_begin) *emit;

	if (!is_on(begin_point))
		return;
	emit = (void *)begin_point->iterator;
	emit(NULL, (void *)lock, LCB_F_SPIN);
}

static void trace_end(const void *lock)
{
	typeof(__traceiter_contention_end) *emit;

	if (!is_on(end_point))
		return;
	emit = (void *)end_point->iterator;
	emit(NULL, (void *)lock, 0);
}

/**
 * contention_init() - find the kernel's tracepoints
 *
 * Context: process context, before any lock is contended.
 */
void contention_init(void)
{
	for_each_kernel_tracepoint(find, NULL);
}

#else

static void trace_begin(const void *lock)
{
}

static void trace_end(const void *lock)
{
}

void contention_init(void)
{
}

#endif

/*
 * Who takes the lock: the caller of the slow path, or of the kernel's function
 * for locking that has called it. As in profile_pc(), without unwinding: such a
 * function has no frame, and saves a few words at most.
 */
static unsigned long caller_of(const unsigned long *frame, const void *lock)
{
	unsigned long caller = READ_ONCE_NOCHECK(frame[1]);
	unsigned int i;

	if (!in_lock_functions(caller))
		return caller;
	for (i = 0; i <= MOST_SAVED; i++) {
		unsigned long word = READ_ONCE_NOCHECK(frame[2 + i]);

		if (word >= __START_KERNEL_map && word != (unsigned long)lock)
			return word;
	}
	return caller;
}

/**
 * ticket_contention_begin() - a slow path of a lock was entered
 * @lock: the lock
 * @frame: of the slow path's function; what is above it is the return address
 *
 * Context: any, preemption disabled.
 */
void ticket_contention_begin(const void *lock, const unsigned long *frame)
{
	this_cpu_write(waiting.lock, lock);
	this_cpu_write(waiting.caller, caller_of(frame, lock));
	trace_begin(lock);
}

/**
 * ticket_contention_end() - the lock was acquired
 * @lock: the lock, which is just an address if the caller is not its owner
 *
 * Context: any, preemption disabled.
 */
void ticket_contention_end(const void *lock)
{
	trace_end(lock);
}

/**
 * contention_caller() - who takes the lock that this CPU waits for
 * @lock: the lock
 *
 * Context: any, preemption disabled.
 * Return: an address in its code; 0 if it is not known.
 */
unsigned long contention_caller(const void *lock)
{
	return this_cpu_read(waiting.lock) == lock ?
	       this_cpu_read(waiting.caller) : 0;
}

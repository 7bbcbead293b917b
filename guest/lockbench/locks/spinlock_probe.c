// SPDX-License-Identifier: GPL-2.0
/*
 * Find out which lock raw_spinlock_t is.
 *
 * The kernel decides at boot, from CPUID, hints of the host, the number of
 * CPUs and "nopvspin", and each hypervisor's code decides differently. The
 * outcome is visible in two places:
 *
 * - the kernel knows the slow path (compat.h). One that is not the native one belongs to a
 *   PV qspinlock.
 * - The native slow path turns into test-and-set under most hypervisors, by a
 *   static key that modules cannot read. But its effect can be seen: while
 *   somebody waits, the word of a queued lock says so, the word of a
 *   test-and-set lock does not. So hold a lock, let another CPU wait for it,
 *   and look.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <asm/cpufeature.h>

#include "../../compat.h"
#include "../../pvticketlock.h"
#include "spinlock_probe.h"

#define PROBE_TRIALS		16
/* How long a waiter has to show up, and then to mark the lock. */
#define PROBE_ARRIVE_NS		(20 * NSEC_PER_MSEC)
#define PROBE_MARK_NS		(1 * NSEC_PER_MSEC)

static const char *implementation = "unknown";
static bool paravirt;

struct probe {
	struct work_struct work;
	raw_spinlock_t lock;
	bool arrived;
};

static void probe_wait(struct work_struct *work)
{
	struct probe *probe = container_of(work, struct probe, work);

	preempt_disable();
	WRITE_ONCE(probe->arrived, true);
	raw_spin_lock(&probe->lock);
	raw_spin_unlock(&probe->lock);
	preempt_enable();
}

/* With the lock held: does a waiter mark it? */
static bool probe_watch(struct probe *probe)
{
	u64 end = ktime_get_ns() + PROBE_ARRIVE_NS;
	bool arrived = false;

	while (!raw_spin_is_contended(&probe->lock)) {
		if (ktime_get_ns() > end)
			return false;
		if (!arrived && READ_ONCE(probe->arrived)) {
			arrived = true;
			end = ktime_get_ns() + PROBE_MARK_NS;
		}
		cpu_relax();
	}
	return true;
}

static bool probe_once(unsigned int cpu)
{
	struct probe probe = { .arrived = false };
	bool marked;

	raw_spin_lock_init(&probe.lock);
	INIT_WORK_ONSTACK(&probe.work, probe_wait);

	raw_spin_lock(&probe.lock);
	schedule_work_on(cpu, &probe.work);
	marked = probe_watch(&probe);
	raw_spin_unlock(&probe.lock);

	flush_work(&probe.work);
	destroy_work_on_stack(&probe.work);
	return marked;
}

/*
 * One marked lock is proof of a queue. A host that runs only one of the two
 * CPUs at a time can hide a mark, hence several trials.
 */
static bool waiters_queue(void)
{
	bool queue = false;
	unsigned int cpu;
	int trial;

	cpus_read_lock();
	migrate_disable();
	cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	for (trial = 0; trial < PROBE_TRIALS && !queue; trial++)
		queue = cpu < nr_cpu_ids && probe_once(cpu);
	migrate_enable();
	cpus_read_unlock();
	return queue;
}

static bool slowpath_is_native(void)
{
#ifdef CONFIG_PARAVIRT_SPINLOCKS
	return compat_spinlock_slowpath() ==
	       (unsigned long)native_queued_spin_lock_slowpath;
#else
	return true;
#endif
}

/**
 * spinlock_probe() - find out, for the functions below
 *
 * Context: process context, takes some milliseconds.
 */
void spinlock_probe(void)
{
	paravirt = !slowpath_is_native();
	if (paravirt)
		implementation = "PV qspinlock";
	else if (!boot_cpu_has(X86_FEATURE_HYPERVISOR) || waiters_queue())
		implementation = "native qspinlock";
	else if (num_online_cpus() > 1)
		implementation = "virt test-and-set";
	else
		implementation = "undetermined, one CPU only";
}

/**
 * spinlock_probe_name() - which lock raw_spinlock_t is
 *
 * It may have been taken over since the probe.
 */
const char *spinlock_probe_name(void)
{
	if (pvticketlock_takeover())
		return "PV ticket lock of pvticketlock.ko (takeover)";
	return implementation;
}

/**
 * spinlock_probe_is_paravirt() - does raw_spinlock_t halt and kick?
 */
bool spinlock_probe_is_paravirt(void)
{
	return paravirt;
}

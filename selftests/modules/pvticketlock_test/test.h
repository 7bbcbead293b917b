/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests of pvticketlock.ko that have to run in the kernel.
 */
#ifndef PVTICKETLOCK_TEST_H
#define PVTICKETLOCK_TEST_H

#include <linux/cache.h>
#include <linux/printk.h>
#include <linux/processor.h>
#include <linux/types.h>

struct pvticketlock;
struct task_struct;
struct ticket_lock;

/**
 * struct ticket_test - one test, a file in debugfs
 * @name: of the file
 * @run: runs the test for @argument of something; returns 0, or -EIO after
 *	telling the log what is wrong, or another error if it could not run
 * @read_argument: if not 0, reading the file runs the test, too, with this
 */
struct ticket_test {
	const char *name;
	int (*run)(unsigned int argument);
	unsigned int read_argument;
};

#define TEST_HOLD_LOOPS	50

/* Hold a lock for some time. */
static inline void test_hold(void)
{
	unsigned int i;

	for (i = 0; i < TEST_HOLD_LOOPS; i++)
		cpu_relax();
}

/* A negative control: no test takes its lock, and all have to fail. */
extern bool test_busted;

/*
 * Guarded by a lock. Far apart, so that a second owner is likely to see them
 * disagree; plain accesses only, so that KCSAN sees a second owner, too.
 */
struct test_guarded {
	u64 first ____cacheline_aligned;
	u64 second ____cacheline_aligned;
	u64 violations;
};

void test_critical_section(struct test_guarded *guarded);
bool test_operation(struct pvticketlock *lock, struct test_guarded *guarded);
unsigned int test_waiting(void);
bool test_excluded(const struct test_guarded *guarded, u64 ops);

/* Say what is wrong, and go on. */
#define test_check(condition)						\
({									\
	bool __good = (condition);					\
									\
	if (!__good)							\
		pr_err("%s:%d: not true: %s\n", __func__, __LINE__,	\
		       #condition);					\
	__good;								\
})

void uncontended_lock(struct ticket_lock *lock);
void uncontended_unlock(struct ticket_lock *lock);
void uncontended_unlock_slowly(struct ticket_lock *lock);

int test_api(unsigned int unused);
int test_contention(unsigned int milliseconds);
int test_contexts(unsigned int milliseconds);
int test_double_unlock(unsigned int unused);
int test_freed(unsigned int milliseconds);
int test_freed_late(unsigned int milliseconds);
int test_handoff(unsigned int irqs_off);
int test_irqs_off(unsigned int thousands);
int test_misordered(unsigned int unused);
int test_nmi(unsigned int milliseconds);
int test_patched(unsigned int on);
int test_spinlocks(unsigned int milliseconds);
int test_suspend(unsigned int milliseconds);

/**
 * struct test_thread - one thread per CPU
 * @shared: what test_threads_run() was given
 * @index: from 0
 * @ops: counted by the thread itself
 * @task: the kernel's
 */
struct test_thread {
	void *shared;
	unsigned int index;
	u64 ops;
	struct task_struct *task;
};

u64 test_threads_run(unsigned int milliseconds,
		     void (*body)(struct test_thread *thread), void *shared,
		     int *error);
bool test_threads_continue(void);

#endif /* PVTICKETLOCK_TEST_H */

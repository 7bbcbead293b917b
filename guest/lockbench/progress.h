/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOCKBENCH_PROGRESS_H
#define LOCKBENCH_PROGRESS_H

#include "run.h"

int bench_progress_init(struct bench_thread *thread);
void bench_progress_free(struct bench_thread *thread);
int bench_progress_direct(struct bench_run *run, u64 begin_ns);
void bench_progress_sum_up(const struct bench_run *run,
			   struct bench_result *result);

/* An operation is completed. */
static __always_inline void bench_progress(struct bench_thread *thread)
{
	thread->window_ops[READ_ONCE(thread->run->window)]++;
}

#endif /* LOCKBENCH_PROGRESS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A thread of real-time priority that takes the CPU of another one on command.
 */
#ifndef PVMM_HOG_H
#define PVMM_HOG_H

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "../base/types.h"
#include "../execution/worker.h"

/**
 * struct hog - takes a CPU on command; all zero is none
 * @thread: bound to that CPU
 * @victim: the thread that is bound to it, too
 * @wanted: is posted by who wants it to run
 * @for_ns: for how long; 0: it is to end. Written before @wanted is posted
 * @exists: there is a thread
 */
struct hog {
	pthread_t thread;
	const struct worker *victim;
	sem_t wanted;
	u64 for_ns;
	bool exists;
};

int hog__create(struct hog *hog, const cpu_set_t *cpu, int priority,
		const struct worker *victim);
void hog__destroy(struct hog *hog);
void hog__take_cpu(struct hog *hog, u64 ns);

#endif /* PVMM_HOG_H */

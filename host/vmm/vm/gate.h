/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A gate: threads come to it one by one, and are let through together.
 */
#ifndef PVMM_GATE_H
#define PVMM_GATE_H

#include <pthread.h>
#include <stdbool.h>

struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	unsigned int waiting;
	bool open;
};

void gate__init(struct gate *gate);
void gate__pass(struct gate *gate);
void gate__wait_for(struct gate *gate, unsigned int threads);
void gate__open(struct gate *gate);

#endif /* PVMM_GATE_H */

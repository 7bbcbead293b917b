// SPDX-License-Identifier: GPL-2.0
/*
 * A gate: threads come to it one by one, and are let through together.
 */
#include "gate.h"

/**
 * gate__init() - make a gate that is closed
 * @gate: to be set up
 */
void gate__init(struct gate *gate)
{
	pthread_mutex_init(&gate->mutex, NULL);
	pthread_cond_init(&gate->changed, NULL);
	gate->waiting = 0;
	gate->open = false;
}

/**
 * gate__pass() - wait until the gate is open
 * @gate: which
 */
void gate__pass(struct gate *gate)
{
	pthread_mutex_lock(&gate->mutex);
	gate->waiting++;
	pthread_cond_broadcast(&gate->changed);
	while (!gate->open)
		pthread_cond_wait(&gate->changed, &gate->mutex);
	pthread_mutex_unlock(&gate->mutex);
}

/**
 * gate__wait_for() - wait until threads have come to the gate
 * @gate: which
 * @threads: how many
 */
void gate__wait_for(struct gate *gate, unsigned int threads)
{
	pthread_mutex_lock(&gate->mutex);
	while (gate->waiting < threads)
		pthread_cond_wait(&gate->changed, &gate->mutex);
	pthread_mutex_unlock(&gate->mutex);
}

/**
 * gate__open() - let all through, now and later
 * @gate: which
 */
void gate__open(struct gate *gate)
{
	pthread_mutex_lock(&gate->mutex);
	gate->open = true;
	pthread_cond_broadcast(&gate->changed);
	pthread_mutex_unlock(&gate->mutex);
}

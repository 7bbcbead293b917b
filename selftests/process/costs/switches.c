// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads on one CPU that give it to each other.
 */
#include <pthread.h>
#include <sched.h>

#include "../work.h"
#include "costs.h"

#define TRIALS		50
#define TURNS		100

struct player {
	int cpu;
	u32 number;
	bool yields;
	double values[TRIALS];
};

static u32 turn __aligned(COSTS_LINE);

static void await_turn(const struct player *player)
{
	while (READ_ONCE(turn) != player->number) {
		if (player->yields)
			sched_yield();
		else
			costs_futex_wait(&turn, !player->number);
	}
}

static void pass_turn(const struct player *player)
{
	WRITE_ONCE(turn, !player->number);
	if (!player->yields)
		costs_futex_wake(&turn);
}

static void *player_main(void *data)
{
	struct player *player = data;
	unsigned int trial, i;

	costs_move_to(player->cpu);
	for (trial = 0; trial < TRIALS; trial++) {
		u64 start = clock_cycles();

		for (i = 0; i < TURNS; i++) {
			await_turn(player);
			pass_turn(player);
		}
		player->values[trial] = costs_ns(clock_cycles() - start) / (2 * TURNS);
	}
	return NULL;
}

static double play(int cpu, bool yields)
{
	struct player players[2];
	pthread_t threads[2];
	u32 i;

	turn = 0;
	for (i = 0; i < 2; i++) {
		players[i] = (struct player){ .cpu = cpu, .number = i, .yields = yields };
		if (pthread_create(&threads[i], NULL, player_main, &players[i]))
			costs_fail("pthread_create");
	}
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return costs_median(players[0].values, TRIALS);
}

/**
 * costs_switch_by_futex() - wake the other thread, and sleep
 * @cpu: that both are on
 *
 * Return: how long until the other one runs.
 */
double costs_switch_by_futex(int cpu)
{
	return play(cpu, false);
}

/**
 * costs_switch_by_yield() - sched_yield() to the other thread
 * @cpu: that both are on
 *
 * Return: how long until the other one runs.
 */
double costs_switch_by_yield(int cpu)
{
	return play(cpu, true);
}

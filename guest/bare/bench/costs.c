// SPDX-License-Identifier: GPL-2.0
/*
 * What halts and kicks cost on this host, in JSON.
 */
#include "../../lockbench/histogram.h"
#include "../machine/clock.h"
#include "../machine/cpu.h"
#include "../machine/text.h"
#include "costs.h"

#define ROUNDS		400
#define MEDIAN		5000	/* in ten-thousandths */
#define PORT_RINGS	0x628

/* Whose turn it is to kick the other one. */
static u32 turn;

struct cost {
	struct histogram times;
	u64 least;
};

static void add(struct cost *cost, u64 start)
{
	u64 ns = clock_to_ns(clock_since(clock_cycles(), start));

	if (!cost->least || ns < cost->least)
		cost->least = ns;
	histogram_add(&cost->times, ns);
}

static void print(const char *name, const struct cost *cost, const char *separator)
{
	text_print("\"%s\":{\"least_ns\":%lu,\"median_ns\":%lu}%s\n", name, cost->least,
		   histogram_quantile(&cost->times, MEDIAN), separator);
}

/* A halt that finds the token there: at CPL 3, the way to CPL 0 and back. */
static void measure_no_halt(struct cost *cost)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		u64 start = clock_cycles();

		cpu_try_halt();
		add(cost, start);
	}
}

static void measure_port(struct cost *cost)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		u64 start = clock_cycles();

		cpu_in(PORT_RINGS);
		add(cost, start);
	}
}

/* The other one spins, and is interrupted; this is what it costs the sender. */
static void measure_ipi(struct cost *cost)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		u64 start = clock_cycles();

		cpu_send_ipi(1);
		add(cost, start);
	}
}

static void hand_over(u32 to)
{
	__atomic_store_n(&turn, to, __ATOMIC_SEQ_CST);
	cpu_kick(to);
}

static void wait_for_turn(u32 number)
{
	while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) != number)
		cpu_halt();
}

static void measure_halts(struct cost *cost)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		u64 start = clock_cycles();

		hand_over(1);
		wait_for_turn(0);
		add(cost, start);
	}
}

/**
 * costs_answer() - be the other one, until the guest ends
 *
 * Context: The second vCPU.
 */
void costs_answer(void)
{
	while (READ_ONCE(turn) != 1)
		cpu_relax();
	for (;;) {
		hand_over(0);
		wait_for_turn(1);
	}
}

/**
 * costs_print() - measure, and print one JSON object
 *
 * Context: The first vCPU, with the second one in costs_answer().
 */
void costs_print(void)
{
	static struct cost no_halt, port, ipi, halts;

	measure_no_halt(&no_halt);
	measure_port(&port);
	measure_ipi(&ipi);
	measure_halts(&halts);
	text_print("{");
	print("halt_with_token", &no_halt, ",");
	print("port", &port, ",");
	print("ipi_sent", &ipi, ",");
	print("halt_and_kick_both_ways", &halts, "}");
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The table of costs: choosing a column, changing an entry, printing it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "costs.h"

struct cost_entry {
	const char *name;
	simtime *value;
	double emulation;
	double hardware;
	const char *what;
};

struct costs costs;

static const struct cost_entry cost_table[] = {
#define COST(name, emulation, hardware, what) \
	{ #name, &costs.name, emulation, hardware, what },
#include "costs_list.h"
#undef COST
};

static simtime from_ns(double ns)
{
	return (simtime)(ns * PS_PER_NS + 0.5);
}

/**
 * costs_select() - load a column
 * @column: "emulation" or "hardware"
 *
 * Return: false if there is no such column.
 */
bool costs_select(const char *column)
{
	bool emulation = !strcmp(column, "emulation");
	size_t i;

	if (!emulation && strcmp(column, "hardware"))
		return false;
	for (i = 0; i < ARRAY_SIZE(cost_table); i++)
		*cost_table[i].value = from_ns(emulation ?
					       cost_table[i].emulation :
					       cost_table[i].hardware);
	return true;
}

/* Counts are divided by, and a spin loop must take time. */
static simtime least_value(const simtime *value)
{
	if (value == &costs.socket_cpus || value == &costs.balance_ticks)
		return PS_PER_NS;
	if (value == &costs.pause || value == &costs.read_hit)
		return PS_PER_NS / 10;
	return 0;
}

/**
 * costs_set() - change one entry
 * @assignment: "name=value", in nanoseconds
 *
 * Return: false if it is not an assignment to an entry.
 */
bool costs_set(const char *assignment)
{
	const char *equals = strchr(assignment, '=');
	size_t i, length = equals ? (size_t)(equals - assignment) : 0;
	char *end;
	double ns;

	if (!length)
		return false;
	ns = strtod(equals + 1, &end);
	if (end == equals + 1 || *end || !(ns >= 0) || ns > NS_PER_SEC)
		return false;
	for (i = 0; i < ARRAY_SIZE(cost_table); i++) {
		if (strlen(cost_table[i].name) == length &&
		    !strncmp(cost_table[i].name, assignment, length)) {
			*cost_table[i].value = from_ns(ns);
			return *cost_table[i].value >=
			       least_value(cost_table[i].value);
		}
	}
	return false;
}

/**
 * costs_print() - print the table with both columns
 */
void costs_print(void)
{
	size_t i;

	printf("%-20s %12s %12s  %s\n", "entry", "emulation", "hardware",
	       "meaning (ns)");
	for (i = 0; i < ARRAY_SIZE(cost_table); i++)
		printf("%-20s %12g %12g  %s\n", cost_table[i].name,
		       cost_table[i].emulation, cost_table[i].hardware,
		       cost_table[i].what);
}

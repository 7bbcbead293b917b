// SPDX-License-Identifier: GPL-2.0
/*
 * The table of costs: choosing a column, changing an entry, printing it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "costs.h"

#define MEASURED		-1.0

enum column { EMULATION, HARDWARE, THREADS, NR_COLUMNS };

static const char *const column_names[NR_COLUMNS] = {
	[EMULATION] = "emulation",
	[HARDWARE] = "hardware",
	[THREADS] = "threads",
};

struct cost_entry {
	const char *name;
	simtime *value;
	double columns[NR_COLUMNS];
	const char *what;
};

struct costs costs;

static const struct cost_entry cost_table[] = {
#define COST(name, emulation, hardware, threads, what) \
	{ #name, &costs.name, { emulation, hardware, threads }, what },
#include "costs_list.h"
#undef COST
};

static simtime from_ns(double ns)
{
	return (simtime)(ns * PS_PER_NS + 0.5);
}

static double column_ns(const struct cost_entry *entry, enum column column)
{
	double ns = entry->columns[column];

	if (ns == MEASURED && !costs_measured(entry->name, &ns))
		fatal("the file of costs has no %s; make it anew with pvlab measure-costs",
		      entry->name);
	return ns;
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

static void set_entry(const struct cost_entry *entry, double ns)
{
	*entry->value = from_ns(ns);
	if (*entry->value < least_value(entry->value))
		fatal("%s %g: too small", entry->name, ns);
}

/**
 * costs_select() - load a column
 * @column: its name
 *
 * After the file of costs has been read.
 *
 * Return: false if there is no such column.
 */
bool costs_select(const char *column)
{
	enum column number;
	size_t i;

	for (number = 0; number < NR_COLUMNS; number++) {
		if (!strcmp(column, column_names[number]))
			break;
	}
	if (number == NR_COLUMNS)
		return false;
	for (i = 0; i < ARRAY_SIZE(cost_table); i++)
		set_entry(&cost_table[i], column_ns(&cost_table[i], number));
	return true;
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
 * costs_print() - print the table with all columns
 */
void costs_print(void)
{
	size_t i;

	printf("%-20s %12s %12s %12s  %s\n", "entry", column_names[EMULATION],
	       column_names[HARDWARE], column_names[THREADS], "meaning (ns)");
	for (i = 0; i < ARRAY_SIZE(cost_table); i++) {
		const struct cost_entry *entry = &cost_table[i];

		printf("%-20s %12g %12g %12g  %s\n", entry->name,
		       column_ns(entry, EMULATION), column_ns(entry, HARDWARE),
		       column_ns(entry, THREADS), entry->what);
	}
}

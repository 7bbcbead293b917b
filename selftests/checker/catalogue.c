// SPDX-License-Identifier: GPL-2.0
/*
 * Every scenario also runs with the locks in the kernel's own word, as
 * qspinlock-NAME, but for those of a lock that never halts, which is the
 * kernel's affair, and of tickets that begin elsewhere than at 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"

#define PREFIX	"qspinlock-"

static struct scenario *copies;
static unsigned int nr_copies;

static bool has_copy(const struct scenario *scenario)
{
	return !scenario->qspinlock && !scenario->native &&
	       !scenario->first_ticket;
}

static void or_die(const void *memory)
{
	if (memory)
		return;
	perror("checker");
	exit(2);
}

static void add_copy(const struct scenario *scenario)
{
	size_t length = strlen(PREFIX) + strlen(scenario->name) + 1;
	struct scenario *copy = &copies[nr_copies++];
	char *name = malloc(length);

	or_die(name);
	snprintf(name, length, PREFIX "%s", scenario->name);
	*copy = *scenario;
	copy->name = name;
	copy->qspinlock = true;
}

void catalogue_build(void)
{
	unsigned int i;

	copies = calloc(nr_scenarios, sizeof(*copies));
	or_die(copies);
	for (i = 0; i < nr_scenarios; i++)
		if (has_copy(&scenarios[i]))
			add_copy(&scenarios[i]);
}

unsigned int catalogue_nr_scenarios(void)
{
	return nr_scenarios + nr_copies;
}

unsigned int catalogue_size(void)
{
	return catalogue_nr_scenarios() + nr_controls;
}

const struct scenario *catalogue_at(unsigned int number)
{
	if (number < nr_scenarios)
		return &scenarios[number];
	number -= nr_scenarios;
	return number < nr_copies ? &copies[number] :
				    &controls[number - nr_copies];
}

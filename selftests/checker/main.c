// SPDX-License-Identifier: GPL-2.0
/*
 * checker [--long] [--find] [scenario...]
 *
 * Explore scenarios and report in KTAP. With --find, for mutants: stop at the
 * first violation, and print one line about it instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalogue.h"
#include "engine/explore.h"
#include "engine/fiber.h"
#include "scenario.h"

#define EXIT_FAILED	1
#define EXIT_USAGE	2
#define MAX_SHORT_PREEMPTIONS	6

static bool option_long;
static bool option_find;
static unsigned int failures;

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec +
	       (now.tv_nsec - start->tv_nsec) / 1e9;
}

/*
 * Look for the same kind of violation with as few preemptions as possible:
 * such a schedule is the easiest to read.
 */
static unsigned int shorten(const struct scenario *scenario,
			    struct exploration *found)
{
	struct exploration shorter;
	u8 bound;

	for (bound = 0; bound <= MAX_SHORT_PREEMPTIONS; bound++) {
		explore(scenario, bound, &shorter);
		if (shorter.violation[0]) {
			explore_release(found);
			*found = shorter;
			return bound;
		}
		explore_release(&shorter);
	}
	return EXPLORE_ALL;
}

static void print_violation(const struct scenario *scenario,
			    struct exploration *found)
{
	unsigned int preemptions = shorten(scenario, found);

	printf("# %s: %s\n# schedule, %u steps", scenario->name,
	       found->violation, found->steps);
	if (preemptions != EXPLORE_ALL)
		printf(", %u preemptions", preemptions);
	printf(":\n");
	explore_print_schedule(scenario, found);
}

static u8 bound_of(const struct scenario *scenario)
{
	return scenario->max_preemptions ?: EXPLORE_ALL;
}

/* Do other fingerprints tell apart the same number of states? */
static bool is_reproducible(const struct scenario *scenario,
			    const struct exploration *first)
{
	struct exploration second;
	u64 states;

	machine_hash_seed = ~machine_hash_seed;
	explore(scenario, bound_of(scenario), &second);
	machine_hash_seed = ~machine_hash_seed;
	states = second.states;
	explore_release(&second);
	if (states == first->states)
		return true;
	printf("# with other fingerprints: %llu states\n",
	       (unsigned long long)states);
	return false;
}

static bool any(const u8 *budget)
{
	unsigned int cpu, sum = 0;

	for (cpu = 0; cpu < MACHINE_MAX_CPUS; cpu++)
		sum += budget[cpu];
	return sum;
}

/* Did all that the scenario is about occur? Returns what did not. */
static const char *missing_event(const struct scenario *scenario)
{
	const struct machine_events *events = &machine_events;

	if (!scenario->native && !scenario->must_fail &&
	    !scenario->no_halts && !events->kicked_halts)
		return "halts that a kick ends";
	if (any(scenario->irqs) && !events->irqs)
		return "interrupts";
	if (any(scenario->nmis) && !events->nmis)
		return "NMIs";
	if (any(scenario->spurious) && !events->spurious)
		return "spurious returns";
	if (any(scenario->lates) && !events->lates)
		return "delays";
	if (scenario->overtake_limit && !events->overtakings)
		return "overtakings";
	if (scenario->leaves && !events->leavings)
		return "waiters that leave the line";
	return NULL;
}

static void report(unsigned int number, const struct scenario *scenario)
{
	struct exploration result;
	struct timespec start;
	const char *missing;
	bool ok;

	clock_gettime(CLOCK_MONOTONIC, &start);
	memset(&machine_events, 0, sizeof(machine_events));
	explore(scenario, bound_of(scenario), &result);
	missing = missing_event(scenario);
	ok = scenario->must_fail ?
	     !!strstr(result.violation, scenario->must_fail) :
	     result.complete && !missing;
	printf("# %s: %llu states, %llu steps, longest schedule %u, %.1f s\n",
	       scenario->name, (unsigned long long)result.states,
	       (unsigned long long)result.transitions, result.longest,
	       seconds_since(&start));
	if (scenario->max_preemptions)
		printf("# %s: only schedules with at most %u preemptions\n",
		       scenario->name, scenario->max_preemptions);
	if (result.violation[0])
		print_violation(scenario, &result);
	else if (option_long && !scenario->slow &&
		 !is_reproducible(scenario, &result))
		ok = false;
	else if (scenario->must_fail)
		printf("# negative control: nothing was found\n");
	else if (missing)
		printf("# shows nothing: there were no %s\n", missing);
	printf("%sok %u %s%s %s\n", ok ? "" : "not ", number, scenario->name,
	       scenario->must_fail ? " is caught:" : "", scenario->about);
	fflush(stdout);
	failures += !ok;
	explore_release(&result);
}

/* One line for the table of mutants, and the schedule. */
static bool find(const struct scenario *scenario)
{
	struct exploration result;

	explore(scenario, bound_of(scenario), &result);
	if (!result.violation[0]) {
		explore_release(&result);
		return false;
	}
	print_violation(scenario, &result);
	printf("FOUND|%s|%u|%s\n", scenario->name, result.steps,
	       result.violation);
	explore_release(&result);
	return true;
}

static bool is_selected(const struct scenario *scenario, int argc, char **argv)
{
	int i;

	if (!argc)
		return option_long || !scenario->slow;
	for (i = 0; i < argc; i++)
		if (!strcmp(argv[i], scenario->name))
			return true;
	return false;
}

static void refuse_name(const char *name)
{
	unsigned int i;

	fprintf(stderr, "checker: %s: no such scenario; there are:\n", name);
	for (i = 0; i < catalogue_size(); i++)
		fprintf(stderr, "  %-24s %s\n", catalogue_at(i)->name,
			catalogue_at(i)->about);
	exit(EXIT_USAGE);
}

static void check_name(char *name)
{
	unsigned int i;

	for (i = 0; i < catalogue_size(); i++)
		if (is_selected(catalogue_at(i), 1, &name))
			return;
	refuse_name(name);
}

static int report_all(int argc, char **argv)
{
	unsigned int selected = 0, number = 0;
	unsigned int i;

	for (i = 0; i < catalogue_size(); i++)
		selected += is_selected(catalogue_at(i), argc, argv);
	printf("KTAP version 1\n1..%u\n", selected);
	for (i = 0; i < catalogue_size(); i++)
		if (is_selected(catalogue_at(i), argc, argv))
			report(++number, catalogue_at(i));
	printf("# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:0 error:0\n",
	       selected - failures, failures);
	return failures ? EXIT_FAILED : 0;
}

static int find_first(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; i < catalogue_nr_scenarios(); i++)
		if (is_selected(catalogue_at(i), argc, argv) &&
		    find(catalogue_at(i)))
			return 0;
	return EXIT_FAILED;
}

int main(int argc, char **argv)
{
	int i;

	catalogue_build();
	for (argc--, argv++; argc && !strncmp(*argv, "--", 2);
	     argc--, argv++) {
		if (!strcmp(*argv, "--long"))
			option_long = true;
		else if (!strcmp(*argv, "--find"))
			option_find = true;
		else
			refuse_name(*argv);
	}
	for (i = 0; i < argc; i++)
		check_name(argv[i]);
	fiber_allocate_stacks(MACHINE_MAX_CPUS);
	return option_find ? find_first(argc, argv) : report_all(argc, argv);
}

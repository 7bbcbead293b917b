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

#include "explore.h"
#include "fiber.h"
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

static void report(unsigned int number, const struct scenario *scenario)
{
	struct exploration result;
	struct timespec start;
	bool ok;

	clock_gettime(CLOCK_MONOTONIC, &start);
	explore(scenario, EXPLORE_ALL, &result);
	ok = scenario->must_fail ?
	     strstr(result.violation, scenario->must_fail) != NULL :
	     result.complete;
	printf("# %s: %llu states, %llu steps, longest schedule %u, %.1f s\n",
	       scenario->name, (unsigned long long)result.states,
	       (unsigned long long)result.transitions, result.longest,
	       seconds_since(&start));
	if (result.violation[0])
		print_violation(scenario, &result);
	else if (scenario->must_fail)
		printf("# negative control: nothing was found\n");
	printf("%sok %u %s %s\n", ok ? "" : "not ", number, scenario->name,
	       scenario->about);
	fflush(stdout);
	failures += !ok;
	explore_release(&result);
}

/* One line for the table of mutants, and the schedule. */
static bool find(const struct scenario *scenario)
{
	struct exploration result;

	if (scenario->must_fail)
		return false;
	explore(scenario, EXPLORE_ALL, &result);
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

static void check_names(int argc, char **argv)
{
	unsigned int scenario;
	int i;

	for (i = 0; i < argc; i++) {
		for (scenario = 0; scenario < nr_scenarios; scenario++)
			if (!strcmp(argv[i], scenarios[scenario].name))
				break;
		if (scenario < nr_scenarios)
			continue;
		fprintf(stderr, "checker: %s: no such scenario; there are:\n",
			argv[i]);
		for (scenario = 0; scenario < nr_scenarios; scenario++)
			fprintf(stderr, "  %-20s %s\n",
				scenarios[scenario].name,
				scenarios[scenario].about);
		exit(EXIT_USAGE);
	}
}

int main(int argc, char **argv)
{
	unsigned int selected = 0;
	unsigned int i;

	for (argc--, argv++; argc && !strncmp(*argv, "--", 2);
	     argc--, argv++) {
		if (!strcmp(*argv, "--long"))
			option_long = true;
		else if (!strcmp(*argv, "--find"))
			option_find = true;
		else
			check_names(1, argv);
	}
	check_names(argc, argv);
	fiber_allocate_stacks(MACHINE_MAX_CPUS);

	for (i = 0; i < nr_scenarios; i++)
		selected += is_selected(&scenarios[i], argc, argv);
	if (!option_find)
		printf("KTAP version 1\n1..%u\n", selected);
	for (i = 0, selected = 0; i < nr_scenarios; i++) {
		if (!is_selected(&scenarios[i], argc, argv))
			continue;
		if (!option_find)
			report(++selected, &scenarios[i]);
		else if (find(&scenarios[i]))
			return 0;
	}
	if (option_find)
		return EXIT_FAILED;
	printf("# Totals: pass:%u fail:%u\n", selected - failures, failures);
	return failures ? EXIT_FAILED : 0;
}
